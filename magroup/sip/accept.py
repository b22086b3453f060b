"""Being called: ringing, answering, refusing, and the ACK that must follow (RFC 3261 13.3, 9.2)."""

from collections.abc import Mapping

from magroup.sip.dialog import Dialog
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.prack import ProvisionalSender
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.session import Session, SessionUser, try_later
from magroup.sip.session_state import SessionState
from magroup.sip.timers import Timer


class IncomingSession(Session):
    """A session that a peer starts with ``invite``. Raises SipError when its headers cannot make a dialog."""

    __slots__ = (
        "_awaits_ack", "_bye_reason", "_interval", "_provisional", "_repeat", "_transaction", "_waited", "hop",
        "invite", "tag",
    )  # fmt: skip

    def __init__(
        self, endpoint: Endpoint, user: SessionUser, transaction: InviteServerTransaction, invite: Request, hop: Hop,
        contact_user: str = "",
    ) -> None:  # fmt: skip
        key = (invite.call_id, invite.from_.tag, invite.cseq[0])
        if key in endpoint.invited:
            raise SipError(482)
        tag = endpoint.layer.token()
        dialog = Dialog.of_server(invite, tag, hop)
        super().__init__(endpoint, user, contact_user)
        endpoint.invited.add(key)
        self.adopt(dialog)
        self.invite = invite
        self.hop = hop
        self.tag = tag
        self._transaction = transaction
        self._awaits_ack = False
        self._bye_reason: str | None = None
        self._interval = 0.0
        self._waited = 0.0
        self._repeat: Timer | None = None
        self._provisional: ProvisionalSender | None = None
        self.learn(invite)
        transaction.to_tag = tag
        transaction.on_cancel = self._cancelled
        try:
            self.refresher.check(invite)
        except SipError:
            self.finish()
            raise

    @property
    def offer(self) -> bytes:
        """The SDP of the INVITE, b"" when we are to make the offer."""
        return self.invite.body if self.invite.content_type == self.content_type else b""

    def progress(self, status: int, sdp: bytes = b"", headers: dict[str, list[str]] | None = None) -> None:
        """Send a provisional response, reliably when the caller needs it so or SDP goes with it and it can.

        A caller that made no offer gets no SDP before the 200, which is where our offer is.
        """
        if self.state is not SessionState.EARLY:
            return
        invite = self.invite
        if status == 100:
            self._transaction.respond(invite.respond(100))
            return
        if not self.offer:
            sdp = b""
        response = invite.respond(status, to_tag=self.tag)
        self._record_route(response.headers)
        self.dress(response, self.hop, sdp)
        response.headers.update(headers or {})
        # Once one was sent reliably all are, so that they stay in order and the right one is repeated.
        if (
            self._provisional is not None
            or (sdp and "100rel" in self.peer_supports)
            or ("Require" in invite.headers and "100rel" in invite.tokens("Require"))
        ):
            if self._provisional is None:
                self._provisional = ProvisionalSender(self, self._transaction)
            self._provisional.send(response)
        else:
            self._transaction.respond(response)

    def answer(self, sdp: bytes, headers: dict[str, list[str]] | None = None) -> None:
        """Send 200. It is repeated until the ACK comes; none for 32 s ends the session."""
        if self.state is not SessionState.EARLY:
            return
        if self._provisional is not None and self._provisional.is_unacknowledged_with_sdp:
            self._provisional.then(lambda: self.answer(sdp, headers))
            return
        if self._provisional is not None:
            self._provisional.stop()
        response = self.invite.respond(200, to_tag=self.tag)
        self._record_route(response.headers)
        self.dress(response, self.hop, sdp)
        response.headers.update(headers or {})
        self.refresher.answer(self.invite, response)
        self.state = SessionState.CONFIRMED
        self._awaits_ack = True
        layer = self.endpoint.layer
        self._transaction.respond(response)
        self._interval = layer.t1
        self._repeat = layer.timers.after(self._interval, self._answer_again)

    def reject(self, status: int, reason: str = "", headers: Mapping[str, str | list[str]] | None = None) -> None:
        """Refuse the call; the owner is done with the session."""
        if self.state is not SessionState.EARLY:
            return
        self.finish()
        self._transaction.reject(status, reason, headers)

    def _record_route(self, headers: dict[str, list[str]]) -> None:
        if "Record-Route" in self.invite.headers:
            headers["Record-Route"] = self.invite.headers["Record-Route"]

    def _answer_again(self) -> None:
        layer = self.endpoint.layer
        self._waited += self._interval
        if self._waited >= 64 * layer.t1:
            self._awaits_ack = False
            self._repeat = None
            if self.user is None:
                self.bye(self._bye_reason or "")
            else:
                self.lost('SIP;cause=408;text="No ACK"')
            return
        self._transaction.send_again()
        self._interval = min(self._interval * 2, layer.t2, 64 * layer.t1 - self._waited)
        self._repeat = layer.timers.after(self._interval, self._answer_again)

    def acknowledge(self, request: Request) -> None:
        if self._awaits_ack and request.cseq[0] == self.invite.cseq[0]:
            self._awaits_ack = False
            self._stop_repeating()
            if self._bye_reason is not None:
                self.bye(self._bye_reason)
                return
            if self.user is not None:
                self.user.acknowledged(request.body if request.content_type == self.content_type else b"")
            if self._modifier is not None:
                self._modifier.proceed()
        else:
            super().acknowledge(request)

    @property
    def is_acknowledged(self) -> bool:
        return self.state is SessionState.CONFIRMED and not self._awaits_ack

    def check_offer(self, request: Request) -> None:
        if self.state is SessionState.EARLY:
            if request.method == "INVITE" or self._provisional is None or not self._provisional.has_answered:
                raise try_later()
        elif self._awaits_ack and not self.offer:
            raise SipError(491)

    def bye(self, reason: str = "") -> None:
        self._bye_reason = reason
        super().bye(reason)

    def _may_bye(self) -> bool:
        if self.state is SessionState.EARLY:
            self.reject(480)
            return False
        # A BYE must not overtake the ACK (RFC 3261 section 15); when none comes the time limit sends it.
        return not self._awaits_ack

    def _acknowledge_provisional(self, transaction: ServerTransaction, request: Request) -> None:
        if self._provisional is None:
            raise SipError(481)
        self._provisional.acknowledged(transaction, request)

    def _cancelled(self, request: Request) -> None:
        if self.state is not SessionState.EARLY:
            return
        user = self.user
        self.finish()
        self._transaction.reject(487)
        if user is not None:
            user.cancelled(request.get("Reason"))

    def _hung_up(self, request: Request) -> None:
        if self.state is SessionState.EARLY:
            self._cancelled(request)
        else:
            super()._hung_up(request)

    def _stop_repeating(self) -> None:
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None

    def finish(self) -> None:
        invite = self.invite
        self.endpoint.invited.discard((invite.call_id, invite.from_.tag, invite.cseq[0]))
        self._stop_repeating()
        if self._provisional is not None:
            self._provisional.stop()
        super().finish()
