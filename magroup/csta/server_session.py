"""The server's side of an application session (ECMA-354): begun by a login, kept up by resets of its timer, ended."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.csta import session_messages as s
from magroup.csta.accounts import Account, Admit, NotAdmitted
from magroup.csta.edition import Edition, edition_of
from magroup.csta.limits import MOST_LOGINS, SHORTEST_SESSION
from magroup.csta.message import Message
from magroup.model.clock import Clock

log = Logger(__name__)

Respond = Callable[[int, Message], None]


class State(Enum):
    """A session is asked for once in the life of a connection."""

    NONE = auto()
    CHECKING = auto()
    """Somebody looks at the password."""
    OPEN = auto()
    OVER = auto()


class ServerSession:
    """``begun(account, edition)`` and ``ended(why)`` hear of it; ``longest`` gives the seconds granted at most.

    ``trusted`` is the account of a peer that needs no login: its session is open before it asks for one.
    """

    def __init__(
        self, clock: Clock, session_id: str, address: str, admit: Admit, trusted: Account | None,
        respond: Respond, begun: Callable[[Account, Edition], None], ended: Callable[[str], None],
        longest: Callable[[], int],
    ) -> None:  # fmt: skip
        self.state = State.NONE
        self.id = session_id
        self.account = trusted
        self._clock = clock
        self._address = address
        self._admit = admit
        self._trusted = trusted
        self._respond = respond
        self._begun = begun
        self._ended = ended
        self._longest = longest
        self._logins = 0
        self._timer: Any = None

    @property
    def is_open(self) -> bool:
        """Whether requests are served now."""
        return self.state is State.OPEN or (self.state is State.NONE and self._trusted is not None)

    def take(self, invoke_id: int, message: Message) -> bool:
        """A message of the peer; whether it was one of sessions."""
        match message:
            case s.StartApplicationSession():
                self._start(invoke_id, message)
            case s.ResetApplicationSessionTimer():
                self._reset(invoke_id, message)
            case s.StopApplicationSession():
                self._stop(invoke_id, message)
            case _:
                return message.is_session
        return True

    def over(self) -> None:
        """The connection is gone, or is about to be."""
        self.state = State.OVER
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # Start

    def _start(self, invoke_id: int, asked: s.StartApplicationSession) -> None:
        if self.state is not State.NONE:
            self._refuse(invoke_id, "maxNumberSessions")
            return
        edition = _edition_wanted(asked.requested_protocol_versions)
        if edition is None:
            self._refuse(invoke_id, "requestedProtocolVersionNotSupported")
            return
        login = asked.application_info.login if asked.application_info is not None else None
        if login is None:
            if self._trusted is not None:
                self._open(invoke_id, self._trusted, edition, asked.requested_session_duration)
            else:
                self._refuse(invoke_id, "invalidApplicationInfo")
            return
        self.state = State.CHECKING
        checked = Deferred.fromCoroutine(self._check(invoke_id, login.user, login.password, edition, asked))
        checked.addErrback(self._failed, invoke_id)

    async def _check(
        self, invoke_id: int, user: str, password: str, edition: Edition, asked: s.StartApplicationSession
    ) -> None:
        try:
            account = await self._admit(user, password, self._address)
        except NotAdmitted as error:
            if self.state is not State.CHECKING:
                return
            self.state = State.NONE
            self._logins += 1
            self._refuse(invoke_id, "serverResourcesBusy" if error.is_busy else "invalidApplicationInfo")
            if self._logins >= MOST_LOGINS:
                self.state = State.OVER
                self._ended("too many failed logins")
            return
        if self.state is State.CHECKING:
            self._open(invoke_id, account, edition, asked.requested_session_duration)

    def _failed(self, failure: Any, invoke_id: int) -> None:
        log.failure("A login over CSTA could not be looked at", failure)
        if self.state is State.CHECKING:
            self.state = State.NONE
            self._refuse(invoke_id, "serverResourcesBusy")

    def _open(self, invoke_id: int, account: Account, edition: Edition, wanted: int | None) -> None:
        self.state = State.OPEN
        self.account = account
        # The edition holds from the response on, which is of ECMA-354 and the same in all of them.
        self._begun(account, edition)
        seconds = self._run(wanted)
        self._respond(
            invoke_id,
            s.StartApplicationSessionPosResponse(
                session_id=self.id, actual_protocol_version=edition.namespace, actual_session_duration=seconds
            ),
        )

    def _refuse(self, invoke_id: int, why: str) -> None:
        self._respond(
            invoke_id, s.StartApplicationSessionNegResponse(error_code=s.SessionError(defined_error=why))
        )  # fmt: skip

    # Its timer, and its end

    def _run(self, wanted: int | None) -> int:
        """Begin the time anew; the seconds granted."""
        longest = self._longest()
        seconds = min(max(wanted or longest, SHORTEST_SESSION), longest)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.callLater(seconds, self._expired)
        return seconds

    def _reset(self, invoke_id: int, asked: s.ResetApplicationSessionTimer) -> None:
        if self.state is not State.OPEN or asked.session_id != self.id:
            error = s.SessionError(defined_error="invalidSessionID")
            self._respond(invoke_id, s.ResetApplicationSessionTimerNegResponse(error_code=error))
            return
        seconds = self._run(asked.requested_session_duration)
        self._respond(invoke_id, s.ResetApplicationSessionTimerPosResponse(actual_session_duration=seconds))

    def _stop(self, invoke_id: int, asked: s.StopApplicationSession) -> None:
        if self.state is not State.OPEN or asked.session_id != self.id:
            error = s.SessionError(defined_error="invalidSessionID")
            self._respond(invoke_id, s.StopApplicationSessionNegResponse(error_code=error))
            return
        self._respond(invoke_id, s.StopApplicationSessionPosResponse())
        self.state = State.OVER
        self._ended("the client ends the session")

    def _expired(self) -> None:
        self._timer = None
        self._ended("sessionTimerExpired")


def _edition_wanted(versions: tuple[str, ...] | None) -> Edition | None:
    """The first that we speak; ed4 where none is asked for."""
    if not versions:
        return Edition.ED4
    return next((edition for version in versions if (edition := edition_of(version)) is not None), None)
