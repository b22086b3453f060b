"""What calls use of memory lies in large pages: the processor finds it with fewer look-ups (madvise(2), Linux).

Between two calls its caches go cold, also that of where pages are; in a virtual machine each look-up takes up to 24
reads of memory. Python's own memory grows by a MiB at a time, in pages of 4 KiB; Linux is told that 2 MiB are as well.
"""

import ctypes
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.clock import Clock, DelayedCall, to_beat

LARGE: Final = 2 << 20
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
"""Seconds until what has come since is told of too: twice as many each time, since most comes with the first calls."""

HUGEPAGE, COLLAPSE = 14, 25
"""Advice: large pages from now on; those that are there are put together at once (Linux 6.1)."""

_MAP: Final = "/proc/self/smaps"

Advise = Callable[[int, int, int], object]
"""Takes an address, a length and advice."""


def pages(lines: Iterable[str]) -> Iterator[int]:
    """The addresses of the large pages in what ``smaps`` (proc(5)) tells of memory that is no file's.

    Only those of areas that are in use by more than a half: the stacks of threads are not.
    """
    start = end = 0
    for line in lines:
        words = line.split()
        if "-" in words[0]:
            is_own = words[1] == "rw-p" and (len(words) < 6 or words[5] == "[heap]")
            start, end = (int(one, 16) for one in words[0].split("-")) if is_own else (0, 0)
        elif words[0] == "Rss:" and end and int(words[1]) * 2048 > end - start:
            yield from range(-(-start // LARGE) * LARGE, end // LARGE * LARGE, LARGE)


def runs(addresses: Iterable[int]) -> list[tuple[int, int]]:
    """Where pages begin that lie one behind the other, and how many octets they have."""
    found: list[tuple[int, int]] = []
    for address in sorted(addresses):
        if found and sum(found[-1]) == address:
            found[-1] = found[-1][0], found[-1][1] + LARGE
        else:
            found.append((address, LARGE))
    return found


class LargePages:
    """From ``start`` to ``stop``; ``in_thread`` does what takes time."""

    log = Logger()

    def __init__(
        self, clock: Clock, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]], advise: Advise | None = None
    ) -> None:  # fmt: skip
        self._clock = clock
        self._in_thread = in_thread
        self._advise = advise
        self._known: set[int] = set()
        self._pause = FIRST_PAUSE
        self._timer: DelayedCall | None = None
        self._is_stopped = False

    def start(self) -> None:
        Deferred.fromCoroutine(self._look()).addErrback(
            lambda failure: self.log.debug("memory stays in small pages: {why}", why=failure.getErrorMessage())
        )

    def stop(self) -> None:
        self._is_stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _look(self) -> None:
        self._timer = None
        await self._in_thread(self._tell)
        if not self._is_stopped:
            self._timer = self._clock.callLater(to_beat(self._clock, self._pause), self.start)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _tell(self) -> None:
        """Blocks for as long as it takes to copy what is in use, at the first time."""
        advise = self._advise or _madvise()
        with open(_MAP, encoding="utf-8", errors="replace") as file:
            found = set(pages(file))
        for address, length in runs(found - self._known):
            advise(address, length, HUGEPAGE)
            advise(address, length, COLLAPSE)
        self._known = found


def _madvise() -> Advise:
    """The system's. What it refuses stays as it is. Raises OSError, AttributeError where there is none."""
    function: Advise = ctypes.CDLL(None, use_errno=True).madvise
    function.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]  # type: ignore[attr-defined]
    return function
