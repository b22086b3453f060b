"""Direct call: a team member is called from this phone (the manual's service of this name)."""

from collections.abc import Mapping

from magroup.cti.types import ConnectionState
from magroup.groups.picture.commands import State
from magroup.groups.steering import Target
from magroup.model.forwarding import ForwardTo
from magroup.model.groups import Member
from magroup.model.languages import Said
from magroup.model.lines import LineState
from magroup.web.phone.lists import groups_at_hand
from magroup.web.phone.menu.calls import calls_in_switch, own_calls, who
from magroup.web.phone.menu.people import choose_colleague, chosen_member, doing, is_me, name_of, stored
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit

TITLE = Said("Direct call", "Direkter Anruf", "Appel direct")
IS_CALLED = Said("{detail} is called.", "{detail} wird angerufen.", "{detail} est appelé.")
IS_OUT = Said(
    "The phone of {detail} is out of service.",
    "Das Telefon von {detail} ist außer Betrieb.",
    "Le téléphone de {detail} est hors service.",
)
ALREADY = Said(
    "Your phone is calling {detail} already.",
    "Ihr Telefon ruft bereits {detail} an.",
    "Votre téléphone appelle déjà {detail}.",
)
YOURSELF = Said("This is you.", "Das sind Sie selbst.", "C'est vous.")


async def direct(visit: Visit) -> Page:
    """Choose whom."""
    return choose_colleague(visit, visit.say(TITLE), groups_at_hand(visit), "dial", "direct")


async def dial(visit: Visit) -> Page:
    """Call."""
    return await dialled(visit, chosen_member(visit))


async def dialled(visit: Visit, member: Member) -> Page:
    """Call the line of a member. While the phone calls somebody it calls nobody else."""
    if is_me(visit, member):
        raise PhoneError(YOURSELF)
    if calling := _calls_already(visit):
        return visit.message(visit.say(TITLE), visit.say(ALREADY, calling))
    name = name_of(visit, member)
    if not can_be_called(visit, member):
        raise PhoneError(IS_OUT, name)
    state = doing(visit, member)
    await visit.parts.calls.dial(visit.user, Target(member=member.id), visit.line)
    return visit.message(visit.say(TITLE), visit.say(IS_CALLED, f"{name} ({state})" if state else name))


def _calls_already(visit: Visit) -> str:
    """Whom the phone calls or is about to, "" for nobody; of the latter there are no events yet."""
    for call in own_calls(visit):
        if call.state is State.CALLING:
            return who(visit, call)
    for begun in calls_in_switch(visit, visit.line):
        connection = begun.connection(visit.line)
        if connection is not None and connection.state is ConnectionState.INITIATED:
            return visit.configuration.name_of_number(begun.called.number) or begun.called.number
    return ""


def can_be_called(visit: Visit, member: Member) -> bool:
    """Whether something rings for the line: a phone, or where it is forwarded to."""
    if visit.parts.application.forwarding.of_line(member.number).to is not ForwardTo.NONE:
        return True
    return visit.parts.states.line_state(stored(visit, member.number)) is not LineState.OUT_OF_SERVICE


PAGES: Mapping[str, PageFunction] = {"direct": direct, "dial": dial}
