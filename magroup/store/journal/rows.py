"""Call records in the tables: put in once, however often they come, and read by time."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from magroup.model.calls import CallRecord, LegOutcome, LegRecord, Reason, ReasonCode
from magroup.model.fixed import fixed
from magroup.store import tables as t
from magroup.store.inserting import insert_rows
from magroup.store.journal.counting import count_calls
from magroup.store.journal.values import call_row, leg_row
from magroup.store.text import storable
from magroup.store.turns import parts

LONGEST_PAGE = 1000
"""Calls that are read at a time."""

AT_ONCE = 50
"""Calls whose rows are made and given to the database together."""


@fixed
class Page:
    """Calls in the order of their start, and the cursor for those that follow, "" at the end."""

    calls: tuple[CallRecord, ...]
    cursor: str


def insert_calls(connection: Connection, calls: Iterable[CallRecord]) -> int:
    """Store calls with their legs; those whose id is there already stay as they are. Returns how many are new."""
    wanted = {storable(call.id): call for call in calls}
    known = known_ids(connection, wanted)
    return _insert(connection, {id: call for id, call in wanted.items() if id not in known})


def insert_new_calls(connection: Connection, calls: Iterable[CallRecord]) -> int:
    """As ``insert_calls``, without a look at what is there: IntegrityError when one of them is."""
    return _insert(connection, {storable(call.id): call for call in calls})


def _insert(connection: Connection, calls: Mapping[str, CallRecord]) -> int:
    for some in parts(list(calls.items()), AT_ONCE):
        insert_rows(connection, t.calls, [call_row(id, call) for id, call in some])
        legs = [leg_row(id, place, leg, call.started_at) for id, call in some for place, leg in enumerate(call.legs, 1)]
        insert_rows(connection, t.legs, legs)
    count_calls(connection, list(calls.values()))
    return len(calls)


def known_ids(connection: Connection, ids: Collection[str]) -> set[str]:
    """Those of the ids whose calls are stored."""
    found: set[str] = set()
    wanted = list(ids)
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        found.update(connection.scalars(select(t.calls.c.id).where(t.calls.c.id.in_(some))))
    return found


def calls_between(connection: Connection, start: float, end: float, limit: int = 100, cursor: str = "") -> Page:
    """At most ``limit`` calls that began at or after ``start`` and before ``end`` (UTC seconds), oldest first.

    ``cursor`` is the one of the page before. Raises ValueError for a text that is none.
    """
    limit = max(1, min(limit, LONGEST_PAGE))
    place = (t.calls.c.started_at, t.calls.c.id)
    query = select(t.calls).where(t.calls.c.started_at >= start, t.calls.c.started_at < end)
    if cursor:
        query = query.where(tuple_(*place) > _after(cursor))
    rows = connection.execute(query.order_by(*place).limit(limit + 1)).all()
    calls = with_legs(connection, rows[:limit])
    more = len(rows) > limit
    return Page(calls, f"{calls[-1].started_at!r} {calls[-1].id}" if more else "")


def call_by_id(connection: Connection, call_id: str) -> CallRecord | None:
    rows = connection.execute(select(t.calls).where(t.calls.c.id == call_id)).all()
    return next(iter(with_legs(connection, rows)), None)


def _after(cursor: str) -> tuple[float, str]:
    moment, _, id = cursor.partition(" ")
    try:
        return float(moment), id
    except ValueError:
        raise ValueError(f"{cursor!r:.60} is no cursor") from None


def with_legs(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[CallRecord, ...]:
    """The records of these rows of the calls, in their order."""
    legs: dict[str, list[LegRecord]] = defaultdict(list)
    for start in range(0, len(rows), 500):
        for row in connection.execute(_legs_of([row.id for row in rows[start : start + 500]])):
            legs[row.call_id].append(_leg(row))
    return tuple(
        CallRecord(**{**row._mapping, "trail": _trail(row.trail), "legs": tuple(legs[row.id])}) for row in rows
    )


def _legs_of(call_ids: Sequence[str]) -> Select[Any]:
    return select(t.legs).where(t.legs.c.call_id.in_(call_ids)).order_by(t.legs.c.call_id, t.legs.c.position)


_LEG_FIELDS = [field.name for field in fields(LegRecord)]


def _leg(row: Row[Any]) -> LegRecord:
    found = row._mapping
    return LegRecord(**{**{name: found[name] for name in _LEG_FIELDS}, "outcome": LegOutcome(found["outcome"])})


def _trail(text: str) -> tuple[Reason, ...]:
    return tuple(Reason(ReasonCode(code), who, seconds, detail) for code, who, seconds, detail in json.loads(text))
