"""The link to another switch: connected, and connected again after pauses that grow, until it is stopped."""

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.csta.client_session import ClientSession, Peer
from magroup.csta.requests import Asking
from magroup.csta.switch import CstaSwitch
from magroup.model.clock import Clock

log = Logger(__name__)
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
STEADY_SECONDS = 60.0
"""After so long the next pause is a short one again."""

Connect = Callable[[ClientSession], Deferred[Any]]
"""Begins a connection for the session; fires when it is there, fails when there is none."""


class Linked(Asking, Protocol):
    """A session with the switch, and whether there is anything of it to close."""

    @property
    def connected(self) -> Any: ...

    def close(self, why: str) -> None: ...


class Reconnecting:
    """``chance`` gives numbers from 0 to 1: not all clients come back at once."""

    def __init__(self, clock: Clock, switch: CstaSwitch, chance: Callable[[], float]) -> None:
        self.attempts = 0
        self._clock = clock
        self._switch = switch
        self._chance = chance
        self._session: Linked | None = None
        self._connecting: Deferred[Any] | None = None
        self._pause = FIRST_PAUSE
        self._again: Any = None
        self._up_since: float | None = None
        self._is_stopped = False
        self._gone: Deferred[None] | None = None

    def start(self) -> None:
        """Connect now."""
        self.attempts += 1
        self._connecting = self._begin()
        self._connecting.addCallbacks(self._connected, self._not_connected)

    def _begin(self) -> Deferred[Any]:
        """A new ``_session``, and its connection on its way: it fails where there is none."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End the session in good order, and wait for the end."""
        self._is_stopped = True
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if self._connecting is not None:
            self._connecting.cancel()
        if self._session is not None and self._session.connected:
            gone = self._gone = Deferred()
            self._session.close("magroup stops")
            await gone

    def _connected(self, result: Any) -> None:
        self._connecting = None

    def _not_connected(self, failure: Failure) -> None:
        self._connecting = None
        self._is_down(" ".join(failure.getErrorMessage().split()))

    def _is_up(self, session: Asking) -> None:
        self._up_since = self._clock.seconds()
        log.info("The CSTA link is up")
        self._switch.link_up(session)

    def _is_down(self, why: str) -> None:
        self._session = None
        self._switch.link_down(why)
        if self._gone is not None:
            self._gone.callback(None)
            self._gone = None
        if self._is_stopped:
            return
        if self._up_since is not None and self._clock.seconds() - self._up_since > STEADY_SECONDS:
            self._pause = FIRST_PAUSE
        self._up_since = None
        pause = self._pause * (0.75 + 0.5 * self._chance())
        log.warn("The CSTA link is down: {why}; again in {pause:.1f} s", why=why, pause=pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._again = self._clock.callLater(pause, self._start_again)

    def _start_again(self) -> None:
        self._again = None
        self.start()


class Link(Reconnecting):
    """By TCP or TLS: ``connect`` makes the connections."""

    def __init__(
        self, clock: Clock, switch: CstaSwitch, peer: Peer, connect: Connect, chance: Callable[[], float]
    ) -> None:
        super().__init__(clock, switch, chance)
        self._peer = peer
        self._connect = connect

    def _begin(self) -> Deferred[Any]:
        session = ClientSession(self._clock, self._peer, self._switch.heard, self._is_up, self._is_down)
        self._session = session
        return self._connect(session)
