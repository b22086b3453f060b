"""Members whose user is gone: programs that change the database themselves may leave such."""

from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.model.numbers import NumberPlan
from magroup.store import tables as t
from magroup.store.audit import record_all
from magroup.store.configuration import load
from magroup.store.meta import keep_meta, last_ids_given, version_of
from magroup.store.strays import forget_strays, member_identities


class LostMember(NamedTuple):
    """A member that was deleted."""

    id: int
    group: str
    short_name: str
    number: str


def delete_lost_members(
    connection: Connection, plan: NumberPlan, now: float
) -> tuple[tuple[LostMember, ...], Configuration | None]:
    """Who was deleted, and the configuration without them, None when it is as before; strays of state go too."""
    columns = t.members.c
    without_user = columns.user_id.not_in(select(t.users.c.id))
    found = connection.execute(
        select(columns.id, columns.short_name, columns.number, t.groups.c.name)
        .join_from(t.members, t.groups, isouter=True)
        .where(without_user)
        .order_by(columns.id)
    )
    lost = tuple(LostMember(row.id, row.name or "", row.short_name, row.number) for row in found)
    before = member_identities(connection)
    if lost:
        connection.execute(delete(t.vips).where(t.vips.c.member_id.in_(select(columns.id).where(without_user))))
        connection.execute(delete(t.members).where(without_user))
        keep_meta(connection, version_of(connection) + 1, last_ids_given(connection))
        record_all(connection, [Change(now, "", "", "lost member", str(one.id)) for one in lost])
    forget_strays(connection, before)
    return lost, load(connection, plan) if lost else None
