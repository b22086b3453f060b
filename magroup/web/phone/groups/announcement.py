"""One waiting announcement: up, down, another sound, away with it."""

from collections.abc import Mapping

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement, Group
from magroup.model.languages import Said
from magroup.web.phone.edit_errors import CHANGED
from magroup.web.phone.groups.announcements import (
    DOES,
    DOWN,
    RULE,
    UP,
    changed_list,
    shown_list,
    unchanged,
)
from magroup.web.phone.groups.chosen import chosen_group
from magroup.web.phone.groups.sounds import choose_sound, sound_of, waves
from magroup.web.phone.lists import listed
from magroup.web.phone.objects import Item
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit
from magroup.web.phone.words import WRONG_ENTRY

REPLACE = Said("Another sound", "Anderer Ton", "Un autre son")


async def announcement(visit: Visit) -> Page:
    """What there is to do with it; with ``do`` it is done, and the list shown."""
    group = chosen_group(visit, RULE)
    found = _found(visit, group)
    do = visit.text("do", 10)
    if do and do not in DOES:
        raise PhoneError(WRONG_ENTRY)
    if found is None:
        return shown_list(visit, group.id, visit.say(CHANGED), is_result=True)
    return await _done(visit, group, found, do) if do else _menu(visit, group, found)


async def other_sound(visit: Visit) -> Page:
    """The sounds that it could be instead."""
    group = chosen_group(visit, RULE)
    found = _found(visit, group)
    if found is None:
        return shown_list(visit, group.id, visit.say(CHANGED), is_result=True)
    names = await waves(visit)
    query = _query(visit, group, found.id)
    return choose_sound(visit, visit.say(REPLACE), names, found.wave, "set-sound", "other-sound", query)


async def set_sound(visit: Visit) -> Page:
    group, rules, id = chosen_group(visit, RULE), visit.parts.editing.rules, visit.number("id")
    name = sound_of(visit, await waves(visit))

    def change(configuration: Configuration) -> Configuration:
        unchanged(visit, configuration, group.id)
        return edits.change_announcement(configuration, rules, _within(configuration, group, id), name)

    return await changed_list(visit, group.id, change)


async def _done(visit: Visit, group: Group, one: Announcement, do: str) -> Page:
    def change(configuration: Configuration) -> Configuration:
        unchanged(visit, configuration, group.id)
        id = _within(configuration, group, one.id)
        if do == "remove":
            return edits.delete_announcement(configuration, id)
        return edits.move_announcement(configuration, id, do == "up")

    return await changed_list(visit, group.id, change)


def _menu(visit: Visit, group: Group, one: Announcement) -> Page:
    query = _query(visit, group, one.id)
    entries = [Item(visit.say(REPLACE), visit.url("other-sound", **query))]
    possible = {UP: one.priority > 1, DOWN: one.priority < len(visit.configuration.announcements_of(group.id))}
    for do, said in DOES.items():
        if possible.get(said, True):
            entries.append(Item(visit.say(said), visit.url("announcement", **query, do=do)))
    return listed(visit, one.wave, entries, "announcement", query)


def _query(visit: Visit, group: Group, id: int) -> dict[str, object]:
    return {"group": group.id, "from": visit.text("from", 6), "id": id}


def _found(visit: Visit, group: Group) -> Announcement | None:
    id = visit.number("id")
    return next((one for one in visit.configuration.announcements_of(group.id) if one.id == id), None)


def _within(configuration: Configuration, group: Group, id: int) -> int:
    """The id, where it is of this group. Raises PhoneError."""
    if all(one.id != id for one in configuration.announcements_of(group.id)):
        raise PhoneError(CHANGED)
    return id


PAGES: Mapping[str, PageFunction] = {
    "announcement": announcement,
    "other-sound": other_sound,
    "set-sound": set_sound,
}
