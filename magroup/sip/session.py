"""A session: one INVITE-made dialog from its first message to its last, either side (RFC 3261 sections 13 to 15).

The verbs have their files: invite (calling), accept (being called), modify (re-INVITE, UPDATE), prack (reliable
provisional responses), refresh (session timers), refer. The owner, a SessionUser, hears only what it has to decide.
"""

from collections.abc import Callable
from functools import lru_cache
from random import randrange
from typing import TYPE_CHECKING, Final, Protocol

from magroup.sip.dialog import Dialog
from magroup.sip.endpoint import ALLOW, SUPPORTED, Endpoint, check_require
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.refresh import Refresher
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction, State
from magroup.sip.session_state import SessionState

if TYPE_CHECKING:
    from magroup.sip.modify import Modifier, Offer
    from magroup.sip.refer import IncomingRefer

SDP: Final = "application/sdp"
_NOTHING: Final[frozenset[str]] = frozenset()


class Respond(Protocol):
    """Answers an INFO: a status, and where it has one, a body of the session's ``content_type``."""

    def __call__(self, status: int, body: bytes = b"") -> None: ...


class SessionUser(Protocol):
    """Who owns a session. Nothing is called any more after rejected, cancelled or ended."""

    def progressed(self, status: int, sdp: bytes, response: Response) -> None:
        """Calling: a provisional response (over 100) came."""

    def answered(self, sdp: bytes, response: Response) -> None:
        """Calling: the 2xx came. It is acknowledged already, except after an INVITE without SDP: then ``ack`` it."""

    def rejected(self, status: int, reason: str, response: Response) -> None:
        """Calling: refused, failed, or timed out (408)."""

    def acknowledged(self, sdp: bytes) -> None:
        """Being called: the ACK came, with the answer if the 2xx had the offer."""

    def cancelled(self, reason: str) -> None:
        """Being called: the caller gave up; ``reason`` is the Reason header's value."""

    def offered(self, offer: "Offer") -> None:
        """The peer wants to change the session: accept or reject the offer, soon."""

    def referred(self, refer: "IncomingRefer") -> None:
        """The peer asks for a transfer: accept or reject it, soon."""

    def informed(self, request: Request, respond: Respond) -> None:
        """An INFO came (DTMF): ``respond`` with a status. Raises SipError to refuse it."""

    def ended(self, cause: str) -> None:
        """The peer hung up, or is gone; ``cause`` is the Reason header's value or what happened."""


Authenticator = Callable[[Request, Response], dict[str, list[str]] | None]
"""Makes the headers that answer a 401 or 407 to a request of ours; None when there is nothing to say (any more)."""


class Session:
    """What calling and being called share. ``user`` None means that nobody cares any more: it only cleans up."""

    __slots__ = (
        "_asked", "_modifier", "_refresher", "authenticator", "contact_user", "dialog", "endpoint", "local_sdp",
        "peer_allows", "peer_supports", "state", "user",
    )  # fmt: skip
    owns_call_id = False
    """Whether we made the Call-ID: it decides who tries again first after a 491 (RFC 3261 14.1)."""
    content_type = SDP
    """What the two sides exchange in INVITE and answer; another kind of session has documents of its own there."""

    def __init__(self, endpoint: Endpoint, user: SessionUser, contact_user: str = "") -> None:
        self.endpoint = endpoint
        self.user: SessionUser | None = user
        self.authenticator: Authenticator | None = None
        self.contact_user = contact_user
        self.state = SessionState.EARLY
        self.dialog: Dialog | None = None
        self.local_sdp = b""
        self.peer_allows = _NOTHING
        self.peer_supports = _NOTHING
        self._modifier: Modifier | None = None
        self._refresher: Refresher | None = None
        self._asked: tuple[ServerTransaction, ...] = ()
        endpoint.sessions.add(self)

    @property
    def modifier(self) -> "Modifier":
        if self._modifier is None:
            from magroup.sip.modify import Modifier

            self._modifier = Modifier(self)
        return self._modifier

    @property
    def refresher(self) -> Refresher:
        if self._refresher is None:
            self._refresher = Refresher(self)
        return self._refresher

    @property
    def running_timer(self) -> tuple[int, bool]:
        """The interval of the session timer in seconds, 0 where none runs, and whether we refresh the session."""
        refresher = self._refresher
        return (refresher.interval, refresher.is_ours) if refresher is not None and refresher.is_running else (0, False)

    def is_changed(self) -> None:
        """A change of either side is through."""
        if self.endpoint.changed is not None:
            self.endpoint.changed(self)

    @property
    def confirmed_dialog(self) -> Dialog:
        """The dialog. Raises SipError(481) while there is none."""
        if self.dialog is None:
            raise SipError(481)
        return self.dialog

    @property
    def is_acknowledged(self) -> bool:
        """Whether the INVITE is through with its ACK."""
        raise NotImplementedError

    def adopt(self, dialog: Dialog) -> None:
        """Serve this dialog's requests from now on."""
        self.dialog = dialog
        self.endpoint.dialogs[dialog.call_id, dialog.local_tag] = self

    def learn(self, message: Request | Response) -> None:
        """Remember what the peer can do."""
        if "Allow" in message.headers:
            self.peer_allows = _methods(message.tokens("Allow"))
        if "Supported" in message.headers:
            self.peer_supports = message.tokens("Supported")

    def dress(self, message: Request | Response, hop: Hop, sdp: bytes = b"") -> None:
        """Add Contact, Allow, Supported and the body to an INVITE, UPDATE or a response to one."""
        headers = message.headers
        headers["Contact"] = [self.endpoint.contact(hop, self.contact_user)]
        headers["Allow"] = [ALLOW]
        headers["Supported"] = [SUPPORTED]
        headers["User-Agent" if isinstance(message, Request) else "Server"] = [self.endpoint.agent]
        if sdp:
            headers["Content-Type"] = [self.content_type]
            message.body = sdp
            self.local_sdp = sdp

    def send(
        self, method: str, body: bytes = b"", headers: dict[str, str] | None = None,
        answered: Callable[[Response], None] | None = None,
    ) -> None:  # fmt: skip
        """Send a request other than INVITE, ACK, CANCEL in the dialog; a lost dialog (408, 481) ends the session."""
        dialog = self.confirmed_dialog
        request = dialog.request(method)
        for name, value in (headers or {}).items():
            request.headers[name] = [value]
        request.body = body

        def heard(response: Response) -> None:
            if response.status in (401, 407) and self.authenticator is not None:
                credentials = self.authenticator(request, response)
                if credentials:
                    more = {name: values[0] for name, values in credentials.items()}
                    self.send(method, body, {**(headers or {}), **more}, answered)
                    return
            if answered is not None:
                answered(response)
            # The INVITE's own response tells what a PRACK refused with 481 meant.
            if (response.status == 408 and method not in ("BYE", "NOTIFY")) or (
                response.status == 481 and method not in ("BYE", "NOTIFY", "PRACK")
            ):
                self.lost(f"SIP;cause={response.status}")

        self.endpoint.layer.request(request, dialog.hop, heard)

    def bye(self, reason: str = "") -> None:
        """Hang up: the owner is done with the session and hears nothing any more. ``reason``: a Reason value."""
        if self.state is SessionState.ENDED:
            return
        self.user = None
        if self._may_bye():
            headers = {"Reason": reason} if reason else None
            if self.dialog is not None:
                self.send("BYE", headers=headers)
            self.finish()

    def _may_bye(self) -> bool:
        return True

    def lost(self, cause: str) -> None:
        """The dialog is gone at the peer, or was refused: say BYE in case it is not, tell the owner.

        ``cause`` is a Reason value.
        """
        if self.state is SessionState.ENDED:
            return
        user = self.user
        self.bye(cause)
        if user is not None:
            user.ended(cause)

    def finish(self) -> None:
        """Forget the dialog and all timers."""
        self.state = SessionState.ENDED
        endpoint, dialog = self.endpoint, self.dialog
        endpoint.sessions.discard(self)
        if dialog is not None:
            endpoint.dialogs.pop((dialog.call_id, dialog.local_tag), None)
        modifier, self._modifier = self._modifier, None
        if modifier is not None:
            modifier.stop()
        refresher, self._refresher = self._refresher, None
        if refresher is not None:
            refresher.stop()
        # A pending request of a dialog that ends is answered 487 (RFC 3261 15.1.2).
        for transaction in self._asked:
            transaction.reject(487)
        self._asked = ()
        self.user = None

    def receive(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """A request in the dialog. Raises SipError to refuse it."""
        dialog = self.confirmed_dialog
        if not dialog.remote_tag:
            dialog.remote_tag = request.from_.tag
        elif request.from_.tag != dialog.remote_tag:
            raise SipError(481)
        if not dialog.accepts(request):
            raise SipError(500, "CSeq out of order", {"Retry-After": "1"})
        if "Require" in request.headers:
            check_require(request)
        method = request.method
        if hop.flow and hop.flow != dialog.hop.flow and hop[:2] == dialog.hop[:2]:
            dialog.hop = dialog.hop._replace(flow=hop.flow)
        if method == "BYE":
            transaction.respond(request.respond(200))
            self._hung_up(request)
        elif method == "INVITE" and isinstance(transaction, InviteServerTransaction):
            self.modifier.invited(transaction, request, hop)
        elif method == "UPDATE":
            self.modifier.updated(transaction, request, hop)
        elif method == "PRACK":
            self._acknowledge_provisional(transaction, request)
        elif method == "INFO":
            self._receive_info(transaction, request)
        elif method == "REFER":
            self._receive_refer(transaction, request)
        elif method == "OPTIONS":
            response = request.respond(200)
            response.headers["Allow"] = [ALLOW]
            transaction.respond(response)
        elif method == "NOTIFY":
            raise SipError(489, headers={"Allow-Events": "refer"})
        else:
            raise SipError(405, headers={"Allow": ALLOW})

    def acknowledge(self, request: Request) -> None:
        """The ACK of a 2xx came."""
        if self._modifier is not None:
            self._modifier.acknowledged(request)

    def check_offer(self, request: Request) -> None:
        """Raises SipError when an offer in a re-INVITE or UPDATE comes while another is open (RFC 3311 5.2)."""

    def _hung_up(self, request: Request) -> None:
        user = self.user
        self.finish()
        if user is not None:
            user.ended(request.get("Reason"))

    def _acknowledge_provisional(self, transaction: ServerTransaction, request: Request) -> None:
        raise SipError(481)

    def _receive_info(self, transaction: ServerTransaction, request: Request) -> None:
        if self.user is None:
            raise SipError(481)

        def respond(status: int, body: bytes = b"") -> None:
            response = request.respond(status)
            if body:
                response.headers["Content-Type"] = [self.content_type]
                response.body = body
            transaction.respond(response)

        self.user.informed(request, respond)
        self._await_answer(transaction)

    def _receive_refer(self, transaction: ServerTransaction, request: Request) -> None:
        from magroup.sip.refer import IncomingRefer

        if self.user is None:
            raise SipError(481)
        if self.state is not SessionState.CONFIRMED:
            raise SipError(403, "Not answered yet")
        self.user.referred(IncomingRefer(self, transaction, request))
        self._await_answer(transaction)

    def _await_answer(self, transaction: ServerTransaction) -> None:
        if transaction.state is State.PROCEEDING:
            if self.state is SessionState.ENDED:
                transaction.reject(487)
            else:
                self._asked = (*(asked for asked in self._asked if asked.state is State.PROCEEDING), transaction)

    def __str__(self) -> str:
        dialog = self.dialog
        return f"{type(self).__name__} {self.state.name} {dialog.remote if dialog else ''}"


@lru_cache(maxsize=64)
def _methods(tokens: frozenset[str]) -> frozenset[str]:
    return frozenset(item.upper() for item in tokens)


def try_later() -> SipError:
    """What is raised when the same request may be fine in a moment (RFC 3261 14.2)."""
    return SipError(500, headers={"Retry-After": str(randrange(10))})
