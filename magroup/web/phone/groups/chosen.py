"""The group that a page is about, where the user may do with it what the page is for."""

from collections.abc import Callable

from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member
from magroup.web.phone.editing import May, must
from magroup.web.phone.visit import Visit

Rule = Callable[[Rights, Configuration, int], bool]
"""A method of Rights that asks about a group."""


def chosen_group(visit: Visit, rule: Rule) -> Group:
    """By the parameter ``group``. Raises Refused: there is none, for this user at least, or the rule says no."""
    group = visit.configuration.group_by_id.get(visit.number("group"))
    if group is None or not visit.rights.reaches(visit.configuration, group.id):
        raise Refused(Why.NO_GROUP)
    must(rule(visit.rights, visit.configuration, group.id))
    return group


def chosen_member(visit: Visit, rule: Rule) -> Member:
    """By the parameter ``member``, in a group where the rule allows it. Raises Refused."""
    member = visit.configuration.member_by_id.get(visit.number("member"))
    if member is None or not visit.rights.reaches(visit.configuration, member.group_id):
        raise Refused(Why.NO_MEMBER)
    must(rule(visit.rights, visit.configuration, member.group_id))
    return member


def within(group_id: int, rule: Rule) -> May:
    """The rule for an edit of this group, which raises Refused where it is gone."""

    def may(rights: Rights, configuration: Configuration) -> bool:
        if group_id not in configuration.group_by_id:
            raise Refused(Why.NO_GROUP)
        return rule(rights, configuration, group_id)

    return may
