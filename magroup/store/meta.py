"""What is stored beside the rows: the configuration's version, and the largest id ever given of each kind."""

from collections.abc import Iterator
from dataclasses import fields

from sqlalchemy import Connection, delete, insert, select

from magroup.model.configuration import Configuration, LastIds
from magroup.store import tables as t

_VERSION = "configuration"
_LAST_ID = "last id of {}"
_TOKENS = _LAST_ID.format("tokens")


def version_of(connection: Connection) -> int:
    return int(connection.scalar(select(t.meta.c.value).where(t.meta.c.key == _VERSION)) or 0)


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
    connection.execute(delete(t.meta).where(t.meta.c.key.in_(rows)))
    connection.execute(insert(t.meta), [{"key": key, "value": value} for key, value in rows.items()])


def last_token_id(connection: Connection) -> int:
    """Tokens are no part of the configuration; 0 when there was none yet."""
    return int(connection.scalar(select(t.meta.c.value).where(t.meta.c.key == _TOKENS)) or 0)


def keep_last_token_id(connection: Connection, id: int) -> None:
    connection.execute(delete(t.meta).where(t.meta.c.key == _TOKENS))
    connection.execute(insert(t.meta), [{"key": _TOKENS, "value": str(id)}])


def _kinds() -> Iterator[str]:
    return (field.name for field in fields(LastIds))
