"""Changing a session: re-INVITE and UPDATE from both sides, with glare (RFC 3261 section 14, RFC 3311)."""

from collections.abc import Callable
from random import uniform
from typing import TYPE_CHECKING

from magroup.sip.errors import SipError
from magroup.sip.message import Request, Response
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.session import SDP, SessionState
from magroup.sip.timers import Timer

if TYPE_CHECKING:
    from magroup.sip.session import Session

Done = Callable[[int, bytes], None]
MOST_RETRIES = 4


class Offer:
    """A change that the peer wants. ``sdp`` b"" means that the peer asks us for an offer."""

    __slots__ = ("_modifier", "_transaction", "acknowledged", "is_update", "request", "sdp")

    def __init__(self, modifier: "Modifier", transaction: ServerTransaction, request: Request) -> None:
        self._modifier = modifier
        self._transaction: ServerTransaction | None = transaction
        self.request = request
        self.sdp = request.body if request.content_type == SDP else b""
        self.is_update = request.method == "UPDATE"
        self.acknowledged: Callable[[bytes], None] | None = None

    def accept(self, sdp: bytes, acknowledged: Callable[[bytes], None] | None = None) -> None:
        """Answer 200 with our answer, or with our offer; ``acknowledged`` then gets the answer from the ACK."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            self.acknowledged = acknowledged
            self._modifier.accepted(self, transaction, sdp)

    def reject(self, status: int, reason: str = "") -> None:
        """Refuse the change; the session stays as it was."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            self._modifier.settled(self)
            transaction.reject(status, reason)


class Modifier:
    """One session's changes: at most one at a time, ours wait for each other."""

    __slots__ = ("_ack", "_credentials", "_incoming", "_interval", "_outgoing", "_queue", "_repeat", "_retry", "_session",
                 "_waited", "_waiting")  # fmt: skip

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._outgoing: Request | None = None
        self._incoming: Offer | None = None
        self._queue: list[tuple[bytes, Done, int]] = []
        self._credentials: dict[str, list[str]] = {}
        self._ack = b""
        self._retry: Timer | None = None
        self._repeat: Timer | None = None
        self._waiting: tuple[Offer, InviteServerTransaction] | None = None
        self._interval = 0.0
        self._waited = 0.0

    def change(self, sdp: bytes, done: Done) -> None:
        """Send a re-INVITE: ``done(status, sdp)`` gets the outcome once. With b"" as ``sdp`` the peer makes the offer,
        and the owner must call ``acknowledge`` with the answer. A 491 is tried again by itself (RFC 3261 14.1).
        """
        self._queue.append((sdp, done, 0))
        self.proceed()

    @property
    def is_asked(self) -> bool:
        """Whether the peer waits for our word on a change of its own."""
        return self._incoming is not None or self._waiting is not None

    def proceed(self) -> None:
        """Send what waits, if nothing is under way."""
        session = self._session
        if (
            not self._queue
            or self._outgoing is not None
            or self._incoming is not None
            or self._waiting is not None
            or self._retry is not None
            or session.state is not SessionState.CONFIRMED
            or not getattr(session, "is_acknowledged", True)
        ):
            return
        sdp, done, tries = self._queue.pop(0)
        dialog = session.confirmed_dialog
        request = dialog.request("INVITE")
        session.dress(request, dialog.hop, sdp)
        session.refresher.propose(request)
        request.headers.update(self._credentials)
        self._credentials = {}
        self._outgoing = request
        self._ack = b""
        settled = False

        def heard(response: Response) -> None:
            nonlocal settled
            status = response.status
            if status < 200:
                return
            if settled:
                if self._ack and status < 300:
                    session.endpoint.layer.sender.send(self._ack, dialog.hop)
                return
            settled = True
            if status < 300:
                dialog.refresh(response)
                session.learn(response)
                if sdp or session.state is SessionState.ENDED:
                    self._send_ack(request, b"")
                    self._outgoing = None
                if session.state is SessionState.ENDED:
                    return
                session.refresher.agreed(response)
                done(status, response.body if response.content_type == SDP else b"")
                self.proceed()
                return
            self._outgoing = None
            if session.state is SessionState.ENDED:
                return
            challenged = status in (401, 407) and session.authenticator is not None
            credentials = session.authenticator(request, response) if challenged and session.authenticator else None
            if credentials:
                self._credentials = credentials
                self._queue.insert(0, (sdp, done, tries))
                self.proceed()
                return
            if status == 491 and tries < MOST_RETRIES:
                self._queue.insert(0, (sdp, done, tries + 1))
                least, most = (2.1, 4.0) if self._owns_call_id() else (0.0, 2.0)
                self._retry = session.endpoint.layer.timers.after(uniform(least, most), self._try_again)
                return
            done(status, b"")
            if status in (408, 481):
                session.lost(f"SIP;cause={status}")
            else:
                self.proceed()

        session.endpoint.layer.request(request, dialog.hop, heard)

    def acknowledge(self, sdp: bytes) -> None:
        """Send the ACK with the answer to the offer that a change without SDP brought."""
        request, self._outgoing = self._outgoing, None
        if request is not None:
            self._send_ack(request, sdp)
            self.proceed()

    def _send_ack(self, request: Request, sdp: bytes) -> None:
        session = self._session
        dialog = session.confirmed_dialog
        ack = dialog.request("ACK", request.cseq[0])
        if sdp:
            ack.headers["Content-Type"] = [SDP]
            ack.body = sdp
            session.local_sdp = sdp
        self._ack = session.endpoint.layer.send_ack(ack, dialog.hop)

    def _owns_call_id(self) -> bool:
        return not hasattr(self._session, "is_acknowledged")

    def _try_again(self) -> None:
        self._retry = None
        self.proceed()

    def invited(self, transaction: InviteServerTransaction, request: Request) -> None:
        """A re-INVITE came. Raises SipError."""
        if self._session.state is not SessionState.CONFIRMED:
            raise SipError(491)
        transaction.on_cancel = self._cancelled
        self._offer(transaction, request)

    def _cancelled(self, request: Request) -> None:
        if self._incoming is not None:
            self._incoming.reject(487)

    def updated(self, transaction: ServerTransaction, request: Request) -> None:
        """An UPDATE came. Raises SipError."""
        session = self._session
        if request.body:
            self._offer(transaction, request)
            return
        session.refresher.check(request)
        session.confirmed_dialog.refresh(request)
        session.learn(request)
        response = request.respond(200)
        session.dress(response, session.confirmed_dialog.hop)
        session.refresher.answer(request, response)
        transaction.respond(response)

    def _offer(self, transaction: ServerTransaction, request: Request) -> None:
        session = self._session
        if self._incoming is not None or self._waiting is not None:
            raise SipError(500, headers={"Retry-After": str(int(uniform(0, 10)))})
        if self._outgoing is not None:
            raise SipError(491)
        if request.body and request.content_type != SDP:
            raise SipError(415, headers={"Accept": SDP})
        session.refresher.check(request)
        if session.user is None:
            raise SipError(481)
        session.confirmed_dialog.refresh(request)
        session.learn(request)
        offer = self._incoming = Offer(self, transaction, request)
        session.user.offered(offer)

    def accepted(self, offer: Offer, transaction: ServerTransaction, sdp: bytes) -> None:
        session = self._session
        response = offer.request.respond(200)
        session.dress(response, session.confirmed_dialog.hop, sdp)
        session.refresher.answer(offer.request, response)
        transaction.respond(response)
        if isinstance(transaction, InviteServerTransaction):
            layer = session.endpoint.layer
            self._incoming = None
            self._waiting = (offer, transaction)
            self._waited = 0.0
            self._interval = layer.t1
            self._repeat = layer.timers.after(self._interval, self._answer_again)
        else:
            self.settled(offer)

    def settled(self, offer: Offer) -> None:
        """The incoming change is through, or refused."""
        if self._incoming is offer:
            self._incoming = None
        self.proceed()

    def _answer_again(self) -> None:
        layer = self._session.endpoint.layer
        waiting = self._waiting
        self._repeat = None
        if waiting is None:
            return
        self._waited += self._interval
        if self._waited >= 64 * layer.t1:
            self._waiting = None
            self._session.lost('SIP;cause=408;text="No ACK"')
            return
        waiting[1].send_again()
        self._interval = min(self._interval * 2, layer.t2, 64 * layer.t1 - self._waited)
        self._repeat = layer.timers.after(self._interval, self._answer_again)

    def acknowledged(self, request: Request) -> None:
        """The ACK of our 2xx to a re-INVITE came."""
        if self._waiting is None or self._waiting[0].request.cseq[0] != request.cseq[0]:
            return
        offer = self._waiting[0]
        self._waiting = None
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None
        if offer.acknowledged is not None:
            offer.acknowledged(request.body if request.content_type == SDP else b"")
        self.proceed()

    def stop(self) -> None:
        """The session is over."""
        if self._retry is not None:
            self._retry.cancel()
        if self._repeat is not None:
            self._repeat.cancel()
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            incoming.reject(487)
        self._waiting = None
        self._queue.clear()
