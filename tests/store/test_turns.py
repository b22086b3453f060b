"""Work that takes turns with the reactor."""

import os
import sys
from pathlib import Path
from subprocess import PIPE, run
from threading import get_native_id
from time import thread_time

from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from magroup.store import turns
from magroup.store.turns import (
    HURRIED,
    LONGEST_PAUSE,
    NICENESS,
    PATIENCE,
    PAUSE,
    SWITCH,
    TURN,
    in_turns,
    parts,
    reactor_first,
    take_turns,
)  # fmt: skip
from magroup.store.worker import Worker

TREE = Path(__file__).parents[2]
SHOWS = """
import os, sys
from threading import Thread, get_native_id
from magroup.store.turns import stand_back

def show() -> None:
    for _ in range(2):
        stand_back(int(sys.argv[2]))
    print(os.getpriority(os.PRIO_PROCESS, get_native_id()))

os.nice(int(sys.argv[1]))
thread = Thread(target=show)
thread.start()
thread.join()
"""


class TurnsTests(TestCase):
    def setUp(self) -> None:
        self.pauses: list[float] = []
        self.patch(turns, "pause", self.pauses.append)

    def busy(self, seconds: float) -> None:
        until = thread_time() + seconds
        while thread_time() < until:
            pass

    def test_a_pause_after_each_turn(self) -> None:
        def work() -> None:
            take_turns()
            for _ in range(3):
                self.busy(1.1 * TURN)
                take_turns()

        in_turns(work)()
        self.assertEqual(len(self.pauses), 3)
        for pause in self.pauses:
            self.assertGreater(pause, TURN)

    def test_much_work_is_hurried(self) -> None:
        """It has little of a core at first; not so little that what comes after it would wait for ever."""
        now = [100.0]
        self.patch(turns, "monotonic", lambda: now[0])

        def work() -> None:
            for _ in range(4):
                self.busy(1.1 * TURN)
                take_turns()
                now[0] += 0.4 * PATIENCE

        in_turns(work)()
        in_turns(work)()
        for first, second, third, hurried in (self.pauses[:4], self.pauses[4:]):
            for pause in (first, second, third):
                self.assertGreaterEqual(pause, PAUSE * TURN)
            self.assertGreaterEqual(hurried, HURRIED * TURN)
            self.assertLess(hurried, PAUSE * TURN)

    def test_what_is_late_is_hurried_at_once(self) -> None:
        def work() -> None:
            self.busy(1.1 * TURN)
            take_turns()

        in_turns(work, 0.0)()
        self.assertGreaterEqual(self.pauses[0], HURRIED * TURN)
        self.assertLess(self.pauses[0], PAUSE * TURN)

    def test_none_is_long(self) -> None:
        def work() -> None:
            self.busy(LONGEST_PAUSE)
            take_turns()

        in_turns(work)()
        self.assertEqual(self.pauses, [LONGEST_PAUSE])

    def test_none_without(self) -> None:
        """Neither before nor after work that takes turns, however it ends."""
        with self.assertRaises(ZeroDivisionError):
            in_turns(lambda: 1 / 0)()
        self.busy(2 * TURN)
        take_turns()
        self.assertEqual(self.pauses, [])

    def test_parts(self) -> None:
        self.assertEqual(list(parts("abcdefg", 3)), ["abc", "def", "g"])
        self.assertEqual(list(parts([], 3)), [])

    def test_a_pause_between_parts(self) -> None:
        def work() -> None:
            for _ in parts([1, 2, 3, 4], 2):
                self.busy(1.1 * TURN)

        in_turns(work)()
        self.assertEqual(len(self.pauses), 2)


class PriorityTests(TestCase):
    async def test_threads_come_after_the_reactor(self) -> None:
        def niceness() -> int:
            return os.getpriority(os.PRIO_PROCESS, get_native_id())

        before = niceness()
        worker = Worker(reactor, "back")  # type: ignore[arg-type]
        worker.start()
        in_thread = await worker.run(niceness)
        await worker.stop()
        expected = min(19, before + NICENESS) if sys.platform == "linux" else before
        self.assertEqual((in_thread, niceness()), (expected, before))

    def test_of_a_process_that_stands_back_itself(self) -> None:
        """It comes after that, too: nobody but root may take back what it was started with."""
        own = os.getpriority(os.PRIO_PROCESS, 0)
        for nice, by in ((12, 5), (12, 10), (19, 5)):
            command = [sys.executable, "-c", SHOWS, str(nice), str(by)]
            shown = run(command, stdout=PIPE, check=True, timeout=30, cwd=TREE).stdout
            expected = min(19, own + nice + by) if sys.platform == "linux" else min(19, own + nice)
            self.assertEqual(int(shown), expected)

    def test_the_interpreter_is_given_back_soon(self) -> None:
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        reactor_first()
        self.assertAlmostEqual(sys.getswitchinterval(), SWITCH)
