"""Join Group: any one with Admin, else those without a manager, as member or as manager."""

from collections.abc import Mapping
from functools import partial

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.model.languages import Said
from magroup.web.phone.edit_errors import IN_GROUP
from magroup.web.phone.editing import edit, must
from magroup.web.phone.groups.chosen import within
from magroup.web.phone.groups.roles import ask_line, ask_role, chosen_line, role
from magroup.web.phone.lists import choose_group
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

TITLE = Said("Join Group", "Gruppe beitreten", "Rejoindre un groupe")
NO_GROUPS = Said(
    "There is no group that you can join.",
    "Es gibt keine Gruppe zum Beitreten.",
    "Il n'y a pas de groupe à rejoindre.",
)
JOINED = Said(
    "You are in the group {detail}.", "Sie sind in der Gruppe {detail}.", "Vous êtes dans le groupe {detail}."
)
_RULE = Rights.joins_group


async def groups_to_join(visit: Visit) -> list[Group]:
    """By name."""
    return await visit.parts.in_thread(partial(visit.rights.groups_to_join, visit.configuration))


async def join_groups(visit: Visit) -> Page:
    must(visit.rights.opens_groups())
    found = await groups_to_join(visit)
    if not found:
        raise PhoneError(NO_GROUPS)
    return choose_group(visit, visit.say(TITLE), found, "join-group", "join-groups")


async def join_group(visit: Visit) -> Page:
    """The role where there is no manager, the line when there are several; then it is done."""
    configuration, user = visit.configuration, visit.user
    group = configuration.group_by_id.get(visit.number("group"))
    if group is None:
        raise Refused(Why.NO_GROUP)
    if visit.rights.is_in(configuration, group.id):
        raise PhoneError(IN_GROUP)
    must(_RULE(visit.rights, configuration, group.id))
    query: dict[str, object] = {"group": group.id}
    chosen = role(visit)
    if not chosen and configuration.manager_of(group.id) is None:
        return ask_role(visit, group.name, "join-group", query)
    line = chosen_line(visit, user)
    if not line:
        return ask_line(visit, user, "join-group", query | {"as": chosen})

    def change(configuration: Configuration) -> Configuration:
        return edits.add_member(configuration, group.id, user.name, line, None, chosen == "manager")

    now = await edit(visit, within(group.id, _RULE), change)
    return now.message(group.name, now.say(JOINED, group.name))


PAGES: Mapping[str, PageFunction] = {"join-groups": join_groups, "join-group": join_group}
