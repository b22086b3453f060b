"""What a call in a group's flow is given: the switch, the time, the journal, the snapshot of the moment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from magroup.cti.switch import Ring, RoutePoints
from magroup.cti.types import Party
from magroup.groups.journal import CallJournal
from magroup.model.clock import Clock
from magroup.model.groups import Group
from magroup.model.snapshot import Snapshot
from magroup.policy import Callee, Identity, identify
from magroup.policy.identification import printable


@dataclass(frozen=True)
class GroupSettings:
    """``early_media``: announcements are heard before the call is answered; ``identify_to_manager``: see spec 1.3."""

    early_media: bool = False
    identify_to_manager: bool = False


@dataclass(frozen=True)
class Flow:
    """``turn(call, do)`` does something with a call after what is being done; ``over(call_id)`` says that it left."""

    switch: RoutePoints
    clock: Clock
    journal: CallJournal
    snapshot: Callable[[], Snapshot]
    settings: Callable[[], GroupSettings]
    turn: Callable[[Any, Callable[[], None]], None]
    over: Callable[[str], None]


def ring_of_callee(snapshot: Snapshot, group: Group, caller: Party, callee: Callee, settings: GroupSettings) -> Ring:
    """How a member's phone rings for a call to the group: the manager sees the caller as received (spec 1.3)."""
    if callee.is_manager and not settings.identify_to_manager:
        return Ring(callee.number, Party(caller.number, printable(caller.name), caller.external))
    return Ring(callee.number, shown_as(snapshot, group, caller))


def shown_as(snapshot: Snapshot, group: Group, caller: Party) -> Party:
    """The caller through the group's masks; without any, as received."""
    if not group.caller_name and not group.caller_number:
        return Party(caller.number, printable(caller.name), caller.external)
    manager = snapshot.configuration.manager_of(group.id)
    name = caller.name or snapshot.configuration.name_of_number(caller.number)
    shown = identify(group, manager.short_name if manager else "", Identity(caller.number, name))
    return Party(shown.number, shown.name, caller.external)
