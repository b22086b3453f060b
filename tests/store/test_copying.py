"""A whole database into another one, from each kind into each."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import CallRecord
from magroup.model.configuration import Configuration
from magroup.store import StoreError, load, migrate, replace_all
from magroup.store import tables as t
from magroup.store.audit import record
from magroup.store.copying import Copied, copy_database
from magroup.store.engine import open_engine, transaction
from magroup.store.journal.rows import calls_between, insert_calls
from magroup.store.schema import SCHEMA_VERSION, stored_version
from tests.peers import postgresql
from tests.store.calls import calls
from tests.store.companies import configurations
from tests.store.databases import PostgresqlDatabase, SqliteFile, Stored
from tests.store.test_access import CHANGE


class Empty:
    """A database without a schema."""

    def __init__(self, test: SynchronousTestCase, kind: str) -> None:
        if kind == "sqlite":
            self.url = f"sqlite:///{test.mktemp()}"
        else:
            server, name = postgresql.server(), postgresql.new_name()
            server.make(name, postgresql.EMPTY)
            test.addCleanup(server.drop, name)
            self.url = server.url(name)
        self.engine = open_engine(self.url)
        test.addCleanup(self.engine.dispose)

    def do(self, work: Any, *args: Any) -> Any:
        return transaction(self.engine, work, *args)


class CopyTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.sqlite, self.postgresql = SqliteFile(self), PostgresqlDatabase(self)

    def copied(self, source: Stored, kind: str) -> tuple[Empty, Copied]:
        target = Empty(self, kind)
        return target, source.look(lambda read: target.do(lambda write: copy_database(read, write)))

    @settings(max_examples=5)
    @given(configurations(), st.lists(calls, max_size=4, unique_by=lambda call: call.id))
    def test_all_of_it(self, configuration: Configuration, journal: list[CallRecord]) -> None:
        for source, kind in ((self.sqlite, "postgresql"), (self.postgresql, "sqlite")):
            source.do(replace_all, configuration)
            source.do(insert_calls, journal)
            target, _ = self.copied(source, kind)
            self.assertEqual(target.do(load, configuration.plan), source.do(load, configuration.plan))
            self.assertEqual(target.do(calls_between, 0.0, 1e12, 1000), source.do(calls_between, 0.0, 1e12, 1000))

    def test_it_goes_on_there(self) -> None:
        """Ids that the database gives itself go on after those that came."""
        for source, kind in ((self.sqlite, "postgresql"), (self.sqlite, "sqlite"), (self.postgresql, "postgresql")):
            for _ in range(3):
                source.do(record, CHANGE)
            target, _ = self.copied(source, kind)
            target.do(record, CHANGE)
            ids = [row.id for row in target.do(lambda connection: connection.execute(select(t.audit.c.id)).all())]
            self.assertEqual(len(set(ids)), len(ids))
            self.assertEqual(max(ids), len(ids))

    def test_older_schema(self) -> None:
        """It is brought up to date where it arrives."""
        old = Empty(self, "sqlite")
        old.do(migrate, "0008")
        target = Empty(self, "postgresql")
        with old.engine.begin() as read:
            target.do(lambda write: copy_database(read, write))
        self.assertEqual((old.do(stored_version), target.do(stored_version)), ("0008", SCHEMA_VERSION))

    def test_never_over_something(self) -> None:
        with self.assertRaisesRegex(StoreError, "not empty"):
            self.sqlite.look(lambda read: self.postgresql.do(lambda write: copy_database(read, write)))

    def test_nothing_there(self) -> None:
        with self.assertRaisesRegex(StoreError, "nothing in the database"):
            Empty(self, "sqlite").do(lambda read: self.sqlite.do(lambda write: copy_database(read, write)))

    def test_what_the_other_cannot_hold(self) -> None:
        """SQLite takes any whole number: PostgreSQL refuses it, and nothing of the copy stays."""
        row = {column.name: 0 if column.type.python_type is not str else "x" for column in t.registrations.columns}
        self.sqlite.do(lambda connection: connection.execute(insert(t.registrations), [row | {"cseq": 1 << 40}]))
        target = Empty(self, "postgresql")
        with self.assertRaises(StoreError):
            self.sqlite.look(lambda read: target.do(lambda write: copy_database(read, write)))
        self.assertEqual(target.do(stored_version), "")
