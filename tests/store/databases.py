"""Databases and threads of the tests.

A test that takes its database from ``new_database`` runs on PostgreSQL too: see tests/store/test_postgresql.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from twisted.trial.unittest import TestCase

from magroup.store.engine import for_reading, open_engine, transaction
from tests.peers import postgresql
from tests.store.fresh import put

T = TypeVar("T")


class Stored:
    """A database with the schema; its work is done at once, in the test's thread.

    Errors put into ``failures`` are raised by the next runs, one each.
    """

    def __init__(self, test: TestCase, url: str, engine: Engine) -> None:
        self.url = url
        self.failures: list[Exception] = []
        self.runs = 0
        self._engine = engine
        test.addCleanup(self._engine.dispose)

    def close(self) -> None:
        """Until it is used again."""
        self._engine.dispose()

    def do(self, work: Callable[..., T], *args: Any) -> T:
        return transaction(self._engine, work, *args)

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        self.runs += 1
        if self.failures:
            raise self.failures.pop(0)
        return self.do(work, *args)

    def look(self, work: Callable[..., T], *args: Any) -> T:
        """Work that only reads, and waits for nobody."""
        return transaction(for_reading(self._engine), work, *args)

    def rows(self, statement: Any) -> list[tuple[Any, ...]]:
        def fetch(connection: Connection) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(statement)]

        return self.do(fetch)


class SqliteFile(Stored):
    """In a folder of its own."""

    def __init__(self, test: TestCase, busy_timeout: float = 5.0) -> None:
        self.folder = Path(test.mktemp())
        self.folder.mkdir(parents=True)
        self.file = put(self.folder)
        url = f"sqlite:///{self.file.absolute()}"
        super().__init__(test, url, open_engine(url, busy_timeout))


class PostgresqlDatabase(Stored):
    """In the server of the process."""

    def __init__(self, test: TestCase) -> None:
        server = postgresql.server()
        name = server.lend()
        test.addCleanup(server.take_back, name)
        url = server.url(name)
        super().__init__(test, url, open_engine(url))


def new_database(test: TestCase) -> Stored:
    """Of the kind that the test's class asks for: its attribute ``database_kind``."""
    kind = getattr(test, "database_kind", "sqlite")
    return PostgresqlDatabase(test) if kind == "postgresql" else SqliteFile(test)


class AtOnce:
    """A journal's thread that is none: work is done at once. Errors in ``failures`` are raised by the next runs."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.running = False

    def start(self) -> None:
        self.running = True

    async def run(self, work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if self.failures:
            raise self.failures.pop(0)
        return work(*args, **kwargs)

    async def stop(self) -> None:
        self.running = False
