"""Work of threads that takes turns with the reactor: Python runs one of them at a time, and calls come first."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import wraps
from threading import Event, get_native_id, local
from time import monotonic, thread_time
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

TURN = 0.002
"""Seconds of CPU after which there is a pause."""

PAUSE = 15.0
"""How much longer than the turn it is: the thread takes a sixteenth of a core at most, so that where the reactor has
seven tenths of one messages do not come to wait for each other.
"""

PATIENCE = 0.5
"""Seconds of such work after which there is too much of it."""

HURRIED = 3.0
"""As PAUSE, from then on: a quarter of a core."""

LONGEST_PAUSE = 0.05

SWITCH = 0.0005
"""Seconds until the reactor gets the interpreter from a thread that has it; Python's own 5 ms are as long as 40
messages take.
"""

NICENESS = 5
"""What threads have beside the reactor's: with the same priority the system lets them work for some milliseconds before
it is the reactor's turn again. No more: a thread that has the interpreter must get it done beside other processes.
"""

LEAST = 19
"""The lowest priority of all."""

pause: Callable[[float], object] = Event().wait
"""For an event that nobody sets: time.sleep fails where libfaketime has the clock."""


def reactor_first() -> None:
    """Threads give the interpreter to the reactor soon."""
    sys.setswitchinterval(SWITCH)


def stand_back(by: int = NICENESS) -> None:
    """This thread comes after the reactor's, where the system has priorities for threads: so much, whatever the process
    has been started with, which only root could go below.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            of_process = os.getpriority(os.PRIO_PROCESS, os.getpid())
            os.setpriority(os.PRIO_PROCESS, get_native_id(), min(of_process + by, LEAST))


class _Turn(local):
    """When that of this thread began, in its own CPU seconds; None for work that does not wait for others.

    ``until``: when its work is hurried, by the monotonic clock.
    """

    began: float | None = None
    until = 0.0


_turn = _Turn()


def in_turns(work: Callable[P, R], patience: float = PATIENCE) -> Callable[P, R]:
    """``work`` with pauses where it calls ``take_turns`` or ``parts``; without this it has none.

    After ``patience`` seconds it is hurried: 0 for what is late already.
    """

    @wraps(work)
    def unhurried(*args: P.args, **kwargs: P.kwargs) -> R:
        _turn.began, _turn.until = thread_time(), monotonic() + patience
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
        times = PAUSE if monotonic() < _turn.until else HURRIED
        pause(min(times * used, LONGEST_PAUSE))
        _turn.began = thread_time()


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """``items`` in order, ``size`` at a time, with a look after each part whether this turn is over."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
        take_turns()
