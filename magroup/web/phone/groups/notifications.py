"""Team Member Notifications: the tones that the phones of a group play when a call rings at somebody else of it."""

from collections.abc import Mapping

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.model.languages import Said
from magroup.web.phone.editing import done, edit, expect, tag
from magroup.web.phone.groups.chosen import chosen_group, within
from magroup.web.phone.groups.sounds import choose_sound, sound_of
from magroup.web.phone.lists import listed
from magroup.web.phone.objects import Item
from magroup.web.phone.tones import tones
from magroup.web.phone.visit import Page, PageFunction, Visit

TITLE = Said("Team Member Notifications", "Töne für das Team", "Sonneries de l'équipe")
MANAGER = Said("Manager tone: {detail}", "Ton für Manager: {detail}", "Sonnerie du manager : {detail}")
ASSISTANT = Said("Assistant tone: {detail}", "Ton für Assistenz: {detail}", "Sonnerie des assistants : {detail}")
MEMBER = Said("Tone: {detail}", "Ton: {detail}", "Sonnerie : {detail}")
NONE = Said("none", "keiner", "aucune")
FIELDS = {"manager": "manager_alarm", "assistant": "assistant_alarm"}
"""By the parameter ``of``; where there is no manager all calls are those of assistants."""
_RULE = Rights.edits_group


async def notifications(visit: Visit) -> Page:
    """That for calls of the manager and that for calls of assistants; without a manager there is but one."""
    group = chosen_group(visit, _RULE)
    if visit.configuration.manager_of(group.id) is None:
        return _tones(visit, group, "assistant")
    items = [Item(_told(visit, group, of), visit.url("group-tone", group=group.id, of=of)) for of in FIELDS]
    return listed(visit, visit.say(TITLE), items, "group-tones", {"group": group.id})


async def tone(visit: Visit) -> Page:
    """The tones that there are."""
    group = chosen_group(visit, _RULE)
    return _tones(visit, group, _of(visit))


async def set_tone(visit: Visit) -> Page:
    group, of = chosen_group(visit, _RULE), _of(visit)
    field, rules = FIELDS[of], visit.parts.editing.rules
    name = sound_of(visit, ["", *tones(visit)])

    def change(configuration: Configuration) -> Configuration:
        before = getattr(configuration.group_by_id[group.id], field)
        if name != before:
            expect(visit, before)
        return edits.change_group(configuration, rules, group.id, {field: name})

    now = await edit(visit, within(group.id, _RULE), change)
    new = now.configuration.group_by_id[group.id]
    return done(now, group.name, _told(now, new, of), now.url("edit-group", group=group.id))


def _of(visit: Visit) -> str:
    of = visit.text("of")
    if of not in FIELDS:
        raise Refused(Why.NO_TARGET)
    return of


def _tones(visit: Visit, group: Group, of: str) -> Page:
    current = getattr(group, FIELDS[of])
    query = {"group": group.id, "of": of, "from": tag(current)}
    names = ["", *tones(visit)]
    return choose_sound(visit, visit.say(TITLE), names, current, "set-tone", "group-tone", query)


def _told(visit: Visit, group: Group, of: str) -> str:
    if visit.configuration.manager_of(group.id) is None:
        said = MEMBER
    else:
        said = MANAGER if of == "manager" else ASSISTANT
    return visit.say(said, getattr(group, FIELDS[of]) or visit.say(NONE))


PAGES: Mapping[str, PageFunction] = {"group-tones": notifications, "group-tone": tone, "set-tone": set_tone}
