"""The signals that end the server, sent more than once."""

import os
import signal
from collections.abc import Callable
from typing import Any

from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from magroup.ending import ENDING, Ending


class Reactor:
    """Runs, and does at once what is to be done."""

    def callWhenRunning(self, work: Callable[[], object]) -> None:
        work()

    def callFromThread(self, work: Callable[..., object], *arguments: Any) -> None:
        work(*arguments)


class EndingTests(SynchronousTestCase):
    """With handlers of the test's own in place of the reactor's."""

    def setUp(self) -> None:
        self.heard: list[int] = []
        for number in ENDING:
            self.addCleanup(signal.signal, number, signal.signal(number, self._hear))
        self.ending = Ending(Reactor())

    def _hear(self, number: int, frame: object) -> None:
        self.heard.append(number)

    def test_once(self) -> None:
        self.ending.start()
        with capturedLogs() as logged:
            for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
                os.kill(os.getpid(), number)
        self.assertEqual(self.heard, [signal.SIGTERM])
        self.assertEqual([event["log_format"] for event in logged], ["magroup is stopping already"] * 2)

    def test_put_back(self) -> None:
        self.ending.start()
        self.ending.stop()
        os.kill(os.getpid(), signal.SIGINT)
        self.assertEqual(self.heard, [signal.SIGINT])
        self.ending.start()
        self.assertEqual([signal.getsignal(number) for number in ENDING], [self._hear] * 2)

    def test_ignored(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.ending.start()
        self.assertIs(signal.getsignal(signal.SIGINT), signal.SIG_IGN)
        self.ending.stop()
        self.assertIs(signal.getsignal(signal.SIGINT), signal.SIG_IGN)
