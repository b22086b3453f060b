"""What is stored beside the rows: the configuration's version, and the largest id ever given of each kind."""

import secrets
from collections.abc import Iterator
from dataclasses import fields

from sqlalchemy import Connection, delete, insert, select, update

from magroup.model.configuration import Configuration, LastIds
from magroup.store import tables as t

_VERSION = "configuration"
_COMPANY = "id of the company"
_LAST_ID = "last id of {}"
_TOKENS = _LAST_ID.format("tokens")


def version_of(connection: Connection, locked: bool = False) -> int:
    """That of the configuration; ``locked``: nobody else changes it until this transaction is over."""
    query = select(t.meta.c.value).where(t.meta.c.key == _VERSION)
    return int(connection.scalar(query.with_for_update() if locked else query) or 0)


def last_ids_given(connection: Connection) -> LastIds:
    """As they were when the configuration was last written."""
    kinds = {_LAST_ID.format(kind): kind for kind in _kinds()}
    found = connection.execute(select(t.meta.c.key, t.meta.c.value).where(t.meta.c.key.in_(kinds)))
    return LastIds(**{kinds[row.key]: int(row.value) for row in found})


def at_least(last_ids: LastIds, configuration: Configuration) -> LastIds:
    """``last_ids``, or what things of the configuration have where that is larger."""
    return LastIds(
        **{
            kind: max((getattr(last_ids, kind), *(thing.id for thing in getattr(configuration, kind))))
            for kind in _kinds()
        }
    )


def keep_meta(connection: Connection, version: int, last_ids: LastIds) -> None:
    """Write both."""
    rows = {_VERSION: str(version)} | {_LAST_ID.format(kind): str(getattr(last_ids, kind)) for kind in _kinds()}
    # The row of the version stays the same one: other programs wait for it.
    known = set(connection.scalars(select(t.meta.c.key).where(t.meta.c.key.in_(rows))))
    for key in known:
        connection.execute(update(t.meta).where(t.meta.c.key == key).values(value=rows[key]))
    if new := [{"key": key, "value": value} for key, value in rows.items() if key not in known]:
        connection.execute(insert(t.meta), new)


def company_id(connection: Connection) -> str:
    """What tells this database from all others: made when it is first asked for."""
    version_of(connection, locked=True)
    found = connection.scalar(select(t.meta.c.value).where(t.meta.c.key == _COMPANY))
    if found is None:
        found = secrets.token_hex(8)
        connection.execute(insert(t.meta), {"key": _COMPANY, "value": found})
    return str(found)


def last_token_id(connection: Connection) -> int:
    """Tokens are no part of the configuration; 0 when there was none yet."""
    return int(connection.scalar(select(t.meta.c.value).where(t.meta.c.key == _TOKENS)) or 0)


def keep_last_token_id(connection: Connection, id: int) -> None:
    connection.execute(delete(t.meta).where(t.meta.c.key == _TOKENS))
    connection.execute(insert(t.meta), [{"key": _TOKENS, "value": str(id)}])


def _kinds() -> Iterator[str]:
    return (field.name for field in fields(LastIds))
