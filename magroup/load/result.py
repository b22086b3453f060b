"""What a load has brought: numbers for people and programs, the same in text, JSON and HTML."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from magroup.load.limits import OF_VALUES, STATISTICS, Verdict, statistic_of
from magroup.load.measures import COUNTS, VALUES, Measures, shares

MOST_POINTS = 600


class Point(Struct):
    """One interval: rates are per second, times in ms, ``server_cpu`` and ``tool_cpu`` in % of a processor, memory in
    MiB; None where nothing was measured."""

    at: float
    offered: float = 0.0
    served: float = 0.0
    failed: float = 0.0
    calls_up: int = 0
    phones_registered: int = 0
    delay_p50: float | None = None
    delay_p95: float | None = None
    server_cpu: float | None = None
    server_memory: float | None = None
    tool_cpu: float = 0.0


class Result(Struct, kw_only=True):
    """A load that has ended. ``problem`` is why it could not be done, ``notes`` are what one should know of it."""

    name: str
    server: str
    version: str
    started_at: str
    seconds: float = 0.0
    workers: int = 1
    problem: str = ""
    is_cut_short: bool = False
    measures: Measures
    points: list[Point] = field(default_factory=list)
    usage: dict[str, float] = field(default_factory=dict)
    tool_cpu: float = 0.0
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 when all limits were kept, 1 when one was not, 2 when the load could not be done."""
        if self.problem:
            return 2
        return 0 if all(verdict.is_kept for verdict in self.verdicts) else 1

    def statistics(self) -> Iterator[tuple[str, str, str, dict[str, float]]]:
        """Name, title and unit of each value that was measured, and its statistics."""
        for name, value in VALUES.items():
            histogram = self.measures.values.get(name)
            if histogram is not None and histogram.count:
                found = {one: statistic_of(name, histogram, one) for one in OF_VALUES}
                yield name, value.title, value.unit, found

    def counts(self) -> Iterator[tuple[str, str, int]]:
        """Name, what it is, and number of everything that was counted."""
        for name, what in COUNTS.items():
            if name in self.measures.counts:
                yield name, what, self.measures.number(name)

    def reasons(self) -> Iterator[tuple[str, str, int]]:
        """Kind, reason, how often; the most frequent of each kind first."""
        for kind, found in self.measures.reasons.items():
            for text, count in sorted(found.items(), key=lambda one: -one[1]):
                yield kind, text, count

    def as_json(self) -> dict[str, Any]:
        """For programs; times in ms, shares in %."""
        return {
            "name": self.name, "server": self.server, "version": self.version, "started_at": self.started_at,
            "seconds": round(self.seconds, 3), "workers": self.workers, "problem": self.problem,
            "cut_short": self.is_cut_short, "exit_code": self.exit_code,
            "counts": {name: count for name, _, count in self.counts()}, "shares": shares(self.measures.counts),
            "values": {name: {"unit": unit, **found} for name, _, unit, found in self.statistics()},
            "reasons": self.measures.reasons, "server_usage": self.usage, "tool_cpu": self.tool_cpu,
            "limits": [
                {"name": one.name, "kind": "most" if one.is_most else "least", "bound": one.bound, "found": one.found,
                 "kept": one.is_kept}
                for one in self.verdicts
            ],
            "notes": self.notes, "points": self.points,
        }  # fmt: skip


__all__ = ["MOST_POINTS", "STATISTICS", "Point", "Result"]
