"""Another name for a group."""

from collections.abc import Mapping

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.model.configuration import Configuration
from magroup.model.languages import Said
from magroup.web.phone.editing import done
from magroup.web.phone.forms import Field, Form, answered
from magroup.web.phone.groups.chosen import chosen_group, within
from magroup.web.phone.visit import Page, PageFunction, Visit

NAME = Said("Group name", "Gruppenname", "Nom du groupe")
NAMED = Said("The group is called {detail}.", "Die Gruppe heißt {detail}.", "Le groupe s'appelle {detail}.")

CALLED = "called"
"""The parameter: some phones send their own name as ``name``."""


async def name(visit: Visit) -> Page:
    group = chosen_group(visit, Rights.deletes_group)
    rules = visit.parts.editing.rules

    def fields(configuration: Configuration) -> list[Field]:
        return [Field(NAME, CALLED, configuration.group_by_id.get(group.id, group).name)]

    def change(configuration: Configuration) -> Configuration:
        changes = form.changes(visit, configuration)
        values = {"name": changes[CALLED]} if changes else {}
        return edits.change_group(configuration, rules, group.id, values)

    def named(now: Visit) -> Page:
        new = now.configuration.group_by_id[group.id].name
        return done(now, new, now.say(NAMED, new), now.url("edit-group", group=group.id))

    form = Form(group.name, "group-name", {"group": group.id}, fields)
    return await answered(visit, form, within(group.id, Rights.deletes_group), change, named)


PAGES: Mapping[str, PageFunction] = {"group-name": name}
