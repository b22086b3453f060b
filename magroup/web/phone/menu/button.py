"""1 Button Service: one key for what is between an assistant and the manager (the manual's service of this name)."""

from collections.abc import Mapping

from magroup.groups.picture.calls import CallView
from magroup.groups.picture.commands import State
from magroup.groups.steering import Refused, Target, Why
from magroup.model.groups import Member
from magroup.model.languages import Said
from magroup.web.phone.lists import listed, member_icons, member_item
from magroup.web.phone.menu import consultation
from magroup.web.phone.menu.calls import own_calls, ringing_at, who
from magroup.web.phone.menu.consultation import TALKS, TRANSFERRED
from magroup.web.phone.menu.direct import dialled
from magroup.web.phone.menu.people import chosen_member, doing, is_me, name_of
from magroup.web.phone.menu.pickup import picked_up
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

TITLE = Said("Manager", "Manager", "Manager")
NO_MANAGER = Said(
    "There is no manager in your groups beside you.",
    "In Ihren Gruppen gibt es außer Ihnen keinen Manager.",
    "Il n'y a pas d'autre manager que vous dans vos groupes.",
)
JUST_BEGUN = Said(
    "You are in a call with {detail}. Press again to transfer it.",
    "Sie sprechen mit {detail}. Drücken Sie noch einmal, um zu verbinden.",
    "Vous êtes avec {detail}. Appuyez encore pour transférer.",
)
ANSWERED = Said("You have answered {detail}.", "Sie haben {detail} angenommen.", "Vous avez répondu à {detail}.")
JUST = 2.0
"""Seconds for which a key that is pressed twice does not send away what it has brought."""


async def button(visit: Visit) -> Page:
    """At once with one manager, else first a list of them."""
    managers = [
        manager
        for member in visit.memberships
        if (manager := visit.configuration.manager_of(member.group_id)) is not None and not is_me(visit, manager)
    ]
    if not managers:
        raise PhoneError(NO_MANAGER)
    people = {manager.user_name.casefold(): manager for manager in reversed(managers)}
    if len(people) == 1:
        return await _pressed(visit, managers[0])
    shown = [manager for manager in managers if people[manager.user_name.casefold()] is manager]
    items = [
        member_item(visit, manager, visit.url("manager", member=manager.id), doing(visit, manager))
        for manager in shown
    ]
    return listed(visit, visit.say(TITLE), items, "button", icons=member_icons(visit))


async def manager(visit: Visit) -> Page:
    """With the manager that was chosen."""
    member = chosen_member(visit)
    if not member.is_manager or is_me(visit, member) or not visit.rights.is_in(visit.configuration, member.group_id):
        raise Refused(Why.NO_MEMBER)
    return await _pressed(visit, member)


async def _pressed(visit: Visit, manager: Member) -> Page:
    """In a call: it goes to the manager. A call for the manager rings: it comes here. Else the manager is called."""
    calls = own_calls(visit)
    for state in (State.ACTIVE, State.HELD):
        if (call := next((one for one in calls if one.state is state), None)) is not None:
            return await _sent(visit, call, manager)
    if (call := next((one for one in calls if _is_for(visit, one, manager)), None)) is not None:
        await visit.parts.calls.answer(visit.user, call.id, call.device)
        return visit.message(visit.say(TITLE), visit.say(ANSWERED, who(visit, call)))
    if (call := next(ringing_at(visit, manager), None)) is not None:
        return await picked_up(visit, call)
    return await dialled(visit, manager)


async def _sent(visit: Visit, call: CallView, manager: Member) -> Page:
    """The call goes to the manager's line; in a consultation with the manager that is completed."""
    name = name_of(visit, manager)
    if visit.configuration.plan.same(call.number, manager.number):
        if not call.consulting:
            return visit.message(visit.say(TITLE), visit.say(TALKS, name))
        return await consultation.completed(visit, call.consulting, call.id)
    if call.state is State.ACTIVE and visit.parts.clock.seconds() - call.since < JUST:
        return visit.message(visit.say(TITLE), visit.say(JUST_BEGUN, who(visit, call)))
    await visit.parts.calls.blind(visit.user, call.id, call.device, Target(member=manager.id))
    return visit.message(visit.say(TITLE), visit.say(TRANSFERRED, name))


def _is_for(visit: Visit, call: CallView, manager: Member) -> bool:
    """Whether a call to the manager's number rings at the own phone."""
    if call.state is not State.RINGING:
        return False
    number = visit.configuration.group_by_id[manager.group_id].number
    whole = visit.parts.states.call(call.id)
    return bool(number) and whole is not None and visit.configuration.plan.same(whole.called.number, number)


PAGES: Mapping[str, PageFunction] = {"button": button, "manager": manager}
