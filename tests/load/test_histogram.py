"""Histograms beside what numpy says of the values themselves."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.load.histogram import RESOLUTION, Histogram
from tests.load.busy import BUSY

SECONDS = st.floats(0, 5000, allow_nan=False)
SHARES = (0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
EXACT = 1 / 64


def histogram(values: list[float]) -> Histogram:
    made = Histogram()
    for value in values:
        made.record(value)
    return made


class Histograms(SynchronousTestCase):
    """Percentiles are right to a sixty-fourth, counts and sums wholly."""

    @BUSY
    @given(st.lists(SECONDS, min_size=1, max_size=300))
    def test_percentiles(self, values: list[float]) -> None:
        made = histogram(values)
        for share in SHARES:
            exact = float(np.percentile(values, 100 * share, method="inverted_cdf"))
            self.assertLessEqual(abs(made.percentile(share) - exact), exact * EXACT + 2 * RESOLUTION)

    @BUSY
    @given(st.lists(SECONDS, max_size=200), st.lists(SECONDS, max_size=200))
    def test_merged_is_as_recorded_together(self, some: list[float], others: list[float]) -> None:
        made, other, both = histogram(some), histogram(others), histogram(some + others)
        made.merge(other.counts, other.total, other.low, other.high)
        self.assertEqual((made.counts, made.count, made.low, made.high),
                         (both.counts, both.count, both.low, both.high))  # fmt: skip
        self.assertAlmostEqual(made.total, both.total, 3)

    @BUSY
    @given(st.lists(SECONDS, min_size=1))
    def test_ends(self, values: list[float]) -> None:
        made = histogram(values)
        self.assertEqual((made.low, made.high, made.count), (min(values), max(values), len(values)))
        self.assertTrue(made.low <= made.percentile(0.001) <= made.percentile(1.0) <= made.high)
        self.assertAlmostEqual(made.mean, sum(values) / len(values), 3)

    def test_memory_is_bounded(self) -> None:
        made = Histogram()
        for exponent in range(-70, 200):
            for part in range(64):
                made.record((1 + part / 64) * 1.5**exponent)
        self.assertLess(len(made.counts), 2500)

    def test_nothing(self) -> None:
        made = Histogram()
        self.assertEqual((made.percentile(0.5), made.mean, made.high), (0.0, 0.0, 0.0))

    def test_below_zero(self) -> None:
        self.assertEqual(histogram([-1.0]).percentile(1.0), 0.0)
