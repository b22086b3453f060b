"""The rows that things of the configuration are stored as."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert

from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.numbers import bare
from magroup.model.people import User
from magroup.store import tables as t

Row = tuple[Table, dict[str, Any]]

INSERTED = (
    *(t.groups, t.lines, t.users, t.user_lines, t.privileges, t.voicemail_pins, t.phones, t.phone_lines),
    *(t.contacts, t.trunks, t.members, t.announcements, t.vips, t.numbers),
)
"""The tables in an order in which what is referred to comes first."""


def rows_of(kind: str, thing: Any, configuration: Configuration) -> Iterator[Row]:
    """The rows of a thing of the configuration; ``kind`` is the field that holds it."""
    return _ROWS[kind](thing, configuration)


def insert_all(connection: Connection, configuration: Configuration) -> None:
    """Fill empty tables with the whole configuration."""
    found: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    for kind in _ROWS:
        for thing in getattr(configuration, kind):
            for table, row in rows_of(kind, thing, configuration):
                found[table].append(row)
    for table in INSERTED:
        if found[table]:
            connection.execute(insert(table), found[table])


def _row(table: Table, thing: Any, **others: Any) -> Row:
    """The columns that are fields of ``thing``, and ``others``."""
    names = [column.name for column in table.c]
    return table, {name: getattr(thing, name) for name in names if hasattr(thing, name)} | others


def _group(group: Group, configuration: Configuration) -> Iterator[Row]:
    yield _row(
        t.groups,
        group,
        key=group.name.casefold(),
        overflow=str(group.overflow),
        show_vip_calls=group.show_vip_calls.value,
        vip_routing=group.vip_routing.value,
    )
    if group.number:
        yield t.numbers, {"number": bare(group.number), "line": None, "group_id": group.id}


def _line(line: Line, configuration: Configuration) -> Iterator[Row]:
    yield _row(t.lines, line, displayed_group=line.displayed_group or None)
    yield t.numbers, {"number": bare(line.number), "line": line.number, "group_id": None}


def _user(user: User, configuration: Configuration) -> Iterator[Row]:
    yield _row(t.users, user)
    for position, number in enumerate(user.lines, 1):
        yield t.user_lines, {"user_id": user.id, "position": position, "number": number}
    for granted in user.privileges:
        yield t.privileges, {"user_id": user.id, "privilege": granted.value}
    if user.voicemail_pin_hash:
        yield t.voicemail_pins, {"user_id": user.id, "hash": user.voicemail_pin_hash}


def _phone(phone: Phone, configuration: Configuration) -> Iterator[Row]:
    yield _row(t.phones, phone, key=phone.device_name.casefold())
    for position, number in enumerate(phone.lines, 1):
        yield t.phone_lines, {"device_name": phone.device_name, "position": position, "number": number}


def _trunk(trunk: Trunk, configuration: Configuration) -> Iterator[Row]:
    yield _row(t.trunks, trunk, key=trunk.name.casefold(), inbound_addresses=json.dumps(trunk.inbound_addresses))


def _member(member: Member, configuration: Configuration) -> Iterator[Row]:
    user = configuration.user(member.user_name)
    yield _row(t.members, member, user_id=user.id if user else None)


_ROWS: Mapping[str, Callable[[Any, Configuration], Iterator[Row]]] = {
    "groups": _group,
    "lines": _line,
    "users": _user,
    "phones": _phone,
    "contacts": lambda contact, configuration: iter((_row(t.contacts, contact),)),
    "trunks": _trunk,
    "members": _member,
    "announcements": lambda announcement, configuration: iter((_row(t.announcements, announcement),)),
    "vips": lambda vip, configuration: iter((_row(t.vips, vip),)),
}
