"""Create Group: a new group that the user is in, as member or as manager."""

from collections.abc import Mapping

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.model.configuration import Configuration
from magroup.model.languages import Said
from magroup.model.people import Privilege
from magroup.model.short_names import short_name
from magroup.web.phone.editing import done, must
from magroup.web.phone.forms import Field, Form, answered
from magroup.web.phone.groups.name import CALLED
from magroup.web.phone.groups.roles import ask_line, ask_role, chosen_line, role
from magroup.web.phone.objects import InputFlags
from magroup.web.phone.visit import Page, PageFunction, Visit

TITLE = Said("Create Group", "Gruppe anlegen", "Créer un groupe")
NAME = Said("Group name", "Gruppenname", "Nom du groupe")
SHORT_NAME = Said("Your short name", "Ihr Kurzname", "Votre nom court")
NUMBER = Said("Manager number", "Nummer des Managers", "Numéro du manager")
CREATED = Said("The group {detail} is created.", "Die Gruppe {detail} ist angelegt.", "Le groupe {detail} est créé.")
PAGE = "new-group"


async def create(visit: Visit) -> Page:
    """The role, the line when there are several, then the form."""
    must(_may(visit.rights, visit.configuration))
    user, chosen = visit.user, role(visit)
    if not chosen:
        return ask_role(visit, visit.say(TITLE), PAGE, {})
    line = chosen_line(visit, user)
    if not line:
        return ask_line(visit, user, PAGE, {"as": chosen})
    own_name = short_name(user.first_name, user.name, ())
    rules = visit.parts.editing.rules

    def fields(configuration: Configuration) -> list[Field]:
        return [
            Field(NAME, CALLED),
            Field(SHORT_NAME, "short", own_name),
            Field(NUMBER, "number", "", InputFlags.TELEPHONE, is_number=True),
        ]

    def change(configuration: Configuration) -> Configuration:
        typed = form.typed(visit)
        values = {"name": typed[CALLED], "number": typed["number"]}
        new = edits.add_group(configuration, rules, values)
        return edits.add_member(new, new.last_ids.groups, user.name, line, typed["short"], chosen == "manager")

    def created(now: Visit) -> Page:
        name = form.typed(visit)[CALLED]
        group = next((group for group in now.configuration.groups if group.name == name), None)
        url = now.url("edit-group", group=group.id) if group is not None else now.url("groups")
        return done(now, name, now.say(CREATED, name), url)

    form = Form(visit.say(TITLE), PAGE, {"as": chosen, "line": line if len(user.lines) > 1 else ""}, fields)
    return await answered(visit, form, _may, change, created)


def _may(rights: Rights, configuration: Configuration) -> bool:
    return rights.has(Privilege.GROUPS)


PAGES: Mapping[str, PageFunction] = {PAGE: create}
