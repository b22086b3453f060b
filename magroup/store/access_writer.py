"""Keeps sessions, the use of tokens and the audit of logins in the database behind the requests."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Protocol

from sqlalchemy import Connection
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.accounts import Session
from magroup.model.audit import Change
from magroup.model.clock import Clock, ahead
from magroup.store.access import AccessChanges, write_access
from magroup.store.behind import Behind

INTERVAL = 0.2
"""Seconds in which changes are collected before they are written together."""


class Writes(Protocol):
    """The part of a Database that is used here."""

    def run(
        self, work: Callable[[Connection, AccessChanges], None], changes: AccessChanges, /
    ) -> Coroutine[Deferred[Any], Any, None]: ...


class AccessWriter:
    """Takes changes at once and writes them soon. While the database is away, people can log in and out.

    At most ``limit`` of each kind wait; what comes beyond is counted in ``lost`` and not written.
    """

    log = Logger()

    def __init__(self, database: Writes, clock: Clock, limit: int = 20_000) -> None:
        self.lost = 0
        self._database = database
        self.clock = clock
        self._limit = limit
        self._waiting = AccessChanges()
        self._behind = Behind("saving logins and their audit", self._write, clock, INTERVAL)

    @property
    def failing(self) -> bool:
        """Whether the last attempt failed."""
        return self._behind.failing

    def save_session(self, session: Session) -> None:
        self._put(self._waiting.sessions, session.key, by_the_calendar(session, ahead(self.clock)))

    def end_session(self, key: str) -> None:
        self._put(self._waiting.sessions, key, None)

    def token_used(self, id: int, at: float) -> None:
        self._put(self._waiting.tokens_used, id, at)

    def record(self, change: Change) -> None:
        """Add to the audit trail what has no other transaction: logins, failures, logouts."""
        if len(self._waiting.audit) >= self._limit:
            self._lose()
            return
        self._waiting.audit.append(change)
        self._behind.wake()

    async def stop(self) -> bool:
        """Write what waits, and no more after it; False when the database does not take it."""
        return await self._behind.stop()

    def _put(self, where: dict[Any, Any], key: str | int, value: object) -> None:
        if len(where) >= self._limit and key not in where:
            self._lose()
            return
        where[key] = value
        self._behind.wake()

    def _lose(self) -> None:
        if not self.lost:
            self.log.error("{limit} logins wait to be saved, more are not kept", limit=self._limit)
        self.lost += 1

    async def _write(self) -> bool:
        if not self._waiting:
            return False
        batch, self._waiting = self._waiting, AccessChanges()
        try:
            await self._database.run(write_access, batch)
        except BaseException:
            newer = self._waiting
            self._waiting = AccessChanges(
                {**batch.sessions, **newer.sessions},
                {**batch.tokens_used, **newer.tokens_used},
                batch.audit + newer.audit,
            )
            raise
        return False


def by_the_calendar(session: Session, by: float) -> Session:
    """As it is stored and told to others, where the calendar is ``by`` seconds ahead of our clock."""
    return replace(session, created_at=session.created_at + by, used_at=session.used_at + by) if by else session
