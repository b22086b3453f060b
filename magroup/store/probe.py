"""Whether the database answers: it is asked every few seconds, so that whoever asks us need not wait."""

from sqlalchemy import Connection, select
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from magroup.model.clock import Clock, DelayedCall
from magroup.store import tables as t
from magroup.store.database import Database
from magroup.store.errors import StoreError

INTERVAL = 5.0
PATIENCE = 5.0
"""Seconds until an answer."""


class Probe:
    """Asks ``database`` from ``start`` to ``stop``; ``reason`` says why it cannot be used."""

    log = Logger()

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._asked_at: float | None = None
        self._failed = ""
        self._timer: DelayedCall | None = None
        self._running = False

    def start(self) -> None:
        self._running = True
        self._ask()

    def stop(self) -> None:
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def reason(self) -> str:
        """Why the database cannot be used, "" where it can."""
        if self._asked_at is not None and self._clock.seconds() - self._asked_at > PATIENCE:
            return "does not answer"
        return self._failed

    def _ask(self) -> None:
        self._timer = None
        self._asked_at = self._clock.seconds()
        Deferred.fromCoroutine(self._database.read(_look)).addBoth(self._answered)

    def _answered(self, result: Failure | None) -> None:
        self._asked_at = None
        before, self._failed = self._failed, ""
        if result is not None:
            self._failed = result.getErrorMessage() if result.check(StoreError) else str(result.type)
        if self._running:
            if self._failed and not before:
                self.log.error("{reason}", reason=self._failed)
            self._timer = self._clock.callLater(INTERVAL, self._ask)


def _look(connection: Connection) -> None:
    connection.execute(select(t.meta.c.key).limit(1)).all()
