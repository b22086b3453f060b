"""What a call in a group's flow is given: the switch, the time, the journal, the snapshot of the moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from magroup.cti.switch import Ring, RoutePoints
from magroup.cti.types import Party
from magroup.groups.journal import CallJournal
from magroup.model.calls import Vip
from magroup.model.clock import Clock
from magroup.model.forwarding import ForwardTo
from magroup.model.groups import Group
from magroup.model.snapshot import Snapshot
from magroup.policy import Callee, Identity, identify, shown_name
from magroup.policy.identification import printable


@dataclass(frozen=True)
class GroupSettings:
    """``early_media``: announcements are heard before the call is answered; ``identify_to_manager``: see spec 1.3.

    ``voicemail`` is the pilot number of the voicemail; where there is none a mailbox is called at its own number.
    """

    early_media: bool = False
    identify_to_manager: bool = False
    voicemail: str = ""


@dataclass(frozen=True)
class Flow:
    """``turn(call, do)`` does something with a call after what is being done; ``over(call_id)`` says that it left.

    ``entered(call_id, vip)`` says that it entered a group, and whether as a VIP call. ``is_others(number)``: another
    application takes the calls at that number, the voicemail's pilot.
    """

    switch: RoutePoints
    clock: Clock
    journal: CallJournal
    snapshot: Callable[[], Snapshot]
    settings: Callable[[], GroupSettings]
    turn: Callable[[Any, Callable[[], None]], None]
    entered: Callable[[str, Vip | None], None]
    over: Callable[[str], None]
    is_others: Callable[[str], bool]


def ring_of_callee(
    snapshot: Snapshot, group: Group, caller: Party, callee: Callee, vip: Vip | None, settings: GroupSettings
) -> Ring:
    """How the phone of a member rings for a call to the group, or of the one whom a forwarding names (spec 1.3).

    The manager sees the caller as received, at the desk and on the mobile; a VIP is marked where the group wants it.
    """
    if is_managers_own(callee) and not settings.identify_to_manager:
        party = as_received(caller)
    else:
        party = shown_as(snapshot, group, caller)
    return Ring(callee.number, replace(party, name=shown_name(vip, party.name, party.number)), callee.through)


def is_managers_own(callee: Callee) -> bool:
    """Whether it is the manager who is rung, and not somebody instead."""
    return callee.is_manager and callee.instead in (ForwardTo.NONE, ForwardTo.MOBILE)


def as_received(caller: Party) -> Party:
    return replace(caller, name=printable(caller.name))


def shown_as(snapshot: Snapshot, group: Group, caller: Party) -> Party:
    """The caller through the group's masks; without any, as received."""
    if not group.caller_name and not group.caller_number:
        return as_received(caller)
    manager = snapshot.configuration.manager_of(group.id)
    name = caller.name or snapshot.configuration.name_of_number(caller.number)
    shown = identify(group, manager.short_name if manager else "", Identity(caller.number, name))
    return Party(shown.number, shown.name, caller.external)
