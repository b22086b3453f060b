"""State that belongs to nobody any more: presence, forwardings and registrations after a change of configuration."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from magroup.store import tables as t

Identity = tuple[int, str]
"""Who a member id stands for: the group's id and the user's key. The number may change, forwardings follow it."""


def member_identities(connection: Connection) -> Mapping[int, Identity]:
    """Who each member id stands for now."""
    found = connection.execute(
        select(t.members.c.id, t.members.c.group_id, t.users.c.key).join_from(t.members, t.users)
    )
    return {row.id: (row.group_id, row.key) for row in found}


def forget_strays(connection: Connection, before: Mapping[int, Identity]) -> None:
    """Delete state of users, lines and members that are gone, or whose id stood for somebody else ``before``."""
    now = member_identities(connection)
    others = [id for id, identity in before.items() if now.get(id) != identity]
    forwardings = (t.application_forwarding, t.line_forwarding)
    for start in range(0, len(others), 500):
        some = others[start : start + 500]
        connection.execute(delete(t.application_forwarding).where(t.application_forwarding.c.member_id.in_(some)))
        for table in forwardings:
            connection.execute(delete(table).where(table.c.target_member.in_(some)))
    members = select(t.members.c.id)
    lines = select(t.lines.c.number)
    connection.execute(delete(t.presence).where(t.presence.c.user_key.not_in(select(t.users.c.key))))
    connection.execute(delete(t.application_forwarding).where(t.application_forwarding.c.member_id.not_in(members)))
    for table in forwardings:
        connection.execute(delete(table).where(table.c.target_member != 0, table.c.target_member.not_in(members)))
    connection.execute(delete(t.line_forwarding).where(t.line_forwarding.c.line.not_in(lines)))
    connection.execute(delete(t.registrations).where(t.registrations.c.number.not_in(lines)))
