"""The waiting announcements of a group in their order: softkeys add, remove and reorder them.

A softkey works on the highlighted entry (QueryStringParam), which phones with enterprise firmware can; for others each
entry has a menu with the same.
"""

from collections.abc import Mapping

from magroup.groups.editing import EditError, edits
from magroup.groups.rights import Rights
from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement
from magroup.model.languages import Said
from magroup.web.phone.edit_errors import reason
from magroup.web.phone.editing import Change, edit, expect, tag
from magroup.web.phone.groups.chosen import chosen_group, within
from magroup.web.phone.groups.sounds import choose_sound, sound_of, waves
from magroup.web.phone.objects import Item, Menu, SoftKey
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit
from magroup.web.phone.words import SELECT

TITLE = Said("Announcements", "Ansagen", "Annonces")
ADD = Said("Add", "Hinzu", "Ajouter")
ADD_FIRST = Said("<Add an announcement>", "<Ansage hinzufügen>", "<Ajouter une annonce>")
REMOVE = Said("Remove", "Entfernen", "Retirer")
UP = Said("Up", "Hoch", "Monter")
DOWN = Said("Down", "Runter", "Descendre")
DOES = {"up": UP, "down": DOWN, "remove": REMOVE}
"""What the parameter ``do`` says, and the softkey for it."""
RULE = Rights.edits_group


def order_tag(configuration: Configuration, group_id: int) -> str:
    """What is another one when the list is another one."""
    return tag(_order(configuration, group_id))


def unchanged(visit: Visit, configuration: Configuration, group_id: int) -> None:
    """Raise PhoneError where the list is not as it was shown: a second press, or somebody else, has changed it."""
    expect(visit, _order(configuration, group_id))


def shown_list(visit: Visit, group_id: int, title: str, is_result: bool = False) -> Page:
    """The announcements as they are; the keys say what there is to do."""
    announcements = visit.configuration.announcements_of(group_id)
    query = {"group": group_id, "from": order_tag(visit.configuration, group_id)}
    add = visit.url("new-announcement", **query)
    if not announcements:
        keys = visit.keys(SELECT)
        return Page(Menu(title, "", keys, [Item(visit.say(ADD_FIRST), add)]), is_result)
    items = [_item(visit, one, query) for one in announcements]
    does = [SoftKey(visit.say(said), f"QueryStringParam:do={do}") for do, said in DOES.items()]
    return Page(Menu(title, "", visit.keys(SELECT, "", SoftKey(visit.say(ADD), add), *does), items), is_result)


async def announcements(visit: Visit) -> Page:
    return shown_list(visit, chosen_group(visit, RULE).id, visit.say(TITLE))


async def new_announcement(visit: Visit) -> Page:
    """All sounds for callers."""
    group = chosen_group(visit, RULE)
    query = {"group": group.id, "from": visit.text("from", 6)}
    names = await waves(visit)
    return choose_sound(visit, visit.say(ADD), names, None, "add-announcement", "new-announcement", query)


async def add_announcement(visit: Visit) -> Page:
    """As the last one."""
    group, rules = chosen_group(visit, RULE), visit.parts.editing.rules
    name = sound_of(visit, await waves(visit))

    def change(configuration: Configuration) -> Configuration:
        unchanged(visit, configuration, group.id)
        return edits.add_announcement(configuration, rules, group.id, name)

    return await changed_list(visit, group.id, change)


async def changed_list(visit: Visit, group_id: int, change: Change) -> Page:
    """The list after the change; where it is refused the title says why."""
    try:
        now, said = await edit(visit, within(group_id, RULE), change), TITLE
    except PhoneError as error:
        now, said = visit.now(), error.said
    except EditError as error:
        now, said = visit.now(), reason(error)
    return shown_list(now, group_id, now.say(said), is_result=True)


def _order(configuration: Configuration, group_id: int) -> list[tuple[int, str]]:
    return [(one.id, one.wave) for one in configuration.announcements_of(group_id)]


def _item(visit: Visit, one: Announcement, query: Mapping[str, object]) -> Item:
    return Item(f"{one.priority}. {one.wave}", visit.url("announcement", **query, id=one.id))


PAGES: Mapping[str, PageFunction] = {
    "group-announcements": announcements,
    "new-announcement": new_announcement,
    "add-announcement": add_announcement,
}
