"""Members to choose from: of the only group, or first a list of groups; and what each of them is doing."""

from collections.abc import Sequence

from magroup.groups.steering import Refused, Why
from magroup.model.groups import Group, Member
from magroup.model.lines import LineState
from magroup.model.people import User
from magroup.model.presence import Presence
from magroup.web.phone.lists import (
    NO_QUERY,
    Query,
    choose_group,
    groups_at_hand,
    listed,
    member_icons,
    member_item,
    own_groups,
)
from magroup.web.phone.menu.words import LINE, NO_GROUPS, NOBODY, PRESENCE
from magroup.web.phone.visit import Page, PhoneError, Visit


def choose_colleague(
    visit: Visit, title: str, groups: Sequence[Group], to: str, where: str, query: Query = NO_QUERY
) -> Page:  # fmt: skip
    """Each member but the user leads to the page ``to`` with its id as ``member``; ``where`` is this page itself."""
    if not groups:
        raise PhoneError(NO_GROUPS)
    id = visit.number("group")
    with_others = [group for group in groups if has_others(visit, group, visit.user.name)]
    if not id and len(with_others) > 1:
        return choose_group(visit, title, with_others, where, where, query)
    group = next((one for one in groups if one.id == id), None) if id else next(iter(with_others), groups[0])
    if group is None:
        raise Refused(Why.NO_GROUP)
    colleagues = others_in(visit, group, visit.user.name)
    if not colleagues:
        raise PhoneError(NOBODY)
    items = [
        member_item(visit, member, visit.url(to, **query, member=member.id), doing(visit, member))
        for member in colleagues
    ]
    return listed(visit, title, items, where, {**query, "group": id or ""}, member_icons(visit))


def has_others(visit: Visit, group: Group, user_name: str) -> bool:
    key = user_name.casefold()
    return any(one.user_name.casefold() != key for one in visit.configuration.members_of(group.id))


def others_in(visit: Visit, group: Group, user_name: str) -> list[Member]:
    """The members of a group beside a user."""
    key = user_name.casefold()
    return [one for one in visit.configuration.members_of(group.id) if one.user_name.casefold() != key]


def groups_for_calls(visit: Visit) -> tuple[Group, ...]:
    """Those whose members calls are sent to: the own ones, and for who has none but Admin all."""
    return own_groups(visit) or groups_at_hand(visit)


def chosen_member(visit: Visit) -> Member:
    """The member whose id came as ``member``, of a group that the user has to do with."""
    member = visit.configuration.member_by_id.get(visit.number("member"))
    if member is None or not visit.rights.reaches(visit.configuration, member.group_id):
        raise Refused(Why.NO_MEMBER)
    return member


def is_me(visit: Visit, member: Member) -> bool:
    return member.user_name.casefold() == visit.user.key


def name_of(visit: Visit, member: Member) -> str:
    return (visit.configuration.user(member.user_name) or User(0, member.user_name)).full_name


def doing(visit: Visit, member: Member) -> str:
    """What a member is doing, "" for one who is there and free."""
    presence = visit.parts.application.presence.get(member.user_name).value
    line = visit.parts.states.line_state(stored(visit, member.number))
    words = [visit.say(PRESENCE[presence])] if presence is not Presence.AVAILABLE else []
    if line is not LineState.IDLE and presence is not Presence.UNAVAILABLE:
        words.append(visit.say(LINE[line]))
    return ", ".join(words)


def stored(visit: Visit, number: str) -> str:
    """A line's number as it is stored."""
    line = visit.configuration.line(number)
    return line.number if line is not None else number
