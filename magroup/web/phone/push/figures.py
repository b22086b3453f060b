"""Figures of the pushes for Prometheus: outcomes, delay, phones that are left alone."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from magroup.web.phone.push.answer import Outcome

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0)
"""Seconds."""


class Figures:
    """Of all phones, since the start."""

    def __init__(self) -> None:
        self.outcomes: Counter[Outcome] = Counter({outcome: 0 for outcome in Outcome})
        self.delays = [0] * (len(BOUNDS) + 1)
        self.delay_sum = 0.0

    def count(self, outcome: Outcome) -> None:
        self.outcomes[outcome] += 1

    def issued(self, delay: float) -> None:
        """A push went out so many seconds after it might have."""
        self.delays[bisect_left(BOUNDS, delay)] += 1
        self.delay_sum += delay


class PushCollector(Collector):
    """``left_alone`` gives the number of phones that did not answer."""

    def __init__(self, figures: Figures, left_alone: Callable[[], int]) -> None:
        self._figures = figures
        self._left_alone = left_alone

    def collect(self) -> Iterator[Metric]:
        """Counts and seconds."""
        figures = self._figures
        pushes = CounterMetricFamily("magroup_phone_pushes", "Pushes to phones.", labels=["outcome"])
        for outcome, count in figures.outcomes.items():
            pushes.add_metric([outcome.value], count)
        yield pushes
        yield GaugeMetricFamily(
            "magroup_phones_left_alone", "Phones that did not answer and are left alone.", self._left_alone()
        )
        delay = HistogramMetricFamily("magroup_phone_push_delay_seconds", "Time that a push waited for its turn.")
        buckets, total = [], 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), figures.delays, strict=True):
            total += count
            buckets.append((bound, total))
        delay.add_metric([], buckets, figures.delay_sum)
        yield delay
