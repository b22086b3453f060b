"""Work of threads that takes turns with the reactor: Python runs one of them at a time, and calls come first."""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from threading import Event, local
from time import thread_time
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

TURN = 0.002
"""Seconds of CPU after which there is a pause."""

PAUSE = 3.0
"""How much longer than the turn it is: the thread takes a quarter of a core at most."""

LONGEST_PAUSE = 0.02

pause: Callable[[float], object] = Event().wait
"""For an event that nobody sets: time.sleep fails where libfaketime has the clock."""


class _Turn(local):
    """When that of this thread began, in its own CPU seconds; None for work that does not wait for others."""

    began: float | None = None


_turn = _Turn()


def in_turns(work: Callable[P, R]) -> Callable[P, R]:
    """``work`` with pauses where it calls ``take_turns`` or ``parts``; without this it has none."""

    @wraps(work)
    def unhurried(*args: P.args, **kwargs: P.kwargs) -> R:
        _turn.began = thread_time()
        try:
            return work(*args, **kwargs)
        finally:
            _turn.began = None

    return unhurried


def take_turns() -> None:
    """A pause, if this turn has been long enough.

    Sleeping is what lets the reactor in for certain: on one core nobody else runs while a thread goes on without the
    interpreter's lock, as SQLite does, and with the lock the reactor waits for it in each call of the system.
    """
    if _turn.began is None:
        return
    used = thread_time() - _turn.began
    if used >= TURN:
        pause(min(PAUSE * used, LONGEST_PAUSE))
        _turn.began = thread_time()


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """``items`` in order, ``size`` at a time, with a look after each part whether this turn is over."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
        take_turns()
