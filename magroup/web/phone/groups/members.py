"""Edit Members: who is in a group, the manager with a crown."""

from collections.abc import Mapping

from magroup.groups.rights import Rights
from magroup.model.languages import Said
from magroup.web.phone.groups.chosen import chosen_group
from magroup.web.phone.lists import choose_member
from magroup.web.phone.objects import Item, Menu, SoftKey
from magroup.web.phone.visit import Page, PageFunction, Visit
from magroup.web.phone.words import SELECT

TITLE = Said("Members", "Mitglieder", "Membres")
ADD = Said("Add", "Hinzu", "Ajouter")
ADD_FIRST = Said("<Add a member>", "<Mitglied hinzufügen>", "<Ajouter un membre>")


async def members(visit: Visit) -> Page:
    """Each leads to what there is to do with the member."""
    group = chosen_group(visit, Rights.edits_members)
    found = visit.configuration.members_of(group.id)
    title, query, add = visit.say(TITLE), {"group": group.id}, visit.url("new-member", group=group.id)
    if not found:
        return Page(Menu(title, "", visit.keys(SELECT), [Item(visit.say(ADD_FIRST), add)]))
    keys = [SoftKey(visit.say(ADD), add)]
    return choose_member(visit, title, found, "group-member", "group-members", query, keys)


PAGES: Mapping[str, PageFunction] = {"group-members": members}
