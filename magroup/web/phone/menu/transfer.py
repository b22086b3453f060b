"""Transfer call: to a member of the group, at once while it rings, else after a consultation (the manual's service)."""

from collections.abc import Mapping

from magroup.groups.picture.calls import CallView
from magroup.groups.picture.commands import State
from magroup.groups.steering import Refused, Target, Why
from magroup.model.languages import Said
from magroup.web.phone.lists import listed
from magroup.web.phone.menu import consultation
from magroup.web.phone.menu.calls import can_be_sent, own_call, own_calls, who, why_not_sent
from magroup.web.phone.menu.consultation import TITLE, TRANSFERRED
from magroup.web.phone.menu.people import choose_colleague, chosen_member, groups_for_calls, name_of
from magroup.web.phone.menu.words import WHY_NOT
from magroup.web.phone.objects import Item
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

CHOOSE = Said("Which call?", "Welcher Anruf?", "Quel appel ?")
NOTHING = Said(
    "You have no call that could be transferred.",
    "Sie haben keinen Anruf, der sich verbinden ließe.",
    "Vous n'avez aucun appel à transférer.",
)
STATES: Mapping[State, Said] = {
    State.RINGING: Said("{detail} (ringing)", "{detail} (klingelt)", "{detail} (sonne)"),
    State.ACTIVE: Said("{detail} (active)", "{detail} (aktiv)", "{detail} (actif)"),
    State.HELD: Said("{detail} (on hold)", "{detail} (gehalten)", "{detail} (en attente)"),
    State.CALLING: Said("{detail} (being called)", "{detail} (wird gerufen)", "{detail} (appelé)"),
}


async def transfer(visit: Visit) -> Page:
    """Choose the call where there are several; in a consultation: how that stands."""
    if (page := consultation.under_way(visit)) is not None:
        return page
    own = own_calls(visit)
    calls = [call for call in own if can_be_sent(call)]
    if not calls:
        raise next((PhoneError(WHY_NOT, why) for call in own if (why := why_not_sent(call))), PhoneError(NOTHING))
    if len(calls) == 1:
        return _members(visit, calls[0])
    items = [Item(in_words(visit, call), visit.url("transfer-call", call=call.id)) for call in calls]
    return listed(visit, visit.say(CHOOSE), items, "transfer")


async def transfer_call(visit: Visit) -> Page:
    """Choose to whom it goes."""
    return _members(visit, _call(visit))


async def transfer_to(visit: Visit) -> Page:
    """Send it on, or ask first."""
    call, member = _call(visit), chosen_member(visit)
    if call.state is not State.RINGING:
        return await consultation.begin(visit, call, member)
    await visit.parts.calls.blind(visit.user, call.id, call.device, Target(member=member.id), visit.told)
    return visit.message(visit.say(TITLE), visit.say(TRANSFERRED, name_of(visit, member)))


def in_words(visit: Visit, call: CallView) -> str:
    """Who is at the other end, and the state of the call."""
    return visit.say(STATES[call.state], who(visit, call))


def _members(visit: Visit, call: CallView) -> Page:
    title = visit.say(TITLE)
    return choose_colleague(visit, title, groups_for_calls(visit), "transfer-to", "transfer-call", {"call": call.id})


def _call(visit: Visit) -> CallView:
    call = own_call(visit, visit.text("call"))
    if call is None:
        raise Refused(Why.GONE)
    return call


PAGES: Mapping[str, PageFunction] = {
    "transfer": transfer, "transfer-call": transfer_call, "transfer-to": transfer_to, **consultation.PAGES
}  # fmt: skip
