"""Call records by who called whom and when: each search reads along an index, and only so far at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, literal_column, or_, select, true, tuple_

from magroup.model.calls import CallRecord
from magroup.model.fixed import fixed
from magroup.model.records import CallPage, CallsWanted, Place
from magroup.store import tables as t
from magroup.store.journal.rows import LONGEST_PAGE, with_legs
from magroup.store.text import storable

LOOKED_THROUGH = 5_000
"""Calls that a page is looked for in, where what is asked is not what an index has."""

Condition = ColumnElement[bool]

_any = t.legs.alias("leg").c
_group, _number, _user, _outcome = _any.group_id + 0, _any.number + "", _any.user_name + "", _any.outcome + ""
"""Of any leg of a call. SQLite keeps no statistics: as expressions, it does not take their indexes for the call's."""


@fixed
class _Source:
    """Rows along an index: the columns of a call's place, and what chooses them."""

    at: ColumnElement[Any]
    id: ColumnElement[Any]
    chosen: Condition
    of_legs: bool = False

    def ordered_id(self, connection: Connection) -> ColumnElement[Any]:
        """As Python compares it, whatever the order of words that a PostgreSQL database was made with."""
        return self.id if connection.dialect.name == "sqlite" else self.id.collate("C")

    def places(self, connection: Connection, *conditions: Condition) -> Select[Any]:
        id = self.ordered_id(connection)
        if not self.of_legs:
            return select(self.at, id).where(self.chosen, *conditions)
        # No DISTINCT, for which PostgreSQL leaves the index, and no join: it is the legs' own index to go along.
        found = select(self.at, id).where(self.chosen)
        return found.where(exists().where(t.calls.c.id == self.id, *conditions)) if conditions else found


def search(connection: Connection, wanted: CallsWanted, limit: int, after: Place | None = None) -> CallPage:
    """At most ``limit`` calls behind the place ``after``."""
    limit = max(1, min(limit, LONGEST_PAGE))
    sources, others = _split(connection, wanted)
    bound = _bound(connection, sources, wanted, after) if others else None
    found: set[Place] = set()
    for source in sources:
        found.update(_places(connection, source, others, wanted, limit + 1, after, bound))
    there = sorted(found, reverse=wanted.newest_first)
    calls = with_legs(connection, list(_rows(connection, [id for _, id in there[:limit]])))
    return CallPage(calls, there[limit - 1] if len(there) > limit else bound)


def _places(
    connection: Connection, source: _Source, others: Sequence[Condition], wanted: CallsWanted, count: int,
    after: Place | None, bound: Place | None,
) -> set[Place]:  # fmt: skip
    """At least ``count`` places, if there are so many; legs of one call are one."""
    found: set[Place] = set()
    while True:
        query = _in_order(connection, source, source.places(connection, *others), wanted, after, bound)
        rows = connection.execute(query.limit(count * 2)).all()
        found.update((at, id) for at, id in rows)
        if len(found) >= count or len(rows) < count * 2:
            return found
        after = (rows[-1][0], rows[-1][1])


def _bound(
    connection: Connection, sources: Sequence[_Source], wanted: CallsWanted, after: Place | None
) -> Place | None:  # fmt: skip
    """The place up to which is looked; None: to the end."""
    bounds: list[Place] = []
    for source in sources:
        query = _in_order(connection, source, source.places(connection), wanted, after)
        query = query.offset(LOOKED_THROUGH).limit(1)
        bounds += [(at, id) for at, id in connection.execute(query)]
    if not bounds:
        return None
    return max(bounds) if wanted.newest_first else min(bounds)


def _in_order(
    connection: Connection, source: _Source, query: Select[Any], wanted: CallsWanted, after: Place | None,
    bound: Place | None = None,
) -> Select[Any]:  # fmt: skip
    columns = (source.at, source.ordered_id(connection))
    at, place = source.at, tuple_(*columns)
    if wanted.start is not None:
        query = query.where(at >= wanted.start)
    if wanted.end is not None:
        query = query.where(at < wanted.end)
    if after is not None:
        query = query.where(place < after if wanted.newest_first else place > after)
    if bound is not None:
        query = query.where(place >= bound if wanted.newest_first else place <= bound)
    return query.order_by(*(column.desc() for column in columns) if wanted.newest_first else columns)


def _split(connection: Connection, wanted: CallsWanted) -> tuple[list[_Source], list[Condition]]:
    """Where to look, and the conditions beside it: what fits the fewest calls is what is looked for."""
    calls, legs = t.calls.c, t.legs.c
    others: list[Condition] = []
    choices: list[list[_Source]] = []
    if wanted.numbers:
        numbers = [storable(number) for number in wanted.numbers]
        choices.append([_of_calls(column == number) for number in numbers
                        for column in (calls.caller_number, calls.called_number)]
                       + [_of_legs(legs.number == number) for number in numbers])  # fmt: skip
    if wanted.user_names and not choices:
        choices.append([_of_legs(and_(_of_user(legs.user_name, storable(name)), *_ended(wanted, legs.outcome)))
                        for name in wanted.user_names])  # fmt: skip
    elif wanted.user_names:
        names = [storable(name) for name in wanted.user_names]
        others.append(_with_leg(and_(_user.in_(names), *_ended(wanted, _outcome))))
    if wanted.group_id and not choices:
        choices.append([_of_calls(of_group(calls.group_id, wanted.group_id)),
                        _of_legs(of_group(legs.group_id, wanted.group_id))])  # fmt: skip
    elif wanted.group_id:
        others.append(or_(calls.group_id == wanted.group_id, _with_leg(_group == wanted.group_id)))
    if wanted.outcome and not wanted.user_names:
        if choices:
            others.append(_with_leg(_outcome == wanted.outcome.value))
        else:
            choices.append([_of_legs(legs.outcome == wanted.outcome.value)])
    if wanted.text:
        others.append(_has(connection, storable(wanted.text)))
    if wanted.of_groups and not wanted.group_id:
        others.append(_of_groups())
    return (choices or [[_of_calls(true())]])[0], others


def of_group(column: ColumnElement[int], group_id: int) -> Condition:
    """So that the database takes the index of what has a group: as in ``tables``, a parameter would not do."""
    return and_(column == group_id, column > literal_column("0"))


def _of_user(column: ColumnElement[str], name: str) -> Condition:
    return and_(column == name, column != literal_column("''"))


def _ended(wanted: CallsWanted, outcome: ColumnElement[Any]) -> list[Condition]:
    return [outcome == wanted.outcome.value] if wanted.outcome else []


def call_if(connection: Connection, id: str, of_groups: bool) -> CallRecord | None:
    """The call with that id, if there is one; with ``of_groups`` only one to a group or on a member's line."""
    query = select(t.calls).where(t.calls.c.id == storable(id), *([_of_groups()] if of_groups else []))
    return next(iter(with_legs(connection, connection.execute(query).all())), None)


def _of_groups() -> Condition:
    lines = select(t.members.c.number)
    return or_(t.calls.c.group_id > 0, _with_leg(or_(_group > 0, _number.in_(lines))))


def _of_calls(chosen: Condition) -> _Source:
    return _Source(t.calls.c.started_at, t.calls.c.id, chosen)


def _of_legs(chosen: Condition) -> _Source:
    return _Source(t.legs.c.started_at, t.legs.c.call_id, chosen, of_legs=True)


def _with_leg(fits: Condition) -> Condition:
    # Not EXISTS, for which PostgreSQL may read all the legs there are.
    found = select(_any.position).where(_any.call_id == t.calls.c.id, fits).limit(1)
    return found.correlate(t.calls).scalar_subquery().is_not(None)


def _has(connection: Connection, text: str) -> Condition:
    """The text is in a name or a number. Databases fold ASCII only, or so it may be: the usual spellings are tried."""
    spellings = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title(), text.capitalize()}
    patterns = [f"%{_escaped(spelling)}%" for spelling in sorted(spellings)]

    def fits(column: ColumnElement[Any]) -> Condition:
        # SQLite's LIKE folds by itself, and its ILIKE is one with lower(), which takes longer.
        like = column.like if connection.dialect.name == "sqlite" else column.ilike
        return or_(*(like(pattern, escape="\\") for pattern in patterns))

    calls = t.calls.c
    of_call = (calls.caller_number, calls.caller_name, calls.called_number, calls.called_name)
    return or_(*map(fits, of_call), _with_leg(or_(*map(fits, (_any.number, _any.name, _any.user_name)))))


def _escaped(text: str) -> str:
    return "".join(f"\\{mark}" if mark in "%_\\" else mark for mark in text)


def _rows(connection: Connection, ids: Sequence[str]) -> Iterator[Any]:
    """The rows of these calls, in this order."""
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        rows = {row.id: row for row in connection.execute(select(t.calls).where(t.calls.c.id.in_(some)))}
        yield from (rows[id] for id in some if id in rows)
