"""A virtual caller: dials, listens, talks for a while, hangs up, and judges what became of the call."""

from collections.abc import Callable

from magroup.load.conversation import Conversation
from magroup.load.numbers import filled
from magroup.load.scenario import Callers, Outcome
from magroup.load.station import Station
from magroup.load.surroundings import CALLERS_HERTZ, Surroundings
from magroup.rtp.ports import PortError
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.errors import SipError
from magroup.sip.headers import format_address
from magroup.sip.hop import Hop
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request, Response
from magroup.sip.server_transaction import InviteServerTransaction
from magroup.sip.session_state import SessionState
from magroup.sip.uri import sip_uri

OUTCOMES: dict[int, Outcome] = {486: "busy", 600: "busy", 603: "declined", 480: "unavailable"}
HEARD_AFTER = 1.0
"""Seconds of a call in which something must have been heard."""


class Caller:
    """``free`` is called with the caller when it may make the next call."""

    def __init__(
        self, around: Surroundings, station: Station, number: str, table: Callers, targets: tuple[str, ...],
        free: Callable[["Caller"], None],
    ) -> None:  # fmt: skip
        self.around = around
        self.station = station
        self.number = number
        self.table = table
        self.targets = targets
        self.free = free
        self.answers = Answers(Credentials(filled(table.login, number), filled(table.secret, number)))
        self.call: CallerCall | None = None
        self.contact_user = station.add(number, self)

    def dial(self, number: str) -> None:
        """Call a number."""
        self.call = CallerCall(self)
        self.call.start(number)

    def invited(self, transaction: InviteServerTransaction, request: Request, hop: Hop) -> None:
        """Callers are not called."""
        raise SipError(486)

    def authenticate(self, request: Request, response: Response) -> dict[str, list[str]] | None:
        """The answer to a challenge, None where there is none."""
        if not self.answers.credentials.password:
            return None
        try:
            return self.answers.answer(response, request)
        except SipError:
            return None

    def cut(self) -> None:
        """End the call, if there is one."""
        if self.call is not None:
            self.call.cut()


class CallerCall(Conversation):
    """A call that a caller makes."""

    hertz = CALLERS_HERTZ

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        self.outgoing: OutgoingSession
        self._caller = caller
        self._started = 0.0
        self._number = ""
        self._has_rung = False

    def start(self, number: str) -> None:
        caller, around, station = self._caller, self.around, self.station
        around.measures.count("calls_offered")
        session = OutgoingSession(station.endpoint, self, station.server, caller.contact_user)
        self.session = self.outgoing = session
        self._number = number
        session.authenticator = caller.authenticate
        target = sip_uri(number, around.domain)
        try:
            offer = self.offer()
        except PortError as error:
            session.finish()
            self._over(None, str(error))
            return
        self._started = around.now()
        around.times.sent(caller.number, self._started)
        me = format_address("", sip_uri(caller.number, around.domain))
        self.after(around.chance.span(caller.table.patience), self._give_up)
        session.call(target, me, f"<{target}>", offer, {})

    def progressed(self, status: int, sdp: bytes, response: Response) -> None:
        self._ring()
        if sdp:
            try:
                self.listen(sdp)
            except SipError as error:
                self.around.measures.reason("sound", str(error))

    def _ring(self) -> None:
        if not self._has_rung:
            self._has_rung = True
            self.around.measures.record("post_dial_delay", self.around.now() - self._started)

    def answered(self, sdp: bytes, response: Response) -> None:
        measures, table, now = self.around.measures, self._caller.table, self.around.now()
        self._ring()
        measures.record("answer_delay", now - self._started)
        measures.count("calls_answered")
        try:
            self.listen(sdp)
        except SipError as error:
            self._end(None, str(error))
            return
        self.talk()
        if self.ear is not None:
            self.ear.when_heard(lambda heard: measures.record("answer_to_audio", heard - now))
        self.after(self.around.chance.span(table.talk), self.hang_up)
        self.plan(table, self._caller.targets, self._number)

    def rejected(self, status: int, reason: str, response: Response) -> None:
        why = f"{status} {reason}"
        if not response.headers.get("Via"):
            self._over(None, f"{why} (no answer)")
        elif 300 <= status < 400:
            self._over("redirected", why)
        else:
            self._over(OUTCOMES.get(status, "refused"), why)

    def ended(self, cause: str) -> None:
        if self.referral is not None and self.referral.is_accepted:
            self._over("answered", "")
        else:
            self._over("ended", f"hung up by the other end {cause}".strip())

    def _give_up(self) -> None:
        if self.answered_at is None:
            self.outgoing.cancel()
            self._over("gave up", "the caller gave up")

    def hang_up(self) -> None:
        self._end("answered", "")

    def cut(self) -> None:
        """The load is over: of a call that is not answered nobody knows what would have become of it."""
        if self.answered_at is not None:
            self.hang_up()
            return
        self.outgoing.cancel()
        self.around.measures.count("calls_cut")
        self._leave()

    def _end(self, outcome: Outcome | None, why: str) -> None:
        """Hang up, and measure how long the answer takes."""
        session, measures, began = self.session, self.around.measures, self.around.now()
        # The server hangs up, too, when the other end has been sent on: the two BYEs may meet.
        is_transferred = self.referral is not None and self.referral.is_accepted

        def heard(response: Response) -> None:
            if response.status < 300 or (is_transferred and response.status == 481):
                measures.record("hang_up_time", self.around.now() - began)
            else:
                measures.reason("hanging up", f"{response.status} {response.reason}")

        if session.state is SessionState.CONFIRMED:
            session.user = None
            session.send("BYE", answered=heard)
            session.finish()
        self._over(outcome, why)

    def _over(self, outcome: Outcome | None, why: str) -> None:
        """``outcome`` None is one that no scenario expects."""
        measures, caller = self.around.measures, self._caller
        if outcome in ("answered", "ended") and (unheard := self._unheard()):
            outcome, why = None, unheard
        if outcome is not None and outcome in caller.table.expect:
            measures.count("calls_served")
        else:
            measures.count("calls_failed")
            measures.reason("calls", why or str(outcome))
        self._leave()

    def _leave(self) -> None:
        caller = self._caller
        self.close()
        caller.call = None
        self.around.after(self.around.chance.span(caller.table.pause), caller.free, caller)

    def _unheard(self) -> str:
        """Why the call has failed though it was answered; "" when it has not."""
        ear, sound = self.ear, self.around.sound
        if ear is None or not sound.must_hear or self.answered_at is None:
            return ""
        if self.around.now() - self.answered_at < HEARD_AFTER:
            return ""
        if not ear.packets:
            return "answered, but nothing was heard"
        return "" if ear.is_sound else "answered, but only silence was heard"
