"""Limits that a load must keep: which of them there are, and which were kept."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from magroup.load.histogram import Histogram
from magroup.load.measures import COUNTS, GAUGES, VALUES, Measures, scaled, shares
from magroup.load.scenario import Bounds, Scenario

STATISTICS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
OF_VALUES = (*STATISTICS, "mean", "max", "count")
SHARES = {
    "calls_failed_share": "% of the calls that were made",
    "registrations_failed_share": "% of all REGISTERs",
    "rtp_lost_share": "% of all packets of sound",
}
SERVER = {"server_cpu": "% of a processor, on average", "server_memory": "MiB, at most"}


class Verdict(NamedTuple):
    """One limit: ``found`` is None where nothing was measured, which keeps no limit."""

    name: str
    is_most: bool
    bound: float
    found: float | None

    @property
    def is_kept(self) -> bool:
        if self.found is None:
            return False
        return self.found <= self.bound if self.is_most else self.found >= self.bound

    def __str__(self) -> str:
        words = "at most" if self.is_most else "at least"
        found = "nothing was measured" if self.found is None else f"{self.found:g}"
        return f"{self.name} {words} {self.bound:g}: {found}"


def wrong_bounds(scenario: Scenario) -> Iterator[str]:
    """What is wrong with the names in ``most`` and ``least``."""
    for table, bounds in (("most", scenario.most), ("least", scenario.least)):
        for name, value in bounds.items():
            plain = {*COUNTS, *SHARES, *SERVER}
            if isinstance(value, dict):
                if name not in VALUES:
                    yield f"{table}.{name} {_not_measured(name, list(VALUES))}"
                for statistic in value:
                    if name in VALUES and statistic not in OF_VALUES:
                        yield f"{table}.{name}.{statistic}: it must be one of {', '.join(OF_VALUES)}"
            elif name in VALUES:
                yield f"{table}.{name} needs one of {', '.join(OF_VALUES)}: {name}.p95 = {value:g}"
            elif name not in plain:
                yield f"{table}.{name} {_not_measured(name, sorted(plain))}"


def _not_measured(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    return "is nothing that is measured" + (f"; did you mean {near[0]}?" if near else "")


def verdicts(scenario: Scenario, measures: Measures, server: Mapping[str, float]) -> list[Verdict]:
    """How each limit was kept; ``server`` has those of SERVER that could be measured."""
    found = []
    for is_most, bounds in ((True, scenario.most), (False, scenario.least)):
        for name, bound in _flat(bounds):
            found.append(Verdict(name, is_most, bound, _measured(name, measures, server)))
    return found


def _flat(bounds: Bounds) -> Iterator[tuple[str, float]]:
    for name, value in bounds.items():
        if isinstance(value, dict):
            for statistic, bound in value.items():
                yield f"{name}.{statistic}", bound
        else:
            yield name, value


def _measured(name: str, measures: Measures, server: Mapping[str, float]) -> float | None:
    value, _, statistic = name.partition(".")
    if statistic:
        histogram = measures.values.get(value)
        if histogram is None:
            return 0.0 if statistic == "count" else None
        return statistic_of(value, histogram, statistic)
    if name in COUNTS:
        return measures.number(name)
    if name in SHARES:
        return shares(measures.counts)[name]
    return server.get(name)


def statistic_of(name: str, histogram: Histogram, statistic: str) -> float:
    """One of OF_VALUES, in the unit of reports."""
    if statistic == "count":
        return histogram.count
    if statistic == "mean":
        return scaled(name, histogram.mean)
    if statistic == "max":
        return scaled(name, histogram.high)
    return scaled(name, histogram.percentile(STATISTICS[statistic]))


__all__ = ["GAUGES", "OF_VALUES", "SERVER", "SHARES", "STATISTICS", "Verdict", "statistic_of", "verdicts",
           "wrong_bounds"]  # fmt: skip
