"""Some lines in the log in place of a line for each: who attacks does so fast."""

from collections.abc import Callable, Hashable

from magroup.sip.timers import Timer, Timers

MINUTE = 60.0
MOST_LINES = 20
"""Lines in a minute."""


class FewLines:
    """Tells what has not been told in this minute; ``more`` hears how many others there were when it is over."""

    def __init__(self, timers: Timers, more: Callable[[int], None]) -> None:
        self._timers = timers
        self._more = more
        self._told: set[Hashable] = set()
        self._others = 0
        self._minute: Timer | None = None

    def tells(self, what: Hashable) -> bool:
        """Whether ``what`` gets a line; else it is counted."""
        if self._minute is None:
            self._minute = self._timers.after(MINUTE, self._over)
        if what in self._told or len(self._told) >= MOST_LINES:
            self._others += 1
            return False
        self._told.add(what)
        return True

    def _over(self) -> None:
        self._minute = None
        self._told.clear()
        others, self._others = self._others, 0
        if others:
            self._more(others)
