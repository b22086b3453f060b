"""Work done behind the calls: a little later, never twice at a time, later and later while it fails."""

from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.clock import Clock, DelayedCall, to_beat
from magroup.store.errors import StoreError

LONGEST_WAIT = 30.0
"""Seconds between two attempts while the work fails."""


class Behind:
    """Does ``work`` some ``interval`` seconds after ``wake``, and again while it returns True (there is more).

    ``work`` keeps what it could not do. While it raises StoreError or OSError, or anything else, it is tried again
    with growing pauses; an outage is one line in the log, its end another. ``what`` begins both.
    """

    log = Logger()

    def __init__(
        self, what: str, work: Callable[[], Coroutine[Deferred[Any], Any, bool]], clock: Clock, interval: float
    ) -> None:
        self.failing = False
        self._what = what
        self._work = work
        self._clock = clock
        self._interval = interval
        self._wait = interval
        self._timer: DelayedCall | None = None
        self._running = False
        self._waiting: list[Deferred[None]] = []
        self._again = False
        self._stopped = False

    def wake(self) -> None:
        """There is something to do."""
        if self._running:
            self._again = True
        elif self._timer is None and not self._stopped:
            self._timer = self._clock.callLater(to_beat(self._clock, self._wait), self._start)

    async def flush(self) -> bool:
        """Do it now, until there is nothing left; False when it failed."""
        while True:
            await self._turn_ended()
            self._cancel_timer()
            self._start()
            await self._turn_ended()
            if self.failing:
                return False
            if not self._again:
                return True

    async def stop(self) -> bool:
        """``flush``, and no more after it."""
        self._stopped = True
        done = await self.flush()
        self._cancel_timer()
        return done

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self) -> None:
        self._timer = None
        self._again = False
        self._running = True
        Deferred.fromCoroutine(self._once()).addCallback(self._ended)

    async def _once(self) -> None:
        try:
            more = await self._work()
        except (StoreError, OSError) as error:
            self._failed(str(error))
        except Exception as error:
            if not self.failing:
                self.log.failure("{what} failed", what=self._what)
            self._failed(f"{type(error).__name__}: {error}")
        else:
            if self.failing:
                self.log.info("{what} works again", what=self._what)
            self.failing = False
            self._again = self._again or more
            self._wait = self._interval

    def _failed(self, reason: str) -> None:
        if not self.failing:
            self.log.error("{what} does not work, it is kept and tried again: {reason}", what=self._what, reason=reason)
        self.failing = True
        self._again = True
        self._wait = min(max(2 * self._wait, 0.5), LONGEST_WAIT)

    def _ended(self, _result: None) -> None:
        self._running = False
        waiting, self._waiting = self._waiting, []
        if self._again:
            self.wake()
        for deferred in waiting:
            deferred.callback(None)

    async def _turn_ended(self) -> None:
        while self._running:
            ended: Deferred[None] = Deferred()
            self._waiting.append(ended)
            await ended
