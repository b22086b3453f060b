"""Time that goes on evenly whatever is done to the machine's clock: calls, timers and leases notice nothing of that."""

import time
from collections.abc import Callable
from typing import Any, ClassVar, Final

from twisted.logger import Logger

from magroup.model.clock import Clock, DelayedCall, to_beat

LOOKED_AT = 2.0
LEAST: Final = 1.0
"""Seconds: how often the calendar is looked at, and the least difference that is one."""


class SteadyTime:
    """The clock of a ``reactor``: the calendar's time at the start, and what has gone by since then.

    Without it Twisted's timers follow the calendar: set forward they all fire, set back none does for as long. What is
    stored, and told to other machines, is told by the calendar: ``magroup.model.clock.ahead`` is the difference.
    """

    log: ClassVar = Logger()

    def __init__(
        self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._wall = wall
        self._monotonic = monotonic
        self._origin = wall() - monotonic()
        self._told = 0.0
        self._timer: DelayedCall | None = None
        self._clock: Clock
        self.changed: Callable[[], None] = lambda: None
        """Told when the machine's clock has been set."""

    def begin(self, reactor: Any) -> "SteadyTime":
        """``reactor`` goes by it from now on: before anything is to be done later."""
        reactor.seconds = self.seconds
        reactor.ahead = self.ahead
        return self

    def seconds(self) -> float:
        """Of the reactor."""
        return self._origin + self._monotonic()

    def ahead(self) -> float:
        """By how many seconds the calendar is ahead; less than a second is none."""
        difference = self._wall() - self.seconds()
        return difference if abs(difference) >= LEAST else 0.0

    def start(self, clock: Clock) -> None:
        """Say in the log when the machine's clock has been set."""
        self._clock = clock
        self._timer = clock.callLater(to_beat(clock, LOOKED_AT), self._look)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = self._clock.callLater(to_beat(self._clock, LOOKED_AT), self._look)
        ahead = self.ahead()
        by = ahead - self._told
        if abs(by) >= LEAST:
            self._told = ahead
            self.log.warn(
                "The machine's clock was set {way} by {seconds} s: calls and registrations go on, "
                "what is stored from now on has the new time",
                way="forward" if by > 0 else "back", seconds=round(abs(by)),
            )  # fmt: skip
            self.changed()
