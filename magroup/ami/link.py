"""The link to Asterisk: connects, and connects again with growing pauses, until it is stopped."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.ami.message import Message
from magroup.ami.session import Account, AmiSession, Answer, LinkDown, SessionFactory
from magroup.model.clock import Clock

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
CONNECT_SECONDS: Final = 10.0


class Endpoint(Protocol):
    """Where to connect: Twisted's IStreamClientEndpoint, as far as it is used."""

    def connect(self, factory: Any) -> Any: ...


class AmiLink:
    """``up`` is called after each login, ``down`` with the reason when the link is lost, ``event`` for each event.

    ``spread`` gives a number from 0 to 1 by which pauses are made longer, so that not all come at once.
    """

    log = Logger()

    def __init__(
        self, clock: Clock, endpoint: Endpoint, account: Account, spread: Callable[[], float] = lambda: 0.0
    ) -> None:
        self._clock = clock
        self._endpoint = endpoint
        self._account = account
        self._spread = spread
        self._session: AmiSession | None = None
        self._connecting: Any = None
        self._later: Any = None
        self._pause = FIRST_PAUSE
        self._is_stopped = True
        self.reason = "it has not been connected yet"
        self.trouble = ("", 0.0)
        """The last reason for which it was down, and when."""
        self.up: Callable[[], None] = lambda: None
        self.down: Callable[[str], None] = lambda reason: None
        self.event: Callable[[Message], None] = lambda message: None

    @property
    def is_up(self) -> bool:
        return self._session is not None and self._session.is_up

    def start(self) -> None:
        """Connect, and stay so."""
        self._is_stopped = False
        self._connect()

    def stop(self) -> None:
        """End the connection, and make no other."""
        self._is_stopped = True
        if self._later is not None and self._later.active():
            self._later.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        if self._session is not None:
            self._session.give_up("it is stopped")

    def ask(self, name: str, *fields: tuple[str, str], until: str = "") -> Deferred[Answer]:
        """Send an action; its answer, or AmiError."""
        if self._session is None or not self._session.is_up:
            refused: Deferred[Answer] = Deferred()
            refused.errback(LinkDown(f"The link to Asterisk is down: {self.reason}"))
            return refused
        return self._session.ask(name, *fields, until=until)

    def abandon(self, reason: str) -> None:
        """This connection is of no use: begin anew."""
        if self._session is not None:
            self._session.give_up(reason)

    def is_well(self) -> None:
        """The next pause is a short one again."""
        self._pause = FIRST_PAUSE

    def _connect(self) -> None:
        factory = SessionFactory(
            lambda: AmiSession(self._clock, self._account, self._ready, lambda message: self.event(message), self._lost)
        )
        self._connecting = self._endpoint.connect(factory)
        self._connecting.addCallbacks(self._connected, self._failed)

    def _connected(self, session: AmiSession) -> None:
        self._connecting = None
        if self._is_stopped:
            session.give_up("it is stopped")

    def _failed(self, failure: Failure) -> None:
        self._connecting = None
        self._note(f"it cannot be reached: {failure.getErrorMessage()}")
        self._again()

    def _ready(self, session: AmiSession) -> None:
        self._session = session
        self.reason = ""
        self.log.info("Asterisk is linked")
        self.up()

    def _lost(self, session: AmiSession, reason: str) -> None:
        was_up, self._session = self._session is session, None
        self._note(reason)
        if session.was_refused:
            self._pause = LONGEST_PAUSE
        if was_up:
            self.down(reason)
        self._again()

    def _note(self, reason: str) -> None:
        if reason != self.reason and not self._is_stopped:
            self.log.warn("The link to Asterisk is down: {reason}", reason=reason)
        self.reason = reason
        self.trouble = (reason, self._clock.seconds())

    def _again(self) -> None:
        if self._is_stopped:
            return
        pause = self._pause * (1 + self._spread())
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._later = self._clock.callLater(pause, self._connect)
