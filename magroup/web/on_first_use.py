"""What is read when somebody first asks for it, in a thread: a start is short, and no call waits for an import."""

from collections.abc import Callable
from typing import Generic, TypeVar

from twisted.internet.defer import DeferredLock

from magroup.web.sounds import InThread

T = TypeVar("T")


class OnFirstUse(Generic[T]):
    """``load`` imports what a part needs and makes it; it runs in a thread, and so it touches nothing that runs.

    Requests wait for imports here only, unless they have a thread of their own already, as those that draw. Nothing
    that a call needs may be behind it.
    """

    def __init__(self, load: Callable[[], T], in_thread: InThread) -> None:
        self._load = load
        self._in_thread = in_thread
        self._turn = DeferredLock()
        self.there: T | None = None
        """None before the first use."""

    async def get(self) -> T:
        """The part. Raises what ``load`` raises; the next one who asks tries again."""
        if self.there is not None:
            return self.there
        await self._turn.acquire()
        try:
            made = self.there
            if made is None:
                made = self.there = await self._in_thread(self._load)
            return made
        finally:
            self._turn.release()


async def at_once(load: Callable[[], T]) -> T:
    """In place of a thread, where nobody waits."""
    return load()
