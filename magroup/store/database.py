"""The database seen from the reactor: work in threads, one transaction each, one writer at a time."""

from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from magroup.model.audit import Change
from magroup.store.audit import recorded, remember_recorded
from magroup.store.engine import for_reading, open_engine, transaction
from magroup.store.errors import StoreError
from magroup.store.schema import migrate
from magroup.store.sealing import prepare
from magroup.store.worker import FromThreads, Worker

P = ParamSpec("P")
R = TypeVar("R")


class Database:
    """A database and its threads. A ``work`` function gets a connection, and returns what is no row and no session.

    ``key_file`` has the keys that secrets are encrypted with; None leaves them as they are.
    """

    def __init__(self, url: str, reactor: FromThreads, readers: int = 2, key_file: Path | None = None) -> None:
        self._url = url
        self._key_file = key_file
        self._writer = Worker(reactor, "database writer")
        self._reader = Worker(reactor, "database reader", readers)
        self._engine: Engine | None = None
        self.recorded: Callable[[Change], None] | None = None
        """Told, in a thread, of each entry of the audit trail once it is committed."""

    @property
    def url(self) -> str:
        """Where it is, with the password if it has one."""
        return self._url

    async def start(self) -> bool:
        """Open the database and bring its schema up to date; True when the schema was made or changed.

        Raises StoreError when it cannot be opened, or not with these keys; nothing runs then.
        """
        engine = open_engine(self._url)
        self._writer.start()
        self._reader.start()
        self._engine = engine
        try:
            return await (self.run(migrate) if self._key_file is None else self.run(prepare, self._key_file))
        except BaseException:
            await self.stop()
            raise

    async def run(self, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """``work(connection, ...)`` in one transaction in the writer's thread, in the order of the calls.

        Raises StoreError, or what ``work`` raises; nothing is changed then.
        """
        engine = self._opened()
        if self.recorded is None:
            return await self._writer.run(lambda: transaction(engine, work, *args, **kwargs))
        return await self._writer.run(lambda: self._told(engine, lambda connection: work(connection, *args, **kwargs)))

    async def read(self, work: Callable[Concatenate[Connection, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Like ``run`` for work that only reads: beside the writer, from what is committed."""
        engine = for_reading(self._opened())
        return await self._reader.run(lambda: transaction(engine, work, *args, **kwargs))

    async def stop(self) -> None:
        """Wait for the work that runs, take no more, close the database."""
        if self._engine is None:
            return
        engine, self._engine = self._engine, None
        await self._writer.stop()
        await self._reader.stop()
        engine.dispose()

    def _told(self, engine: Engine, work: Callable[[Connection], R]) -> R:
        """The same, and then ``recorded`` is told. What a transaction has recorded that failed is no entry."""

        def done(connection: Connection) -> tuple[R, list[Change]]:
            remember_recorded(connection)
            return work(connection), recorded(connection)

        result, changes = transaction(engine, done)
        for change in changes:
            if self.recorded is not None:
                self.recorded(change)
        return result

    def _opened(self) -> Engine:
        if self._engine is None:
            raise StoreError("the database is closed")
        return self._engine
