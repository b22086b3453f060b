"""Messages on their way to a receiver: at most so many wait; those that are too many go, are counted, and told of."""

from collections import deque
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger


class Wire(Protocol):
    """What sends them: it takes from the outbox whenever it can, and when it is woken."""

    def start(self) -> None: ...

    def wake(self) -> None: ...

    def stop(self) -> Deferred[None] | None: ...


class Outbox:
    """``what`` is the receiver in words. For the reactor's thread."""

    log = Logger()

    def __init__(self, what: str, limit: int) -> None:
        self.what = what
        self.limit = limit
        self.sent = 0
        self.lost = 0
        self.is_away = False
        self._missed = 0
        self._waiting: deque[bytes] = deque()
        self._wire: Wire | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def attach(self, wire: Wire) -> None:
        """Send by it from now on."""
        self._wire = wire
        wire.start()

    def put(self, data: bytes) -> None:
        """Send it now or later. The oldest goes when there is no room."""
        while len(self._waiting) >= self.limit:
            self._waiting.popleft()
            self.lose()
        self._waiting.append(data)
        if self._wire is not None:
            self._wire.wake()

    def stop(self) -> Deferred[None] | None:
        """Send nothing more; wait for what is returned until it is out."""
        wire, self._wire = self._wire, None
        return wire.stop() if wire is not None else None

    # for the wire

    def take(self) -> bytes | None:
        """The next one; None when there is none."""
        if self._waiting:
            self.sent += 1
            return self._waiting.popleft()
        if self._missed and not self.is_away:
            missed, self._missed = self._missed, 0
            self.log.warn("{what} takes messages too slowly: {missed} were lost", what=self.what, missed=missed)
        return None

    def give_back(self, data: bytes) -> None:
        """It could not be sent: it is the next one again."""
        self.sent -= 1
        self._waiting.appendleft(data)

    def lose(self, taken: bool = False) -> None:
        """One is lost; ``taken``: one that had been taken."""
        self.sent -= taken
        self.lost += 1
        self._missed += 1

    def away(self, why: str) -> None:
        """The receiver is not there; told once."""
        if not self.is_away:
            self.is_away = True
            self.log.warn("{what} is away: {why}; messages for it are kept", what=self.what, why=why)

    def back(self) -> None:
        """It is there again, or for the first time."""
        if self.is_away:
            self.is_away = False
            missed, self._missed = self._missed, 0
            self.log.warn("{what} is back, {missed} messages for it were lost", what=self.what, missed=missed)
