"""What there is to do about groups, and about one of them; nothing is offered that the user may not do."""

from collections.abc import Mapping

from magroup.groups.rights import Rights
from magroup.model.groups import Group
from magroup.model.languages import Said
from magroup.model.people import Privilege
from magroup.web.phone.editing import must
from magroup.web.phone.groups.chosen import Rule, chosen_group
from magroup.web.phone.groups.join import groups_to_join
from magroup.web.phone.groups.overflow import overflow_words
from magroup.web.phone.lists import choose_group, groups_at_hand, listed, own_groups
from magroup.web.phone.objects import Item
from magroup.web.phone.visit import Page, PageFunction, Visit

TITLE = Said("Groups", "Gruppen", "Groupes")
CREATE = Said("Create Group", "Gruppe anlegen", "Créer un groupe")
EDIT = Said("Edit Group", "Gruppe bearbeiten", "Modifier un groupe")
JOIN = Said("Join Group", "Gruppe beitreten", "Rejoindre un groupe")
LEAVE = Said("Leave Group", "Gruppe verlassen", "Quitter un groupe")
NAME = Said("Group Name", "Gruppenname", "Nom du groupe")
OPTIONS = Said("Manager Group Options", "Optionen des Managers", "Options du manager")
OVERFLOW = Said("Overflow: {detail}", "Überlauf: {detail}", "Débordement : {detail}")
GREETING = Said("Greeting: {detail}", "Begrüßung: {detail}", "Accueil : {detail}")
ANNOUNCEMENTS = Said("Edit Announcements", "Ansagen bearbeiten", "Modifier les annonces")
NOTIFICATIONS = Said("Team Member Notifications", "Töne für das Team", "Sonneries de l'équipe")
MEMBERS = Said("Edit Members", "Mitglieder bearbeiten", "Modifier les membres")
DELETE = Said("Delete", "Löschen", "Supprimer")


async def groups(visit: Visit) -> Page:
    """The entries that are possible at the moment."""
    must(visit.rights.opens_groups())
    entries = (
        (visit.rights.has(Privilege.GROUPS), CREATE, "new-group"),
        (bool(groups_at_hand(visit)), EDIT, "edit-groups"),
        (bool(await groups_to_join(visit)), JOIN, "join-groups"),
        (bool(own_groups(visit)), LEAVE, "leave-groups"),
    )
    items = [visit.item(said, page) for possible, said, page in entries if possible]
    return listed(visit, visit.say(TITLE), items, "groups")


async def edit_groups(visit: Visit) -> Page:
    """The groups that can be edited, or the menu of the only one."""
    must(visit.rights.opens_groups())
    found = groups_at_hand(visit)
    if len(found) == 1:
        return _menu(visit, found[0])
    return choose_group(visit, visit.say(EDIT), found, "edit-group", "edit-groups")


async def edit_group(visit: Visit) -> Page:
    return _menu(visit, chosen_group(visit, Rights.edits_members))


def _menu(visit: Visit, group: Group) -> Page:
    greeting = group.welcome or "-"
    entries: tuple[tuple[Rule, Said, str, str], ...] = (
        (Rights.deletes_group, NAME, "group-name", ""),
        (Rights.edits_manager_options, OPTIONS, "group-options", ""),
        (Rights.edits_group, OVERFLOW, "group-overflow", overflow_words(visit, group.overflow)),
        (Rights.edits_group, GREETING, "group-greeting", greeting),
        (Rights.edits_group, ANNOUNCEMENTS, "group-announcements", ""),
        (Rights.edits_group, NOTIFICATIONS, "group-tones", ""),
        (Rights.edits_members, MEMBERS, "group-members", ""),
        (Rights.deletes_group, DELETE, "delete-group", ""),
    )
    items = [
        Item(visit.say(said, detail), visit.url(page, group=group.id))
        for rule, said, page, detail in entries
        if rule(visit.rights, visit.configuration, group.id)
    ]
    return listed(visit, group.name, items, "edit-group", {"group": group.id})


PAGES: Mapping[str, PageFunction] = {"groups": groups, "edit-groups": edit_groups, "edit-group": edit_group}
