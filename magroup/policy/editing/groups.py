"""Adding, changing and deleting groups."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.groups import NO_VIP_BY_STARS, Group, Overflow, OverflowTo
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.rules import (
    Rules,
    check_integer,
    check_number,
    check_room,
    check_text,
    unknown,
    with_instead,
    with_new,
)

MOST_GROUPS = 10_000
_IDENTIFICATIONS = ("caller_name", "caller_number")
_PHONE_TONES = ("manager_alarm", "assistant_alarm")
_GADGET_TONES = ("manager_alarm_gadget", "assistant_alarm_gadget")


def group_of(configuration: Configuration, id: int) -> Group:
    group = configuration.group_by_id.get(id)
    if group is None:
        raise unknown("group_id", "group", id)
    return group


def add_group(configuration: Configuration, rules: Rules, values: Mapping[str, Any]) -> Configuration:
    """A new group with these values of its fields; its id is ``last_ids.groups`` of what is returned."""
    check_room("groups", len(configuration.groups), MOST_GROUPS)
    group = _checked(configuration, rules, Group(0, ""), replace(Group(0, ""), **values))
    return with_new(configuration, "groups", group)


def change_group(configuration: Configuration, rules: Rules, id: int, values: Mapping[str, Any]) -> Configuration:
    """The group with other values of some of its fields."""
    before = group_of(configuration, id)
    group = _checked(configuration, rules, before, replace(before, **values))
    return with_instead(configuration, "groups", before, group)


def delete_group(configuration: Configuration, id: int) -> Configuration:
    """Without the group and all that is in it; lines show it no more, calls of other groups do not overflow to it."""
    gone = group_of(configuration, id)
    members = {member.id for member in configuration.members_of(id)}
    to_it = Overflow(OverflowTo.GROUP, str(id))
    return configuration.changed(
        groups=tuple(
            replace(group, overflow=Overflow()) if group.overflow == to_it else group
            for group in configuration.groups
            if group is not gone
        ),
        members=tuple(member for member in configuration.members if member.group_id != id),
        announcements=tuple(one for one in configuration.announcements if one.group_id != id),
        vips=tuple(vip for vip in configuration.vips if vip.member_id not in members),
        lines=tuple(
            replace(line, displayed_group=0) if line.displayed_group == id else line for line in configuration.lines
        ),
    )


def _checked(configuration: Configuration, rules: Rules, before: Group, group: Group) -> Group:
    check_text("name", group.name, checks.name, required=True)
    if group.name != before.name:
        _check_name(configuration, group)
    if group.number and group.number != before.number:
        check_number(configuration, rules, group.number, group_id=before.id)
    check_integer("manager_timeout", group.manager_timeout, 0, checks.LONGEST_TIMEOUT)
    check_integer("assistant_timeout", group.assistant_timeout, 0, checks.LONGEST_TIMEOUT)
    check_integer("vip_threshold", group.vip_threshold, 0, 99)
    for field in _IDENTIFICATIONS:
        check_text(field, getattr(group, field))
    for field in _PHONE_TONES:
        check_text(field, getattr(group, field), checks.file_name)
    tones: dict[str, Any] = {
        field: _sound(field, rules.tone, getattr(before, field), getattr(group, field)) for field in _GADGET_TONES
    }
    if group.overflow != before.overflow:
        _check_overflow(configuration, group)
    return replace(
        group,
        welcome=_sound("welcome", rules.wave, before.welcome, group.welcome),
        vip_threshold=min(group.vip_threshold, NO_VIP_BY_STARS),
        **tones,
    )


def _check_name(configuration: Configuration, group: Group) -> None:
    key = group.name.casefold()
    for other in configuration.groups:
        if other.id != group.id and other.name.casefold() == key:
            raise EditError(Problem.TAKEN, "name", f"there is a group {other.name} already")


def _sound(field: str, stored: Any, before: str, name: str) -> str:
    """The stored name; one that was there before stays, whatever has become of its file."""
    if not name or name == before:
        return name
    found: str = stored(check_text(field, name, checks.file_name))
    if not found:
        raise EditError(Problem.UNKNOWN, field, f"there is no sound {name}")
    return found


def _check_overflow(configuration: Configuration, group: Group) -> None:
    to, target = group.overflow.to, group.overflow.target
    if to in (OverflowTo.NUMBER, OverflowTo.VOICEMAIL):
        check_text("overflow", target, checks.phone_number, required=True)
    if to is OverflowTo.GROUP:
        if len(target) > 10 or int(target) not in configuration.group_by_id:
            raise EditError(Problem.UNKNOWN, "overflow", f"there is no group {target[:20]} to overflow to")
