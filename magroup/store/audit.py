"""The audit trail: entries are added within the transaction of their change, and read; nothing changes them."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, insert, select

from magroup.model.audit import Change
from magroup.model.records import ChangePage, ChangesWanted, Entry
from magroup.store import tables as t
from magroup.store.text import storable

LARGEST_PAGE = 1000
LONGEST_TEXT = 64_000
"""Characters of the old or the new value that are kept."""

EVERYTHING = ChangesWanted()

_SECRET = re.compile(r"password|passwd|secret|token|hash|pin\Z", re.IGNORECASE)
_MASK = "***"
_RECORDED = "magroup recorded"


def record(connection: Connection, change: Change) -> None:
    """Add ``change``; the values of secrets in it are replaced by three stars."""
    record_all(connection, (change,))


def record_all(connection: Connection, changes: Sequence[Change]) -> None:
    """Add them in their order."""
    if changes:
        rows = [_row(change) for change in changes]
        connection.execute(insert(t.audit), rows)
        if _RECORDED in connection.info:
            connection.info[_RECORDED] += [Change(**row) for row in rows]


def remember_recorded(connection: Connection) -> None:
    """From now on keep what is recorded by this connection, for ``recorded``."""
    connection.info[_RECORDED] = []


def recorded(connection: Connection) -> list[Change]:
    """What was recorded since ``remember_recorded``, as it is stored; no more is kept."""
    found: list[Change] = connection.info.pop(_RECORDED, [])
    return found


def page(
    connection: Connection, before: int = 0, limit: int = 100, wanted: ChangesWanted = EVERYTHING
) -> ChangePage:  # fmt: skip
    """The newest of the wanted entries before the one with the id ``before`` (0: of all)."""
    columns = t.audit.c
    limit = max(1, min(limit, LARGEST_PAGE))
    chosen = select(t.audit).order_by(columns.id.desc()).limit(limit + 1)
    if before:
        chosen = chosen.where(columns.id < before)
    if wanted.start is not None:
        chosen = chosen.where(columns.at >= wanted.start)
    if wanted.end is not None:
        chosen = chosen.where(columns.at < wanted.end)
    if wanted.who is not None:
        chosen = chosen.where(columns.who == storable(wanted.who))
    for column, value in ((columns.what, wanted.what), (columns.key, wanted.key)):
        if value:
            chosen = chosen.where(column == storable(value))
    found = [
        Entry(row.id, Change(row.at, row.who, row.where, row.what, row.key, row.old, row.new))
        for row in connection.execute(chosen)
    ]
    shown = tuple(found[:limit])
    return ChangePage(shown, shown[-1].id if len(found) > limit else 0)


def masked(value: Any) -> Any:
    """A value of JSON with three stars in the place of each secret that is not empty."""
    if isinstance(value, dict):
        return {
            name: _MASK if inner and _SECRET.search(str(name)) else masked(inner) for name, inner in value.items()
        }
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value


def _row(change: Change) -> dict[str, Any]:
    texts = {name: storable(getattr(change, name)) for name in ("who", "where", "what", "key")}
    return {"at": change.at, **texts, "old": _text(change.old), "new": _text(change.new)}


def _text(value: str) -> str:
    if value[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):  # text that only looks like JSON
            value = json.dumps(masked(json.loads(value)), ensure_ascii=False)
    return storable(value)[:LONGEST_TEXT]
