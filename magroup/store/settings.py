"""The settings that administrators have stored, by name; what they mean is the model's."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from magroup.store import tables as t
from magroup.store.errors import StoreError
from magroup.store.text import storable


def load_settings(connection: Connection) -> dict[str, str]:
    """The value of each, as JSON."""
    return {row.name: row.value for row in connection.execute(select(t.settings).order_by(t.settings.c.name))}


def save_settings(
    connection: Connection, before: Mapping[str, str], after: Mapping[str, str], at: float, who: str
) -> None:  # fmt: skip
    """Write what is different from ``before``, which is what is stored: changed by ``who`` at ``at`` (UTC seconds).

    Raises StoreError when somebody else has changed it.
    """
    if load_settings(connection) != before:
        raise StoreError("the settings in the database were changed by another program: magroup must be restarted")
    other = {name for name, _ in before.items() ^ after.items()}
    if gone := other & before.keys():
        connection.execute(delete(t.settings).where(t.settings.c.name.in_(gone)))
    if new := sorted(other & after.keys()):
        connection.execute(
            insert(t.settings),
            [{"name": name, "value": after[name], "changed_at": at, "changed_by": storable(who)} for name in new],
        )


def values_of(stored: Mapping[str, str]) -> dict[tuple[str, ...], Any]:
    """The values by the paths of the settings; None, the value of no setting, for what is no JSON."""
    return {tuple(name.split(".")): _read(text) for name, text in stored.items()}


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
