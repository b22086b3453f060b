"""The demo company at work: its phones register and call each other and the manager number now and then."""

from collections.abc import Callable, Sequence
from random import Random

from magroup.demo.phone import DemoPhone
from magroup.sip.timers import Timer, Timers

FIRST_CALL_AFTER = 5.0
CALLS_EVERY = (15.0, 40.0)


class DemoCompany:
    """The demo phones. ``numbers`` are what they dial besides each other: the manager numbers."""

    def __init__(
        self, timers: Timers, phones: Sequence[DemoPhone], numbers: Sequence[str], random: Random,
        may_call: Callable[[], bool] = lambda: True,
    ) -> None:  # fmt: skip
        self._timers = timers
        self._phones = phones
        self._numbers = numbers
        self._random = random
        self._may_call = may_call
        self._timer: Timer | None = None

    def start(self) -> None:
        for phone in self._phones:
            phone.start()
        self._timer = self._timers.after(FIRST_CALL_AFTER, self._next)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for phone in self._phones:
            phone.stop()

    def _next(self) -> None:
        self._timer = self._timers.after(self._random.uniform(*CALLS_EVERY), self._next)
        idle = [phone for phone in self._phones if phone.is_idle]
        if len(idle) < 3 or not self._may_call():
            return
        caller, called = self._random.sample(idle, 2)
        to_group = self._numbers and self._random.random() < 0.5
        caller.dial(self._random.choice(self._numbers) if to_group else called.number)
