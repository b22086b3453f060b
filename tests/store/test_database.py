"""Work in threads of the real reactor."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, DeferredList, gatherResults
from twisted.trial.unittest import TestCase

from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.lines import Line
from magroup.model.numbers import NumberPlan
from magroup.model.people import User
from magroup.policy.editing.rules import with_new
from magroup.store import CurrentConfiguration, Database, StoreError, Worker, load, replace_all
from magroup.store.audit import record
from magroup.store.current import Edit


def put(connection: Connection, key: str) -> str:
    connection.execute(text("INSERT INTO meta VALUES (:key, 'x')"), {"key": key})
    return threading.current_thread().name


def keys(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT key FROM meta ORDER BY key")))


class DatabaseTests(TestCase):
    """``Database`` on a SQLite file."""

    def setUp(self) -> None:
        folder = Path(self.mktemp())
        folder.mkdir()
        self.file = folder.absolute() / "magroup.db"
        self.database = Database(f"sqlite:///{self.file}", reactor)

    async def test_start_makes_the_schema_once(self) -> None:
        self.assertTrue(await self.database.start())
        await self.database.stop()
        self.assertFalse(await self.database.start())
        await self.database.stop()

    async def test_work_is_done_in_order_elsewhere(self) -> None:
        await self.database.start()
        names = await gatherResults([Deferred.fromCoroutine(self.database.run(put, f"{n}")) for n in range(20)])
        self.assertEqual(len(set(names)), 1)
        self.assertNotEqual(names[0], threading.current_thread().name)
        self.assertEqual(len(await self.database.read(keys)), 20)
        await self.database.stop()

    async def test_failed_work_changes_nothing(self) -> None:
        def fail(connection: Connection) -> None:
            put(connection, "lost")
            raise KeyError("why")

        await self.database.start()
        with self.assertRaises(KeyError):
            await self.database.run(fail)
        with self.assertRaises(StoreError):
            await self.database.run(lambda connection: connection.execute(text("SELECT nonsense")).all())
        self.assertEqual(await self.database.read(keys), [])
        await self.database.stop()

    async def test_what_is_recorded_is_told(self) -> None:
        """In its order once it is committed, without secrets; nothing of work that failed."""

        def work(connection: Connection, key: str) -> None:
            record(connection, Change(1.0, "Ann", "", "group", key, "", '{"password": "x"}'))
            record(connection, Change(1.0, "Ann", "", "group", f"{key}2"))
            if key == "lost":
                raise KeyError

        await self.database.start()
        await self.database.run(work, "before")
        told: list[Change] = []
        self.database.recorded = told.append
        await self.database.run(work, "a")
        with self.assertRaises(KeyError):
            await self.database.run(work, "lost")
        await self.database.run(put, "nothing")
        self.assertEqual([(one.key, one.new) for one in told], [("a", '{"password": "***"}'), ("a2", "")])
        await self.database.stop()

    async def test_keys(self) -> None:
        """Its engine seals and opens with the keys of the file."""
        company = Configuration(lines=(Line("1047", secret="s3cret"),))
        path = self.file.parent / "secrets.key"
        database = Database(f"sqlite:///{self.file}", reactor, key_file=path)
        self.assertTrue(await database.start())
        await database.run(replace_all, company)
        self.assertEqual((await database.read(load, company.plan)).lines, company.lines)
        await database.stop()
        self.assertNotIn(b"s3cret", self.file.read_bytes())
        path.unlink()
        with self.assertRaisesRegex(StoreError, "is missing"):
            await database.start()

    async def test_reading_waits_for_no_writer(self) -> None:
        await self.database.start()
        writing = threading.Event()
        done = threading.Event()

        def write_slowly(connection: Connection) -> None:
            put(connection, "slow")
            writing.set()
            done.wait(30)

        def read_meanwhile(connection: Connection) -> list[str]:
            writing.wait(30)
            return keys(connection)

        slow = Deferred.fromCoroutine(self.database.run(write_slowly))
        self.assertEqual(await self.database.read(read_meanwhile), [])
        done.set()
        await slow
        self.assertEqual(await self.database.read(keys), ["slow"])
        await self.database.stop()

    async def test_stop_waits_for_work(self) -> None:
        await self.database.start()
        works = [Deferred.fromCoroutine(self.database.run(put, f"{n}")) for n in range(10)]
        await self.database.stop()
        self.assertTrue(all(work.called for work in works))
        with self.assertRaises(StoreError):
            await self.database.run(keys)
        with sqlite3.connect(self.file) as connection:
            self.assertEqual(connection.execute("SELECT count(*) FROM meta").fetchone(), (10,))
        connection.close()
        self.assertEqual([path.name for path in self.file.parent.iterdir()], ["magroup.db"])

    async def test_a_waiter_that_gives_up_does_no_harm(self) -> None:
        await self.database.start()
        work: Deferred[Any] = Deferred.fromCoroutine(self.database.run(put, "late"))
        work.cancel()
        self.failureResultOf(work, CancelledError)
        self.assertEqual(await self.database.run(keys), ["late"])
        await self.database.stop()

    async def test_start_that_fails_leaves_nothing(self) -> None:
        self.file.write_bytes(b"not a database at all " * 100)
        before = threading.active_count()
        with self.assertRaises(StoreError):
            await self.database.start()
        self.assertEqual(threading.active_count(), before)
        await self.database.stop()


class WorkerTests(TestCase):
    """``Worker`` by itself."""

    async def test_not_started(self) -> None:
        with self.assertRaises(StoreError):
            await Worker(reactor, "idle").run(list)

    async def test_several_threads(self) -> None:
        worker = Worker(reactor, "pair", 2)
        worker.start()
        meeting = threading.Barrier(2, timeout=30)
        await gatherResults([Deferred.fromCoroutine(worker.run(meeting.wait)) for _ in range(2)])
        await worker.stop()
        await worker.stop()


class CurrentConfigurationTests(TestCase):
    """``CurrentConfiguration``."""

    def setUp(self) -> None:
        self.current = CurrentConfiguration(Configuration(version=1))
        self.seen: list[tuple[str, int, int]] = []

    def listen(self, name: str) -> Any:
        return self.current.subscribe(lambda old, new: self.seen.append((name, old.version, new.version)))

    def test_listeners_in_order(self) -> None:
        self.listen("first")
        end = self.listen("second")
        self.current.replace(Configuration(version=2))
        end()
        end()
        self.current.replace(Configuration(version=3))
        self.assertEqual(self.seen, [("first", 1, 2), ("second", 1, 2), ("first", 2, 3)])

    def test_a_listener_that_fails_harms_no_other(self) -> None:
        def fail(_old: Configuration, _new: Configuration) -> None:
            raise KeyError

        self.current.subscribe(fail)
        self.listen("after")
        self.current.replace(Configuration(version=2))
        self.assertEqual(self.seen, [("after", 1, 2)])
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_an_older_one_is_left_out(self) -> None:
        self.listen("one")
        self.current.replace(Configuration(version=0))
        self.assertEqual((self.current.value.version, self.seen), (1, []))

    async def edited(self, *edits: Edit) -> tuple[Database, list[Any]]:
        """A database after edits that were asked for all at once, and what came of each."""
        folder = Path(self.mktemp())
        folder.mkdir()
        database = Database(f"sqlite:///{folder.absolute()}/magroup.db", reactor)
        await database.start()
        self.addCleanup(database.stop)
        self.current.value = await database.read(load, NumberPlan())
        self.changes: list[Change] = []
        asked = [
            Deferred.fromCoroutine(self.current.edit(database, edit, self.record, 5.0, "ann", "192.0.2.1"))
            for edit in edits
        ]  # fmt: skip
        return database, [result for _, result in await DeferredList(asked, consumeErrors=True)]

    def record(self, connection: Connection, change: Change) -> None:
        self.assertTrue(connection.in_transaction())
        self.changes.append(change)

    async def test_edits_are_done_one_after_the_other(self) -> None:
        self.listen("one")

        def add(configuration: Configuration) -> Configuration:
            self.assertNotEqual(threading.current_thread(), threading.main_thread())
            return with_new(configuration, "users", User(0, f"user{len(configuration.users)}"))

        database, results = await self.edited(*[add] * 5)
        self.assertEqual([result.version for result in results], [1, 2, 3, 4, 5])
        self.assertEqual(self.seen, [("one", version, version + 1) for version in range(5)])
        self.assertEqual([user.name for user in self.current.value.users], [f"user{place}" for place in range(5)])
        self.assertEqual(self.current.value, await database.read(load, NumberPlan()))
        first = self.changes[0]
        self.assertEqual((first.at, first.who, first.where), (5.0, "ann", "192.0.2.1"))
        self.assertEqual((first.what, first.key), ("user", "1"))
        self.assertEqual(len(self.changes), 5)

    async def test_what_is_refused_changes_nothing(self) -> None:
        self.listen("one")
        twice = Configuration(users=(User(1, "Ann"), User(2, "ann")))

        def refuse(configuration: Configuration) -> Configuration:
            raise KeyError("no")

        database, (refused, failed, same) = await self.edited(refuse, lambda old: twice, lambda old: old)
        self.assertIsInstance(refused.value, KeyError)
        self.assertIsInstance(failed.value, StoreError)
        self.assertIs(same, self.current.value)
        self.assertEqual((self.seen, self.changes), ([], []))
        self.assertEqual((await database.read(load, NumberPlan())).users, ())

    async def test_a_record_that_fails_undoes_the_change(self) -> None:
        def record(connection: Connection, change: Change) -> None:
            raise OSError("full")

        self.record = record  # type: ignore[method-assign]
        database, (failed,) = await self.edited(lambda old: with_new(old, "users", User(0, "Ann")))
        self.assertIsInstance(failed.value, OSError)
        self.assertEqual((await database.read(load, NumberPlan())).users, ())
        self.assertEqual(self.current.value.users, ())

    async def test_nobody_waits_any_more(self) -> None:
        database, _ = await self.edited()
        waiting = Deferred.fromCoroutine(
            self.current.edit(database, lambda old: with_new(old, "users", User(0, "Ann")), self.record)
        )
        waiting.cancel()
        await self.assertFailure(waiting, CancelledError)
        await self.current.edit(database, lambda old: old, self.record)
        self.assertEqual([user.name for user in self.current.value.users], ["Ann"])

    async def test_another_program_has_changed_it(self) -> None:
        database, _ = await self.edited()
        await database.run(replace_all, Configuration())
        with self.assertRaisesRegex(StoreError, "another program"):
            await self.current.edit(database, lambda old: with_new(old, "users", User(0, "Ann")), self.record)
