"""The transaction layer: matches messages to transactions and makes new ones (RFC 3261 section 17, RFC 6026)."""

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice
from os import urandom
from typing import Final, Protocol
from zlib import crc32

from twisted.logger import Logger

from magroup.sip.client_transaction import (
    FORGOTTEN,
    ClientTransaction,
    InviteClientTransaction,
    NonInviteClientTransaction,
)
from magroup.sip.dialog import MAX_FORWARDS
from magroup.sip.errors import GrammarError
from magroup.sip.headers import Via, quote
from magroup.sip.hop import Hop
from magroup.sip.message import MessageError, Request, Response
from magroup.sip.server_transaction import InviteServerTransaction, NonInviteServerTransaction, ServerTransaction
from magroup.sip.timers import Timers

log: Final = Logger(__name__)
MAGIC_COOKIE: Final = "z9hG4bK"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_PLAIN_VALUE: Final = re.compile(r"[^\s;,\"<>]+\Z")
_RPORT: Final = re.compile(r";\s*rport\s*(=[^;]*)?(?=;|\s*\Z)", re.IGNORECASE)


class Sender(Protocol):
    """What is used of the transports."""

    def send(self, data: bytes, hop: Hop, failed: Callable[[str], None] | None = None) -> None: ...

    def local(self, hop: Hop) -> tuple[str, int]: ...

    def shown(self, hop: Hop) -> tuple[str, int]: ...


class TransactionUser(Protocol):
    """Who decides about new requests."""

    def request(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """A new request; it must be answered through ``transaction`` sooner or later."""
        ...

    def ack(self, request: Request, hop: Hop) -> None:
        """An ACK that belongs to no transaction: to a 2xx."""
        ...


def _tokens() -> Iterator[str]:
    while True:
        bits = urandom(8 * 256).hex()
        for at in range(0, len(bits), 16):
            yield bits[at : at + 16]


random_token: Final[Callable[[], str]] = _tokens().__next__
"""64 random bits as text, for tags, branches and Call-IDs."""


class TransactionLayer:
    """All transactions of one SIP element. ``t1``, ``t2``, ``t4`` are the timers of RFC 3261 table 4, in seconds.

    ``admits`` says whether a new request is taken at all; one that is not is forgotten without an answer. ``sheds``,
    where it is set, answers a new request itself, without a transaction, and says whether it did.
    """

    def __init__(
        self,
        sender: Sender,
        timers: Timers,
        user: TransactionUser,
        token: Callable[[], str] = random_token,
        t1: float = 0.5,
        t2: float = 4.0,
        t4: float = 5.0,
    ) -> None:
        self.sender = sender
        self.timers = timers
        self.user = user
        self.admits: Callable[[Request, Hop], bool] = lambda request, hop: True
        self.sheds: Callable[[Request, Hop], bool] | None = None
        self.token = token
        self.t1 = t1
        self.t2 = t2
        self.t4 = t4
        self.clients: dict[tuple[str, str], ClientTransaction] = {}
        self.servers: dict[str, ServerTransaction] = {}

    def receive(self, message: Request | Response, hop: Hop) -> None:
        """A message from the transports. Never raises for what a peer sends."""
        try:
            if isinstance(message, Response):
                self._receive_response(message)
            else:
                self._receive_request(message, hop)
        except GrammarError as error:
            log.debug("Dropped a message from {hop}: {error}", hop=str(hop), error=str(error))
        except Exception:
            log.failure("A message from {hop} failed: {message}", hop=str(hop), message=repr(message))

    def malformed(self, error: MessageError, hop: Hop) -> None:
        """Answer a request that could not be read, without keeping state, if it says where to (RFC 3261 8.2.7)."""
        request = error.request
        if request is None or request.method == "ACK" or not all(request.get(n) for n in ("Via", "From", "To", "CSeq")):
            return
        tag, back = f"{crc32(request.get('Via').encode('utf-8', 'surrogateescape')):x}", hop
        try:
            mark_source(request, hop)
            back = response_hop(request.via, hop)
        except GrammarError as unreadable:
            log.debug("{hop}: {error}", hop=str(hop), error=str(unreadable))
        status, reason = error.status, " ".join(error.reason.split())
        try:
            response = request.respond(status, reason, to_tag=tag)
        except GrammarError:
            response = request.respond(status, reason)
        # A line end inside a value, for which it may have been refused, would make the answer malformed too.
        response.headers = {name: [_CONTROL.sub(" ", value) for value in values]
                            for name, values in response.headers.items()}  # fmt: skip
        self.sender.send(response.encode(), back)

    def request(
        self, request: Request, hop: Hop, answered: Callable[[Response], None], branch: str = ""
    ) -> ClientTransaction:
        """Send a request in a new client transaction.

        ``answered`` gets every response in order; a time-out is a 408, a broken transport a 503 made here
        (``response.headers`` then has no Via).
        """
        branch = branch or MAGIC_COOKIE + self.token()
        host, port = self.sender.local(hop)
        if ":" in host:
            host = f"[{host}]"
        via = f"SIP/2.0/{hop.transport.upper()} {host}:{port};branch={branch};rport"
        request.headers = {"Via": [via, *request.headers.pop("Via", [])], **request.headers}
        transaction: ClientTransaction
        # Not by a name for either: a class that is known is made straight where this is compiled.
        if request.method == "INVITE":
            transaction = InviteClientTransaction(self, request, hop, branch, answered)
        else:
            transaction = NonInviteClientTransaction(self, request, hop, branch, answered)
        self.clients[branch, request.method] = transaction
        transaction.start()
        return transaction

    def answered(self, data: bytes, hop: Hop, key: str, method: str, call_id: str) -> None:
        """Send the final answer to a request that is none of INVITE and has no transaction yet, and whenever that is
        repeated.
        """
        transaction = NonInviteServerTransaction(self, FORGOTTEN, hop, key)
        transaction.method, transaction.call_id = method, call_id
        self.servers[key] = transaction
        transaction.answer(data)

    def cancel(self, transaction: ClientTransaction, reason: str = "") -> None:
        """Send the CANCEL of an INVITE that was answered provisionally (RFC 3261 9.1). ``reason``: a Reason value."""
        request = transaction.request
        headers = {"Max-Forwards": MAX_FORWARDS, "From": request.headers["From"], "To": request.headers["To"],
                   "Call-ID": request.headers["Call-ID"], "CSeq": [f"{request.cseq[0]} CANCEL"]}  # fmt: skip
        if "Route" in request.headers:
            headers["Route"] = request.headers["Route"]
        if reason:
            headers["Reason"] = [reason]
        self.request(Request("CANCEL", request.target, headers), transaction.hop, lambda _: None, transaction.branch)

    def send_ack(self, ack: Request, hop: Hop) -> bytes:
        """Send an ACK for a 2xx: a transaction of its own without an answer. The bytes serve for repeating it."""
        host, port = self.sender.local(hop)
        if ":" in host:
            host = f"[{host}]"
        via = f"SIP/2.0/{hop.transport.upper()} {host}:{port};branch={MAGIC_COOKIE}{self.token()};rport"
        ack.headers = {"Via": [via], **ack.headers}
        data = ack.encode()
        self.sender.send(data, hop)
        return data

    def _receive_response(self, response: Response) -> None:
        if len(response.headers["Via"]) > 1 or "," in response.headers["Via"][0]:
            return
        transaction = self.clients.get((response.via.branch, response.cseq[1]))
        if transaction is not None:
            transaction.receive(response)

    def _receive_request(self, request: Request, hop: Hop) -> None:
        via = request.via
        key = key_of(request, via)
        method = request.method
        transaction = self.servers.get(key)
        if transaction is not None:
            transaction.receive(request)
            return
        if method == "ACK":
            self.user.ack(request, hop)
            return
        if not self.admits(request, hop) or (self.sheds is not None and self.sheds(request, hop)):
            return
        if via.host != hop.host or "rport" in via.params:
            mark_source(request, hop)
        back = response_hop(via, hop)
        if method == "INVITE":
            invite = InviteServerTransaction(self, request, back, key)
            self.servers[key] = invite
            invite.start()
            self.user.request(invite, request, hop)
            return
        transaction = NonInviteServerTransaction(self, request, back, key)
        self.servers[key] = transaction
        if method == "CANCEL":
            invite_transaction = self.servers.get(key[:-6] + "INVITE")
            if isinstance(invite_transaction, InviteServerTransaction):
                transaction.respond(request.respond(200, to_tag=invite_transaction.to_tag or self.token()))
                invite_transaction.cancelled(request)
            else:
                transaction.respond(request.respond(481, to_tag=self.token()))
            return
        self.user.request(transaction, request, hop)

    @property
    def is_waiting(self) -> bool:
        """Whether a request of ours still lacks its final answer."""
        return any(client.is_open for client in self.clients.values())

    def describe(self, most: int | None = None) -> list[str]:
        """One line per transaction, for the debug dump; no more than ``most`` of them."""
        return [str(t) for t in islice(chain(self.clients.values(), self.servers.values()), most)]

    def stop(self) -> None:
        """Drop every transaction without a word."""
        for client in tuple(self.clients.values()):
            client.terminate()
        for server in tuple(self.servers.values()):
            server.terminate()


def key_of(request: Request, via: Via) -> str:
    """By which a request finds its transaction (RFC 3261 17.2.3). Raises GrammarError."""
    method = "INVITE" if request.method == "ACK" else request.method
    # RFC 2543 peers: section 17.2.3 matches on what else identifies the request; an ACK's To tag is not in the INVITE.
    return branch_key(via, method) or (
        f"{request.call_id} {request.from_.tag} {request.cseq[0]} {via.text} {method}"
    )


def branch_key(via: Via, method: str) -> str:
    """The same for those whose branch is unique, "" for RFC 2543 peers."""
    branch = via.branch
    return f"{branch} {via.sent_by} {method}" if len(branch) > 7 and branch.startswith(MAGIC_COOKIE) else ""


def mark_source(request: Request, hop: Hop) -> None:
    """Add received and fill rport in the topmost Via (RFC 3261 18.2.1, RFC 3581)."""
    request.replace_top_via(marked(request.via, hop))


def marked(via: Via, hop: Hop) -> str:
    """The Via with received and rport."""
    text = via.text
    has_rport = "rport" in via.params
    is_elsewhere = has_rport or via.host.strip("[]") != hop.host
    if '"' in text:
        return _rewritten(via, has_rport, is_elsewhere, hop)
    if has_rport:
        text = _RPORT.sub(f";rport={hop.port}", text, count=1)
    if is_elsewhere:
        if "received" in via.params:
            text = re.sub(r";\s*received\s*=[^;]*", "", text, flags=re.IGNORECASE)
        text = f"{text};received={hop.host}"
    return text


def _rewritten(via: Via, has_rport: bool, is_elsewhere: bool, hop: Hop) -> str:
    """One with quoted parameters, in which there may be what only looks like a parameter."""
    params = dict(via.params)
    if has_rport:
        params["rport"] = str(hop.port)
    if is_elsewhere:
        params["received"] = hop.host
    sent, _, _ = via.text.partition(";")
    return sent + "".join(
        f";{name}={value if _PLAIN_VALUE.match(value) else quote(value)}" if value else f";{name}"
        for name, value in params.items()
    )


def response_hop(via: Via, hop: Hop) -> Hop:
    """Where the answer to what came from ``hop`` goes (RFC 3261 18.2.2, RFC 3581)."""
    port = via.port or (5061 if hop.transport == "tls" else 5060)
    if port == hop.port or (hop.transport == "udp" and "rport" in via.params):
        return hop
    return hop._replace(port=port)
