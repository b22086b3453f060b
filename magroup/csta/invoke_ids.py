"""Requests that wait for their responses, by invoke id (ECMA-323 Annex J): each side has a number space of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred

from magroup.csta.message import Message
from magroup.cti.errors import Failure, ServiceError
from magroup.model.clock import Clock

FIRST, LAST = 1, 9998
MOST_WAITING = 500


class LateError(ServiceError):
    """The peer has not answered in time."""

    def __init__(self, message: str) -> None:
        super().__init__(Failure.GENERIC, message)


@dataclass
class _Waiting:
    response: "Deferred[Message]"
    name: str
    timer: Any


class Outstanding:
    """Our own requests under way. One without a response in ``seconds`` fails (ServiceError)."""

    def __init__(self, clock: Clock, seconds: float, most: int = MOST_WAITING) -> None:
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._last = 0
        self._waiting: dict[int, _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def __contains__(self, invoke_id: int) -> bool:
        return invoke_id in self._waiting

    def begin(self, name: str) -> "tuple[int, Deferred[Message]]":
        """An id for a request, and its response. Raises ServiceError while too many wait."""
        if len(self._waiting) >= self._most:
            raise ServiceError(Failure.RESOURCE_BUSY, f"{self._most} requests wait for the switch's answer")
        self._last = self._next()
        response: Deferred[Message] = Deferred()
        timer = self._clock.callLater(self._seconds, self._late, self._last)
        self._waiting[self._last] = _Waiting(response, name, timer)
        return self._last, response

    def _next(self) -> int:
        found = self._last
        while True:
            found = FIRST if found >= LAST else found + 1
            if found not in self._waiting:
                return found

    def complete(self, invoke_id: int, message: Message) -> bool:
        """The response is there; whether one was waited for."""
        return self._take(invoke_id, lambda waiting: waiting.response.callback(message))

    def fail(self, invoke_id: int, error: Exception) -> bool:
        """There is one that cannot be read, or says no."""
        return self._take(invoke_id, lambda waiting: waiting.response.errback(error))

    def name(self, invoke_id: int) -> str:
        """What was requested by an id that waits."""
        return self._waiting[invoke_id].name

    def end(self, why: str) -> None:
        """The connection is gone: nothing of this is going to be answered."""
        for invoke_id in tuple(self._waiting):
            self.fail(invoke_id, ServiceError(Failure.GENERIC, why))

    def _late(self, invoke_id: int) -> None:
        waiting = self._waiting.pop(invoke_id)
        waiting.response.errback(LateError(f"No answer to {waiting.name} in {self._seconds:g} s"))

    def _take(self, invoke_id: int, do: Callable[[_Waiting], None]) -> bool:
        waiting = self._waiting.pop(invoke_id, None)
        if waiting is None:
            return False
        if waiting.timer.active():
            waiting.timer.cancel()
        do(waiting)
        return True
