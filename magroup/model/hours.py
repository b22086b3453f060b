"""Times of the week, as settings write them: Mon-Fri 07:00-19:00."""

import re
from typing import Self

from magroup.model.fixed import fixed

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = "(" + "|".join(DAYS) + ")"
_HOURS = re.compile(rf"{_DAY}(?:-{_DAY})? (\d\d):(\d\d)-(\d\d):(\d\d)")
DAY = 24 * 60


@fixed
class Hours:
    """From a day to another, the same perhaps, each from one minute of the day until before another."""

    days: frozenset[int]
    begin: int
    end: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""
        found = _HOURS.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no time of the week such as Mon-Fri 07:00-19:00 or Sat 08:00-12:00")
        first = DAYS.index(found[1])
        last = DAYS.index(found[2]) if found[2] else first
        begin, end = (60 * int(found[at]) + int(found[at + 1]) for at in (3, 5))
        if int(found[4]) > 59 or int(found[6]) > 59 or end > DAY or begin >= end:
            raise ValueError(f"{text!r} must end later than it begins, at 24:00 at the latest")
        return cls(frozenset((first + at) % 7 for at in range((last - first) % 7 + 1)), begin, end)

    def has(self, day: int, minute: int) -> bool:
        """Whether a minute of a day (0: Monday) is in it."""
        return day in self.days and self.begin <= minute < self.end
