"""Change group: which group the phone shows (the manual's "Change group", and the service of this name)."""

from collections.abc import Mapping

from magroup.groups.editing import edits
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.languages import Said
from magroup.web.phone.lists import CURRENT, groups_at_hand, listed
from magroup.web.phone.objects import Item
from magroup.web.phone.visit import Page, PageFunction, Visit

TITLE = Said("Change group", "Gruppe wechseln", "Changer de groupe")
NO_GROUP = Said("<No Group>", "<Keine Gruppe>", "<Aucun groupe>")
NOW_SHOWN = Said("Now shown: {detail}", "Jetzt zu sehen: {detail}", "Affiché : {detail}")
NONE_SHOWN = Said("No group is shown now.", "Jetzt ist keine Gruppe zu sehen.", "Aucun groupe n'est affiché.")


async def choose(visit: Visit) -> Page:
    """The groups, and none as the last one; the one that is shown has a mark."""
    line = visit.configuration.line(visit.line)
    current = line.displayed_group if line is not None else 0
    items = [
        Item((CURRENT if group.id == current else "") + group.name, visit.url("show-group", group=group.id))
        for group in groups_at_hand(visit)
    ]
    items.append(Item(visit.say(NO_GROUP), visit.url("show-group", group=0)))
    return listed(visit, visit.say(TITLE), items, "group")


async def show(visit: Visit) -> Page:
    """Have it shown."""
    id = visit.number("group", -1)
    group = visit.configuration.group_by_id.get(id)
    if id and (group is None or group not in groups_at_hand(visit)):
        raise Refused(Why.NO_GROUP)
    number, editing = visit.line, visit.parts.editing

    def edit(configuration: Configuration) -> Configuration:
        return edits.change_line(configuration, editing.rules, number, {"displayed_group": id})

    await editing.edit(edit, visit.user.name, visit.address)
    shown = visit.say(NOW_SHOWN, group.name) if group is not None else visit.say(NONE_SHOWN)
    return visit.message(visit.say(TITLE), shown)


PAGES: Mapping[str, PageFunction] = {"group": choose, "show-group": show}
