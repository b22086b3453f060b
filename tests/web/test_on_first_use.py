"""What is read on first use is read once, in a thread, for all who ask meanwhile."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.on_first_use import OnFirstUse


class First(SynchronousTestCase):
    """``run`` does what was given to the thread."""

    def setUp(self) -> None:
        self.work: list[tuple[Callable[[], Any], Deferred[Any]]] = []
        self.loaded = 0
        self.part = OnFirstUse(self.load, self.in_thread)

    def load(self) -> str:
        self.loaded += 1
        if self.loaded == 1:
            raise ImportError("no such module")
        return "part"

    def in_thread(self, work: Callable[[], Any]) -> Deferred[Any]:
        self.work.append((work, Deferred()))
        return self.work[-1][1]

    def run_next(self) -> None:
        work, done = self.work.pop(0)
        try:
            done.callback(work())
        except ImportError:
            done.errback()

    def ask(self) -> Deferred[str]:
        return Deferred.fromCoroutine(self.part.get())

    def test_once_for_all(self) -> None:
        first, second = self.ask(), self.ask()
        self.assertNoResult(first)
        self.assertIsNone(self.part.there)
        self.assertEqual(len(self.work), 1)
        self.run_next()
        self.failureResultOf(first, ImportError)
        self.run_next()
        self.assertEqual((self.successResultOf(second), self.part.there), ("part", "part"))
        self.assertEqual(self.successResultOf(self.ask()), "part")
        self.assertEqual((self.loaded, self.work), (2, []))
