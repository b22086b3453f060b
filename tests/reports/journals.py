"""Hand-made journals for reports: a company, calls in few words, and a database that holds them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from twisted.trial.unittest import TestCase

from magroup.model.calls import CallRecord, LegOutcome, LegRecord
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.report import Asked
from magroup.model.report_range import Month, free_range, month_range
from magroup.reports import StoredReports
from magroup.reports.order import Order, encode, order_of
from magroup.reports.writing import write
from magroup.store import replace_all
from magroup.store.journal.rows import insert_calls
from tests.store.databases import Stored, new_database

ZURICH = ZoneInfo("Europe/Zurich")
BOARD, SALES = 7, 8
TIJANA, RAF, ARA = "1047", "1001", "1002"
CALLER = "0311234567"

COMPANY = Configuration(
    users=(
        User(1, "tijana", "Tijana", "Ilic", lines=(TIJANA,)),
        User(2, "raf", "Raf", "Meier", lines=(RAF,)),
        User(3, "ara", "Ara", "Kern", lines=(ARA,)),
    ),
    lines=(Line(TIJANA, "secret1"), Line(RAF, "secret2"), Line(ARA, "secret3"), Line("1009", "secret9")),
    groups=(Group(BOARD, "Board", number="8973"), Group(SALES, "Sales", number="8974")),
    members=(
        Member(1, BOARD, "raf", RAF, "Raf", position=1),
        Member(2, BOARD, "tijana", TIJANA, "Tij", is_manager=True, position=2),
        Member(3, SALES, "raf", RAF, "Raf", position=1),
        Member(4, SALES, "ara", ARA, "Ara", position=2),
    ),
)
"""Raf is in both groups."""

NAMES = {TIJANA: ("Tijana Ilic", "tijana"), RAF: ("Raf Meier", "raf"), ARA: ("Ara Kern", "ara")}
AUGUST = month_range(Month(2024, 8), ZURICH)


def at(text: str, fold: int = 0) -> float:
    """UTC seconds of a time as clocks in Zürich show it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH, fold=fold).timestamp()


def between(start: str, end: str, **more: Any) -> Asked:
    return Asked(free_range(datetime.fromisoformat(start), datetime.fromisoformat(end), ZURICH), **more)


def leg(
    number: str, outcome: LegOutcome, group_id: int = 0, seconds: float = 0.0, inbound: bool = True, member_id: int = 0
) -> LegRecord:
    """``seconds``: how long it was connected. Its times are set by ``call``."""
    name, user_name = NAMES.get(number, ("", ""))
    if group_id and not member_id:
        member_id = 99
    return LegRecord("", "", number, name, user_name, member_id, group_id, inbound, ended_at=seconds, outcome=outcome)


def call(
    id: str, started_at: float, *legs: LegRecord, group_id: int = 0, lasted: float = 60.0, **more: Any
) -> CallRecord:
    """A call of ``lasted`` seconds; legs that are connected were answered 5 s after its start."""
    placed = tuple(
        LegRecord(
            f"{id}/{place}", id, one.number, one.name, one.user_name, one.member_id, one.group_id, one.inbound,
            started_at + 1, started_at + 5 if one.outcome is LegOutcome.ANSWERED else 0.0,
            started_at + 5 + one.ended_at, one.outcome,
        )
        for place, one in enumerate(legs, 1)
    )  # fmt: skip
    values: dict[str, Any] = {"caller_number": CALLER, "called_number": "8973", "called_name": "Board"} | more
    return CallRecord(id, started_at, group_id=group_id, ended_at=started_at + lasted, legs=placed, **values)


class Reading:
    """What is used of a Database."""

    def __init__(self, file: Stored) -> None:
        self._file = file
        self.url = file.url

    async def read(self, work: Callable[..., Any], *args: Any) -> Any:
        return self._file.look(work, *args)


class WritesAtOnce:
    """Writes files in this process. ``read`` does work with a connection."""

    def __init__(self, read: Callable[..., Any]) -> None:
        self._read = read

    async def write(self, order: Order, progress: Callable[[int, int], None]) -> None:
        write(order_of(encode(order)), self._read, progress)


class JournalCase(TestCase):
    """A company with an empty journal; ``reports`` of it."""

    def setUp(self) -> None:
        self.database = new_database(self)
        self.database.do(replace_all, COMPANY)
        self.reports = StoredReports(
            Reading(self.database), WritesAtOnce(self.database.look), lambda: ZURICH,  # type: ignore[arg-type]
            lambda: at("2024-08-20"),
        )  # fmt: skip

    def put(self, *calls: CallRecord) -> None:
        self.assertEqual(self.database.do(insert_calls, calls), len(calls))

    async def rows(self, asked: Asked) -> dict[str, tuple[int, int, int, int]]:
        """Missed, connected, outbound and all calls by name."""
        found = await self.reports.members(asked)
        return {
            row.name: (row.totals.missed, row.totals.connected, row.totals.outbound, row.totals.calls) for row in found
        }
