"""When calls are made."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.load.arrivals import Concurrency, Rate
from tests.load.busy import BUSY


class Rates(SynchronousTestCase):
    """Calls at a rate."""

    def made(self, seconds: float, rate: float, **more: object) -> list[float]:
        clock, made = Clock(), list[float]()
        arrivals = Rate(clock, Random(1), rate, lambda: made.append(clock.seconds()), **more)  # type: ignore[arg-type]
        arrivals.start()
        clock.pump([0.01] * round(seconds * 100))
        arrivals.stop()
        self.assertEqual(clock.getDelayedCalls(), [])
        return made

    def test_even(self) -> None:
        made = self.made(10, 2, is_even=True)
        self.assertEqual([round(time, 1) for time in made], [0.5 * number for number in range(1, 21)][: len(made)])
        self.assertIn(len(made), (19, 20))

    def test_by_chance(self) -> None:
        made = self.made(100, 20)
        self.assertTrue(1800 < len(made) < 2200, len(made))
        gaps = [after - before for before, after in pairwise(made)]
        self.assertGreater(max(gaps), 4 * sum(gaps) / len(gaps), "independent calls come in bunches")

    def test_ramp(self) -> None:
        made = self.made(20, 10, is_even=True, ramp=10)
        parts = [sum(start <= time < start + 5 for time in made) for start in (0, 5, 10, 15)]
        for part, wanted in zip(parts, (12.5, 37.5, 50, 50), strict=True):
            self.assertLess(abs(part - wanted), 1.5)

    @BUSY
    @given(st.floats(0.1, 1000), st.floats(0, 100), st.lists(st.floats(0, 10_000), min_size=2))
    def test_time_goes_on(self, rate: float, ramp: float, numbers: list[float]) -> None:
        rates = Rate(Clock(), Random(1), rate, lambda: None, ramp=ramp)
        due = [rates.due(number) for number in sorted(numbers)]
        self.assertEqual(due, sorted(due))
        self.assertGreaterEqual(due[0], 0)

    def test_catches_up(self) -> None:
        """When the process stood still, what was due is made, and told to be late."""
        clock, made, late = Clock(), list[float](), list[float]()
        arrivals = Rate(clock, Random(1), 10, lambda: made.append(clock.seconds()), is_even=True, late=late.append)
        arrivals.start()
        clock.advance(1.05)
        clock.pump([0.0] * 20)
        self.assertEqual(len(made), 10)
        self.assertAlmostEqual(late[0], 0.95)
        arrivals.stop()


class Concurrencies(SynchronousTestCase):
    """Calls at a time."""

    def test_kept_up(self) -> None:
        clock, up = Clock(), [0]

        def begin() -> bool:
            up[0] += 1
            return True

        calls = Concurrency(clock, 100, lambda: up[0], begin, ramp=10)
        calls.start()
        clock.pump([0.05] * 101)
        self.assertLess(abs(up[0] - 50), 3)
        clock.pump([0.05] * 120)
        self.assertEqual(up[0], 100)
        up[0] = 40
        clock.pump([0.05] * 5)
        self.assertLess(up[0], 100, "what fails at once is not begun again in a storm")
        clock.pump([0.05] * 20)
        self.assertEqual(up[0], 100)
        calls.stop()
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_nobody_free(self) -> None:
        clock, asked = Clock(), list[int]()

        def begin() -> bool:
            asked.append(1)
            return False

        calls = Concurrency(clock, 100, lambda: 0, begin)
        calls.start()
        self.assertEqual(len(asked), 1)
        calls.stop()
