"""The main menu: what there is for the user of the phone now (the manual's "Phone main menu")."""

from collections.abc import Mapping

from magroup.model.languages import Said
from magroup.model.people import Privilege
from magroup.web.phone.lists import groups_at_hand, listed
from magroup.web.phone.menu import consultation, forwarding, pickup, presence
from magroup.web.phone.menu.calls import own_calls, ringing, why_not_sent
from magroup.web.phone.menu.words import NO_GROUPS
from magroup.web.phone.shown_group import TITLE as CHANGE_GROUP
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

TITLE = Said("Main menu", "Hauptmenü", "Menu principal")
GROUPS = Said("Groups", "Gruppen", "Groupes")
VIPS = Said("VIP list", "VIP-Liste", "Liste VIP")


async def menu(visit: Visit) -> Page:
    """For members of groups, and those who may join, make or change some."""
    rights = visit.rights
    edits = rights.has(Privilege.GROUPS, Privilege.MEMBERS_MANAGEMENT, Privilege.ADMIN)
    groups = groups_at_hand(visit)
    if not groups and not edits:
        raise PhoneError(NO_GROUPS)
    items = [visit.item(presence.TITLE, "team-status")] if groups else []
    if visit.memberships or (groups and rights.has(Privilege.TEAMMATE_STATUS)):
        items.append(visit.item(forwarding.TITLE, "forwarding"))
    items += [visit.item(CHANGE_GROUP, "group")] if groups else []
    items += [visit.item(GROUPS, "groups")] if edits else []
    if groups and any(why_not_sent(call) is not None or call.consulting for call in own_calls(visit)):
        items.append(visit.item(consultation.TITLE, "transfer"))
    items += [visit.item(pickup.TITLE, "pickup")] if ringing(visit) else []
    if groups and rights.has(Privilege.VIP_LIST, Privilege.ADMIN):
        items.append(visit.item(VIPS, "vips"))
    return listed(visit, visit.say(TITLE), items, "menu")


PAGES: Mapping[str, PageFunction] = {"menu": menu}
