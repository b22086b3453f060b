"""A list that tells when it is long enough."""

from typing import Generic, TypeVar

from twisted.internet import reactor
from twisted.internet.defer import Deferred

T = TypeVar("T")

SECONDS = 20


class Kept(Generic[T]):
    """Called with things that come; ``until`` waits for the first so many of them."""

    def __init__(self) -> None:
        self.things: list[T] = []
        self._waiting: list[tuple[int, Deferred[None]]] = []

    def __call__(self, *thing: T) -> None:
        self.things += thing[:1]
        for count, waiting in self._waiting[:]:
            if len(self.things) >= count:
                self._waiting.remove((count, waiting))
                waiting.callback(None)

    async def until(self, count: int) -> list[T]:
        if len(self.things) < count:
            waiting: Deferred[None] = Deferred()
            self._waiting.append((count, waiting))
            await waiting.addTimeout(SECONDS, reactor)
        return self.things
