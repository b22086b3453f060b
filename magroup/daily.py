"""What is done every day: a check for members whose user is gone and state of nobody; old records are deleted."""

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.model.clock import Clock, DelayedCall, utc
from magroup.model.numbers import NumberPlan
from magroup.store.current import CurrentConfiguration
from magroup.store.database import Database
from magroup.store.errors import StoreError
from magroup.store.journal.retention import SLICE, forget_calls, last_day_kept
from magroup.store.lost_members import delete_lost_members

DAY = 86_400.0

FIRST_RETENTION = 900.0
"""Seconds after the start: it is none of the start's work, and comes though a server is started anew each day."""


class DailyCheck:
    """``check`` at the start, then one a day from ``start`` to ``stop``."""

    log = Logger()

    def __init__(self, database: Database, current: CurrentConfiguration, clock: Clock) -> None:
        self._database = database
        self._current = current
        self._clock = clock
        self._timer: DelayedCall | None = None

    def start(self) -> None:
        self._timer = self._clock.callLater(DAY, self._once)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def check(self, plan: Callable[[], NumberPlan]) -> None:
        """Delete what is nobody's, and say so in the log; ``plan`` is asked when it is its turn. Raises StoreError."""
        lost = await self._current.between_edits(
            lambda: self._database.run(delete_lost_members, plan(), utc(self._clock)), lambda lost: lost
        )
        for member in lost:
            self.log.warn("member {name} ({number}) of group {group} is deleted: its user is gone",
                          name=member.short_name, number=member.number, group=member.group)  # fmt: skip

    def _once(self) -> None:
        self.start()
        Deferred.fromCoroutine(self.check(lambda: self._current.value.plan)).addErrback(self._failed)

    def _failed(self, failure: Failure) -> None:
        if failure.check(StoreError):
            self.log.error("the daily check is put off to tomorrow: {reason}", reason=failure.getErrorMessage())
        else:
            self.log.failure("the daily check failed", failure)


class Retention:
    """Deletes records of calls older than ``days`` once a day; 0 keeps them for ever. The log says what went."""

    log = Logger()

    def __init__(self, database: Database, days: Callable[[], int], clock: Clock) -> None:
        self._database = database
        self._days = days
        self._clock = clock
        self._timer: DelayedCall | None = None

    def start(self) -> None:
        self._timer = self._clock.callLater(FIRST_RETENTION, self._once)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _once(self) -> None:
        self._timer = self._clock.callLater(DAY, self._once)
        Deferred.fromCoroutine(self._forget()).addErrback(self._failed)

    async def _forget(self) -> None:
        days = self._days()
        if not days:
            return
        before = last_day_kept(utc(self._clock), days)
        deleted, some = 0, SLICE
        # The journal's records come in between: the writer takes work in its order.
        while some == SLICE and self._timer is not None:
            some = await self._database.run(forget_calls, before)
            deleted += some
        if deleted:
            self.log.info("{count} records of calls older than {days} days are deleted", count=deleted, days=days)

    def _failed(self, failure: Failure) -> None:
        if failure.check(StoreError):
            self.log.error("deleting old records is put off to tomorrow: {reason}", reason=failure.getErrorMessage())
        else:
            self.log.failure("deleting old records failed", failure)
