"""Asking somebody while the call is on hold, and what follows: alternate, reconnect, transfer (ECMA-269 17.1).

The phone's one dialog serves all its calls of this kind; see ``stand_in``.
"""

from typing import TYPE_CHECKING

from magroup.cti.call_control import MOST_HELD
from magroup.cti.errors import ChangingError, Failure, ServiceError
from magroup.cti.types import Cause, ConnectionId, ConnectionState, Party
from magroup.sip.sdp import Direction
from magroup.sip.sdp_relay import with_direction
from magroup.switch.call import SwitchCall
from magroup.switch.demands import call_of, check_destination, check_room, leg_of
from magroup.switch.holding import check_held, check_hold, check_quiet, check_retrieve, hold, retrieve
from magroup.switch.phase import Phase
from magroup.switch.stand_in import StandIn

if TYPE_CHECKING:
    from magroup.switch.leg import Leg
    from magroup.switch.switch import SipSwitch

_LEAVABLE = (ConnectionState.CONNECTED, ConnectionState.INITIATED)


class Consulting:
    """A new call of a phone that holds ``call`` or is about to: it begins when the hold is done."""

    def __init__(self, call: SwitchCall, leg: "Leg", me: Party, called: Party) -> None:
        switch = call.switch
        self._call = call
        self._leg = leg
        self._me = me
        self.second = SwitchCall(switch, switch.new_call_id(), me, called)
        self.second.prompting = self
        self.second.set(me.number, ConnectionState.INITIATED, me, inbound=False)

    def held(self) -> None:
        """The call is on hold: the phone makes the new one."""
        second, phone = self.second, self._leg
        if second.phase is Phase.ENDED:
            return
        second.prompting = None
        if isinstance(phone, StandIn):
            phone = phone.phone
        StandIn(phone.owner, phone)  # type: ignore[arg-type]
        phone.owner = second
        phone.party = self._me
        phone.is_held = phone.is_held_here = False
        phone.remote_sdp = with_direction(phone.remote_sdp, Direction.SENDRECV)
        second.start(phone)

    def failed(self) -> None:
        """The call cannot be held, or is over."""
        second = self.second
        if second.phase is not Phase.ENDED:
            second.close(self._me.number, Cause.RESOURCES_NOT_AVAILABLE)

    def cancel(self) -> None:
        """The new call is not wanted any more; the other one is held nevertheless."""


def check_consultation(switch: "SipSwitch", existing: ConnectionId) -> "tuple[SwitchCall, Leg]":
    """The call and its leg, which talks or holds. Raises ServiceError."""
    call = call_of(switch, existing)
    leg = leg_of(call, existing.device)
    if leg is None or not leg.is_held:
        call, leg = check_hold(switch, existing)
    else:
        call, leg = check_retrieve(switch, existing)
    check_room(switch)
    phone = leg.phone if isinstance(leg, StandIn) else leg
    if len(phone.stand_ins) >= MOST_HELD:
        raise ServiceError(Failure.RESOURCE_BUSY, f"{existing.device} holds too many calls")
    return call, leg


def consultation_call(switch: "SipSwitch", existing: ConnectionId, destination: str) -> ConnectionId:
    """Hold, then call."""
    call, leg = check_consultation(switch, existing)
    check_destination(switch, destination)
    consulting = Consulting(call, leg, switch.party(existing.device), switch.party(destination))
    if leg.is_held:
        consulting.held()
    else:
        hold(call, leg, consulting.held, consulting.failed)
    return ConnectionId(consulting.second.id, existing.device)


def check_alternate(
    switch: "SipSwitch", held: ConnectionId, active: ConnectionId
) -> "tuple[SwitchCall, Leg, SwitchCall, Leg]":
    """The two calls and the device's legs. Raises ServiceError."""
    _check_pair(held, active)
    first, one = check_held(switch, held)
    check_quiet(first)
    second, other = check_hold(switch, active)
    return first, one, second, other


def alternate_call(switch: "SipSwitch", held: ConnectionId, active: ConnectionId) -> None:
    """Hold the one, then go on with the other."""
    first, _, second, leg = check_alternate(switch, held, active)

    def go_back() -> None:
        """Who was on hold is gone, or the phone keeps it there by its own key: it is not left alone."""
        left = leg_of(second, active.device) if second.phase is Phase.TALKING else None
        if left is not None:
            retrieve(second, left)

    def then() -> None:
        waits = leg_of(first, held.device) if first.phase is Phase.TALKING else None
        if waits is None:
            go_back()
        else:
            retrieve(first, waits, go_back)

    hold(second, leg, then)


def check_reconnect(switch: "SipSwitch", held: ConnectionId, active: ConnectionId) -> "tuple[SwitchCall, SwitchCall]":
    """The two calls. Raises ServiceError."""
    _check_pair(held, active)
    first, _ = check_held(switch, held)
    second = call_of(switch, active)
    found = second.snapshot.connection(active.device)
    if found is None or found.state not in _LEAVABLE:
        raise ServiceError(Failure.NO_ACTIVE_CALL, f"{active.device} is not active in this call")
    return first, second


def reconnect_call(switch: "SipSwitch", active: ConnectionId, held: ConnectionId) -> None:
    """End the one, go on with the other."""
    first, second = check_reconnect(switch, held, active)
    waits = leg_of(first, held.device)
    if isinstance(waits, StandIn):
        waits.is_next()
    second.end(active.device, Cause.NORMAL_CLEARING)
    left = leg_of(first, held.device) if first.phase is Phase.TALKING else None
    if left is not None:
        retrieve(first, left)


def check_transfer(
    switch: "SipSwitch", held: ConnectionId, active: ConnectionId
) -> "tuple[SwitchCall, Leg, SwitchCall, Leg]":
    """The two calls and the device's legs. Raises ServiceError."""
    _check_pair(held, active)
    first, one = check_held(switch, held)
    second = call_of(switch, active)
    other = leg_of(second, active.device)
    found = second.snapshot.connection(active.device)
    if other is None or found is None or found.state is not ConnectionState.CONNECTED:
        raise ServiceError(Failure.NO_ACTIVE_CALL, f"{active.device} is not active in this call")
    if second.transfer is not None:
        raise ChangingError("The call is just being transferred")
    if second.phase not in (Phase.TALKING, Phase.RINGING, Phase.AT_ROUTE_POINT):
        raise ServiceError(Failure.NO_ACTIVE_CALL, f"{active.device} called nobody who is still there")
    for end in (first.other(one), second.other(other) if second.phase is Phase.TALKING else None):
        if end is not None and not end.is_up:
            raise ServiceError(Failure.RESOURCE_BUSY, f"The phone of {end.device} is in another call")
    return first, one, second, other


def transfer_call(switch: "SipSwitch", held: ConnectionId, active: ConnectionId) -> ConnectionId:
    """Join who waits with who was consulted, or with who rings for that."""
    first, leg, second, consulted = check_transfer(switch, held, active)
    first.give_up_steering()
    second.give_up_steering()
    target = second.other(consulted)
    if second.phase is Phase.TALKING and target is not None:
        switch.transfers.attended(first, leg, second, consulted, None)
        return ConnectionId(first.id, target.device)
    rings = next(iter(second.ringing), second.snapshot.called.number)
    if isinstance(leg, StandIn):
        leg.phone.silence()
        leg.phone_is_free()
        leg = leg.phone
    moved = switch.transfers.attended(first, leg, second, consulted, None)
    transfer = moved.transfer
    if transfer is not None and transfer.transferor is leg:
        leg.hang_up()
        transfer.leg_ended(leg, "")
    return ConnectionId(moved.id, rings)


def _check_pair(held: ConnectionId, active: ConnectionId) -> None:
    if held.device != active.device or held.call_id == active.call_id:
        raise ServiceError(Failure.INVALID_CONNECTION, "These are not two calls of one device")


def held_beside(switch: "SipSwitch", active: ConnectionId) -> ConnectionId:
    """The call that the device holds beside the active one. Raises ServiceError."""
    call_of(switch, active)
    for call in switch.holding.values():
        found = call.snapshot.connection(active.device)
        if call.id != active.call_id and found is not None and found.state is ConnectionState.HOLD:
            return found.id
    raise ServiceError(Failure.NO_HELD_CALL, f"{active.device} holds no other call")
