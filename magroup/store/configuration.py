"""The whole configuration read from the tables, and put in their place as a whole."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select

from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement, Group, Member, Overflow, ShowVipCalls, VipEntry, VipRouting
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.numbers import NumberPlan, bare
from magroup.model.people import Contact, Privilege, User
from magroup.store import tables as t
from magroup.store.strays import forget_strays, member_identities

_VERSION = "configuration"

_EMPTIED = (
    *(t.vips, t.announcements, t.members, t.phone_lines, t.phones, t.user_lines, t.privileges, t.voicemail_pins),
    t.users,
    *(t.numbers, t.lines, t.groups, t.contacts, t.trunks),
)


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
        version=_version(connection),
    )
    return with_look_ups(ordered(configuration))


def replace_all(connection: Connection, configuration: Configuration) -> Configuration:
    """Put ``configuration`` in the place of what is stored; returns it as ``load`` would, with its new version.

    State of users, lines and members that are not there any more, or are others now, is forgotten.
    Raises sqlalchemy.exc.IntegrityError for a number used twice or a reference to nothing.
    """
    before = member_identities(connection)
    version = _version(connection) + 1
    for table in _EMPTIED:
        connection.execute(delete(table))
    _insert_groups_and_lines(connection, configuration)
    _insert_people(connection, configuration)
    _insert_memberships(connection, configuration)
    connection.execute(delete(t.meta).where(t.meta.c.key == _VERSION))
    connection.execute(insert(t.meta).values(key=_VERSION, value=str(version)))
    forget_strays(connection, before)
    return with_look_ups(ordered(replace(configuration, version=version)))


def ordered(configuration: Configuration) -> Configuration:
    """``configuration`` in the one order in which it is stored, compared and exported."""
    return replace(
        configuration,
        users=tuple(sorted(configuration.users, key=_id)),
        lines=tuple(sorted(configuration.lines, key=lambda line: (len(bare(line.number)), line.number))),
        phones=tuple(sorted(configuration.phones, key=lambda phone: phone.device_name)),
        contacts=tuple(sorted(configuration.contacts, key=_id)),
        trunks=tuple(sorted(configuration.trunks, key=_id)),
        groups=tuple(sorted(configuration.groups, key=_id)),
        members=tuple(sorted(configuration.members, key=lambda m: (m.group_id, not m.is_manager, m.position, m.id))),
        announcements=tuple(sorted(configuration.announcements, key=lambda a: (a.group_id, a.priority, a.id))),
        vips=tuple(sorted(configuration.vips, key=lambda vip: (vip.member_id, vip.id))),
    )


def with_look_ups(configuration: Configuration) -> Configuration:
    """``configuration`` itself, after its first use: the first look-up of each kind is the one that takes time."""
    for look_up in (
        configuration.line,
        configuration.group_of_number,
        configuration.user_of_number,
        configuration.contact_of_number,
        configuration.user,
    ):
        look_up("")
    _ = configuration.group_by_id, configuration.member_by_id
    for of in (configuration.members_of, configuration.announcements_of, configuration.vips_of):
        of(0)
    return configuration


def _id(thing: User | Contact | Trunk | Group) -> int:
    return thing.id


def _fields(row: Row[Any], kind: type, **others: object) -> dict[str, Any]:
    """The row's columns that are fields of ``kind``, and ``others``."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in row._mapping.items() if name in names} | others


def _version(connection: Connection) -> int:
    return int(connection.scalar(select(t.meta.c.value).where(t.meta.c.key == _VERSION)) or 0)


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


def _insert(connection: Connection, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
    found = list(rows)
    if found:
        connection.execute(insert(table), found)


def _columns(thing: Any, **others: object) -> dict[str, object]:
    return {field.name: getattr(thing, field.name) for field in fields(thing)} | others


def _insert_groups_and_lines(connection: Connection, configuration: Configuration) -> None:
    _insert(
        connection,
        t.groups,
        (
            _columns(
                group,
                key=group.name.casefold(),
                overflow=str(group.overflow),
                show_vip_calls=group.show_vip_calls.value,
                vip_routing=group.vip_routing.value,
            )
            for group in configuration.groups
        ),
    )
    _insert(
        connection,
        t.lines,
        (_columns(line, displayed_group=line.displayed_group or None) for line in configuration.lines),
    )
    of_lines = ((line.number, line.number, None) for line in configuration.lines)
    of_groups = ((group.number, None, group.id) for group in configuration.groups if group.number)
    _insert(
        connection,
        t.numbers,
        (
            {"number": bare(number), "line": line, "group_id": group_id}
            for number, line, group_id in (*of_lines, *of_groups)
        ),
    )


def _insert_people(connection: Connection, configuration: Configuration) -> None:
    users = configuration.users
    apart = ("lines", "privileges", "voicemail_pin_hash")
    _insert(connection, t.users, (_without(_columns(user, key=user.key), *apart) for user in users))
    _insert(
        connection,
        t.user_lines,
        (
            {"user_id": user.id, "position": position, "number": number}
            for user in users
            for position, number in enumerate(user.lines, 1)
        ),
    )
    _insert(
        connection,
        t.privileges,
        ({"user_id": user.id, "privilege": granted.value} for user in users for granted in user.privileges),
    )
    _insert(
        connection,
        t.voicemail_pins,
        ({"user_id": user.id, "hash": user.voicemail_pin_hash} for user in users if user.voicemail_pin_hash),
    )
    phones = configuration.phones
    _insert(
        connection,
        t.phones,
        (_without(_columns(phone, key=phone.device_name.casefold()), "lines") for phone in phones),
    )
    _insert(
        connection,
        t.phone_lines,
        (
            {"device_name": phone.device_name, "position": position, "number": number}
            for phone in phones
            for position, number in enumerate(phone.lines, 1)
        ),
    )
    _insert(connection, t.contacts, map(_columns, configuration.contacts))
    _insert(
        connection,
        t.trunks,
        (
            _columns(trunk, key=trunk.name.casefold(), inbound_addresses=json.dumps(trunk.inbound_addresses))
            for trunk in configuration.trunks
        ),
    )


def _without(row: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in names}


def _insert_memberships(connection: Connection, configuration: Configuration) -> None:
    ids = {user.key: user.id for user in configuration.users}
    _insert(
        connection,
        t.members,
        (
            _without(_columns(member, user_id=ids.get(member.user_name.casefold())), "user_name")
            for member in configuration.members
        ),
    )
    _insert(connection, t.announcements, map(_columns, configuration.announcements))
    _insert(connection, t.vips, map(_columns, configuration.vips))
