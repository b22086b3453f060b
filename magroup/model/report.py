"""Reports on calls: what is asked, what is answered, and the numbers' definitions (resources/help/reports.md)."""

from collections.abc import Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from magroup.model.fixed import fixed
from magroup.model.records import Place
from magroup.model.report_range import Month, Range

EXTERNAL = "External"
"""The name of a number that none is known of."""


class Kind(StrEnum):
    """The three reports."""

    DETAILS = "details"
    COUNT = "count"
    DURATION = "duration"


class Form(StrEnum):
    """The files a report is saved as; the value is the ending of their names."""

    EXCEL = "xlsx"
    CSV = "csv"


@fixed
class Asked:
    """The calls that began in ``range``: all (``group_id`` 0), a group's, or those of the member with ``number``.

    Without ``outbound`` calls that members made are left out.
    """

    range: Range
    group_id: int = 0
    number: str = ""
    outbound: bool = False


class Detail(NamedTuple):
    """A call: ``started_at`` in UTC seconds; ``duration`` seconds from its begin to its end, waiting included."""

    call_id: str
    started_at: float
    caller_number: str
    caller_name: str
    called_number: str
    called_name: str
    duration: float


class DetailsPage(NamedTuple):
    """Calls, the oldest first, and the place after which the next page begins, None at the end."""

    calls: tuple[Detail, ...]
    next: Place | None


class Traffic(NamedTuple):
    """How many calls began in each hour of the day (24) and on each day of the week (7, Monday first)."""

    hours: tuple[int, ...]
    weekdays: tuple[int, ...]


@fixed
class Totals:
    """Of some members' calls. ``outbound`` are those they made, 0 unless they were asked for.

    ``connected`` and ``missed`` are calls to them; seconds are from the answer to the end of their part.
    """

    connected: int = 0
    missed: int = 0
    outbound: int = 0
    outbound_connected: int = 0
    inbound_seconds: float = 0.0
    outbound_seconds: float = 0.0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.connected + other.connected,
            self.missed + other.missed,
            self.outbound + other.outbound,
            self.outbound_connected + other.outbound_connected,
            self.inbound_seconds + other.inbound_seconds,
            self.outbound_seconds + other.outbound_seconds,
        )

    @property
    def inbound(self) -> int:
        """Missed and connected."""
        return self.connected + self.missed

    @property
    def calls(self) -> int:
        """Inbound and outbound."""
        return self.inbound + self.outbound

    @property
    def not_connected(self) -> int:
        """Outbound calls that nobody answered."""
        return self.outbound - self.outbound_connected

    @property
    def all_connected(self) -> int:
        """Answered calls in both directions: the graph's bar Connected."""
        return self.connected + self.outbound_connected

    @property
    def seconds(self) -> float:
        """Time in calls in both directions."""
        return self.inbound_seconds + self.outbound_seconds

    @property
    def average(self) -> float:
        """Seconds of an answered call, 0.0 without one."""
        return _average(self.seconds, self.all_connected)

    @property
    def inbound_average(self) -> float:
        return _average(self.inbound_seconds, self.connected)

    @property
    def outbound_average(self) -> float:
        return _average(self.outbound_seconds, self.outbound_connected)


def _average(seconds: float, calls: int) -> float:
    return seconds / calls if calls else 0.0


@fixed
class MemberTotals:
    """A row of Call count and Call duration: who had the line, and what came of the calls."""

    number: str
    name: str
    totals: Totals = Totals()


@fixed
class GroupTotals:
    """A group's bars; ``name`` as it is now, or as callers of a deleted group dialled it."""

    group_id: int
    name: str
    totals: Totals = Totals()


class NotWritten(Exception):
    """A file is not written: ``why`` in words for people, ``said`` what its process said beside that, for the log."""

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(f"{why}: {said}" if said else why)
        self.why = why


class Reports(Protocol):
    """Answers come from threads beside the calls; each raises StoreError when the database does not answer."""

    async def months(self) -> tuple[Month, ...]:
        """Those for which there may be records, the newest first, none without records."""

    async def details(self, asked: Asked, limit: int = 50, after: Place | None = None) -> DetailsPage:
        """At most ``limit`` (1000) calls behind the place ``after``; None: from the first."""

    async def count(self, asked: Asked) -> int:
        """How many calls Details lists."""

    async def traffic(self, asked: Asked) -> Traffic:
        """The graphs of Details: each call of its list once."""

    async def members(self, asked: Asked) -> tuple[MemberTotals, ...]:
        """The rows of Call count and Call duration: by name; of a group the manager first, the others as listed."""

    async def groups(self, asked: Asked) -> tuple[GroupTotals, ...]:
        """The bars of all groups, by name; of one if one is asked for. Each is the sum of its ``members``."""

    def save(
        self, kind: Kind, asked: Asked, form: Form, file: Path, progress: Callable[[int, int], None]
    ) -> Coroutine[Any, Any, None]:
        """Write ``file``, which must not exist; ``progress`` is told how many rows of how many are in it.

        Whoever cancels the Deferred made of it, or NotWritten, leaves no file.
        """
