"""The whole configuration read from the tables, and put in their place as a whole."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select

from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement, Group, Member, Overflow, ShowVipCalls, VipEntry, VipRouting
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.numbers import NumberPlan, bare
from magroup.model.people import Contact, Privilege, User
from magroup.store import tables as t
from magroup.store.meta import at_least, keep_meta, last_ids_given, version_of
from magroup.store.rows import insert_all
from magroup.store.strays import forget_strays, member_identities

_ORDERS: Mapping[str, Callable[[Any], Any]] = {
    "users": lambda user: user.id,
    "lines": lambda line: (len(bare(line.number)), line.number),
    "phones": lambda phone: phone.device_name,
    "contacts": lambda contact: contact.id,
    "trunks": lambda trunk: trunk.id,
    "groups": lambda group: group.id,
    "members": lambda member: (member.group_id, not member.is_manager, member.position, member.id),
    "announcements": lambda one: (one.group_id, one.priority, one.id),
    "vips": lambda vip: (vip.member_id, vip.id),
}

_EMPTIED = (
    *(t.vips, t.announcements, t.members, t.phone_lines, t.phones, t.user_lines, t.privileges, t.voicemail_pins),
    t.users,
    *(t.numbers, t.lines, t.groups, t.contacts, t.trunks),
)


def load_other(connection: Connection, plan: NumberPlan, version: int) -> Configuration | None:
    """What is stored; None where it has this version."""
    return None if version_of(connection) == version else load(connection, plan)


def load(connection: Connection, plan: NumberPlan) -> Configuration:
    """What is stored, in the order of ``ordered``, with its look-ups made: they are no work for the reactor."""
    names = {row.id: row.name for row in connection.execute(select(t.users.c.id, t.users.c.name))}
    configuration = Configuration(
        users=_users(connection),
        lines=tuple(
            Line(**{**row._mapping, "displayed_group": row.displayed_group or 0})
            for row in connection.execute(select(t.lines))
        ),
        phones=_phones(connection),
        contacts=tuple(Contact(**row._mapping) for row in connection.execute(select(t.contacts))),
        trunks=tuple(
            Trunk(**_fields(row, Trunk, inbound_addresses=tuple(json.loads(row.inbound_addresses))))
            for row in connection.execute(select(t.trunks))
        ),
        groups=tuple(_group(row) for row in connection.execute(select(t.groups))),
        members=tuple(
            Member(**_fields(row, Member, user_name=names[row.user_id]))
            for row in connection.execute(select(t.members))
        ),
        announcements=tuple(Announcement(**row._mapping) for row in connection.execute(select(t.announcements))),
        vips=tuple(VipEntry(**row._mapping) for row in connection.execute(select(t.vips))),
        plan=plan,
        version=version_of(connection),
    )
    last_ids = at_least(last_ids_given(connection), configuration)
    return with_look_ups(ordered(configuration.changed(last_ids=last_ids)))


def replace_all(connection: Connection, configuration: Configuration) -> Configuration:
    """Put ``configuration`` in the place of what is stored; returns it as ``load`` would, with its new version.

    State of users, lines and members that are not there any more, or are others now, is forgotten.
    Raises sqlalchemy.exc.IntegrityError for a number used twice or a reference to nothing.
    """
    before = member_identities(connection)
    last_ids = at_least(last_ids_given(connection), configuration)
    version = version_of(connection) + 1
    for table in _EMPTIED:
        connection.execute(delete(table))
    insert_all(connection, configuration)
    keep_meta(connection, version, last_ids)
    forget_strays(connection, before)
    return with_look_ups(ordered(configuration.changed(version=version, last_ids=last_ids)))


def ordered(configuration: Configuration, before: Configuration | None = None) -> Configuration:
    """``configuration`` in the one order in which it is stored, compared and exported.

    What is the very same as in ``before`` is in its order already.
    """
    return configuration.changed(
        **{
            kind: tuple(sorted(getattr(configuration, kind), key=order))
            for kind, order in _ORDERS.items()
            if before is None or getattr(before, kind) is not getattr(configuration, kind)
        }
    )


def with_look_ups(configuration: Configuration) -> Configuration:
    """``configuration`` itself, after its first use: the first look-up of each kind is the one that takes time."""
    for look_up in (
        configuration.line,
        configuration.group_of_number,
        configuration.user_of_number,
        configuration.contact_of_number,
        configuration.user,
        configuration.members_of_user,
    ):
        look_up("")
    _ = configuration.group_by_id, configuration.member_by_id
    for of in (configuration.members_of, configuration.announcements_of, configuration.vips_of):
        of(0)
    return configuration


def _fields(row: Row[Any], kind: type, **others: object) -> dict[str, Any]:
    """The row's columns that are fields of ``kind``, and ``others``."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in row._mapping.items() if name in names} | others


def _users(connection: Connection) -> tuple[User, ...]:
    lines = _lists(connection, t.user_lines, "user_id", "number")
    pins = {row.user_id: row.hash for row in connection.execute(select(t.voicemail_pins))}
    granted: dict[int, set[Privilege]] = defaultdict(set)
    for row in connection.execute(select(t.privileges)):
        granted[row.user_id].add(Privilege(row.privilege))
    return tuple(
        User(
            **_fields(row, User, lines=lines.get(row.id, ()), privileges=frozenset(granted.get(row.id, ()))),
            voicemail_pin_hash=pins.get(row.id, ""),
        )
        for row in connection.execute(select(t.users))
    )


def _phones(connection: Connection) -> tuple[Phone, ...]:
    lines = _lists(connection, t.phone_lines, "device_name", "number")
    return tuple(
        Phone(**_fields(row, Phone, lines=lines.get(row.device_name, ())))
        for row in connection.execute(select(t.phones))
    )


def _lists(connection: Connection, table: Table, key: str, value: str) -> Mapping[Any, tuple[str, ...]]:
    """The values of each key, by position."""
    found: dict[Any, list[str]] = defaultdict(list)
    columns = table.c
    for row in connection.execute(select(columns[key], columns[value]).order_by(columns.position)):
        found[row[0]].append(row[1])
    return {name: tuple(values) for name, values in found.items()}


def _group(row: Row[Any]) -> Group:
    return Group(
        **_fields(
            row,
            Group,
            overflow=Overflow.parse(row.overflow),
            show_vip_calls=ShowVipCalls(row.show_vip_calls),
            vip_routing=VipRouting(row.vip_routing),
        )
    )
