"""The calls of a report, one by one, and when they began."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select, tuple_

from magroup.model.records import Place
from magroup.model.report import EXTERNAL, Asked, Detail, DetailsPage, Traffic
from magroup.model.report_range import Range
from magroup.reports.pieces import pieces
from magroup.store import tables as t
from magroup.store.journal.counting import QUARTER
from magroup.store.text import storable

LONGEST_PAGE = 1000

_LISTED = ("id", "started_at", "caller_number", "caller_name", "called_number", "called_name", "ended_at")


def details(connection: Connection, asked: Asked, limit: int, after: Place | None = None) -> DetailsPage:
    """At most ``limit`` calls behind the place ``after``."""
    limit = max(1, min(limit, LONGEST_PAGE))
    query = _places(asked, asked.range, after).order_by("started_at", "call_id")
    places = [(at, id) for at, id in connection.execute(query.limit(limit + 1))]
    calls = {call.call_id: call for call in _details(connection, [id for _, id in places[:limit]])}
    found = tuple(calls[id] for _, id in places[:limit] if id in calls)
    return DetailsPage(found, places[limit - 1] if len(places) > limit else None)


def count(connection: Connection, asked: Asked) -> int:
    """How many calls ``details`` lists."""
    return sum(calls for _, calls in _begins(connection, asked))


def traffic(connection: Connection, asked: Asked, zone: tzinfo | None) -> Traffic:
    """The same calls by the hour and the weekday that the clocks of ``zone`` showed."""
    hours: Counter[int] = Counter()
    weekdays: Counter[int] = Counter()
    for moment, calls in _begins(connection, asked):
        shown = datetime.fromtimestamp(moment, zone)
        hours[shown.hour] += calls
        weekdays[shown.weekday()] += calls
    return Traffic(tuple(hours[hour] for hour in range(24)), tuple(weekdays[day] for day in range(7)))


def _begins(connection: Connection, asked: Asked) -> Iterator[tuple[float, int]]:
    """Moments and how many calls began then, or in the quarter of an hour after it."""
    edges: tuple[Range, ...] = (asked.range,)
    if not asked.number:
        first, last, edges = pieces(asked.range, QUARTER)
        of = t.call_totals.c
        query = select(of.quarter, func.sum(of.calls)).where(
            of.group_id == asked.group_id, of.quarter >= first, of.quarter < last
        )
        if not asked.outbound:
            query = query.where(of.inbound)
        for quarter, calls in connection.execute(query.group_by(of.quarter)):
            yield float(quarter * QUARTER), int(calls)
    for edge in edges:
        for at, _ in connection.execute(_places(asked, edge)):
            yield at, 1


def _places(asked: Asked, within: Range, after: Place | None = None) -> Select[Any]:
    """Start and id of each call, along an index: that of the group, or that of the member's number."""
    counted, legs = t.counted_legs.c, t.legs.c
    of = legs if asked.number else counted
    start = within.start if after is None else max(within.start, after[0])
    query = select(of.started_at, of.call_id).where(of.started_at >= start, of.started_at < within.end).distinct()
    if asked.number:
        query = query.where(legs.number == storable(asked.number), exists().where(
            counted.group_id == asked.group_id, counted.started_at == legs.started_at,
            counted.call_id == legs.call_id, counted.position == legs.position,
        ))  # fmt: skip
    else:
        query = query.where(counted.group_id == asked.group_id)
    if not asked.outbound:
        query = query.where(of.inbound)
    if after is not None:
        query = query.where(tuple_(of.started_at, of.call_id) > after)
    return query


def _details(connection: Connection, ids: list[str]) -> Iterator[Detail]:
    columns = [t.calls.c[name] for name in _LISTED]
    for start in range(0, len(ids), 500):
        query = select(*columns).where(t.calls.c.id.in_(ids[start : start + 500]))
        for id, at, caller, caller_name, called, called_name, ended_at in connection.execute(query):
            lasted = max(0.0, ended_at - at)
            yield Detail(id, at, caller, caller_name or EXTERNAL, called, called_name or EXTERNAL, lasted)
