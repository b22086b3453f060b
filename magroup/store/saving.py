"""A changed configuration written as what is different: only rows that are others now, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from magroup.model.configuration import Configuration
from magroup.model.differences import Difference, differences
from magroup.store import tables as t
from magroup.store.configuration import ordered, with_look_ups
from magroup.store.errors import StoreError
from magroup.store.meta import at_least, keep_meta, version_of
from magroup.store.rows import INSERTED, rows_of
from magroup.store.strays import forget

Key = tuple[Any, ...]
Rows = Mapping[Table, Mapping[Key, dict[str, Any]]]

_PUT_ANEW = frozenset({t.numbers, t.user_lines, t.phone_lines})
"""Rows that may exchange what must be unique: the changed ones are deleted before any is written."""

_DELETED_LAST = (t.lines,)
"""Members are moved to another line before theirs goes, which would take them with it."""


def save(connection: Connection, old: Configuration, new: Configuration) -> Configuration:
    """Write what is different from ``old``, which is what is stored; returns ``new`` as ``load`` would.

    Raises StoreError when somebody else has changed it, sqlalchemy.exc.IntegrityError as ``replace_all`` does.
    """
    if version_of(connection, locked=True) != old.version:
        raise StoreError("the configuration in the database was changed by another program: magroup must be restarted")
    found = list(differences(old, new))
    before, after = (_rows(found, side, of) for side, of in (("old", old), ("new", new)))
    for table in reversed(INSERTED):
        if table not in _DELETED_LAST:
            _delete(connection, table, before[table], after[table])
    for table in INSERTED:
        _write(connection, table, before[table], after[table])
    for table in _DELETED_LAST:
        _delete(connection, table, before[table], after[table])
    saved = new.changed(version=old.version + 1, last_ids=at_least(at_least(old.last_ids, old), new))
    keep_meta(connection, saved.version, saved.last_ids)
    _forget_state(connection, found)
    return with_look_ups(ordered(saved, old))


def _rows(found: Iterable[Difference], side: str, configuration: Configuration) -> Rows:
    """All rows of one side of the differences, by table and primary key."""
    rows: dict[Table, dict[Key, dict[str, Any]]] = defaultdict(dict)
    for one in found:
        thing = getattr(one, side)
        if thing is not None:
            for table, row in rows_of(one.kind, thing, configuration):
                rows[table][tuple(row[column.name] for column in table.primary_key)] = row
    return rows


def _is_to_go(table: Table, row: Mapping[str, Any], after: Mapping[str, Any] | None) -> bool:
    return after is None or (table in _PUT_ANEW and row != after)


def _delete(
    connection: Connection, table: Table, before: Mapping[Key, dict[str, Any]], after: Mapping[Key, dict[str, Any]]
) -> None:  # fmt: skip
    keys = [key for key, row in before.items() if _is_to_go(table, row, after.get(key))]
    if keys:
        connection.execute(delete(table).where(*_at_key(table)), [_bound(key) for key in keys])


def _write(
    connection: Connection, table: Table, before: Mapping[Key, dict[str, Any]], after: Mapping[Key, dict[str, Any]]
) -> None:  # fmt: skip
    kept = {key for key, row in before.items() if not _is_to_go(table, row, after.get(key))}
    changed = [key for key in after if key in kept and before[key] != after[key]]
    # Whoever is the manager or the default no more, before who is now: there may be one at a time.
    changed.sort(key=lambda key: bool(after[key].get("is_manager") or after[key].get("is_default")))
    for key in changed:
        connection.execute(update(table).where(*_at_key(table)).values(after[key]), _bound(key))
    new = [row for key, row in after.items() if key not in kept]
    if new:
        connection.execute(insert(table), new)


def _at_key(table: Table) -> list[Any]:
    return [column == bindparam(f"key{place}") for place, column in enumerate(table.primary_key)]


def _bound(key: Key) -> dict[str, Any]:
    return {f"key{place}": value for place, value in enumerate(key)}


def _forget_state(connection: Connection, found: Iterable[Difference]) -> None:
    """Presence, forwardings and registrations of those who are gone, or are somebody else now."""
    gone: dict[str, list[Any]] = defaultdict(list)
    for one in found:
        if one.old is None:
            continue
        if one.kind == "users" and (one.new is None or one.new.key != one.old.key):
            gone["users"].append(one.old.key)
        elif one.kind == "lines" and one.new is None:
            gone["lines"].append(one.old.number)
        elif one.kind == "members" and (one.new is None or _who(one.new) != _who(one.old)):
            gone["members"].append(one.old.id)
    forget(connection, gone["users"], gone["lines"], gone["members"])


def _who(member: Any) -> tuple[int, str]:
    return member.group_id, member.user_name.casefold()
