"""Changing a session: re-INVITE and UPDATE from both sides, with glare (RFC 3261 section 14, RFC 3311)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from magroup.sip.change import Change, Done
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.session import try_later
from magroup.sip.session_state import SessionState
from magroup.sip.timers import Timer

if TYPE_CHECKING:
    from magroup.sip.session import Session


class Offer:
    """A change that the peer wants. ``sdp`` b"" means that the peer asks us for an offer."""

    __slots__ = ("_modifier", "_transaction", "acknowledged", "is_update", "request", "sdp")

    def __init__(self, modifier: "Modifier", transaction: ServerTransaction, request: Request) -> None:
        self._modifier = modifier
        self._transaction: ServerTransaction | None = transaction
        self.request = request
        self.sdp = request.body if request.content_type == modifier.content_type else b""
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
            transaction.reject(status, reason)
            self._modifier.settled(self)


class Modifier:
    """One session's changes: at most one at a time, ours wait for each other."""

    __slots__ = ("_incoming", "_interval", "_outgoing", "_queue", "_repeat", "_retry", "_session", "_waited",
                 "_waiting")  # fmt: skip

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._outgoing: Change | None = None
        self._incoming: Offer | None = None
        self._queue: list[Change] = []
        self._retry: Timer | None = None
        self._repeat: Timer | None = None
        self._waiting: tuple[Offer, InviteServerTransaction] | None = None
        self._interval = 0.0
        self._waited = 0.0

    @property
    def content_type(self) -> str:
        """Of the bodies that are exchanged."""
        return self._session.content_type

    def change(self, sdp: bytes, done: Done) -> Change:
        """Send a re-INVITE: ``done(status, sdp)`` gets the outcome once, unless the session ends before.

        With b"" as ``sdp`` the peer makes the offer, and the owner must call ``acknowledge`` with the answer. What may
        pass (491, 500 with Retry-After) is tried again by itself.
        """
        change = Change(self, self._session, sdp, done)
        self._queue.append(change)
        self.proceed()
        return change

    def withdraw(self, change: Change) -> bool:
        """Do not send a change again that was refused and waits for its next try; its ``done`` gets 491 then."""
        if self._retry is None or self._queue[0] is not change:
            return False
        self._retry.cancel()
        self._retry = None
        self._queue.pop(0)
        change.give_up(491)
        return True

    @property
    def is_asked(self) -> bool:
        """Whether the peer waits for our word on a change of its own."""
        return self._incoming is not None or self._waiting is not None

    @property
    def is_busy(self) -> bool:
        """Whether a change of either side is under way or waits."""
        return bool(self._queue) or self.is_asked or (self._outgoing is not None and self._outgoing.is_open)

    def proceed(self) -> None:
        """Send what waits, if nothing is under way."""
        if (
            self._queue
            and (self._outgoing is None or not self._outgoing.is_open)
            and not self.is_asked
            and self._retry is None
            and self._session.state is SessionState.CONFIRMED
            and self._session.is_acknowledged
        ):
            self._outgoing = self._queue.pop(0)
            self._outgoing.send()

    def again(self, change: Change, wait: float) -> None:
        """Send a refused change once more, in so many seconds, before all others."""
        self._queue.insert(0, change)
        if wait:
            self._retry = self._session.endpoint.layer.timers.after(wait, self._try_again)
        else:
            self.proceed()

    def acknowledge(self, sdp: bytes) -> None:
        """Send the ACK with the answer to the offer that a change without SDP brought."""
        if self._outgoing is not None and self._outgoing.is_open:
            self._outgoing.acknowledge(sdp)
            self.proceed()

    def _try_again(self) -> None:
        self._retry = None
        self.proceed()

    def invited(self, transaction: InviteServerTransaction, request: Request, hop: Hop) -> None:
        """A re-INVITE came. Raises SipError."""
        transaction.on_cancel = self._cancelled
        self._offer(transaction, request, hop)

    def _cancelled(self, request: Request) -> None:
        if self._incoming is not None:
            self._incoming.reject(487)

    def updated(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """An UPDATE came. Raises SipError."""
        session = self._session
        if request.body:
            self._offer(transaction, request, hop)
            return
        session.refresher.check(request)
        session.confirmed_dialog.refresh(request, hop)
        session.learn(request)
        response = request.respond(200)
        session.dress(response, session.confirmed_dialog.hop)
        if session.state is SessionState.CONFIRMED:
            session.refresher.answer(request, response)
        transaction.respond(response)

    def _offer(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        session = self._session
        if self.is_asked:
            raise try_later()
        if self._outgoing is not None and self._outgoing.is_open:
            raise SipError(491)
        session.check_offer(request)
        if request.body and request.content_type != self.content_type:
            raise SipError(415, headers={"Accept": self.content_type})
        session.refresher.check(request)
        if session.user is None:
            raise SipError(481)
        session.confirmed_dialog.refresh(request, hop)
        session.learn(request)
        offer = self._incoming = Offer(self, transaction, request)
        session.user.offered(offer)

    def accepted(self, offer: Offer, transaction: ServerTransaction, sdp: bytes) -> None:
        session = self._session
        response = offer.request.respond(200)
        session.dress(response, session.confirmed_dialog.hop, sdp)
        if session.state is SessionState.CONFIRMED:
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
            session.is_changed()

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
            offer.acknowledged(request.body if request.content_type == self.content_type else b"")
        self._session.is_changed()
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
        if self._outgoing is not None:
            self._outgoing.stop()
