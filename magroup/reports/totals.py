"""Sums over the legs of members: whole days are summed already, the rest of a range is summed from the legs."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, case, cast, func, literal, not_, select

from magroup.model.calls import LegOutcome
from magroup.model.report import EXTERNAL, Asked, GroupTotals, MemberTotals, Totals
from magroup.model.report_range import Range
from magroup.reports.pieces import pieces
from magroup.store import tables as t
from magroup.store.journal.counting import DAY, EVERY_GROUP, MISSED
from magroup.store.journal.search import of_group
from magroup.store.text import storable

_EIGHT_DIGITS = 10_000_000


class _Who(NamedTuple):
    group_id: int
    number: str
    user_name: str


class _Sums:
    """Of one who had a line; the name is the one the journal had last, rather of calls to the line."""

    def __init__(self) -> None:
        self.totals = Totals()
        self._name = (False, "")

    def add(self, inbound: bool, name: str, connected: int, missed: int, not_connected: int, seconds: float) -> None:
        if inbound:
            self.totals += Totals(connected, missed, inbound_seconds=seconds)
        else:
            made = connected + not_connected
            self.totals += Totals(outbound=made, outbound_connected=connected, outbound_seconds=seconds)
        self._name = max(self._name, (inbound, name))

    @property
    def name(self) -> str:
        return self._name[1][8:] or EXTERNAL


def members(connection: Connection, asked: Asked) -> tuple[MemberTotals, ...]:
    """A row for each number and who had it; of a group those too who are in it and had no calls."""
    found = _sums(connection, asked, [asked.group_id])
    listed = list(_listed(connection, asked.group_id)) if asked.group_id else []
    rows: dict[tuple[str, str], MemberTotals] = {
        (number, user_name): MemberTotals(number, name)
        for number, user_name, name in listed
        if asked.number in ("", number)
    }
    order = {who: place for place, who in enumerate(rows)}
    for who, sums in found.items():
        rows[who.number, who.user_name] = MemberTotals(who.number, sums.name, sums.totals)

    def place(key: tuple[str, str]) -> tuple[int, str, tuple[str, str]]:
        return order.get(key, len(order)), rows[key].name.casefold(), key

    return tuple(rows[key] for key in sorted(rows, key=place))


def groups(connection: Connection, asked: Asked) -> tuple[GroupTotals, ...]:
    """Groups that are there or have calls; each is the sum of its members."""
    names = {id: name for id, name in connection.execute(select(t.groups.c.id, t.groups.c.name))}
    ids = [asked.group_id] if asked.group_id else sorted({*names, *_counted_groups(connection)})
    sums: dict[int, Totals] = defaultdict(Totals)
    for who, found in _sums(connection, asked, ids).items():
        sums[who.group_id] += found.totals
    rows = [
        GroupTotals(id, names[id] if id in names else _name_of_deleted(connection, id), sums[id])
        for id in ids
        if id in names or sums[id] != Totals()
    ]
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.group_id)))


def _listed(connection: Connection, group_id: int) -> Iterator[tuple[str, str, str]]:
    """Number, user and name of each member: the manager, then the others in their order."""
    of, user = t.members.c, t.users.c
    query = (
        select(of.number, user.name, user.first_name, user.last_name)
        .join_from(t.members, t.users, user.id == of.user_id)
        .where(of.group_id == group_id)
        .order_by(of.is_manager.desc(), of.position, of.id)
    )
    for number, name, first_name, last_name in connection.execute(query):
        yield number, name, f"{first_name} {last_name}".strip() or name


def _counted_groups(connection: Connection) -> Iterator[int]:
    """Groups with sums, by a look at each along the key: there are many rows of each."""
    of, last = t.leg_totals.c, EVERY_GROUP
    while (found := connection.scalar(select(func.min(of.group_id)).where(of.group_id > last))) is not None:
        yield found
        last = found


def _name_of_deleted(connection: Connection, group_id: int) -> str:
    of = t.calls.c
    query = select(of.called_name).where(of_group(of.group_id, group_id)).order_by(of.started_at.desc()).limit(1)
    return connection.scalar(query) or f"Group {group_id}"


def _sums(connection: Connection, asked: Asked, group_ids: Sequence[int]) -> dict[_Who, _Sums]:
    found: dict[_Who, _Sums] = defaultdict(_Sums)
    first, last, edges = pieces(asked.range, DAY)
    for start in range(0, len(group_ids), 500):
        ids = group_ids[start : start + 500]
        for query in (_of_days(ids, first, last), *(_of_legs(ids, edge) for edge in edges)):
            for group_id, number, user_name, *sums in connection.execute(_narrowed(query, asked)):
                found[_Who(group_id, number, user_name)].add(*sums)
    return found


def _narrowed(query: Select[Any], asked: Asked) -> Select[Any]:
    columns = query.selected_columns
    if asked.number:
        query = query.where(columns.number == storable(asked.number))
    return query if asked.outbound else query.where(columns.inbound)


def _of_days(group_ids: Sequence[int], first: int, last: int) -> Select[Any]:
    of = t.leg_totals.c
    name = func.max(cast(of.day + _EIGHT_DIGITS, Text).concat(of.name))
    sums = map(func.sum, (of.connected, of.missed, of.not_connected, of.seconds))
    return (
        select(of.group_id, of.number, of.user_name, of.inbound, name, *sums)
        .where(of.group_id.in_(group_ids), of.day >= first, of.day < last)
        .group_by(of.group_id, of.number, of.user_name, of.inbound)
    )


def _of_legs(group_ids: Sequence[int], edge: Range) -> Select[Any]:
    """The same from the legs."""
    of, counted = t.legs.c, t.counted_legs.c
    day = str(int(edge.start // DAY) + _EIGHT_DIGITS)
    answered = of.outcome == LegOutcome.ANSWERED.value
    missed = and_(of.inbound, of.outcome.in_([outcome.value for outcome in MISSED]))
    times = and_(answered, of.answered_at > 0, of.ended_at > of.answered_at)
    sums = (_count(answered), _count(missed), _count(and_(not_(of.inbound), not_(answered))))
    return (
        select(
            counted.group_id, of.number, of.user_name, of.inbound, func.max(literal(day, Text).concat(of.name)),
            *sums, func.sum(case((times, of.ended_at - of.answered_at), else_=0.0)),
        )
        .join_from(t.counted_legs, t.legs, and_(of.call_id == counted.call_id, of.position == counted.position))
        .where(counted.group_id.in_(group_ids), counted.started_at >= edge.start, counted.started_at < edge.end)
        .group_by(counted.group_id, of.number, of.user_name, of.inbound)
    )  # fmt: skip


def _count(fits: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((fits, 1), else_=0))
