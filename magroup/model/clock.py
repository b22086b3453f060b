"""Time as it is handed in: what is used of Twisted's IReactorTime, typed (the reactor and task.Clock both have it)."""

from collections.abc import Callable
from typing import Any, Protocol


class DelayedCall(Protocol):
    """A call that will be made."""

    def cancel(self) -> None: ...

    def active(self) -> Any: ...


class Clock(Protocol):
    """A source of time (seconds, monotone) that makes calls later."""

    def seconds(self) -> float: ...

    def callLater(self, delay: float, callable: Callable[..., Any], *args: Any, **kw: Any) -> Any: ...


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
