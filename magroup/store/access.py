"""Sessions and tokens in the tables: read at the start, changes written behind the requests."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from magroup.model.accounts import Session, StoredAccess, Token
from magroup.model.audit import Change
from magroup.store import tables as t
from magroup.store.audit import record, record_all
from magroup.store.meta import keep_last_token_id, last_token_id
from magroup.store.strays import tokens_of_nobody
from magroup.store.text import storable


@dataclass
class AccessChanges:
    """What is to be written together: sessions by key (None: it is over), the last use of tokens by id, audit."""

    sessions: dict[str, Session | None] = field(default_factory=dict)
    tokens_used: dict[int, float] = field(default_factory=dict)
    audit: list[Change] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.sessions or self.tokens_used or self.audit)


def load_access(connection: Connection, now: float, idle: float, lifetime: float) -> StoredAccess:
    """What is valid; what is too old (``idle`` and ``lifetime`` seconds) or nobody's any more is deleted."""
    users = select(t.users.c.key)
    columns = t.sessions.c
    too_old = or_(columns.used_at <= now - idle, columns.created_at <= now - lifetime)
    connection.execute(delete(t.sessions).where(or_(too_old, columns.user_key.not_in(users))))
    expires_at = t.tokens.c.expires_at
    expired = and_(expires_at > 0, expires_at <= now)
    connection.execute(delete(t.tokens).where(or_(expired, tokens_of_nobody())))
    return StoredAccess(
        tuple(Session(**row._mapping) for row in connection.execute(select(t.sessions).order_by(columns.created_at))),
        tuple(
            Token(**{**row._mapping, "scopes": frozenset(json.loads(row.scopes))})
            for row in connection.execute(select(t.tokens).order_by(t.tokens.c.id))
        ),
    )


def write_access(connection: Connection, changes: AccessChanges) -> None:
    """Make the rows what the changes say, and add to the audit trail."""
    if changes.sessions:
        _each(connection, delete(t.sessions).where(t.sessions.c.key == bindparam("k")), changes.sessions)
        rows = [_session_row(session) for session in changes.sessions.values() if session is not None]
        if rows:
            connection.execute(insert(t.sessions), rows)
    if changes.tokens_used:
        connection.execute(
            update(t.tokens).where(t.tokens.c.id == bindparam("k")).values(used_at=bindparam("used")),
            [{"k": id, "used": at} for id, at in changes.tokens_used.items()],
        )
    record_all(connection, changes.audit)


def add_token(connection: Connection, token: Token, change: Change) -> Token | None:
    """The token with its id, which no token has had before; None when its user is gone."""
    owner = select(t.users.c.id).where(t.users.c.key == token.user_key, t.users.c.id == token.user_id)
    if connection.scalar(owner) is None:
        return None
    largest = connection.scalar(select(func.max(t.tokens.c.id))) or 0
    stored = replace(token, id=max(largest, last_token_id(connection)) + 1)
    keep_last_token_id(connection, stored.id)
    row: dict[str, Any] = {name: getattr(stored, name) for name in t.tokens.c.keys()}  # noqa: SIM118
    row["scopes"] = json.dumps(sorted(stored.scopes))
    row["name"] = storable(stored.name)
    connection.execute(insert(t.tokens), [row])
    record(connection, change)
    return stored


def delete_tokens(connection: Connection, ids: Sequence[int], user_key: str, changes: Sequence[Change]) -> None:
    """Delete those of these that are the user's."""
    columns = t.tokens.c
    _each(connection, delete(t.tokens).where(columns.id == bindparam("k"), columns.user_key == user_key), ids)
    record_all(connection, changes)


def _each(connection: Connection, statement: Any, keys: Iterable[str | int] | Mapping[str, object]) -> None:
    rows = [{"k": key} for key in keys]
    if rows:
        connection.execute(statement, rows)


def _session_row(session: Session) -> dict[str, Any]:
    row = {name: getattr(session, name) for name in t.sessions.c.keys()}  # noqa: SIM118
    return {**row, "address": storable(session.address), "user_key": storable(session.user_key)}
