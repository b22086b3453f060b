"""Members of groups: the manager first, the others in list order, positions from 1 without gaps."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.groups import Member
from magroup.model.people import User
from magroup.model.short_names import short_name
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.groups import group_of
from magroup.policy.editing.rules import check_integer, check_line, check_room, check_text, unknown, with_new

MOST_MEMBERS = 500
"""Members of one group."""


def member_of(configuration: Configuration, id: int) -> Member:
    member = configuration.member_by_id.get(id)
    if member is None:
        raise unknown("member_id", "member", id)
    return member


def add_member(
    configuration: Configuration,
    group_id: int,
    user_name: str,
    number: str,
    short: str | None = None,
    is_manager: bool = False,
) -> Configuration:
    """A new member at the end of the list, or a manager at its beginning; its id is ``last_ids.members``.

    ``short`` is the short name, made from the user's name where it is None.
    """
    group = group_of(configuration, group_id)
    user = _user(configuration, user_name)
    others = configuration.members_of(group_id)
    check_room("members", len(others), MOST_MEMBERS)
    if short is None:
        short = short_name(user.first_name, user.name, {other.short_name.casefold() for other in others})
    member = Member(0, group.id, user.name, number, short, is_manager, len(others) + 1)
    configuration = with_new(configuration, "members", _checked(configuration, member))
    return _with_list(configuration, group.id, configuration.members_of(group.id))


def change_member(configuration: Configuration, id: int, values: Mapping[str, Any]) -> Configuration:
    """The member with other values of ``number``, ``short_name`` or ``is_manager``; who is no manager has no VIPs."""
    before = member_of(configuration, id)
    member = _checked(configuration, replace(before, **values), before)
    if member == before:
        return configuration
    if before.is_manager and not member.is_manager:
        configuration = configuration.changed(vips=tuple(vip for vip in configuration.vips if vip.member_id != id))
    listed = [member if other.id == id else other for other in configuration.members_of(member.group_id)]
    return _with_list(configuration, member.group_id, listed)


def delete_members(configuration: Configuration, ids: Collection[int]) -> Configuration:
    """Without these members and their VIP lists."""
    groups = {member_of(configuration, id).group_id for id in ids}
    configuration = configuration.changed(
        members=tuple(member for member in configuration.members if member.id not in ids),
        vips=tuple(vip for vip in configuration.vips if vip.member_id not in ids),
    )
    for group_id in groups:
        configuration = _with_list(configuration, group_id, configuration.members_of(group_id))
    return configuration


def move_member(configuration: Configuration, id: int, up: bool) -> Configuration:
    """One place up or down in the list. At its ends, and for the manager, nothing changes."""
    member = member_of(configuration, id)
    listed = list(configuration.members_of(member.group_id))
    place = listed.index(member)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(listed) or member.is_manager or listed[other].is_manager:
        return configuration
    listed[place], listed[other] = listed[other], listed[place]
    return _with_list(configuration, member.group_id, listed)


def place_member(configuration: Configuration, id: int, position: int) -> Configuration:
    """The member at this position of the list, from 1; the manager stays first, and nobody comes before."""
    member = member_of(configuration, id)
    check_integer("position", position, 1, MOST_MEMBERS)
    listed = [other for other in configuration.members_of(member.group_id) if other is not member]
    listed.insert(position - 1, member)
    return _with_list(configuration, member.group_id, listed)


def order_members(configuration: Configuration, group_id: int, user_names: Sequence[str]) -> Configuration:
    """The list in the order of ``user_names``, which are exactly the group's, once for each membership."""
    left = list(configuration.members_of(group_of(configuration, group_id).id))
    listed: list[Member] = []
    for name in user_names:
        found = next((member for member in left if member.user_name.casefold() == name.casefold()), None)
        if found is None:
            shown = name[: checks.LONGEST_TEXT]
            raise EditError(Problem.INVALID, "user_names", f"{shown} is not, or not so often, in the group {group_id}")
        left.remove(found)
        listed.append(found)
    if left:
        raise EditError(Problem.MISSING, "user_names", f"{left[0].user_name} is in the group {group_id}, too")
    return _with_list(configuration, group_id, listed)


def display_group(configuration: Configuration, member_ids: Iterable[int], group_id: int) -> Configuration:
    """Show the group on the phones of the members' lines; 0: show none."""
    if group_id:
        _existing(configuration, group_id)
    numbers = {member_of(configuration, id).number for id in member_ids}
    if all(line.displayed_group == group_id for line in configuration.lines if line.number in numbers):
        return configuration
    return configuration.changed(
        lines=tuple(
            replace(line, displayed_group=group_id) if line.number in numbers else line for line in configuration.lines
        )
    )


def _existing(configuration: Configuration, group_id: int) -> None:
    if group_id not in configuration.group_by_id:
        raise unknown("displayed_group", "group", group_id)


def _user(configuration: Configuration, name: str) -> User:
    user = configuration.user(name)
    if user is None:
        raise unknown("user_name", "user", name)
    return user


def _checked(configuration: Configuration, member: Member, before: Member | None = None) -> Member:
    check_text("short_name", member.short_name, checks.short_name, required=True)
    member = replace(member, number=check_line(configuration, member.number))
    for other in configuration.members_of(member.group_id):
        if before is not None and other.id == before.id:
            continue
        if other.is_manager and member.is_manager:
            raise EditError(Problem.SECOND_MANAGER, "is_manager", f"{other.user_name} is the manager of the group")
        if (other.user_name.casefold(), other.number) == (member.user_name.casefold(), member.number):
            raise EditError(Problem.TAKEN, "number", f"{member.user_name} is in the group with {member.number} already")
    return member


def _with_list(configuration: Configuration, group_id: int, listed: Iterable[Member]) -> Configuration:
    """The group with this list; the manager comes first wherever the list puts the manager."""
    in_order = sorted(listed, key=lambda member: not member.is_manager)
    changed = {
        member.id: replace(member, position=place) if member.position != place else member
        for place, member in enumerate(in_order, 1)
    }
    if all(changed[member.id] is member for member in configuration.members_of(group_id)):
        return configuration
    return configuration.changed(
        members=tuple(changed.get(member.id, member) for member in configuration.members)
    )  # fmt: skip
