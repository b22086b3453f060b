"""Many measured values in little memory: counts in buckets that are at most a sixty-fourth of their value wide."""

from collections.abc import Mapping
from math import ceil

RESOLUTION = 1e-6
"""Of what is recorded; all values below are exact to it up to 128 of it."""
LARGEST = 1 << 42
_PARTS = 64


class Histogram:
    """Values from 0 on (seconds, shares); ``counts`` has how many fell into the bucket of each number.

    At most 2400 buckets, whatever is recorded. Two histograms are added up by ``merge`` without any loss.
    """

    __slots__ = ("count", "counts", "high", "low", "total")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.count = 0
        self.total = 0.0
        self.low = 0.0
        self.high = 0.0

    def record(self, value: float) -> None:
        """Another value; what is below 0 counts as 0."""
        value = max(value, 0.0)
        number = _number(min(round(value / RESOLUTION), LARGEST))
        self.counts[number] = self.counts.get(number, 0) + 1
        self._widen(value, value)
        self.count += 1
        self.total += value

    def merge(self, counts: Mapping[int, int], total: float, low: float, high: float) -> None:
        """Take over what another histogram has: its ``counts``, ``total``, ``low`` and ``high``."""
        added = sum(counts.values())
        if not added:
            return
        for number, count in counts.items():
            self.counts[number] = self.counts.get(number, 0) + count
        self._widen(low, high)
        self.count += added
        self.total += total

    def percentile(self, share: float) -> float:
        """The value that ``share`` (0-1) of all values do not exceed; 0 when there is none."""
        rank = max(1, ceil(share * self.count - 1e-9))
        for number in sorted(self.counts):
            rank -= self.counts[number]
            if rank <= 0:
                return min(max(_middle(number) * RESOLUTION, self.low), self.high)
        return self.high

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0

    def _widen(self, low: float, high: float) -> None:
        self.low = min(self.low, low) if self.count else low
        self.high = max(self.high, high)


def _number(units: int) -> int:
    shift = max(units.bit_length() - 7, 0)
    return shift * _PARTS + (units >> shift)


def _middle(number: int) -> float:
    shift = max(number // _PARTS - 1, 0)
    first = (number - shift * _PARTS) << shift
    return first + ((1 << shift) - 1) / 2
