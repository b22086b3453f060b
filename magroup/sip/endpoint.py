"""The user agent core: finds the dialog of a request, checks what a new one asks for (RFC 3261 section 8.2)."""

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from twisted.logger import Logger

from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import METHODS, Request
from magroup.sip.server_transaction import ServerTransaction
from magroup.sip.trace import Trace
from magroup.sip.transaction import TransactionLayer
from magroup.sip.uri import sip_uri

if TYPE_CHECKING:
    from magroup.sip.session import Session

log: Final = Logger(__name__)
SUPPORTED: Final = "100rel, timer, replaces, norefersub, path, gruu, outbound"
EXTENSIONS: Final = frozenset(("100rel", "timer", "replaces", "norefersub", "path", "outbound", "from-change"))
ALLOW: Final = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, REFER, NOTIFY, REGISTER, SUBSCRIBE, PUBLISH"

OutOfDialog = Callable[[ServerTransaction, Request, Hop], None]

SDP_ACCEPTED: Final = frozenset(("application/sdp", "*/*", "application/*"))
"""Each of these in Accept lets a session be described."""


class DialogUsage(Protocol):
    """Whoever owns a dialog."""

    def receive(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None: ...

    def acknowledge(self, request: Request) -> None: ...


class Endpoint:
    """One SIP element: its dialogs and what it does with requests outside of dialogs.

    ``methods`` maps a method to who serves it, ``invitations`` the type of an INVITE's body to who serves those whose
    body is no SDP; ``events`` are the packages that can be subscribed to; ``agent`` is the User-Agent and Server
    header; ``session_expires`` and ``min_se`` are the session timers of RFC 4028 in seconds, 0 for none. ``trace`` is
    told which Call-IDs belong to a call, ``changed``, where it is set, of each session that is another one now.
    """

    def __init__(self, agent: str = "magroup", session_expires: int = 1800, min_se: int = 90) -> None:
        self.agent = agent
        self.session_expires = session_expires
        self.min_se = min_se
        self.layer: TransactionLayer
        self.trace = Trace(lambda: 0.0)
        self.dialogs: dict[tuple[str, str], DialogUsage] = {}
        self.methods: dict[str, OutOfDialog] = {}
        self.invitations: dict[str, OutOfDialog] = {}
        self.events: tuple[str, ...] = ()
        self.changed: Callable[[Session], None] | None = None
        self.sessions: set[object] = set()
        self.invited: set[tuple[str, str, int]] = set()
        self._contacts: dict[tuple[str, str, int], str] = {}

    def request(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """Called by the transaction layer for each new request."""
        try:
            tag = request.to.tag
            if tag:
                usage = self.dialogs.get((request.call_id, tag))
                if usage is None:
                    raise SipError(481)
                usage.receive(transaction, request, hop)
                return
            self._check(transaction, request)
            serve = self.methods[request.method]
            if self.invitations and request.method == "INVITE" and request.content_type in self.invitations:
                serve = self.invitations[request.content_type]
            serve(transaction, request, hop)
        except SipError as error:
            transaction.reject(error.status, error.reason, error.headers)
        except Exception:
            log.failure("{method} failed", method=request.method, call=request.call_id)
            transaction.reject(500)

    def ack(self, request: Request, hop: Hop) -> None:
        """Called by the transaction layer for the ACK of a 2xx."""
        try:
            usage = self.dialogs.get((request.call_id, request.to.tag))
            if usage is not None:
                usage.acknowledge(request)
        except SipError as error:
            log.debug("Bad ACK from {hop}: {error}", hop=str(hop), error=str(error))

    def _check(self, transaction: ServerTransaction, request: Request) -> None:
        method = request.method
        if method not in self.methods:
            if method in METHODS and method != "CANCEL":
                raise SipError(405, headers={"Allow": ALLOW})
            raise SipError(501, headers={"Allow": ALLOW})
        headers = request.headers
        if not request.uri.is_sip:
            raise SipError(416)
        if "Require" in headers:
            check_require(request)
        if "Proxy-Require" in headers:
            raise SipError(420, headers={"Unsupported": ", ".join(request.items("Proxy-Require"))})
        if request.body and method == "INVITE":
            if request.content_type not in ("application/sdp", "") and request.content_type not in self.invitations:
                if request.content_type.startswith("multipart/"):
                    return
                raise SipError(415, headers={"Accept": self.accept})
            if "Content-Encoding" in headers and request.get("Content-Encoding").lower() != "identity":
                raise SipError(415, headers={"Accept-Encoding": "identity"})
        if "Accept" in headers and method == "INVITE":
            accepted = {item.partition(";")[0].strip().lower() for item in request.items("Accept")}
            if not accepted & SDP_ACCEPTED and accepted.isdisjoint(self.invitations):
                raise SipError(406)

    @property
    def accept(self) -> str:
        """What an INVITE may have in it, as an Accept header says it."""
        return ", ".join(("application/sdp", *self.invitations))

    def contact(self, hop: Hop, user: str = "") -> str:
        """Our Contact value for messages to ``hop``."""
        key = (f"{hop.transport} {user}", hop.local_host or hop.host, hop.local_port)
        found = self._contacts.get(key)
        if found is None:
            if len(self._contacts) > 4096:
                self._contacts.clear()
            host, port = self.layer.sender.shown(hop)
            found = self._contacts[key] = f"<{sip_uri(user, host, port, hop.transport)}>"
        return found

    def describe(self, most: int | None = None) -> list[str]:
        """One line per dialog, for the debug dump; no more than ``most`` of them."""
        return [f"dialog {call_id} {tag} {usage}" for (call_id, tag), usage in islice(self.dialogs.items(), most)]


def check_require(request: Request) -> None:
    """Raises SipError(420) when the request needs an extension that we do not have (RFC 3261 8.2.2.3)."""
    unknown = request.tokens("Require") - EXTENSIONS
    if unknown:
        raise SipError(420, headers={"Unsupported": ", ".join(sorted(unknown))})
