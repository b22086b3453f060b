"""Manager Group Options: the manager number, and how long the manager and the assistants ring."""

from collections.abc import Mapping
from typing import Any

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.model.configuration import Configuration
from magroup.model.languages import Said
from magroup.web.phone.edit_errors import NO_SECONDS
from magroup.web.phone.editing import done
from magroup.web.phone.forms import Field, Form, answered
from magroup.web.phone.groups.chosen import chosen_group, within
from magroup.web.phone.objects import InputFlags
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

NUMBER = Said("Manager number", "Nummer des Managers", "Numéro du manager")
MANAGER = Said("Manager timeout (s)", "Manager klingelt (s)", "Sonnerie du manager (s)")
ASSISTANT = Said("Assistant timeout (s)", "Assistenz klingelt (s)", "Sonnerie des assistants (s)")
SAVED = Said("The options are saved.", "Die Optionen sind gesichert.", "Les options sont enregistrées.")
TIMES = ("manager_timeout", "assistant_timeout")


async def options(visit: Visit) -> Page:
    group = chosen_group(visit, Rights.edits_manager_options)
    rules = visit.parts.editing.rules

    def fields(configuration: Configuration) -> list[Field]:
        now = configuration.group_by_id.get(group.id, group)
        return [
            Field(NUMBER, "number", now.number, InputFlags.TELEPHONE, is_number=True),
            Field(MANAGER, "manager_timeout", str(now.manager_timeout), InputFlags.NUMERIC),
            Field(ASSISTANT, "assistant_timeout", str(now.assistant_timeout), InputFlags.NUMERIC),
        ]

    def change(configuration: Configuration) -> Configuration:
        values: dict[str, Any] = dict(form.changes(visit, configuration))
        for name in TIMES:
            if name in values:
                values[name] = _seconds(values[name])
        return edits.change_group(configuration, rules, group.id, values)

    def saved(now: Visit) -> Page:
        return done(now, group.name, now.say(SAVED), now.url("edit-group", group=group.id))

    form = Form(group.name, "group-options", {"group": group.id}, fields)
    return await answered(visit, form, within(group.id, Rights.edits_manager_options), change, saved)


def _seconds(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise PhoneError(NO_SECONDS)
    return int(typed)


PAGES: Mapping[str, PageFunction] = {"group-options": options}
