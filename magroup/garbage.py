"""When a server looks for garbage: young one often and little, old one the more seldom the longer it takes."""

import gc
import sys
from collections.abc import Callable
from time import perf_counter

from magroup.model.clock import Clock, DelayedCall, to_beat

YOUNG = 300
"""Objects more than there were make Python look at the young ones: a quarter of a millisecond each time.

700 take four times as long: they are not in the processor's caches any more. With 120 a request to the web server, of
which frames lead back to themselves, leaves 35 blocks of garbage that are found as old ones only; with 300 fourteen,
with 700 six.
"""

OLD_AFTER = 1_000
"""Looks at young objects until the older ones are looked at; those of the start never are."""

ALL_AFTER = 125
"""Looks at the older ones until one is at all of them."""

LOOKED_AT = 5.0
"""Seconds between two looks whether it is time."""

SHARE = 1000
"""How much longer than it took it is until the next look at older objects, ``LONGEST_WAIT`` seconds at most."""

LONGEST_WAIT = 300.0
MANY = 10_000
"""Objects found to be garbage: then the next look does not wait for so long."""

FEW = 2_000
RESTS = 10
LONGEST_REST = 1800.0
GROWN = 2_000_000
"""Where less than ``FEW`` are found, the next look waits ``RESTS`` times as long, ``LONGEST_REST`` seconds at most, as
long as there are no more than so many blocks of memory (some 160 MiB) more than there were: so many come with calls.
The first one waits for ``LONGEST_WAIT``.
"""

_NEVER = 1_000_000_000


def settle() -> None:
    """What there is now stays for good; garbage is looked for among the young from now on, by Python itself."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG, _NEVER, _NEVER)


class OldGarbage:
    """Looks at objects that are no longer young.

    What calls have made lives for half a minute as transactions, and is gone then by itself: at 250 calls a second a
    look at all of that takes a quarter of a second in which nobody is served, and finds next to nothing. Python would
    look after so many young ones, once a minute or more often.
    """

    def __init__(
        self,
        clock: Clock,
        collect: Callable[[int], int] = gc.collect,
        young_looks: Callable[[], int] = lambda: gc.get_count()[1],
        watch: Callable[[], float] = perf_counter,
        blocks: Callable[[], int] = sys.getallocatedblocks,
    ) -> None:
        self._clock = clock
        self._collect = collect
        self._young_looks = young_looks
        self._watch = watch
        self._blocks = blocks
        self._not_before = 0.0
        self._rests_until = 0.0
        self._blocks_then = 0
        self._rounds = 0
        self._timer: DelayedCall | None = None

    def start(self) -> None:
        self._rest(LONGEST_WAIT)
        self._timer = self._clock.callLater(to_beat(self._clock, LOOKED_AT), self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = self._clock.callLater(to_beat(self._clock, LOOKED_AT), self._look)
        if self._young_looks() < OLD_AFTER or self._clock.seconds() < self._not_before:
            return
        if self._clock.seconds() < self._rests_until and self._blocks() < self._blocks_then + GROWN:
            return
        self._rounds += 1
        began = self._watch()
        found = self._collect(1 if self._rounds % ALL_AFTER else 2)
        wait = SHARE * (self._watch() - began)
        self._not_before = self._clock.seconds() + min(LONGEST_WAIT, wait) if found < MANY else 0.0
        self._rest(min(LONGEST_REST, RESTS * wait) if found < FEW else 0.0)

    def _rest(self, seconds: float) -> None:
        self._rests_until = self._clock.seconds() + seconds
        self._blocks_then = self._blocks()
