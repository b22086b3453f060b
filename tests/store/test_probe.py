"""Whether the database answers."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from magroup.store import StoreError
from magroup.store.probe import INTERVAL, PATIENCE, Probe


class Asked:
    """A database that answers when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[Deferred[None]] = []

    async def read(self, work: Any) -> None:
        self.waiting.append(Deferred())
        await self.waiting[-1]


class Probing(SynchronousTestCase):
    """``Probe`` on a clock."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.database = Asked()
        self.probe = Probe(self.database, self.clock)  # type: ignore[arg-type]
        self.probe.start()

    def test_it_answers(self) -> None:
        for asked in range(1, 4):
            self.assertEqual((len(self.database.waiting), self.probe.reason()), (asked, ""))
            self.database.waiting[-1].callback(None)
            self.clock.advance(INTERVAL)

    def test_it_does_not_answer(self) -> None:
        self.clock.advance(PATIENCE)
        self.assertEqual(self.probe.reason(), "")
        self.clock.advance(1)
        self.assertEqual((len(self.database.waiting), self.probe.reason()), (1, "does not answer"))
        self.database.waiting[-1].callback(None)
        self.assertEqual(self.probe.reason(), "")

    def test_it_fails(self) -> None:
        with capturedLogs() as events:
            for _ in range(2):
                self.database.waiting[-1].errback(StoreError("the disk is gone"))
                self.assertEqual(self.probe.reason(), "the disk is gone")
                self.clock.advance(INTERVAL)
        self.assertEqual(len(events), 1, "an outage is one line")
        self.database.waiting[-1].callback(None)
        self.assertEqual(self.probe.reason(), "")

    def test_stopped(self) -> None:
        self.probe.stop()
        self.database.waiting[-1].callback(None)
        self.clock.advance(INTERVAL)
        self.assertEqual((len(self.database.waiting), self.clock.getDelayedCalls()), (1, []))
