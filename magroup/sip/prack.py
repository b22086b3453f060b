"""Reliable provisional responses, both sides (RFC 3262)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from magroup.sip.errors import SipError
from magroup.sip.message import Request, Response
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.timers import Timer

if TYPE_CHECKING:
    from magroup.sip.accept import IncomingSession
    from magroup.sip.session import Session


class ProvisionalSender:
    """Sends provisional responses one after the other, each repeated until its PRACK comes.

    ``has_answered`` says that one with SDP was acknowledged: offer and answer are exchanged before the 2xx.
    """

    __slots__ = ("_interval", "_queue", "_repeat", "_sent", "_sequence", "_session", "_then", "_transaction", "_waited",
                 "has_answered")  # fmt: skip

    def __init__(self, session: "IncomingSession", transaction: InviteServerTransaction) -> None:
        self.has_answered = False
        self._session = session
        self._transaction = transaction
        self._sequence = 0
        self._sent: Response | None = None
        self._queue: list[Response] = []
        self._then: Callable[[], None] | None = None
        self._repeat: Timer | None = None
        self._interval = 0.0
        self._waited = 0.0

    @property
    def is_unacknowledged_with_sdp(self) -> bool:
        """Whether a 2xx must wait (RFC 3262 section 3)."""
        return any(response.body for response in (self._sent, *self._queue) if response is not None)

    def then(self, call: Callable[[], None]) -> None:
        """Call this when all is acknowledged."""
        self._then = call

    def send(self, response: Response) -> None:
        self._queue.append(response)
        if self._sent is None:
            self._send_next()

    def _send_next(self) -> None:
        if not self._queue:
            then, self._then = self._then, None
            if then is not None:
                then()
            return
        response = self._sent = self._queue.pop(0)
        self._sequence += 1
        response.headers["Require"] = ["100rel"]
        response.headers["RSeq"] = [str(self._sequence)]
        layer = self._session.endpoint.layer
        self._transaction.respond(response)
        self._interval = layer.t1
        self._waited = 0.0
        self._repeat = layer.timers.after(self._interval, self._send_again)

    def _send_again(self) -> None:
        layer = self._session.endpoint.layer
        self._waited += self._interval
        if self._waited >= 64 * layer.t1:
            session = self._session
            user = session.user
            session.reject(504, "No PRACK")
            if user is not None:
                user.cancelled('SIP;cause=504;text="No PRACK"')
            return
        self._transaction.send_again()
        self._interval = min(self._interval * 2, 64 * layer.t1 - self._waited)
        self._repeat = layer.timers.after(self._interval, self._send_again)

    def acknowledged(self, transaction: ServerTransaction, request: Request) -> None:
        """A PRACK came. Raises SipError when it belongs to nothing that waits."""
        parts = request.get("RAck").split()
        invite = self._session.invite
        expected = [str(self._sequence), str(invite.cseq[0]), "INVITE"]
        if self._sent is None or parts != expected:
            raise SipError(481)
        self._stop_repeating()
        self.has_answered = self.has_answered or bool(self._sent.body)
        self._sent = None
        # An offer inside PRACK would need an answer in its 200; the session is changed by UPDATE instead.
        transaction.respond(request.respond(488 if request.body else 200))
        self._send_next()

    def _stop_repeating(self) -> None:
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None

    def stop(self) -> None:
        """A final response is sent: nothing is repeated, a PRACK on its way is still welcome (RFC 3262 section 3)."""
        self._stop_repeating()
        self._queue.clear()
        self._then = None


class ProvisionalReceiver:
    """Acknowledges the reliable provisional responses of one early dialog, in order, each once.

    ``has_answer`` says that one of them had SDP: offer and answer are exchanged before the 2xx.
    """

    __slots__ = ("_sequence", "_session", "has_answer")

    def __init__(self, session: "Session") -> None:
        self.has_answer = False
        self._session = session
        self._sequence = 0

    def receive(self, response: Response) -> bool:
        """Send the PRACK; False for a repeated response or one out of order, which is not to be acted on."""
        sequence = response.number("RSeq")
        if not sequence or (self._sequence and sequence != self._sequence + 1):
            return False
        self._sequence = sequence
        self.has_answer = self.has_answer or bool(response.body)
        number, method = response.cseq
        self._session.send("PRACK", headers={"RAck": f"{sequence} {number} {method}"})
        return True
