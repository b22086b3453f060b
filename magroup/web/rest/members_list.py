"""The function getMembers: members and what they are doing."""

from lxml import etree

from magroup.model.groups import Member
from magroup.web.rest.call import Call, Content, Listed
from magroup.web.rest.xml import leaves


async def get_members(call: Call) -> Content:
    """Filters by ids, type, user name and number are exact, those by names are "contains"; all without case."""
    parameters, configuration = call.parameters, call.configuration
    id, group_id, is_manager = parameters.integer("mb_id"), parameters.integer("gr_id"), parameters.flag("gm_type")
    user_name, number = parameters.filter("usr_Name"), parameters.text("mb_number")
    first, last, short = (parameters.filter(name) for name in ("firstName", "lastName", "gm_shortName"))
    plan = configuration.plan

    def matches(member: Member) -> bool:
        if (id is not None and member.id != id) or (is_manager is not None and member.is_manager != is_manager):
            return False
        if user_name and member.user_name.casefold() != user_name:
            return False
        if number and not plan.same(member.number, number):
            return False
        if short not in member.short_name.casefold():
            return False
        if not first and not last:
            return True
        user = configuration.user(member.user_name)
        return user is not None and first in user.first_name.casefold() and last in user.last_name.casefold()

    members = configuration.members if group_id is None else configuration.members_of(group_id)
    return Listed([member for member in members if matches(member)], lambda member: shown(call, member))


def shown(call: Call, member: Member) -> etree._Element:
    user, line = call.configuration.user(member.user_name), call.configuration.line(member.number)
    state = call.parts.states.state(member)
    return leaves(
        "member",
        id=member.id,
        firstName=user.first_name if user else "",
        lastName=user.last_name if user else "",
        number=member.number,
        type=member.is_manager,
        grId=member.group_id,
        userName=member.user_name,
        index=member.position if _has_no_manager(call, member) else member.position - 1,
        shortName=member.short_name,
        displayedGroup=line.displayed_group if line else 0,
        userState=state.presence.value.value,
        forwardDestination=state.forwarded_to,
        statusMessage=state.presence.message,
        lineState=state.line.value,
    )


def _has_no_manager(call: Call, member: Member) -> bool:
    """Whether the group has no manager, whose index is 0: the others' begin with 1 all the same."""
    return call.configuration.manager_of(member.group_id) is None
