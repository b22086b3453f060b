"""Deleting old records of calls, some at a time, and what was counted of them."""

from sqlalchemy import Connection, delete, func, select

from magroup.store import tables as t
from magroup.store.journal.counting import DAY, QUARTER

SLICE = 500
"""Calls deleted in one transaction: the journal's writer waits for no more."""


def last_day_kept(now: float, days: int) -> float:
    """The begin of the oldest day (UTC seconds) of which records are kept for ``days``: sums are by UTC day."""
    return (now // DAY - days) * DAY


def forget_calls(connection: Connection, before: float) -> int:
    """Delete the oldest calls that began before the day that begins at ``before``, SLICE at most; how many they were.

    Fewer than SLICE: there are no more, and the sums of those days are deleted too.
    """
    of = t.calls.c
    oldest = select(of.id, of.started_at).where(of.started_at < before).order_by(of.started_at, of.id).limit(SLICE)
    found = connection.execute(oldest).all()
    until = found[-1].started_at if len(found) == SLICE else before
    groups = _groups(connection)
    counted = t.counted_legs.c
    gone = (counted.group_id.in_(groups), counted.started_at <= until, counted.started_at < before)
    connection.execute(delete(t.counted_legs).where(*gone))
    connection.execute(delete(t.calls).where(of.id.in_([id for id, _ in found])))
    if len(found) < SLICE:
        for table, unit, column in (
            (t.leg_totals, DAY, t.leg_totals.c.day),
            (t.call_totals, QUARTER, t.call_totals.c.quarter),
        ):
            connection.execute(delete(table).where(table.c.group_id.in_(groups), column < int(before // unit)))
    return len(found)


def _groups(connection: Connection) -> list[int]:
    """All that something was counted for, by a look at each along the key."""
    found: set[int] = set()
    for table in (t.counted_legs, t.call_totals):
        of, last = table.c, -1
        while (group_id := connection.scalar(select(func.min(of.group_id)).where(of.group_id > last))) is not None:
            found.add(group_id)
            last = group_id
    return sorted(found)
