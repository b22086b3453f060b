"""The time that a report covers, half-open, as the clocks of the site show it."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from magroup.model.fixed import fixed

LONGEST = timedelta(days=3660)
"""Ten years: what is asked for by mistake is refused."""

EARLIEST_YEAR, LATEST_YEAR = 1990, 2190

NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class RangeError(ValueError):
    """What is wrong, in a sentence, and at which ``field``: start or end."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@fixed
class Range:
    """``start`` is in it, ``end`` is not (UTC seconds)."""

    start: float
    end: float


class Month(NamedTuple):
    """A month of the calendar, 1 to 12."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{NAMES[self.month - 1]} {self.year}"

    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)


def month_range(month: Month, zone: tzinfo | None) -> Range:
    """From its first midnight to that of the next; ``zone`` None is this machine's. Raises RangeError."""
    if not (EARLIEST_YEAR <= month.year <= LATEST_YEAR and 1 <= month.month <= 12):
        raise RangeError("start", "There are no reports of such a month.")
    return Range(_first(month, zone), _first(month.next(), zone))


def free_range(start: datetime, end: datetime, zone: tzinfo | None) -> Range:
    """Between two times as the clocks show them (naive). Raises RangeError.

    Where clocks are put back, the start is the first of the two times, and the end the second.
    """
    for field, moment in (("start", start), ("end", end)):
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise RangeError(field, f"The year must be between {EARLIEST_YEAR} and {LATEST_YEAR}.")
        if _shown(_seconds(moment, zone), zone) != moment:
            raise RangeError(field, "The clocks are put forward then: this time does not exist.")
    if end <= start:
        raise RangeError("end", "The end must be after the start.")
    if end - start > LONGEST:
        raise RangeError("end", "A report covers ten years at most.")
    return Range(_seconds(start, zone), _seconds(end.replace(fold=1), zone))


def months_between(oldest: float, now: float, zone: tzinfo | None) -> Iterator[Month]:
    """From that of ``now`` back to that of ``oldest`` (UTC seconds), no more than a report may cover."""
    last, first = (_month(moment, zone) for moment in (now, max(oldest, now - LONGEST.total_seconds())))
    for number in range(last.year * 12 + last.month - 1, first.year * 12 + first.month - 2, -1):
        yield Month(number // 12, number % 12 + 1)


def _month(moment: float, zone: tzinfo | None) -> Month:
    shown = _shown(moment, zone)
    return Month(shown.year, shown.month)


def _first(month: Month, zone: tzinfo | None) -> float:
    return _seconds(datetime(month.year, month.month, 1), zone)


def _seconds(moment: datetime, zone: tzinfo | None) -> float:
    return moment.replace(tzinfo=zone).timestamp()


def _shown(moment: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None, fold=0)
