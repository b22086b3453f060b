"""Work that goes on to its end, also when the request that asked for it goes away in the middle."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

T = TypeVar("T")


async def to_the_end(work: Coroutine[Deferred[Any], Any, T]) -> T:
    """What ``work`` returns or raises. Whoever waits for it may be cancelled, the work is not."""
    waiting: Deferred[T] = Deferred()
    Deferred.fromCoroutine(work).addCallbacks(waiting.callback, waiting.errback)
    return await waiting
