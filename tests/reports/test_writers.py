"""Files of reports written by real processes: done, ended before their time, gone wrong."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred

from magroup.model.calls import LegOutcome
from magroup.model.report import Asked, Form, Kind, NotWritten
from magroup.reports import writers
from magroup.reports.order import Order
from magroup.reports.writers import MOST, Writers
from tests.peers import until
from tests.reports.journals import AUGUST, BOARD, RAF, JournalCase, at, call, leg

NOON = at("2024-08-14T12:00")
PATIENT = """
import sys, time
from magroup.reports import writer, writing

def first_page(*asked, details=writing.details):
    time.sleep(0.01)
    return details(*asked[:2], 100, None)

writing.details = first_page
sys.exit(writer.main())
"""
"""A writer that never comes to an end."""

NICE = """
import os, sys
from magroup.reports import writer

writer.write = lambda order, transaction, progress: progress(os.nice(0), 99)
sys.exit(writer.main())
"""

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("[0,1]", flush=True)
time.sleep(60)
"""


class WritersCase(JournalCase):
    """A report of 1200 calls; nothing is left in ``folder`` but what was written."""

    timeout = 60

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.writers = Writers(reactor)
        # Beside other tests, which are not nice, they would take for ever.
        self.patch(writers, "NICER", 0)
        self.addCleanup(lambda: Deferred.fromCoroutine(self.writers.stop()))
        self.put(*(
            call(f"{n:05}", NOON + n, leg(RAF, LegOutcome.MISSED, BOARD), group_id=BOARD) for n in range(1200)
        ))  # fmt: skip
        self.told: list[tuple[int, int]] = []

    def order(self, form: Form = Form.EXCEL, name: str = "report.xlsx", **other: Any) -> Order:
        values: dict[str, Any] = {"url": self.database.url, "zone": "Europe/Zurich", **other}
        return Order(kind=Kind.DETAILS, asked=Asked(AUGUST), form=form, file=str(self.folder / name), **values)

    def write(self, order: Order) -> Deferred[None]:
        return Deferred.fromCoroutine(self.writers.write(order, lambda *at: self.told.append(at)))

    async def begun(self) -> None:
        """A process has said how far it is."""
        await until(lambda: self.told, 30.0, what="progress", seen=lambda: str(self.told))

    def command(self, *arguments: str) -> None:
        self.patch(writers, "COMMAND", arguments)

    def nothing_left(self) -> None:
        self.assertEqual((len(self.writers), list(self.folder.iterdir())), (0, []))


class Written(WritersCase):
    """To its end."""

    async def test_written(self) -> None:
        await self.write(self.order())
        rows = list(load_workbook(self.folder / "report.xlsx")["Details"].iter_rows(values_only=True))
        self.assertEqual((len(rows), str(rows[1][0])), (1201, "2024-08-14 12:00:00"))
        self.assertEqual((self.told[0], self.told[-1]), ((0, 1200), (1200, 1200)))
        self.assertEqual([file.name for file in self.folder.iterdir()], ["report.xlsx"])


    async def test_nice(self) -> None:
        """Calls go first."""
        self.command("-P", "-c", NICE)
        self.patch(writers, "NICER", 3)
        await self.write(self.order())
        self.assertEqual(self.told, [(os.nice(0) + 3, 99)])


class WrittenOnPostgresql(Written):
    """The same, from another database."""

    database_kind = "postgresql"


class NotWrittenTests(WritersCase):
    """Ended before their time, or gone wrong."""

    async def test_refused(self) -> None:
        """Each with a reason; a file that is there stays."""
        (self.folder / "mine").write_text("mine")
        for order, why in (
            (self.order(name="mine"), "File exists"), (self.order(name="no/where"), "No such file"),
            (self.order(url=f"sqlite:///{self.folder}/none.db"), "none.db cannot be opened"),
            (self.order(url="sqlite:////dev/full"), "database /dev/full cannot be used"),
        ):  # fmt: skip
            error = await self.assertFailure(self.write(order), NotWritten)
            self.assertIn(why, str(error))
            self.assertNotIn("/", error.why)
        (self.folder / "mine").unlink()
        self.nothing_left()

    async def test_cancelled(self) -> None:
        """In the middle: the process deletes what it has written, and what openpyxl has beside it, and ends."""
        self.command("-P", "-c", PATIENT)
        writing = self.write(self.order())
        await self.begun()
        self.assertTrue(list(self.folder.iterdir()))
        writing.cancel()
        await self.assertFailure(writing, CancelledError)
        self.nothing_left()

    async def test_the_server_ends(self) -> None:
        self.command("-P", "-c", PATIENT)
        writing = self.write(self.order())
        await self.begun()
        await self.writers.stop()
        await self.assertFailure(writing, NotWritten)
        self.nothing_left()

    async def test_the_server_is_gone(self) -> None:
        """Nobody reads what it says: it ends by itself."""
        self.command("-P", "-c", PATIENT)
        writing = self.write(self.order())
        await self.begun()
        (writer,) = self.writers._running
        writer.transport.closeStdout()
        await self.assertFailure(writing, NotWritten)
        self.nothing_left()

    async def test_does_not_end(self) -> None:
        self.patch(writers, "PATIENCE", 0.1)
        self.command("-c", STUBBORN)
        writing = self.write(self.order())
        await self.begun()
        writing.cancel()
        await self.assertFailure(writing, CancelledError)
        self.nothing_left()

    async def test_killed_by_another(self) -> None:
        self.command("-c", STUBBORN)
        writing = self.write(self.order())
        await self.begun()
        (writer,) = self.writers._running
        os.kill(writer.transport.pid, signal.SIGKILL)
        error = await self.assertFailure(writing, NotWritten)
        self.assertEqual(error.why, "its process ended (signal 9)")

    async def test_nonsense(self) -> None:
        """A process that is none of ours: told with what it said."""
        for script, why, said in (
            ("print('x')", writers.NONSENSE, ""), ("print('1' * 9999, end='')", writers.NONSENSE, ""),
            ("raise ValueError('oh')", "its process ended (1)", "ValueError: oh"),
        ):  # fmt: skip
            self.command("-c", script)
            error = await self.assertFailure(self.write(self.order()), NotWritten)
            self.assertIn(why, error.why)
            self.assertIn(said, str(error))

    async def test_no_process(self) -> None:
        self.patch(sys, "executable", "/nowhere/python")
        error = await self.assertFailure(self.write(self.order()), NotWritten)
        self.assertIn("process", error.why)
        self.nothing_left()

    async def test_few_at_a_time(self) -> None:
        """The next one begins when one has ended; who waits can be cancelled."""
        self.command("-c", STUBBORN)
        self.patch(writers, "PATIENCE", 0.1)
        running = [self.write(self.order(name=str(number))) for number in range(MOST)]
        late, never = self.write(self.order(name="late")), self.write(self.order(name="never"))
        self.assertEqual(len(self.writers), MOST)
        never.cancel()
        self.failureResultOf(never, CancelledError)
        await self.begun()
        self.command("-P", "-m", "magroup.reports.writer")
        running[0].cancel()
        await self.assertFailure(running[0], CancelledError)
        await late
        self.assertTrue((self.folder / "late").exists())
        running[1].cancel()
        await self.assertFailure(running[1], CancelledError)
