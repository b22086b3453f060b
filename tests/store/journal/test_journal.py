"""The journal on a clock, with real files and a real database."""

import sqlite3
from dataclasses import replace

from sqlalchemy import func, select
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import CallRecord
from magroup.store import StoreError, tables
from magroup.store.journal import CLOSED_BY_RESTART, Journal, Recovered, call_by_id, calls_between
from magroup.store.journal.files import segments
from magroup.store.journal.journal import FILE_INTERVAL, MOST_REMEMBERED, MOVE_INTERVAL
from magroup.store.journal.lines import Entry
from tests.store.calls import begin, call, ended
from tests.store.databases import AtOnce, SqliteFile
from tests.store.test_behind import Collected

FULL = OSError(28, "No space left on device")


class JournalTests(SynchronousTestCase):
    """``Journal``: what is taken is soon in the file, then in the database, and comes through every mishap."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.database = SqliteFile(self, busy_timeout=0.01)
        self.folder = self.database.folder / "journal"
        self.thread = AtOnce()
        self.journal = self.started()
        self.log = Collected(self)

    def started(self, queue_limit: int = 1000, segment_size: int = 3000) -> Journal:
        journal = Journal(self.folder, self.database, self.thread, self.clock, queue_limit, segment_size)
        self.recovered = self.successResultOf(Deferred.fromCoroutine(journal.start()))
        return journal

    def stop(self) -> None:
        self.successResultOf(Deferred.fromCoroutine(self.journal.stop()))
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertFalse(self.thread.running)

    def crash_and_restart(self) -> None:
        """Everything in memory is gone; the files and the database are what is left."""
        for delayed in list(self.clock.getDelayedCalls()):
            delayed.cancel()
        self.journal = self.started()

    def stored(self) -> list[CallRecord]:
        return list(self.database.look(calls_between, 0.0, 1e12, 1000).calls)

    def in_files(self) -> str:
        return "".join(path.read_text() for path in segments(self.folder))

    def test_in_the_file_then_in_the_database(self) -> None:
        record = ended(call("a"))
        begin(self.journal, call("a"))
        self.assertEqual((len(self.journal), self.in_files()), (1, ""))
        self.clock.advance(FILE_INTERVAL)
        self.journal.finish(record)
        self.assertEqual((len(self.journal), '"ended"' in self.in_files()), (1, False))
        self.clock.advance(FILE_INTERVAL)
        self.assertEqual((len(self.journal), '"ended"' in self.in_files()), (0, True))
        self.assertEqual(self.stored(), [])
        self.clock.advance(MOVE_INTERVAL)
        self.assertEqual(self.stored(), [record])

    def test_of_a_short_call_only_the_end_is_written(self) -> None:
        begin(self.journal, call("a"))
        begin(self.journal, call("a"))
        self.assertEqual(len(self.journal), 1)
        self.journal.finish(ended(call("a")))
        self.clock.advance(FILE_INTERVAL)
        self.assertEqual(self.in_files().count("\n"), 1)
        self.clock.advance(MOVE_INTERVAL)
        self.assertEqual(self.stored(), [ended(call("a"))])

    def test_what_is_known_when_the_file_is_written(self) -> None:
        known = [call("a")]
        self.journal.begin("a", lambda: known[0])
        known[0] = replace(known[0], called_name="Somebody")
        self.clock.advance(FILE_INTERVAL)
        self.assertIn("Somebody", self.in_files())

    def test_what_cannot_be_known_is_left_out(self) -> None:
        def broken() -> CallRecord:
            raise LookupError("nothing")

        self.journal.begin("a", broken)
        begin(self.journal, call("b"))
        self.clock.advance(FILE_INTERVAL)
        self.assertEqual({Entry.decode(line.encode()).call for line in self.in_files().splitlines()}, {call("b")})
        self.assertEqual(len(self.flushLoggedErrors(LookupError)), 1)

    def test_nobody_waits(self) -> None:
        """Neither thread nor database is used while a record is taken."""
        self.thread.failures = [FULL]
        begin(self.journal, call("a"))
        self.journal.finish(ended(call("a")))
        self.assertEqual(len(self.thread.failures), 1)
        self.assertEqual(self.database.runs, 0)

    def test_stop_leaves_no_file(self) -> None:
        for number in range(100):
            begin(self.journal, call(str(number)))
            self.journal.finish(ended(call(str(number))))
        self.stop()
        self.assertEqual(len(self.stored()), 100)
        self.assertEqual(list(self.folder.iterdir()), [])
        self.crash_and_restart()
        self.assertEqual(self.recovered, Recovered())

    def test_many_calls_leave_only_what_is_needed(self) -> None:
        begin(self.journal, call("long"))
        for number in range(200):
            self.journal.finish(ended(call(str(number))))
            self.clock.advance(FILE_INTERVAL)
        self.clock.advance(2.0)
        self.assertEqual(len(self.stored()), 200)
        self.assertLess(len(segments(self.folder)), 3)
        self.crash_and_restart()
        self.assertEqual(self.recovered, Recovered(0, 1))
        self.assertEqual(self.database.do(call_by_id, "long").cause, CLOSED_BY_RESTART)

    def test_crash_before_the_database_has_it(self) -> None:
        record = ended(call("a"))
        self.journal.finish(record)
        self.clock.advance(FILE_INTERVAL)
        self.crash_and_restart()
        self.assertEqual((self.recovered, self.stored()), (Recovered(1, 0), [record]))
        self.assertEqual(segments(self.folder), [])

    def test_crash_between_commit_and_deletion(self) -> None:
        record = ended(call("a"))
        self.journal.finish(record)
        self.clock.pump([FILE_INTERVAL, MOVE_INTERVAL])
        self.assertEqual(len(segments(self.folder)), 1)
        self.crash_and_restart()
        self.assertEqual((self.recovered, self.stored()), (Recovered(0, 0), [record]))

    def test_crash_during_calls(self) -> None:
        for number in range(10):
            begin(self.journal, call(str(number)))
        begin(self.journal, call("5", 1000.0))
        self.clock.advance(FILE_INTERVAL)
        self.crash_and_restart()
        self.assertEqual(self.recovered, Recovered(0, 10))
        self.assertEqual({record.cause for record in self.stored()}, {CLOSED_BY_RESTART})
        self.assertEqual({record.ended_by for record in self.stored()}, {"switch"})
        self.assertIn("10 calls cut", self.log.events[-1]["log_format"].format(**self.log.events[-1]))
        self.crash_and_restart()
        self.assertEqual(self.recovered, Recovered())

    def test_database_locked_by_another_process(self) -> None:
        other = sqlite3.connect(self.database.file, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        for number in range(30):
            self.journal.finish(ended(call(str(number))))
            self.clock.advance(MOVE_INTERVAL)
        self.assertEqual((self.log.levels, self.stored()), (["error"], []))
        self.assertGreater(len(segments(self.folder)), 3)
        other.execute("ROLLBACK")
        self.clock.pump([MOVE_INTERVAL] * 40)
        self.assertEqual((self.log.levels, len(self.stored())), (["error", "info"], 30))
        self.assertEqual(len(segments(self.folder)), 1)

    def test_full_disk(self) -> None:
        self.thread.failures = [FULL] * 4
        records = [ended(call(str(number))) for number in range(5)]
        for record in records:
            self.journal.finish(record)
            self.clock.advance(MOVE_INTERVAL)
        self.clock.pump([MOVE_INTERVAL] * 30)
        self.assertEqual(self.stored(), records)
        self.assertEqual((self.log.levels, self.journal.lost), (["error", "info"], 0))

    def test_full_disk_beside_the_database(self) -> None:
        """Whose disk is another one: what has ended is there at once, and not once more when the file is well again."""
        begin(self.journal, call("up"))
        self.clock.advance(FILE_INTERVAL)
        self.thread.failures = [FULL] * 3
        records = [ended(call(id)) for id in ("a", "up")]
        for record in records:
            self.journal.finish(record)
        begin(self.journal, call("goes on"))
        self.clock.advance(FILE_INTERVAL)
        self.assertTrue(self.journal.failing)
        self.assertEqual((self.stored(), self.journal.lost), (records, 0))
        self.clock.pump([MOVE_INTERVAL] * 10)
        self.assertFalse(self.journal.failing)
        self.journal.finish(ended(call("goes on")))
        self.clock.pump([MOVE_INTERVAL] * 3)
        self.crash_and_restart()
        self.assertEqual([record.id for record in self.stored()], ["a", "goes on", "up"])
        self.assertEqual(self.log.levels[:2], ["error", "info"])
        self.assertEqual(self.recovered.closed, 0)

    def test_full_disk_for_long(self) -> None:
        self.journal = self.started(queue_limit=10)
        self.thread.failures = [FULL] * 3
        for number in range(15):
            self.journal.finish(ended(call(f"{number:02}")))
        self.clock.pump([FILE_INTERVAL, 1.0, 2.0, 4.0, MOVE_INTERVAL])
        self.assertEqual([record.id for record in self.stored()], [f"{number:02}" for number in range(5, 15)])
        self.assertEqual(self.journal.lost, 5)
        lines = [event["log_format"] for event in self.log.events if event["log_level"].name == "error"]
        self.assertEqual(len(lines), 3)
        self.assertIn("queue is full", lines[0])
        self.assertIn("were lost", lines[2])

    def test_a_lost_beginning_does_not_lose_the_call(self) -> None:
        self.journal = self.started(queue_limit=1)
        begin(self.journal, call("a"))
        self.thread.failures = [FULL]
        self.clock.advance(FILE_INTERVAL)
        self.journal.finish(ended(call("a")))
        self.assertEqual(self.journal.lost, 1)
        self.clock.pump([MOVE_INTERVAL, MOVE_INTERVAL])
        self.assertEqual([record.id for record in self.stored()], ["a"])

    def test_folder_that_cannot_be_read(self) -> None:
        self.stop()
        self.folder.rmdir()
        self.folder.touch()
        self.crash_and_restart()
        self.journal.finish(ended(call("a")))
        self.clock.advance(FILE_INTERVAL)
        self.folder.unlink()
        self.clock.pump([MOVE_INTERVAL, MOVE_INTERVAL])
        self.assertEqual([record.id for record in self.stored()], ["a"])

    def test_database_that_fails_at_the_start(self) -> None:
        self.journal.finish(ended(call("a")))
        self.clock.advance(FILE_INTERVAL)
        self.database.failures = [StoreError("gone")]
        self.crash_and_restart()
        self.assertEqual((self.recovered, self.log.levels), (Recovered(), ["error"]))
        self.journal.finish(ended(call("b")))
        self.clock.pump([FILE_INTERVAL, MOVE_INTERVAL])
        self.stop()
        self.assertEqual([record.id for record in self.stored()], ["b"])
        self.crash_and_restart()
        self.assertEqual([record.id for record in self.stored()], ["a", "b"])

    def test_damaged_lines_are_kept(self) -> None:
        self.journal.finish(ended(call("a")))
        self.clock.advance(FILE_INTERVAL)
        path = segments(self.folder)[0]
        path.write_bytes(b"what is this\n" + path.read_bytes())
        self.crash_and_restart()
        self.assertEqual([record.id for record in self.stored()], ["a"])
        self.assertEqual([path.name for path in self.folder.iterdir()], ["journal-00000001.damaged"])
        self.assertEqual(self.log.levels[-1], "error")
        self.crash_and_restart()
        self.assertEqual(self.recovered, Recovered())

    def test_torn_last_line(self) -> None:
        self.journal.finish(ended(call("a")))
        self.journal.finish(ended(call("b")))
        self.clock.advance(FILE_INTERVAL)
        path = segments(self.folder)[0]
        path.write_bytes(path.read_bytes()[:-10])
        self.crash_and_restart()
        self.assertEqual([record.id for record in self.stored()], ["a"])
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_what_the_database_refuses_is_kept(self) -> None:
        self.journal.finish(CallRecord("odd", float("nan"), "10"))
        self.journal.finish(ended(call("a")))
        self.clock.pump([FILE_INTERVAL, MOVE_INTERVAL])
        self.assertEqual([record.id for record in self.stored()], ["a"])
        self.stop()
        self.assertEqual([path.name for path in self.folder.iterdir()], ["journal-00000001.damaged"])

    def test_somebody_deletes_the_file(self) -> None:
        """What is remembered comes into the database; what has to be read from the file is gone."""
        for away, expected in ((False, ["a", "b"]), (True, ["a", "b", "b2"])):
            ids = ("a2", "b2") if away else ("a", "b")
            self.journal.finish(ended(call(ids[0])))
            self.clock.advance(FILE_INTERVAL)
            segments(self.folder)[-1].unlink()
            self.database.failures = [StoreError("away")] if away else []
            self.clock.advance(MOVE_INTERVAL)
            self.journal.finish(ended(call(ids[1])))
            self.clock.pump([FILE_INTERVAL, MOVE_INTERVAL, MOVE_INTERVAL, MOVE_INTERVAL])
            self.assertEqual([record.id for record in self.stored()], expected)
        self.stop()

    def test_somebody_empties_the_file(self) -> None:
        self.journal.finish(ended(call("a")))
        self.clock.advance(FILE_INTERVAL)
        segments(self.folder)[0].write_bytes(b"")
        self.database.failures = [StoreError("away")]
        self.clock.pump([MOVE_INTERVAL] * 5)
        self.assertEqual(self.log.levels, ["error", "error", "info"])
        self.stop()

    def test_more_than_is_remembered(self) -> None:
        """The rest is read from the file."""
        for number in range(2 * MOST_REMEMBERED):
            self.journal.finish(ended(call(str(number))))
        self.clock.pump([FILE_INTERVAL] + [MOVE_INTERVAL] * 5)
        self.journal.finish(ended(call("last")))
        self.clock.pump([FILE_INTERVAL, MOVE_INTERVAL])
        page = self.database.look(calls_between, 0.0, 1e12, 1000)
        self.assertEqual((len(page.calls), page.cursor != ""), (1000, True))
        self.stop()
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_end_of_a_cut_call_is_the_last_sign_of_life(self) -> None:
        begin(self.journal, ended(call("a")))
        self.clock.pump([0.2, 10.0])
        modified = segments(self.folder)[0].stat().st_mtime
        self.crash_and_restart()
        record = self.stored()[0]
        self.assertEqual(record.ended_at, max(modified, 1060.0))
        self.assertEqual((record.legs[0].outcome, record.legs[0].ended_at), ("answered", 1060.0))

    def test_signs_of_life_end_with_the_calls(self) -> None:
        begin(self.journal, call("a"))
        self.thread.failures = [FULL] * 3
        self.clock.pump([10.0] * 4)
        self.journal.finish(ended(call("a")))
        self.clock.pump([10.0] * 4)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_stop_during_a_call_keeps_it(self) -> None:
        begin(self.journal, call("a"))
        self.stop()
        self.crash_and_restart()
        self.assertEqual(self.recovered, Recovered(0, 1))

    def test_stop_with_a_full_disk(self) -> None:
        self.journal.finish(ended(call("a")))
        self.thread.failures = [FULL] * 3
        self.stop()
        self.assertEqual(self.log.levels, ["error"] * 2)

    def test_many_more_than_a_batch(self) -> None:
        self.journal = self.started(queue_limit=20_000, segment_size=1 << 20)
        for number in range(6000):
            self.journal.finish(ended(call(str(number))))
        self.assertTrue(self.successResultOf(Deferred.fromCoroutine(self.journal.flush())))
        self.assertEqual(self.database.rows(select(func.count()).select_from(tables.calls)), [(6000,)])
