"""Delete a group with all that is in it."""

from collections.abc import Mapping

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.model.configuration import Configuration
from magroup.model.languages import Said
from magroup.web.phone.editing import confirmation, edit
from magroup.web.phone.groups.chosen import chosen_group, within
from magroup.web.phone.visit import Page, PageFunction, Visit

DELETE_OR_NOT = Said(
    "Delete the group {detail} with its members, announcements and VIP list?",
    "Die Gruppe {detail} mit Mitgliedern, Ansagen und VIP-Liste löschen?",
    "Supprimer le groupe {detail} avec ses membres, ses annonces et sa liste VIP ?",
)
DELETED = Said(
    "The group {detail} is deleted.", "Die Gruppe {detail} ist gelöscht.", "Le groupe {detail} est supprimé."
)
_RULE = Rights.deletes_group


async def delete(visit: Visit) -> Page:
    """First the question; ``sure`` is the answer."""
    group = chosen_group(visit, _RULE)
    if not visit.number("sure"):
        url = visit.url("delete-group", group=group.id, sure=1)
        return confirmation(visit, group.name, DELETE_OR_NOT, group.name, url)

    def change(configuration: Configuration) -> Configuration:
        return edits.delete_group(configuration, group.id)

    now = await edit(visit, within(group.id, _RULE), change)
    return now.message(group.name, now.say(DELETED, group.name))


PAGES: Mapping[str, PageFunction] = {"delete-group": delete}
