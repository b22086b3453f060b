"""What is asked for while a switch is still at what was asked for before."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from magroup.cti.errors import ChangingError
from magroup.model.clock import Clock

T = TypeVar("T")
LONGEST_WAIT = 3.0
PAUSE = 0.1
"""Seconds."""


async def patiently(
    clock: Clock, service: Callable[[], Coroutine[Any, Any, T]], over: type[ChangingError] = ChangingError
) -> T:  # fmt: skip
    """What the service gives; while the call is being changed, as ``over`` says, it is asked for again.

    Who has been told of a change does what comes next at once: an end that is not at that point yet is waited for.
    Raises what ``service`` raises, after ``LONGEST_WAIT`` that error too.
    """
    until = clock.seconds() + LONGEST_WAIT
    while True:
        try:
            return await service()
        except over:
            if clock.seconds() >= until:
                raise
        pause: Deferred[None] = Deferred()
        clock.callLater(PAUSE, pause.callback, None)
        await pause
