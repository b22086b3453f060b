"""Many cheap timers on one clock: a wheel of 10 ms slots, since each message of a call starts and stops several."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import islice
from typing import Any, Final

from mypy_extensions import mypyc_attr
from twisted.logger import Logger

from magroup.model.clock import BEAT, Clock, DelayedCall

log: Final = Logger(__name__)
TICK: Final = 0.01
LONG: Final = 1.0
COARSE: Final = 10
"""Timers of ``LONG`` seconds or more share so many ticks: what is over is forgotten together, not one by one."""

LONGEST: Final = 5.0
COARSEST: Final = round(BEAT / TICK)
"""The same of ``LONGEST`` seconds or more, T4: when all else is done that has time."""

AT_ONCE: Final = 256
"""Timers that fire before others of the clock's have a turn, half a millisecond or so: the rest follow at once."""

_NEVER: Final = 1 << 60


@mypyc_attr(acyclic=True)
class Timer:
    """A timer that runs; ``cancel`` may be called at any time, also twice and after it fired."""

    __slots__ = ("_argument", "_call", "_slot", "_wheel")

    def __init__(self, wheel: "Timers", slot: int, call: Callable[..., None], argument: Any) -> None:
        self._wheel = wheel
        self._slot = slot
        self._call: Callable[..., None] | None = call
        self._argument = argument

    @property
    def active(self) -> bool:
        return self._call is not None

    def cancel(self) -> None:
        if self._call is not None:
            self._call = None
            self._argument = None
            self._wheel.forget(self, self._slot)

    def fire(self) -> None:
        call, argument = self._call, self._argument
        if call is not None:
            self._call = None
            self._argument = None
            self._wheel.running -= 1
            if argument is None:
                call()
            else:
                call(argument)


class Timers:
    """The wheel. ``running`` counts the timers that are to fire; with none left nothing is scheduled on the clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.running = 0
        self._slots: dict[int, dict[Timer, None]] = {}
        self._order: list[int] = []
        self._wake: DelayedCall | None = None
        # _NEVER: nothing is scheduled; -1: the wheel turns and schedules what is next when it is through.
        self._wake_slot = _NEVER

    def after(self, seconds: float, call: Callable[..., None], argument: Any = None) -> Timer:
        """Call ``call()``, or ``call(argument)`` when one is given, in ``seconds``, rounded up to the tick.

        Those of a second or more are rounded up to a tenth of a second, those of five or more to a quarter.
        """
        due = (self.clock.seconds() + seconds) / TICK - 1e-6
        slot = int(due)
        if slot < due:
            slot += 1
        if seconds >= LONG:
            slot += -slot % (COARSEST if seconds >= LONGEST else COARSE)
        timer = Timer(self, slot, call, argument)
        timers = self._slots.get(slot)
        if timers is None:
            self._slots[slot] = {timer: None}
            heappush(self._order, slot)
        else:
            timers[timer] = None
        self.running += 1
        if slot < self._wake_slot:
            self._schedule(slot)
        return timer

    def stop(self) -> None:
        """Forget every timer that runs: the element they belong to is gone."""
        for timers in tuple(self._slots.values()):
            for timer in tuple(timers):
                timer.cancel()

    def forget(self, timer: Timer, slot: int) -> None:
        """A timer was cancelled: its slot lets go of it at once, since most are cancelled, long before their time."""
        timers = self._slots.get(slot)
        if timers is not None:
            timers.pop(timer, None)
        self.running -= 1
        if not self.running:
            self.sleep()

    def sleep(self) -> None:
        """Leave nothing on the clock: when no timer runs, and at the end, when those that do are dropped."""
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
            self._wake_slot = _NEVER
        self._slots.clear()
        self._order.clear()

    def _schedule(self, slot: int) -> None:
        if self._wake is not None:
            self._wake.cancel()
        self._wake_slot = slot
        self._wake = self.clock.callLater(max(0.0, slot * TICK - self.clock.seconds()), self._turn)

    def _turn(self) -> None:
        self._wake = None
        self._wake_slot = -1
        now = self.clock.seconds() / TICK + 1e-3
        order, slots = self._order, self._slots
        left = AT_ONCE
        # Slots whose timers were all cancelled go too: nobody is to be woken for them.
        while order and left and (order[0] <= now or not slots[order[0]]):
            slot = heappop(order)
            timers = slots.pop(slot)
            if len(timers) > left:
                slots[slot] = dict.fromkeys(islice(timers, left, None))
                heappush(order, slot)
                timers = dict.fromkeys(islice(timers, left))
            left -= len(timers)
            for timer in timers:
                try:
                    timer.fire()
                except Exception:
                    log.failure("A timer's work failed")
        self._wake_slot = _NEVER
        if not self.running:
            self.sleep()
        elif order:
            self._schedule(order[0])
