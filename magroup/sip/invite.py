"""Calling: the INVITE, its provisional responses, forks, the answer, and giving up (RFC 3261 13.2, 9.1)."""

from collections.abc import Mapping
from typing import Final

from magroup.sip.client_transaction import FORGOTTEN, ClientTransaction, State
from magroup.sip.dialog import MAX_FORWARDS, Dialog
from magroup.sip.endpoint import SUPPORTED, Endpoint
from magroup.sip.errors import GrammarError, SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.prack import ProvisionalReceiver
from magroup.sip.session import Session, SessionUser, try_later
from magroup.sip.session_state import SessionState
from magroup.sip.timers import Timer

MOST_FORKS: Final = 32
MOST_RETRIES: Final = 3


class Fork:
    """One of the dialogs that a forked INVITE made, while another is the one that is heard (RFC 3261 section 13.2.2.4).

    ``ack`` is there once its 2xx was refused: acknowledged and hung up.
    """

    __slots__ = ("ack", "dialog", "provisional")

    def __init__(self, dialog: Dialog, provisional: ProvisionalReceiver | None = None, ack: bytes = b"") -> None:
        self.dialog = dialog
        self.provisional = provisional
        self.ack = ack


NO_FORKS: Final[Mapping[str, Fork]] = {}


class OutgoingSession(Session):
    """A session that we start. ``direct`` false means that the hop is a proxy whose peers are reached by Contact."""

    __slots__ = (
        "_ack", "_ack_for", "_cancel_reason", "_cancelled", "_forks", "_give_up", "_provisional", "_retried",
        "_transaction", "direct", "hop", "invite", "is_offerless",
    )  # fmt: skip
    owns_call_id = True

    def __init__(self, endpoint: Endpoint, user: SessionUser, hop: Hop, contact_user: str = "", direct: bool = True):
        super().__init__(endpoint, user, contact_user)
        self.hop = hop
        self.direct = direct
        self.is_offerless = False
        self._ack = b""
        self._ack_for = 0
        self._cancelled = False
        self._cancel_reason = ""
        self._forks = NO_FORKS
        self._give_up: Timer | None = None
        self._provisional: ProvisionalReceiver | None = None
        self._retried = 0
        self._transaction: ClientTransaction | None = None
        self.invite: Request

    def call(
        self, target: str, from_: str, to: str, sdp: bytes, headers: dict[str, list[str]], call_id: str = ""
    ) -> None:
        """Send the INVITE. ``from_`` and ``to`` are name-addrs without tags; no ``sdp``: the peer offers in its 2xx."""
        if self.state is not SessionState.EARLY:
            return
        token = self.endpoint.layer.token
        invite = Request(
            "INVITE",
            target,
            {"Max-Forwards": MAX_FORWARDS, "From": [f"{from_};tag={token()}"], "To": [to],
             "Call-ID": [call_id or token() + token()], "CSeq": ["1 INVITE"]},
        )  # fmt: skip
        invite.headers.update(headers)
        self.is_offerless = not sdp
        self.dress(invite, self.hop, sdp)
        if not sdp:
            # A reliable provisional response would hold the offer, its PRACK the answer (RFC 3262 section 5).
            invite.headers["Supported"] = [SUPPORTED.replace("100rel, ", "")]
        self.refresher.propose(invite)
        self.invite = invite
        self._send()

    def _send(self) -> None:
        self._transaction = self.endpoint.layer.request(self.invite, self.hop, self._heard)

    def send_again(self, headers: dict[str, list[str]]) -> None:
        """Send the refused INVITE once more with other headers (credentials, a longer session interval)."""
        old = self.invite
        copied = {name: values for name, values in old.headers.items() if name != "Via"}
        copied["CSeq"] = [f"{old.cseq[0] + 1} INVITE"]
        copied.update(headers)
        if self.dialog is not None:
            self.endpoint.dialogs.pop((self.dialog.call_id, self.dialog.local_tag), None)
            self.dialog = self._provisional = None
            self._forks = NO_FORKS
        self.invite = Request("INVITE", old.target, copied, old.body)
        self._send()

    def cancel(self, reason: str = "") -> None:
        """Give the call up, whatever has become of it; the owner hears nothing any more. ``reason``: a Reason value."""
        self.user = None
        if self.state is SessionState.CONFIRMED:
            self.bye(reason)
        elif not self._cancelled and self.state is SessionState.EARLY:
            self._cancelled = True
            self._cancel_reason = reason
            if self._transaction is None:
                self.finish()
            elif self._transaction.state is State.PROCEEDING:
                self._send_cancel()

    def bye(self, reason: str = "") -> None:
        if self.state is SessionState.EARLY:
            self.cancel(reason)
        else:
            super().bye(reason)

    def _may_bye(self) -> bool:
        if not self._ack:
            self.ack()
        return True

    @property
    def is_unheard(self) -> bool:
        """Whether nothing has come to the INVITE, not even that it is being tried."""
        return self._transaction is not None and self._transaction.state is State.CALLING

    @property
    def is_acknowledged(self) -> bool:
        return bool(self._ack)

    def check_offer(self, request: Request) -> None:
        if self.state is not SessionState.EARLY:
            if not self._ack:
                raise try_later()
        elif request.method == "INVITE" or self._provisional is None or not self._provisional.has_answer:
            raise SipError(491)

    def _send_cancel(self) -> None:
        if self._transaction is not None:
            layer = self.endpoint.layer
            layer.cancel(self._transaction, self._cancel_reason)
            # A peer that never sends its 487 (RFC 3261 9.1) must not keep the call for ever.
            self._give_up = layer.timers.after(64 * layer.t1, self._abandon)

    def _abandon(self) -> None:
        if self._transaction is not None:
            self._transaction.terminate()
        self.finish()

    def _heard(self, response: Response) -> None:
        status = response.status
        try:
            if status < 200:
                self._progressed(response)
            elif status < 300:
                self._answered(response)
            else:
                self._refused(response)
        except GrammarError as error:
            if status >= 200 and self.state is SessionState.EARLY:
                self._over(502, error.reason, response)

    def _progressed(self, response: Response) -> None:
        if self._cancelled:
            if self._give_up is None:
                self._send_cancel()
            return
        if response.status == 100 or self.state is not SessionState.EARLY:
            return
        tag = response.to.tag
        if tag and (self.dialog is None or self.dialog.remote_tag != tag) and not self._turn_to(tag, response):
            return
        self.learn(response)
        if "RSeq" in response.headers and "100rel" in response.tokens("Require") and self.dialog is not None:
            if self._provisional is None:
                self._provisional = ProvisionalReceiver(self)
            if not self._provisional.receive(response):
                return
        if self.user is not None:
            sdp = response.body if response.content_type == self.content_type else b""
            self.user.progressed(response.status, sdp, response)

    def _turn_to(self, tag: str, response: Response) -> bool:
        """Of several early dialogs (a proxy that forks) the newest to ring is heard; False when they are too many."""
        if self.dialog is not None:
            self._forks = {**self._forks, self.dialog.remote_tag: Fork(self.dialog, self._provisional)}
        fork = self._forks.get(tag)
        if fork is None:
            if len(self._forks) >= MOST_FORKS:
                return False
            fork = Fork(Dialog.of_client(self.invite, response, self.hop, self.direct))
        self.adopt(fork.dialog)
        self._provisional = fork.provisional
        return True

    def _answered(self, response: Response) -> None:
        tag = response.to.tag
        if self.state is not SessionState.EARLY:
            if self.dialog is not None and self.dialog.remote_tag == tag:
                if self._ack:
                    self.endpoint.layer.sender.send(self._ack, self.dialog.hop)
            else:
                self._hang_up_fork(response)
            return
        early = self.dialog
        if early is not None and early.remote_tag != tag:
            self._forks = {**self._forks, early.remote_tag: Fork(early)}
            early = self._forks[tag].dialog if tag in self._forks else None
        # The 2xx alone says the route and the target (RFC 3261 13.2.2.4).
        dialog = Dialog.of_client(self.invite, response, self.hop, self.direct)
        if early is not None:
            dialog.local_seq, dialog.remote_seq = early.local_seq, early.remote_seq
        self.adopt(dialog)
        self.state = SessionState.CONFIRMED
        self._ack_for = response.cseq[0]
        self.learn(response)
        if self._give_up is not None:
            self._give_up.cancel()
        if self.user is None:
            self.bye(self._cancel_reason)
            return
        if not self.is_offerless:
            self.ack()
        self.refresher.agreed(response)
        self.user.answered(response.body if response.content_type == self.content_type else b"", response)

    def ack(self, sdp: bytes = b"") -> None:
        """Acknowledge the 2xx, with the answer when the 2xx had the offer."""
        dialog = self.confirmed_dialog
        request = dialog.request("ACK", self._ack_for)
        if sdp:
            request.headers["Content-Type"] = [self.content_type]
            request.body = sdp
            self.local_sdp = sdp
        for name in ("Authorization", "Proxy-Authorization"):
            if name in self.invite.headers:
                request.headers[name] = self.invite.headers[name]
        self._ack = self.endpoint.layer.send_ack(request, dialog.hop)

    def _hang_up_fork(self, response: Response) -> None:
        """A second 2xx of a forked INVITE (RFC 3261 13.2.2.4): acknowledge it and hang up there."""
        layer, tag = self.endpoint.layer, response.to.tag
        fork = self._forks.get(tag)
        if fork is not None and fork.ack:
            layer.sender.send(fork.ack, fork.dialog.hop)
        elif fork is not None or len(self._forks) < MOST_FORKS:
            dialog = Dialog.of_client(self._asked_for(), response, self.hop, self.direct)
            if fork is not None:
                dialog.local_seq = fork.dialog.local_seq
            ack = layer.send_ack(dialog.request("ACK", response.cseq[0]), dialog.hop)
            self._forks = {**self._forks, tag: Fork(dialog, ack=ack)}
            layer.request(dialog.request("BYE"), dialog.hop, lambda _: None)

    def _asked_for(self) -> Request:
        """The INVITE; where the session is over, what a dialog that it makes takes from it."""
        dialog = self.dialog
        if dialog is None or self.invite is not FORGOTTEN:
            return self.invite
        headers = {"From": [dialog.local], "Call-ID": [dialog.call_id], "CSeq": [f"{self._ack_for} INVITE"]}
        return Request("INVITE", dialog.target, headers)

    def _refused(self, response: Response) -> None:
        if self.state is not SessionState.EARLY:
            return
        if response.status == 422 and not self._cancelled and self._retried < MOST_RETRIES:
            if self.refresher.lengthen(response):
                self._retried += 1
                least = [str(self.refresher.interval)]
                self.send_again({"Session-Expires": least, "Min-SE": least})
                return
        if response.status in (401, 407) and not self._cancelled and self.authenticator is not None:
            credentials = self.authenticator(self.invite, response)
            if credentials:
                self.send_again(credentials)
                return
        self._over(response.status, response.reason, response)

    def _over(self, status: int, reason: str, response: Response) -> None:
        user = self.user
        if self._give_up is not None:
            self._give_up.cancel()
        self.finish()
        if user is not None:
            user.rejected(status, reason, response)

    def finish(self) -> None:
        super().finish()
        # Late 2xx responses find the session for 32 s more.
        if self.dialog is not None:
            self.invite = FORGOTTEN
        elif self._transaction is not None:
            kept = {name: self.invite.headers[name] for name in ("From", "Call-ID", "CSeq")}
            self.invite = Request("INVITE", self.invite.target, kept)

    def _hung_up(self, request: Request) -> None:
        if self.state is not SessionState.EARLY:
            super()._hung_up(request)
            return
        # A BYE before the answer is not allowed to the callee (RFC 3261 section 15): its INVITE is still to be ended.
        user = self.user
        self.cancel()
        if user is not None:
            user.ended(request.get("Reason"))
