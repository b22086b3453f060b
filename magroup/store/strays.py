"""State of nobody any more: presence, forwardings, registrations, logins and tokens after a change of configuration."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, delete, exists, not_, select

from magroup.store import tables as t

T = TypeVar("T")
Identity = tuple[int, str]
"""Who a member id stands for: the group's id and the user's key. The number may change, forwardings follow it."""


_FORWARDINGS = (t.application_forwarding, t.line_forwarding)
_OF_LINES = (t.line_forwarding, t.do_not_disturb)
_AT_ONCE = 500
"""Values in one statement."""


def member_identities(connection: Connection) -> Mapping[int, Identity]:
    """Who each member id stands for now."""
    found = connection.execute(
        select(t.members.c.id, t.members.c.group_id, t.users.c.key).join_from(t.members, t.users)
    )
    return {row.id: (row.group_id, row.key) for row in found}


def forget_strays(connection: Connection, before: Mapping[int, Identity]) -> None:
    """Delete state of users, lines and members that are gone, or whose id stood for somebody else ``before``."""
    now = member_identities(connection)
    _forget_members(connection, [id for id, identity in before.items() if now.get(id) != identity])
    members = select(t.members.c.id)
    lines = select(t.lines.c.number)
    connection.execute(delete(t.presence).where(t.presence.c.user_key.not_in(select(t.users.c.key))))
    connection.execute(delete(t.application_forwarding).where(t.application_forwarding.c.member_id.not_in(members)))
    for table in _FORWARDINGS:
        connection.execute(delete(table).where(table.c.target_member != 0, table.c.target_member.not_in(members)))
    for table in _OF_LINES:
        connection.execute(delete(table).where(table.c.line.not_in(lines)))
    connection.execute(delete(t.registrations).where(t.registrations.c.number.not_in(lines)))
    connection.execute(delete(t.sessions).where(t.sessions.c.user_key.not_in(select(t.users.c.key))))
    connection.execute(delete(t.tokens).where(tokens_of_nobody()))


def forget(connection: Connection, users: Sequence[str], lines: Sequence[str], members: Sequence[int]) -> None:
    """Delete the state of these users (by key), lines (by number as stored) and members, who are gone."""
    for keys in _pieces(users):
        for table in (t.presence, t.sessions, t.tokens):
            connection.execute(delete(table).where(table.c.user_key.in_(keys)))
    for numbers in _pieces(lines):
        for table in _OF_LINES:
            connection.execute(delete(table).where(table.c.line.in_(numbers)))
        connection.execute(delete(t.registrations).where(t.registrations.c.number.in_(numbers)))
    _forget_members(connection, members)


def tokens_of_nobody() -> ColumnElement[bool]:
    """The tokens whose user is gone, also where another has the name now."""
    tokens, users = t.tokens.c, t.users.c
    return not_(exists().where(users.key == tokens.user_key, users.id == tokens.user_id))


def _forget_members(connection: Connection, members: Sequence[int]) -> None:
    for some in _pieces(members):
        connection.execute(delete(t.application_forwarding).where(t.application_forwarding.c.member_id.in_(some)))
        for table in _FORWARDINGS:
            connection.execute(delete(table).where(table.c.target_member.in_(some)))


def _pieces(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))
