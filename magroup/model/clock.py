"""Time as it is handed in: what is used of Twisted's IReactorTime, typed (the reactor and task.Clock both have it)."""

from collections.abc import Callable
from typing import Any, Protocol

BEAT = 0.25
"""Seconds: what is not urgent is done together, so often."""


class DelayedCall(Protocol):
    """A call that will be made."""

    def cancel(self) -> None: ...

    def active(self) -> Any: ...


class Clock(Protocol):
    """A source of time (seconds, monotone) that makes calls later."""

    def seconds(self) -> float: ...

    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any) -> Any: ...


def to_beat(clock: Clock, seconds: float) -> float:
    """In how many seconds the beat is that is the nearest to ``seconds`` from now; fewer than a beat stay as they are.

    Each time that a process wakes for a trifle costs it more than the trifle: the processor's caches are cold.
    """
    if seconds < BEAT:
        return seconds
    now = clock.seconds()
    return max(0.0, (now + seconds + BEAT / 2) // BEAT * BEAT - now)


def ahead(clock: Clock) -> float:
    """By how many seconds the calendar is ahead of ``clock``: it is once the machine's clock was set meanwhile.

    A clock goes on evenly then. What leaves the process, into the database or to other machines, is told by the
    calendar: add this to a moment of the clock, and subtract it from one that comes in.
    """
    found: Callable[[], float] | None = getattr(clock, "ahead", None)
    return found() if found is not None else 0.0


def utc(clock: Clock) -> float:
    """Now, by the calendar (UTC seconds)."""
    return clock.seconds() + ahead(clock)
