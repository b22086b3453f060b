"""What reports count of a call, written with it: legs on members' lines, and sums (resources/help/reports.md)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from magroup.model.calls import CallRecord, LegOutcome, LegRecord
from magroup.store import tables as t
from magroup.store.text import storable

DAY = 86_400
QUARTER = 900

EVERY_GROUP = 0
"""Stands for all groups where a group is asked for."""

MISSED = (LegOutcome.MISSED, LegOutcome.BUSY, LegOutcome.DECLINED)
"""Not: answered by somebody else, a caller gone within three seconds, a line that was not reached."""

Groups = Mapping[str, Sequence[int]]
"""The groups of each number that is a member's."""


@dataclass(frozen=True)
class Counted:
    """A leg that counts for a group; position 0 and no leg: the call was made to the group's own number."""

    group_id: int
    call: CallRecord
    position: int
    leg: LegRecord | None = None

    @property
    def inbound(self) -> bool:
        return self.leg is None or self.leg.inbound

    def row(self) -> dict[str, Any]:
        return {
            "group_id": self.group_id,
            "started_at": self.call.started_at,
            "call_id": storable(self.call.id),
            "position": self.position,
            "inbound": self.inbound,
        }


def count_calls(connection: Connection, calls: Collection[CallRecord]) -> None:
    """Of calls that are stored now. No record is refused for what was counted of a call that somebody has deleted."""
    groups = groups_of_lines(connection, calls)
    found = [one for call in calls for one in counted(call, groups)]
    if found:
        statement = _insert(connection, t.counted_legs).on_conflict_do_nothing()
        connection.execute(statement, [one.row() for one in found])
        add_totals(connection, found)


def groups_of_lines(connection: Connection, calls: Iterable[CallRecord]) -> Groups:
    """Of the lines in these calls, as far as they are members'."""
    numbers = sorted({storable(leg.number) for call in calls for leg in call.legs})
    found: dict[str, list[int]] = defaultdict(list)
    of = t.members.c
    for start in range(0, len(numbers), 500):
        query = select(of.number, of.group_id).where(of.number.in_(numbers[start : start + 500])).distinct()
        for number, group_id in connection.execute(query):
            found[number].append(group_id)
    return found


def counted(call: CallRecord, groups: Groups) -> Iterator[Counted]:
    """Each leg once for all groups; for the group whose flow rang it, else for each group of the member."""
    if call.group_id:
        yield Counted(EVERY_GROUP, call, 0)
        yield Counted(call.group_id, call, 0)
    for position, leg in enumerate(call.legs, 1):
        own = groups.get(storable(leg.number), ())
        if not (own or leg.member_id):
            continue
        for group_id in (EVERY_GROUP, *((leg.group_id,) if leg.group_id else own)):
            yield Counted(group_id, call, position, leg)


def add_totals(connection: Connection, found: Sequence[Counted]) -> None:
    """Add what was counted to the sums."""
    legs: dict[tuple[Any, ...], dict[str, Any]] = {}
    calls: dict[tuple[int, float, str], bool] = defaultdict(bool)
    for one in found:
        calls[one.group_id, one.call.started_at, one.call.id] |= one.inbound
        if one.leg is not None:
            _add_leg(legs, one, one.leg)
    _add(connection, t.leg_totals, list(legs.values()))
    quarters: dict[tuple[int, int, bool], int] = defaultdict(int)
    for (group_id, started_at, _), inbound in calls.items():
        quarters[group_id, int(started_at // QUARTER), inbound] += 1
    names = ("group_id", "quarter", "inbound")
    _add(connection, t.call_totals, [dict(zip(names, key, strict=True)) | {"calls": n} for key, n in quarters.items()])


def _add_leg(legs: dict[tuple[Any, ...], dict[str, Any]], one: Counted, leg: LegRecord) -> None:
    key = {
        "group_id": one.group_id,
        "day": int(one.call.started_at // DAY),
        "number": storable(leg.number),
        "user_name": storable(leg.user_name),
        "inbound": leg.inbound,
    }
    row = legs.setdefault(tuple(key.values()), key | {"connected": 0, "missed": 0, "not_connected": 0, "seconds": 0.0})
    row["name"] = storable(leg.name)
    if leg.outcome is LegOutcome.ANSWERED:
        row["connected"] += 1
        row["seconds"] += max(0.0, leg.ended_at - leg.answered_at) if leg.answered_at else 0.0
    elif not leg.inbound:
        row["not_connected"] += 1
    elif leg.outcome in MISSED:
        row["missed"] += 1


def _add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Rows that are there grow by the new ones; of their names the newest stays."""
    if not rows:
        return
    statement = _insert(connection, table)
    new = statement.excluded
    changes: dict[str, Any] = {
        column.name: new[column.name] if column.name == "name" else column + new[column.name]
        for column in table.columns
        if not column.primary_key
    }
    connection.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes), rows)


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
