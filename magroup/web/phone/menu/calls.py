"""The calls that the user of a phone sees: those at the own lines, and those of colleagues that can be picked up."""

from collections.abc import Callable, Iterator, Sequence

from twisted.internet.task import deferLater

from magroup.cti.errors import ServiceError
from magroup.cti.types import Call
from magroup.groups.picture import Eyes, onlooker
from magroup.groups.picture.calls import CallView, HiddenCall, calls_of
from magroup.groups.picture.commands import State
from magroup.model.groups import Group, Member
from magroup.model.languages import Said
from magroup.web.phone.menu.people import is_me, stored
from magroup.web.phone.visit import Visit

LONGEST_WAIT = 3.0
PAUSE = 0.05
"""Seconds."""

UNKNOWN = Said("Unknown", "Unbekannt", "Inconnu")
_WITHOUT_GROUP = Group(0, "")


def own_calls(visit: Visit) -> tuple[CallView, ...]:
    """Those at the lines of the user, the oldest first."""
    numbers = tuple(dict.fromkeys(stored(visit, number) for number in visit.user.lines))
    scene = visit.parts.scene(visit.configuration)
    eyes = Eyes(is_own=True, language=visit.language)
    return _seen(calls_of(scene, _WITHOUT_GROUP, numbers, frozenset(numbers), eyes))


def own_call(visit: Visit, id: str) -> CallView | None:
    return next((call for call in own_calls(visit) if call.id == id), None)


def calls_in_switch(visit: Visit, device: str) -> Sequence[Call]:
    """The calls of a line, with those that have begun and of which no events have come yet."""
    try:
        return visit.parts.switch.snapshot_device(device)
    except ServiceError:
        return ()


def ringing_at(visit: Visit, member: Member) -> Iterator[CallView]:
    """The calls of a member that the user may pick up now."""
    return (call for call in _ringing_at(visit, member) if call.can["pickup"] == "")


def _ringing_at(visit: Visit, member: Member) -> Iterator[CallView]:
    """Also those of which something says why they cannot be picked up."""
    configuration = visit.configuration
    if is_me(visit, member):
        return
    own = {call.id for call in own_calls(visit)}
    eyes = onlooker(configuration, visit.user, member.group_id, visit.language).others
    group, numbers = configuration.group_by_id[member.group_id], configuration.numbers_of(member)
    for call in _seen(calls_of(visit.parts.scene(configuration), group, numbers, frozenset(), eyes)):
        if call.state is State.RINGING and "pickup" in call.can and call.id not in own:
            yield call


def ringing(visit: Visit) -> list[tuple[Member, CallView]]:
    """All of them in the own groups, those that ring for managers first; each phone's once.

    ``can`` of those that cannot be picked up now says why.
    """
    ids = {member.group_id for member in visit.memberships}
    members = [member for id in sorted(ids) for member in visit.configuration.members_of(id)]
    found: dict[tuple[str, str], tuple[Member, CallView]] = {}
    for member in sorted(members, key=lambda one: not one.is_manager):
        for call in _ringing_at(visit, member):
            found.setdefault((call.id, call.device), (member, call))
    return list(found.values())


def can_be_sent(call: CallView) -> bool:
    """Whether the call can be transferred now."""
    return why_not_sent(call) == ""


def why_not_sent(call: CallView) -> str | None:
    """Why the call cannot be transferred now: one that rings at once, others after a consultation.

    None where there is nothing to transfer, "" where it is possible.
    """
    return call.can.get("blind" if call.state is State.RINGING else "consult")


def who(visit: Visit, call: CallView) -> str:
    """Who is at the other end: the name, else the number."""
    return call.name or call.number or visit.say(UNKNOWN)


async def comes_true(visit: Visit, is_so: Callable[[], bool]) -> bool:
    """Wait a moment for what a service has begun; whether it came."""
    clock = visit.parts.clock
    until = clock.seconds() + LONGEST_WAIT
    while not is_so():
        if clock.seconds() >= until:
            return False
        await deferLater(clock, PAUSE)
    return True


def _seen(calls: tuple[CallView | HiddenCall, ...]) -> tuple[CallView, ...]:
    return tuple(call for call in calls if isinstance(call, CallView))
