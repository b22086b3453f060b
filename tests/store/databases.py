"""Databases and threads of the tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from twisted.trial.unittest import TestCase

from magroup.store import migrate
from magroup.store.engine import for_reading, open_engine, transaction

T = TypeVar("T")


class SqliteFile:
    """A database in a folder of its own, with the schema; its work is done at once, in the test's thread.

    Errors put into ``failures`` are raised by the next runs, one each.
    """

    def __init__(self, test: TestCase, busy_timeout: float = 5.0) -> None:
        self.folder = Path(test.mktemp())
        self.folder.mkdir(parents=True)
        self.file = self.folder / "magroup.db"
        self.url = f"sqlite:///{self.file.absolute()}"
        self.failures: list[Exception] = []
        self.runs = 0
        self._engine: Engine = open_engine(self.url, busy_timeout)
        test.addCleanup(self._engine.dispose)
        self.do(migrate)

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
