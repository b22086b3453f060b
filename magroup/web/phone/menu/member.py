"""A member that was touched in the status picture, or chosen from a list: all that can be done there."""

from collections.abc import Mapping

from magroup.model.groups import Member
from magroup.model.languages import Said
from magroup.web.phone.lists import groups_at_hand, listed
from magroup.web.phone.menu.calls import can_be_sent, own_calls, ringing_at, who
from magroup.web.phone.menu.direct import can_be_called
from magroup.web.phone.menu.forwarding import current, in_words
from magroup.web.phone.menu.people import choose_colleague, chosen_member, is_me, name_of
from magroup.web.phone.menu.words import PRESENCE
from magroup.web.phone.objects import Item
from magroup.web.phone.visit import Page, PageFunction, Visit

MEMBERS = Said("Members", "Mitglieder", "Membres")
CALL = Said("Call", "Anrufen", "Appeler")
PICK_UP = Said("Pick up: {detail}", "Heranholen: {detail}", "Intercepter : {detail}")
TRANSFER = Said("Transfer here: {detail}", "Hierher verbinden: {detail}", "Transférer ici : {detail}")
STATUS = Said("Status: {detail}", "Status: {detail}", "Statut : {detail}")
FORWARDING = Said("Forwarding: {detail}", "Umleitung: {detail}", "Renvoi : {detail}")
NOTHING = Said("There is nothing to do here now.", "Hier gibt es jetzt nichts zu tun.", "Rien à faire ici maintenant.")


async def members(visit: Visit) -> Page:
    """The members of the group that the phone shows, for models that cannot be touched; without one of all groups."""
    groups = groups_at_hand(visit)
    line = visit.configuration.line(visit.line)
    shown = [group for group in groups if line is not None and group.id == line.displayed_group]
    title = shown[0].name if shown else visit.say(MEMBERS)
    return choose_colleague(visit, title, shown or groups, "member", "members")


async def member(visit: Visit) -> Page:
    """A menu, with what rings there first."""
    chosen = chosen_member(visit)
    name, about = name_of(visit, chosen), {"member": chosen.id}
    items = [
        visit.item(PICK_UP, "pick-up", who(visit, call), call=call.id) for call in ringing_at(visit, chosen)
    ]  # fmt: skip
    if not is_me(visit, chosen):
        items += [
            visit.item(TRANSFER, "transfer-to", who(visit, call), call=call.id, **about)
            for call in own_calls(visit)
            if can_be_sent(call)
        ]
        items += [visit.item(CALL, "dial", **about)] if can_be_called(visit, chosen) else []
    if visit.rights.sets_state(visit.configuration, chosen.user_name):
        items += _states(visit, chosen)
    if not items:
        return visit.message(name, visit.say(NOTHING))
    return listed(visit, name, items, "member", about)


def _states(visit: Visit, chosen: Member) -> list[Item]:
    """Status and forwarding, as they are."""
    state = visit.parts.application.presence.get(chosen.user_name)
    status = visit.say(PRESENCE[state.value]) + (f" - {state.message}" if state.message else "")
    forwarding = in_words(visit, chosen, current(visit, chosen))
    return [
        visit.item(STATUS, "status", status, member=chosen.id),
        visit.item(FORWARDING, "forward", forwarding, member=chosen.id),
    ]


PAGES: Mapping[str, PageFunction] = {"members": members, "member": member}
