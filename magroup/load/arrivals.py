"""When calls are made: at a rate, by chance or evenly, or so that as many as asked are up, after a ramp."""

from collections.abc import Callable
from math import floor, sqrt
from random import Random
from typing import Any

from magroup.model.clock import Clock

LOOK_EVERY = 0.05
AT_ONCE = 20
"""Parts: with a concurrency, at most a twentieth of it is started each time, so that calls which fail do not storm."""


class Rate:
    """Calls ``do`` ``rate`` times a second from ``start`` on, after a ramp of so many seconds, until ``stop``.

    ``late`` is told how late each came. ``first`` (0-1) places the first one of an even sequence between the others.
    """

    def __init__(
        self, clock: Clock, random: Random, rate: float, do: Callable[[], None], *, ramp: float = 0.0,
        is_even: bool = False, first: float = 1.0, late: Callable[[float], None] = lambda seconds: None,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._random = random
        self._rate = rate
        self._do = do
        self._ramp = ramp
        self._is_even = is_even
        self._sum = first if is_even else random.expovariate(1.0)
        self._late = late
        self._began = 0.0
        self._call: Any = None

    def start(self) -> None:
        self._began = self._clock.seconds()
        self._schedule()

    def stop(self) -> None:
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def due(self, number: float) -> float:
        """Seconds after the start until the expected count of calls is ``number``."""
        in_ramp = self._rate * self._ramp / 2
        if number < in_ramp:
            return sqrt(2 * number * self._ramp / self._rate)
        return self._ramp + (number - in_ramp) / self._rate

    def _schedule(self) -> None:
        wait = self._began + self.due(self._sum) - self._clock.seconds()
        self._call = self._clock.callLater(max(wait, 0.0), self._run)

    def _run(self) -> None:
        self._call = None
        self._late(self._clock.seconds() - self._began - self.due(self._sum))
        self._sum += 1.0 if self._is_even else self._random.expovariate(1.0)
        self._schedule()
        self._do()


class Concurrency:
    """Calls ``do`` as often as is needed to have ``wanted`` of them; ``up`` tells how many there are."""

    def __init__(
        self, clock: Clock, wanted: int, up: Callable[[], int], do: Callable[[], bool], ramp: float = 0.0
    ) -> None:  # fmt: skip
        """``do`` answers whether it could be done."""
        self._clock = clock
        self._wanted = wanted
        self._up = up
        self._do = do
        self._ramp = ramp
        self._began = 0.0
        self._call: Any = None

    def start(self) -> None:
        self._began = self._clock.seconds()
        self._look()

    def stop(self) -> None:
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _look(self) -> None:
        self._call = self._clock.callLater(LOOK_EVERY, self._look)
        passed = self._clock.seconds() - self._began
        now = self._wanted if passed >= self._ramp else floor(self._wanted * passed / self._ramp)
        for _ in range(min(now - self._up(), max(1, self._wanted // AT_ONCE))):
            if not self._do():
                break
