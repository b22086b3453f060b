"""Leave Group: the user is no member any more."""

from collections.abc import Mapping

from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.groups import Member
from magroup.model.languages import Said
from magroup.web.phone.editing import confirmation, edit, must
from magroup.web.phone.groups.chosen import within
from magroup.web.phone.groups.departure import without_members
from magroup.web.phone.lists import choose_group, own_groups
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

TITLE = Said("Leave Group", "Gruppe verlassen", "Quitter un groupe")
NO_GROUPS = Said("You are in no group.", "Sie sind in keiner Gruppe.", "Vous n'êtes dans aucun groupe.")
NOT_IN_GROUP = Said("You are not in this group.", "Sie sind nicht in dieser Gruppe.", "Vous n'êtes pas dans ce groupe.")
LEAVE_OR_NOT = Said("Leave the group {detail}?", "Die Gruppe {detail} verlassen?", "Quitter le groupe {detail} ?")
WITH_VIPS = Said(
    "Leave the group {detail}? Your VIP list goes, too.",
    "Die Gruppe {detail} verlassen? Ihre VIP-Liste geht mit.",
    "Quitter le groupe {detail} ? Votre liste VIP disparaît aussi.",
)
LEFT = Said(
    "You are not in the group {detail} any more.",
    "Sie sind nicht mehr in der Gruppe {detail}.",
    "Vous n'êtes plus dans le groupe {detail}.",
)


async def leave_groups(visit: Visit) -> Page:
    """The own ones."""
    must(visit.rights.opens_groups())
    found = own_groups(visit)
    if not found:
        raise PhoneError(NO_GROUPS)
    return choose_group(visit, visit.say(TITLE), found, "leave-group", "leave-groups")


async def leave_group(visit: Visit) -> Page:
    """First the question; ``sure`` is the answer."""
    must(visit.rights.opens_groups())
    group = visit.configuration.group_by_id.get(visit.number("group"))
    if group is None:
        raise Refused(Why.NO_GROUP)
    own = _own(visit, visit.configuration, group.id)
    if not own:
        raise PhoneError(NOT_IN_GROUP)
    rules = visit.parts.editing.rules
    if not visit.number("sure"):
        vips = any(visit.configuration.vips_of(member.id) for member in own)
        url = visit.url("leave-group", group=group.id, sure=1)
        return confirmation(visit, group.name, WITH_VIPS if vips else LEAVE_OR_NOT, group.name, url)

    def change(configuration: Configuration) -> Configuration:
        ids = {member.id for member in _own(visit, configuration, group.id)}
        return without_members(configuration, rules, ids) if ids else configuration

    now = await edit(visit, within(group.id, _may), change)
    return now.message(group.name, now.say(LEFT, group.name))


def _own(visit: Visit, configuration: Configuration, group_id: int) -> list[Member]:
    return [one for one in configuration.members_of_user(visit.user.name) if one.group_id == group_id]


def _may(rights: Rights, configuration: Configuration, group_id: int) -> bool:
    return rights.opens_groups()


PAGES: Mapping[str, PageFunction] = {"leave-groups": leave_groups, "leave-group": leave_group}
