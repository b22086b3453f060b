"""The pressure by which new requests are refused: what makes it, what does not, and where it settles."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.overload import HOLD, MOST, Overload

TARGET = 0.05


class Looks:
    """Looks every 50 ms, as often as the test wants."""

    def __init__(self) -> None:
        self.overload = Overload(TARGET)
        self.now = 1000.0

    def see(self, *waits: float, after: float = 0.05) -> float:
        for wait in waits:
            self.now += after
            self.overload.look(self.now, wait)
        return self.overload.pressure


class Queue:
    """One server that gets through ``capacity`` calls a second, each a work of six messages within 160 ms; to refuse
    one takes a twentieth of that.
    """

    LATER = ((0.005, 0.15), (0.055, 0.25), (0.058, 0.1), (0.16, 0.15), (0.165, 0.1))

    def __init__(self, capacity: float) -> None:
        self.overload = Overload(TARGET)
        self.each = 1 / capacity
        self.now = 1000.0
        self.served = 0
        self.refused = 0
        self.longest = 0.0
        self._coming: deque[tuple[float, float]] = deque()
        self._number = 0
        self._look_at = 0.0

    def run(self, seconds: float, rate: float) -> None:
        """So many calls a second, evenly."""
        end, next_call = self.now + seconds, self.now
        self.longest, self.served, self.refused, waited = 0.0, 0, 0, 0.0
        while self.now < end:
            if self.now >= self._look_at:
                self.overload.look(self.now, waited)
                waited, self._look_at = 0.0, self.now + 0.05
            came, work = self._coming[0] if self._coming else (end, 0.0)
            if next_call <= min(came, end):
                came, next_call = next_call, next_call + 1 / rate
                work = self._invited(came)
            elif self._coming:
                self._coming.popleft()
            if came > self.now:
                self.now = min(came, self._look_at) if not work else came
            waited = max(waited, self.now - came)
            self.longest = max(self.longest, self.now - came)
            self.now += work * self.each

    def _invited(self, came: float) -> float:
        self._number += 1
        # Evenly spread, as the hashes of Call-IDs are.
        if self._number * 0.6180339887 % 1.0 < self.overload.pressure:
            self.refused += 1
            return 0.05
        self.served += 1
        begun = max(self.now, came)
        self._coming = deque(sorted([*self._coming, *((begun + after, work) for after, work in self.LATER)]))
        return 0.25


class Beginning(SynchronousTestCase):
    """Only what lasts is an overload."""

    def setUp(self) -> None:
        self.looks = Looks()
        self.looks.see(0.0)

    def test_lasting(self) -> None:
        """The longer messages wait the more is refused; the first share is what comes in too much."""
        self.assertEqual(self.looks.see(0.01, 0.06, *(0.06 + 0.02 * at for at in range(10))), 0.0)
        self.assertAlmostEqual(self.looks.see(0.26), 0.4, 1)
        self.assertGreater(self.looks.see(0.3, 0.3), 0.41)

    def test_a_late_look(self) -> None:
        """A collection of garbage, a page that took long: again and again, but messages do not wait in between."""
        for _ in range(100):
            self.assertEqual(self.looks.see(0.24, 0.0, 0.0, 0.3, 0.0), 0.0)

    def test_a_burst(self) -> None:
        """Fifty calls at once are worked off."""
        self.assertEqual(self.looks.see(*(0.4 - 0.05 * at for at in range(8)), 0.0), 0.0)
        self.assertEqual(self.looks.see(*(2.0 * 0.8**at for at in range(30))), 0.0)

    def test_stopped(self) -> None:
        """By a debugger or a machine that was put to sleep: what has come meanwhile has waited long."""
        self.looks.see(0.06)
        self.assertEqual(self.looks.see(10.0, after=10.0), 0.0)
        self.assertEqual(self.looks.see(0.5, 0.3, 0.2, 0.1, 0.0), 0.0)

    def test_slow_turns(self) -> None:
        """There is so much to do that nobody looks for seconds, again and again."""
        self.assertGreater(self.looks.see(*[2.0] * 4, after=2.0), 0.0)

    def test_a_clock_that_was_set(self) -> None:
        self.looks.see(0.06, 0.06)
        self.looks.now -= 3600
        self.assertEqual(self.looks.see(0.06, 0.06, 0.06), 0.0)
        self.looks.now += 3600
        self.assertEqual(self.looks.see(0.06, 0.06, 0.06), 0.0)

    def test_off(self) -> None:
        """In the middle of one, too."""
        waits = [0.1 * at for at in range(30)]
        self.assertGreater(self.looks.see(*waits), 0.5)
        self.looks.overload.target = 0.0
        self.assertEqual(self.looks.see(*waits), 0.0)
        self.assertFalse(self.looks.overload.is_watchful)

    def test_watchful(self) -> None:
        """As soon as there may be one."""
        self.assertFalse(self.looks.overload.is_watchful)
        self.looks.see(0.06)
        self.assertTrue(self.looks.overload.is_watchful)
        self.looks.see(0.04)
        self.assertFalse(self.looks.overload.is_watchful)

    @given(st.lists(st.tuples(st.floats(0.001, 5), st.floats(0, 100)), max_size=60))
    def test_bounds(self, looks: list[tuple[float, float]]) -> None:
        """Whatever is seen; and nothing is refused in the first half second."""
        overload, now = Overload(TARGET), 0.0
        for passed, wait in looks:
            now += passed
            overload.look(now, wait)
            self.assertTrue(0.0 <= overload.pressure <= MOST)
            self.assertTrue(not overload.pressure or now > HOLD)


class Settling(SynchronousTestCase):
    """A server with a queue before it."""

    def test_goodput(self) -> None:
        """At 1.2, 2 and 4 times the capacity nine tenths are served, less what it takes to refuse; they wait for less
        than T1. Two seconds later all is well.
        """
        for times in (1.2, 2.0, 4.0):
            queue = Queue(200)
            queue.run(3, 200 * times)
            queue.run(6, 200 * times)
            possible = 200 * 6 * (1 - 0.05 * times) / 0.95
            self.assertGreater(queue.served, 0.9 * possible, times)
            self.assertLess(queue.longest, 0.35, times)
            queue.run(3, 100)
            queue.run(3, 100)
            self.assertEqual((queue.refused, queue.overload.pressure), (0, 0.0), times)

    def test_no_overload(self) -> None:
        queue = Queue(200)
        queue.run(10, 180)
        self.assertEqual(queue.refused, 0)

    def test_more_than_can_be_refused(self) -> None:
        """No call is served, and requests of other kinds are next."""
        queue = Queue(200)
        queue.run(6, 200 * 25)
        self.assertGreater(queue.overload.pressure, 1.0)
