"""The client's side of a connection to another switch: login, signs of life both ways, requests (ECMA-354)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure as Why

from magroup.csta import session_messages as s
from magroup.csta import system_messages as y
from magroup.csta.association import Association
from magroup.csta.edition import LoginForm, Profile
from magroup.csta.framing import FrameError
from magroup.csta.invoke_ids import LateError
from magroup.csta.login import Login
from magroup.csta.message import Message
from magroup.cti.errors import ServiceError
from magroup.model.clock import Clock

log = Logger(__name__)
PROBE_SECONDS = 30.0
SHORTEST_RESET = 5.0


@dataclass(frozen=True)
class Peer:
    """The switch that is connected to: how it is spoken to, and by whom. Without ``has_sessions`` there is no login."""

    profile: Profile = Profile()
    user: str = ""
    password: str = ""
    has_sessions: bool = True
    application: str = "magroup"
    session_seconds: int = 180


Heard = Callable[[Message], None]


class ClientSession(Protocol):
    """One connection. ``up(self)`` is called when requests may be made, ``down(why)`` once when that is over."""

    def __init__(
        self, clock: Clock, peer: Peer, heard: Heard, up: Callable[["ClientSession"], None], down: Callable[[str], None]
    ) -> None:
        self.is_up = False
        self.association = Association(clock, self._write, self._take, peer.profile)
        self._clock = clock
        self._peer = peer
        self._heard = heard
        self._up = up
        self._down = down
        self._session_id = ""
        self._why = ""
        self._timers: dict[str, Any] = {}

    def request(self, message: Message) -> Deferred[Message]:
        """The response. Fails with ServiceError."""
        return self.association.request(message)

    def close(self, why: str) -> None:
        """End the session in good order."""
        self._why = self._why or why
        if self.is_up and self._session_id:
            reason = s.EndReason(defined_end_reason="normal")
            stop = s.StopApplicationSession(session_id=self._session_id, session_end_reason=reason)
            self._ask(stop, lambda response: None)
        if self.connected:
            transport: Any = self.transport
            transport.loseConnection()

    # From Twisted

    def connectionMade(self) -> None:
        transport: Any = self.transport
        if hasattr(transport, "setTcpNoDelay"):
            transport.setTcpNoDelay(True)
            transport.setTcpKeepAlive(True)
        if self._peer.has_sessions:
            self._start()
        else:
            self._ask(y.RequestSystemStatus(), lambda response: self._begun())

    def dataReceived(self, data: bytes) -> None:
        try:
            self.association.feed(data)
        except FrameError as error:
            self._give_up(f"The switch sends no CSTA: {error}")

    def connectionLost(self, reason: Why = connectionDone) -> None:
        why = self._why or " ".join(reason.getErrorMessage().split())
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self.is_up = False
        # First whoever makes requests, then those that are under way: nobody shall go on with the next one.
        self._down(why)
        self.association.end(f"The connection to the switch is down: {why}")

    def _write(self, data: bytes) -> None:
        transport: Any = self.transport
        if transport is not None:
            transport.write(data)

    def _give_up(self, why: str) -> None:
        log.warn("CSTA: {why}", why=why)
        self._why = self._why or why
        transport: Any = self.transport
        transport.abortConnection()

    # The session

    def _start(self) -> None:
        peer = self._peer
        form = peer.profile.login
        login = Login(peer.user, peer.password, form) if form is not LoginForm.NONE else None
        self._ask(
            s.StartApplicationSession(
                application_info=s.ApplicationInfo(application_id=peer.application, login=login),
                requested_protocol_versions=(peer.profile.edition.namespace,),
                requested_session_duration=peer.session_seconds,
            ),
            self._started,
        )

    def _started(self, response: Message) -> None:
        if not isinstance(response, s.StartApplicationSessionPosResponse):
            why = getattr(response, "error_code", None)
            said = (why.defined_error or why.appl_error) if isinstance(why, s.SessionError) else ""
            self._give_up(f"The switch refuses the session: {said or 'no reason'}")
            return
        self._session_id = response.session_id
        self._reset_later(response.actual_session_duration)
        self._begun()

    def _begun(self) -> None:
        self.is_up = True
        types = y.RequestTypes(system_status=True, request_system_status=False)
        # Not every switch has registrations: signs of life come all the same, or we ask for them.
        self._ask(y.SystemRegister(request_types=types), lambda response: None, is_needed=False)
        self._later("probe", PROBE_SECONDS, self._probe)
        self._up(self)

    def _reset_later(self, seconds: int | None) -> None:
        if seconds:
            self._later("reset", max(seconds / 2, SHORTEST_RESET), self._reset)

    def _reset(self) -> None:
        wanted = self._peer.session_seconds
        reset = s.ResetApplicationSessionTimer(session_id=self._session_id, requested_session_duration=wanted)
        self._ask(reset, self._was_reset)

    def _was_reset(self, response: Message) -> None:
        if not isinstance(response, s.ResetApplicationSessionTimerPosResponse):
            self._give_up("The switch does not go on with the session")
            return
        self._reset_later(response.actual_session_duration)

    def _probe(self) -> None:
        """Is anybody there? Any answer says so, an error too."""
        self._later("probe", PROBE_SECONDS, self._probe)
        self._ask(y.RequestSystemStatus(), self._status, is_needed=False)

    def _status(self, response: Message) -> None:
        if isinstance(response, y.RequestSystemStatusResponse):
            self._heard(y.SystemStatus(system_status=response.system_status))

    def _later(self, name: str, seconds: float, do: Callable[[], None]) -> None:
        def now() -> None:
            del self._timers[name]
            do()

        self._timers[name] = self._clock.callLater(seconds, now)

    def _ask(self, message: Message, then: Callable[[Message], None], is_needed: bool = True) -> None:
        asked = self.request(message)
        asked.addCallbacks(then, self._not_answered, errbackArgs=(message.root, is_needed))
        asked.addErrback(lambda failure: log.failure("An answer of the switch is not understood", failure))

    def _not_answered(self, failure: Why, name: str, is_needed: bool) -> None:
        error = failure.value
        if not isinstance(error, ServiceError):
            failure.raiseException()
        if (is_needed or isinstance(error, LateError)) and self.transport is not None and not self._why:
            self._give_up(f"{name}: {error}")

    # What the switch says

    def _take(self, invoke_id: int, message: Message) -> None:
        match message:
            case y.SystemStatus():
                self.association.respond(invoke_id, y.SystemStatusResponse())
            case y.RequestSystemStatus():
                self.association.respond(invoke_id, y.RequestSystemStatusResponse(system_status="normal"))
                return
            case s.ApplicationSessionTerminated():
                reason = message.session_term_reason
                said = (reason.defined_term_reason or reason.server_term_reason) if reason is not None else ""
                self._give_up(f"The switch ends the session: {said or 'no reason'}")
                return
        self._heard(message)
