"""Lines and the phones they ring on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.lines import Line, Phone
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.rules import (
    Rules,
    check_lines,
    check_number,
    check_room,
    check_text,
    unknown,
    with_instead,
)

MOST_LINES = 100_000


def line_of(configuration: Configuration, number: str) -> Line:
    line = configuration.line(number)
    if line is None:
        raise unknown("number", "line", number)
    return line


def add_line(configuration: Configuration, rules: Rules, values: Mapping[str, Any]) -> Configuration:
    check_room("lines", len(configuration.lines), MOST_LINES)
    line = checked_line(configuration, rules, Line(""), replace(Line(""), **values))
    return configuration.changed(lines=(*configuration.lines, line))


def change_line(configuration: Configuration, rules: Rules, number: str, values: Mapping[str, Any]) -> Configuration:
    """The line with other values of some fields; users, phones and members follow a new number."""
    before = line_of(configuration, number)
    line = checked_line(configuration, rules, before, replace(before, **values))
    if line.number != before.number:
        configuration = configuration.changed(
            users=_renumbered(configuration.users, before.number, line.number),
            phones=_renumbered(configuration.phones, before.number, line.number),
            members=tuple(
                replace(member, number=line.number) if member.number == before.number else member
                for member in configuration.members
            ),
        )
    return with_instead(configuration, "lines", before, line)


def delete_line(configuration: Configuration, number: str) -> Configuration:
    """Without the line; users and phones have it no more. A line at which members are reached stays."""
    gone = line_of(configuration, number)
    for member in configuration.members:
        if member.number == gone.number:
            group = configuration.group_by_id[member.group_id]
            raise EditError(Problem.IN_USE, "number", f"{member.user_name} of the group {group.name} is reached there")
    return configuration.changed(
        lines=tuple(line for line in configuration.lines if line is not gone),
        users=_renumbered(configuration.users, gone.number, ""),
        phones=_renumbered(configuration.phones, gone.number, ""),
    )


def phone_of(configuration: Configuration, device_name: str) -> Phone:
    for found in configuration.phones:
        if found.device_name.casefold() == device_name.casefold():
            return found
    raise unknown("device_name", "phone", device_name)


def add_phone(configuration: Configuration, values: Mapping[str, Any]) -> Configuration:
    check_room("phones", len(configuration.phones), MOST_LINES)
    phone = checked_phone(configuration, Phone(""), replace(Phone(""), **values))
    return configuration.changed(phones=(*configuration.phones, phone))


def change_phone(configuration: Configuration, device_name: str, values: Mapping[str, Any]) -> Configuration:
    before = phone_of(configuration, device_name)
    phone = checked_phone(configuration, before, replace(before, **values))
    return with_instead(configuration, "phones", before, phone)


def delete_phone(configuration: Configuration, device_name: str) -> Configuration:
    gone = phone_of(configuration, device_name)
    return configuration.changed(phones=tuple(phone for phone in configuration.phones if phone is not gone))


def _renumbered(owners: tuple[Any, ...], old: str, new: str) -> tuple[Any, ...]:
    """The users or phones with a line's new number in their lists, without the line where that is ""."""
    return tuple(
        replace(owner, lines=tuple(new if line == old else line for line in owner.lines if line != old or new))
        if old in owner.lines
        else owner
        for owner in owners
    )


def checked_line(configuration: Configuration, rules: Rules, before: Line, line: Line) -> Line:
    """The line as it is stored in the place of ``before``, which has no number where it is a new one."""
    check_text("number", line.number, required=True)
    if line.number != before.number:
        check_number(configuration, rules, line.number, line=before.number)
    check_text("secret", line.secret)
    check_text("display_name", line.display_name)
    if line.displayed_group and line.displayed_group not in configuration.group_by_id:
        raise unknown("displayed_group", "group", line.displayed_group)
    return line


def checked_phone(configuration: Configuration, before: Phone, phone: Phone) -> Phone:
    """The phone as it is stored in the place of ``before``, which has no name where it is a new one."""
    check_text("device_name", phone.device_name, checks.name, required=True)
    other = configuration.phone(phone.device_name)
    if other is not None and other is not before:
        raise EditError(Problem.TAKEN, "device_name", f"there is a phone {other.device_name} already")
    for field in ("model", "address", "push_user", "push_password", "token"):
        check_text(field, getattr(phone, field))
    return replace(phone, lines=check_lines(configuration, phone.lines))
