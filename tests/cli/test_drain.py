"""``python -m magroup drain``: what it writes, whom it tells, and what it says when there is nobody."""

import contextlib
import io
import signal
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cli import drain as command
from magroup.data_folder import DataFolder, process_of
from magroup.draining import EMPTY, FILE, LOOK_EVERY, WANTED, Draining


class Switch:
    """With so many calls."""

    def __init__(self) -> None:
        self.is_draining = False
        self.calls_by_id: dict[str, object] = {}


class DrainTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp()).absolute()
        self.clock, self.switch = Clock(), Switch()

        self.draining = Draining(self.clock, self.switch, self.folder, self.at_once)  # type: ignore[arg-type]
        self.addCleanup(self.draining.stop)
        self.signals: list[tuple[int, int]] = []

        def kill(process: int, number: signal.Signals) -> None:
            self.signals.append((process, number))
            self.draining.look()

        self.patch(command.os, "kill", kill)

    @staticmethod
    async def at_once(work: object) -> object:
        return work()  # type: ignore[operator]

    def running(self) -> DataFolder:
        folder = DataFolder.take(self.folder)
        self.addCleanup(folder.release)
        self.successResultOf(Deferred.fromCoroutine(self.draining.start()))
        return folder

    def drain(self, *arguments: str) -> tuple[int, str]:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = command.drain(["--data", str(self.folder), *arguments])
        return code, said.getvalue()

    def file(self) -> str:
        return (self.folder / FILE).read_text().strip()

    def test_nobody_there(self) -> None:
        """No folder; one that no process holds."""
        self.assertEqual(self.drain()[0], 1)
        self.running().release()
        self.assertEqual(process_of(self.folder), 0)
        self.assertEqual(self.drain(), (1, f"magroup: no server runs with the data folder {self.folder}\n"))
        self.assertEqual(self.signals, [])

    def test_to_the_last_call(self) -> None:
        self.running()
        self.switch.calls_by_id |= {"a-1": 1, "a-2": 2}
        self.assertEqual(self.drain(), (0, "magroup takes no new calls\n"))
        self.assertEqual([number for _, number in self.signals], [signal.SIGUSR2])
        self.assertEqual((self.switch.is_draining, self.file()), (True, "2 calls are left"))
        self.assertIn("drains", self.draining.reason())
        self.switch.calls_by_id.popitem()
        self.clock.advance(LOOK_EVERY)
        self.assertEqual(self.file(), "1 call is left")
        self.assertEqual(self.drain("--wait", "0.01"), (1, "magroup: 1 call is left\n"))
        self.switch.calls_by_id.clear()
        self.clock.advance(LOOK_EVERY)
        self.assertEqual((self.file(), self.drain("--wait", "1")), (EMPTY, (0, f"{EMPTY}\n")))

    def test_undone(self) -> None:
        """By command, or by a new start."""
        self.running()
        self.drain()
        self.assertEqual(self.drain("--undo"), (0, "magroup takes calls again\n"))
        self.assertEqual((self.switch.is_draining, self.draining.reason()), (False, ""))
        self.clock.advance(LOOK_EVERY)
        self.assertEqual((self.clock.getDelayedCalls(), (self.folder / FILE).exists()), ([], False))
        self.drain()
        self.successResultOf(Deferred.fromCoroutine(self.draining.start()))
        self.assertFalse((self.folder / FILE).exists())

    def test_several_processes(self) -> None:
        """The first tells of the calls of all; another one of them drains, and says nothing."""
        left: list[int | None] = [None, 2, 1, 0]

        async def elsewhere() -> int | None:
            return left.pop(0)

        self.draining = Draining(self.clock, self.switch, self.folder, self.at_once, elsewhere)  # type: ignore[arg-type]
        self.running()
        self.drain()
        self.assertEqual(self.file(), WANTED)
        other = Switch()
        second = Draining(self.clock, other, self.folder, self.at_once, tells=False)  # type: ignore[arg-type]
        self.successResultOf(Deferred.fromCoroutine(second.start()))
        self.assertTrue(other.is_draining)
        said = []
        for _ in range(3):
            self.clock.advance(LOOK_EVERY)
            said.append(self.file())
        self.assertEqual(said, ["2 calls are left", "1 call is left", EMPTY])
        self.drain("--undo")
        second.look()
        self.assertEqual((self.switch.is_draining, other.is_draining), (False, False))

    def test_started_again(self) -> None:
        """The process that tells has died: what was wanted of the server holds."""
        self.running()
        self.drain()
        again = Draining(self.clock, Switch(), self.folder, self.at_once, is_new=False)  # type: ignore[arg-type]
        self.addCleanup(again.stop)
        self.successResultOf(Deferred.fromCoroutine(again.start()))
        self.assertNotEqual(again.reason(), "")
