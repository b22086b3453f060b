"""Pickup calls: what rings at team members comes to this phone (the manual's "Pickup calls", and the service)."""

from collections.abc import Mapping

from magroup.groups.picture.calls import CallView
from magroup.groups.steering import Refused, Why
from magroup.model.languages import Said
from magroup.web.phone.lists import listed
from magroup.web.phone.menu.calls import own_call, ringing, who
from magroup.web.phone.menu.words import WHY_NOT
from magroup.web.phone.objects import Item
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

TITLE = Said("Pickup calls", "Anruf heranholen", "Intercepter un appel")
NOTHING = Said(
    "No call rings that you could pick up.",
    "Es klingelt kein Anruf, den Sie heranholen könnten.",
    "Aucun appel à intercepter ne sonne.",
)
COMES = Said(
    "The call of {detail} comes to your phone.",
    "Der Anruf von {detail} kommt zu Ihrem Telefon.",
    "L'appel de {detail} arrive sur votre téléphone.",
)
IS_YOURS = Said(
    "The call of {detail} is at your phone.",
    "Der Anruf von {detail} ist an Ihrem Telefon.",
    "L'appel de {detail} est sur votre téléphone.",
)


async def pickup(visit: Visit) -> Page:
    """What rings, in the manual's format."""
    rings = ringing(visit)
    calls = [(member, call) for member, call in rings if call.can["pickup"] == ""]
    if not calls:
        raise PhoneError(WHY_NOT, rings[0][1].can["pickup"]) if rings else PhoneError(NOTHING)
    items = [
        Item(f"{who(visit, call)} -> {member.short_name}", visit.url("pick-up", call=call.id))
        for member, call in calls
    ]
    return listed(visit, visit.say(TITLE), items, "pickup")


async def pick_up(visit: Visit) -> Page:
    """Pick it up."""
    id = visit.text("call")
    if (mine := own_call(visit, id)) is not None:
        return visit.message(visit.say(TITLE), visit.say(IS_YOURS, who(visit, mine)))
    call = next((call for _, call in ringing(visit) if (call.id, call.can["pickup"]) == (id, "")), None)
    if call is None:
        raise Refused(Why.GONE)
    return await picked_up(visit, call)


async def picked_up(visit: Visit, call: CallView) -> Page:
    """Let the phone have the call."""
    await visit.parts.calls.pickup(visit.user, call.id, call.device, visit.line)
    return visit.message(visit.say(TITLE), visit.say(COMES, who(visit, call)))


PAGES: Mapping[str, PageFunction] = {"pickup": pickup, "pick-up": pick_up}
