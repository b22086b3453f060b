"""What reports count of a call, written with it: legs on members' lines, and sums (resources/help/reports.md)."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from magroup.model.calls import CallRecord, LegOutcome, LegRecord
from magroup.model.fixed import fixed
from magroup.store import tables as t
from magroup.store.inserting import growing, if_new, insert_rows
from magroup.store.text import storable
from magroup.store.turns import parts

DAY = 86_400
QUARTER = 900

AT_ONCE = 100
"""Calls or legs that are looked at between two looks whether this thread's turn is over."""

EVERY_GROUP = 0
"""Stands for all groups where a group is asked for."""

MISSED = (LegOutcome.MISSED, LegOutcome.BUSY, LegOutcome.DECLINED)
"""Not: answered by somebody else, a caller gone within three seconds, a line that was not reached."""

Groups = Mapping[str, Sequence[int]]
"""The groups of each number that is a member's."""


@fixed
class Counted:
    """A leg that counts for a group; position 0 and no leg: the call was made to the group's own number."""

    group_id: int
    call: CallRecord
    position: int
    leg: LegRecord | None = None

    @property
    def inbound(self) -> bool:
        return self.leg is None or self.leg.inbound

    def row(self) -> tuple[Any, ...]:
        return self.group_id, self.call.started_at, storable(self.call.id), self.position, self.inbound


def count_calls(connection: Connection, calls: Sequence[CallRecord]) -> None:
    """Of calls that are stored now. No record is refused for what was counted of a call that somebody has deleted."""
    groups = groups_of_lines(connection, calls)
    found = [one for some in parts(calls, AT_ONCE) for call in some for one in counted(call, groups)]
    insert_rows(connection, t.counted_legs, [one.row() for one in found], if_new)
    add_totals(connection, found)


def groups_of_lines(connection: Connection, calls: Sequence[CallRecord]) -> Groups:
    """Of the lines in these calls, as far as they are members' and the legs do not say it."""
    asked: set[str] = set()
    for some in parts(calls, AT_ONCE):
        asked.update(leg.number for call in some for leg in call.legs if not (leg.member_id and leg.group_id))
    numbers = sorted(map(storable, asked))
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
        is_known = leg.member_id and leg.group_id
        own = () if is_known else groups.get(storable(leg.number), ())
        if not (own or leg.member_id):
            continue
        for group_id in (EVERY_GROUP, *((leg.group_id,) if leg.group_id else own)):
            yield Counted(group_id, call, position, leg)


def add_totals(connection: Connection, found: Sequence[Counted]) -> None:
    """Add what was counted to the sums."""
    legs: dict[tuple[Any, ...], _Sums] = {}
    calls: dict[tuple[int, float, str], bool] = {}
    for some in parts(found, AT_ONCE):
        for one in some:
            call = (one.group_id, one.call.started_at, one.call.id)
            calls[call] = calls.get(call, False) or one.inbound
            if one.leg is not None:
                _add_leg(legs, one, one.leg)
    # In the order of their keys: two nodes that add to the same rows must not wait for each other.
    insert_rows(connection, t.leg_totals, [(*key, *legs[key].values()) for key in sorted(legs)], growing)
    quarters = Counter((group_id, int(at // QUARTER), inbound) for (group_id, at, _), inbound in calls.items())
    rows = [(*key, count) for key, count in sorted(quarters.items())]
    insert_rows(connection, t.call_totals, rows, growing)


@dataclass(slots=True)
class _Sums:
    """Of a day's legs; the name is that of the last one."""

    name: str = ""
    connected: int = 0
    missed: int = 0
    not_connected: int = 0
    seconds: float = 0.0

    def values(self) -> tuple[Any, ...]:
        return self.name, self.connected, self.missed, self.not_connected, self.seconds


def _add_leg(legs: dict[tuple[Any, ...], _Sums], one: Counted, leg: LegRecord) -> None:
    day = int(one.call.started_at // DAY)
    key = (one.group_id, day, storable(leg.number), storable(leg.user_name), leg.inbound)
    sums = legs.get(key)
    if sums is None:
        sums = legs[key] = _Sums()
    sums.name = storable(leg.name)
    if leg.outcome is LegOutcome.ANSWERED:
        sums.connected += 1
        sums.seconds += max(0.0, leg.ended_at - leg.answered_at) if leg.answered_at else 0.0
    elif not leg.inbound:
        sums.not_connected += 1
    elif leg.outcome in MISSED:
        sums.missed += 1
