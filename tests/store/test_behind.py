"""Work behind the calls, on a clock."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from magroup.store.behind import LONGEST_WAIT, Behind
from magroup.store.errors import StoreError


class Collected:
    """Events of the log while a test runs."""

    def __init__(self, test: SynchronousTestCase) -> None:
        self.events: list[dict[str, Any]] = []
        globalLogPublisher.addObserver(self.events.append)
        test.addCleanup(globalLogPublisher.removeObserver, self.events.append)

    @property
    def levels(self) -> list[str]:
        return [event["log_level"].name for event in self.events if "log_level" in event]


class BehindTests(SynchronousTestCase):
    """``Behind`` with work whose outcomes the test decides."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.outcomes: list[Any] = []
        self.moments: list[float] = []
        self.behind = Behind("washing up", self.work, self.clock, 0.5)
        self.log = Collected(self)

    async def work(self) -> bool:
        self.moments.append(self.clock.seconds())
        outcome = self.outcomes.pop(0) if self.outcomes else False
        if isinstance(outcome, Deferred):
            outcome = await outcome
        if isinstance(outcome, Exception):
            raise outcome
        return bool(outcome)

    def test_many_wakes_are_one_turn(self) -> None:
        for _ in range(5):
            self.behind.wake()
        self.clock.advance(0.4)
        self.assertEqual(self.moments, [])
        self.clock.pump([0.2, 10.0])
        self.assertEqual(len(self.moments), 1)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_again_while_there_is_more(self) -> None:
        self.outcomes = [True, True, False]
        self.behind.wake()
        self.clock.pump([0.5] * 10)
        self.assertEqual(self.moments, [0.5, 1.0, 1.5])

    def test_woken_during_a_turn(self) -> None:
        slow: Deferred[bool] = Deferred()
        self.outcomes = [slow]
        self.behind.wake()
        self.clock.advance(0.5)
        self.behind.wake()
        self.clock.advance(5.0)
        self.assertEqual(self.moments, [0.5])
        slow.callback(False)
        self.clock.advance(0.5)
        self.assertEqual(self.moments, [0.5, 6.0])

    def test_an_outage_is_two_lines(self) -> None:
        self.outcomes = [StoreError("it rains")] * 9
        self.behind.wake()
        for _ in range(20):
            self.clock.pump([1.0] * 30)
        pauses = [later - earlier for earlier, later in zip(self.moments, self.moments[1:], strict=False)]
        self.assertEqual(pauses, [1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT])
        self.assertEqual(self.log.levels, ["error", "info"])
        self.assertIn("it rains", str(self.log.events[0]["reason"]))
        self.assertFalse(self.behind.failing)

    def test_ready_at_once_after_an_outage(self) -> None:
        self.outcomes = [OSError(28, "No space left on device")]
        self.behind.wake()
        self.clock.pump([0.5, 1.0])
        self.behind.wake()
        self.clock.advance(0.5)
        self.assertEqual(self.moments, [0.5, 1.5, 2.0])

    def test_a_mistake_does_not_end_it(self) -> None:
        self.outcomes = [KeyError("x"), KeyError("x")]
        self.behind.wake()
        self.clock.pump([0.5, 1.0, 2.0])
        self.assertEqual(len(self.moments), 3)
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_flush_does_it_now(self) -> None:
        self.outcomes = [True, False]
        self.behind.wake()
        self.assertTrue(self.successResultOf(Deferred.fromCoroutine(self.behind.flush())))
        self.assertEqual(self.moments, [0.0, 0.0])
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_flush_waits_for_a_turn_that_runs(self) -> None:
        slow: Deferred[bool] = Deferred()
        self.outcomes = [slow]
        self.behind.wake()
        self.clock.advance(0.5)
        flushed = Deferred.fromCoroutine(self.behind.flush())
        self.assertNoResult(flushed)
        slow.callback(False)
        self.assertTrue(self.successResultOf(flushed))
        self.assertEqual(len(self.moments), 2)

    def test_never_two_turns_at_a_time(self) -> None:
        slow: list[Deferred[bool]] = [Deferred() for _ in range(3)]
        self.outcomes = list(slow)
        self.behind.wake()
        self.clock.advance(0.5)
        flushes = [Deferred.fromCoroutine(self.behind.flush()) for _ in range(2)]
        for turn, deferred in enumerate(slow, 1):
            self.assertEqual(len(self.moments), turn)
            deferred.callback(False)
        self.assertEqual([self.successResultOf(flush) for flush in flushes], [True, True])
        self.assertEqual(len(self.moments), 3)

    def test_flush_in_an_outage_gives_up_and_tries_later(self) -> None:
        self.outcomes = [StoreError("it rains")]
        self.assertFalse(self.successResultOf(Deferred.fromCoroutine(self.behind.flush())))
        self.clock.advance(1.0)
        self.assertEqual(len(self.moments), 2)
        self.assertFalse(self.behind.failing)

    def test_stop_is_the_last(self) -> None:
        for outcome, done in ((False, True), (StoreError("it rains"), False)):
            behind = Behind("washing up", self.work, self.clock, 0.5)
            self.outcomes = [outcome]
            self.moments.clear()
            behind.wake()
            self.assertEqual(self.successResultOf(Deferred.fromCoroutine(behind.stop())), done)
            behind.wake()
            self.assertEqual(self.clock.getDelayedCalls(), [])
            self.assertEqual(len(self.moments), 1)
