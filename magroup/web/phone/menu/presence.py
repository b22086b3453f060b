"""Change status: the own presence and that of team members (the manual's "Change status" and services of this name)."""

from collections.abc import Mapping

from magroup.groups.steering import Refused, Why, set_presence
from magroup.model.groups import Member
from magroup.model.languages import Said
from magroup.model.people import Privilege
from magroup.model.presence import Presence
from magroup.web.phone.lists import groups_at_hand, listed
from magroup.web.phone.menu.forms import form_keys
from magroup.web.phone.menu.people import choose_colleague, chosen_member, is_me, name_of
from magroup.web.phone.menu.words import CURRENT, PRESENCE
from magroup.web.phone.objects import DEFAULT_VALUE, Input, InputFlags, InputItem, Item
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit
from magroup.web.phone.words import WRONG_ENTRY

TITLE = Said("Change status", "Status ändern", "Changer le statut")
MINE = Said("My status", "Mein Status", "Mon statut")
TEAM = Said("Team member status", "Status im Team", "Statut d'un membre")
MESSAGE = Said("Message", "Nachricht", "Message")
MY_STATUS_IS = Said("Your status is now: {detail}", "Ihr Status ist jetzt: {detail}", "Votre statut : {detail}")
STATUS_IS = Said("The status is now: {detail}", "Der Status ist jetzt: {detail}", "Le statut : {detail}")

CHOICES = (Presence.AVAILABLE, Presence.AWAY, Presence.BUSY, Presence.DND)
LONGEST_MESSAGE = 255


async def team_status(visit: Visit) -> Page:
    """Whose: straight to the own one for those who may not change others'."""
    if not visit.rights.has(Privilege.TEAMMATE_STATUS) or not groups_at_hand(visit):
        return await status(visit)
    items = [visit.item(MINE, "status"), visit.item(TEAM, "status-of")]
    return listed(visit, visit.say(TITLE), items, "team-status")


async def status_of(visit: Visit) -> Page:
    """The members whose status is to be changed."""
    if not visit.rights.has(Privilege.TEAMMATE_STATUS):
        raise Refused(Why.FORBIDDEN)
    return choose_colleague(visit, visit.say(TEAM), groups_at_hand(visit), "status", "status-of")


async def status(visit: Visit) -> Page:
    """What it can be; the present one has a mark."""
    member = _whose(visit)
    state = visit.parts.application.presence.get(_user_name(visit, member))
    items = []
    for value in CHOICES:
        page = "set-status" if value is Presence.AVAILABLE else "status-text"
        url = visit.url(page, member=member.id if member else "", value=int(value))
        message = f": {state.message}" if state.value is value and state.message else ""
        mark = CURRENT if state.value is value else ""
        items.append(Item(f"{mark}{visit.say(PRESENCE[value])}{message}", url))
    title = f"{_whom(visit, member)}: {visit.say(PRESENCE[state.value])}"
    return listed(visit, title, items, "status", {"member": member.id if member else ""})


async def status_text(visit: Visit) -> Page:
    """The message that may go with it."""
    member, value = _whose(visit), _value(visit)
    state = visit.parts.application.presence.get(_user_name(visit, member))
    old = state.message if state.value is value and len(state.message) <= DEFAULT_VALUE else ""
    url = visit.url("set-status", member=member.id if member else "", value=int(value))
    field = InputItem(visit.say(MESSAGE), "text", InputFlags.ASCII, old)
    return Page(Input(f"{_whom(visit, member)}: {visit.say(PRESENCE[value])}", "", form_keys(visit), url, (field,)))


async def set_status(visit: Visit) -> Page:
    """Set it."""
    member, value = _whose(visit), _value(visit)
    name, book = _user_name(visit, member), visit.parts.application.presence
    set_presence(book, visit.configuration, visit.user, name, value, visit.text("text", LONGEST_MESSAGE))
    state = book.get_said(name)
    shown = visit.say(PRESENCE[state.value]) + (f" - {state.message}" if state.message else "")
    said = MY_STATUS_IS if member is None else STATUS_IS
    return visit.message(_whom(visit, member), visit.say(said, shown))


def _whose(visit: Visit) -> Member | None:
    """The member that is named, None for the user of the phone."""
    if not visit.number("member"):
        return None
    member = chosen_member(visit)
    if is_me(visit, member):
        return None
    if not visit.rights.sets_state(visit.configuration, member.user_name):
        raise Refused(Why.FORBIDDEN)
    return member


def _user_name(visit: Visit, member: Member | None) -> str:
    return member.user_name if member is not None else visit.user.name


def _whom(visit: Visit, member: Member | None) -> str:
    return name_of(visit, member) if member is not None else visit.say(MINE)


def _value(visit: Visit) -> Presence:
    value = visit.number("value", -1)
    if value not in CHOICES:
        raise PhoneError(WRONG_ENTRY)
    return Presence(value)


PAGES: Mapping[str, PageFunction] = {
    "team-status": team_status, "status-of": status_of, "status": status, "status-text": status_text,
    "set-status": set_status,
}  # fmt: skip
