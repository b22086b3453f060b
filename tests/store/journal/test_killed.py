"""A real process that writes its journal is killed, and another one goes on."""

import os
import signal
import sys
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from magroup.model.calls import CallRecord
from magroup.store import Database, Worker, once
from magroup.store.journal import CLOSED_BY_RESTART, Journal, calls_between
from magroup.store.journal.files import segments
from tests.store.journal.writes_until_killed import A_TIME, ALWAYS

TREE = Path(__file__).parents[3]


class Writer(ProcessProtocol):
    """Kills the process with signal 9 once it has done ``enough`` calls; ``ended`` fires with the last one done."""

    def __init__(self, enough: int) -> None:
        self.ended: Deferred[int] = Deferred()
        self.errors = b""
        self._enough = enough
        self._output = b""
        self._killed = False

    def outReceived(self, data: bytes) -> None:
        self._output += data
        if not self._killed and self._last() >= self._enough:
            self._killed = True
            self.transport.signalProcess("KILL")

    def errReceived(self, data: bytes) -> None:
        self.errors += data

    def processEnded(self, reason: Failure) -> None:
        reason.trap(ProcessTerminated)
        assert reason.value.signal == signal.SIGKILL, self.errors.decode()
        self.ended.callback(self._last())

    def _last(self) -> int:
        lines = self._output.rpartition(b"\n")[0].splitlines()
        return int(lines[-1].split()[1]) if lines else -1


class KilledTests(TestCase):
    """kill -9 while calls begin and end."""

    async def test_kill(self) -> None:
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        url = f"sqlite:///{folder}/magroup.db"
        journal_folder = folder / "journal"
        module = "tests.store.journal.writes_until_killed"
        for enough in (1, 600):
            writer = Writer(enough)
            reactor.spawnProcess(
                writer,
                sys.executable,
                [sys.executable, "-m", module, str(journal_folder), url],
                env=os.environ,
                path=str(TREE),
            )
            done = await writer.ended
            self.assertEqual(writer.errors, b"")
            await self.go_on(url, journal_folder, done)

    async def all_calls(self, database: Database) -> dict[int, CallRecord]:
        found: dict[int, CallRecord] = {}
        cursor = ""
        while not found or cursor:
            page = await database.read(calls_between, 0.0, 1e12, 1000, cursor)
            found.update((int(record.id), record) for record in page.calls)
            cursor = page.cursor
        return found

    async def go_on(self, url: str, folder: Path, done: int) -> None:
        """Start where the killed process has left off, look, and begin with an empty journal."""
        database = Database(url, reactor)
        await database.start()
        journal = Journal(folder, database, Worker(reactor, "journal"), reactor)
        recovered = await journal.start()
        try:
            found = await self.all_calls(database)
            closed = {number for number, record in found.items() if record.cause == CLOSED_BY_RESTART}
            self.assertEqual([number for number in range(done + 1) if number not in found or number in closed], [])
            self.assertEqual(len(closed), recovered.closed)
            # Those that were up when the file was written last; it may have been killed between two pieces of that.
            self.assertIn(ALWAYS, closed)
            self.assertLessEqual(len(closed), A_TIME + 1)
            self.assertGreater(min(closed), done)
            self.assertTrue(all(found[number].ended_at > 1.7e9 for number in closed))
            self.assertEqual(segments(folder), [])
        finally:
            await journal.stop()
            await database.stop()
        once(url, lambda connection: connection.exec_driver_sql("DELETE FROM calls").close())
