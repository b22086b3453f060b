"""The greeting that callers of a group hear first."""

from collections.abc import Mapping

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.model.configuration import Configuration
from magroup.model.languages import Said
from magroup.web.phone.editing import done, edit, expect, tag
from magroup.web.phone.groups.chosen import chosen_group, within
from magroup.web.phone.groups.sounds import choose_sound, sound_of, waves
from magroup.web.phone.visit import Page, PageFunction, Visit

TITLE = Said("Greeting", "Begrüßung", "Accueil")
GREETED = Said(
    "Callers are greeted by {detail}.", "Anrufer begrüßt: {detail}.", "Les appelants sont accueillis par {detail}."
)
NOT_GREETED = Said("Callers are not greeted.", "Anrufer werden nicht begrüßt.", "Les appelants ne sont pas accueillis.")
_RULE = Rights.edits_group


async def greeting(visit: Visit) -> Page:
    """None, and all sounds for callers."""
    group = chosen_group(visit, _RULE)
    query = {"group": group.id, "from": tag(group.welcome)}
    names = ["", *await waves(visit)]
    return choose_sound(visit, visit.say(TITLE), names, group.welcome, "set-greeting", "group-greeting", query)


async def set_greeting(visit: Visit) -> Page:
    group = chosen_group(visit, _RULE)
    name = sound_of(visit, ["", *await waves(visit)])
    rules = visit.parts.editing.rules

    def change(configuration: Configuration) -> Configuration:
        before = configuration.group_by_id[group.id].welcome
        if name != before:
            expect(visit, before)
        return edits.change_group(configuration, rules, group.id, {"welcome": name})

    now = await edit(visit, within(group.id, _RULE), change)
    text = now.say(GREETED, name) if name else now.say(NOT_GREETED)
    return done(now, group.name, text, now.url("edit-group", group=group.id))


PAGES: Mapping[str, PageFunction] = {"group-greeting": greeting, "set-greeting": set_greeting}
