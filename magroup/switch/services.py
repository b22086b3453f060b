"""The call-control services of the port on the switch's calls (ECMA-269 clause 17)."""

from typing import TYPE_CHECKING

from magroup.cti import events
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import Cause, ConnectionId
from magroup.switch.call import SwitchCall
from magroup.switch.calling import AUTO_ANSWER
from magroup.switch.demands import call_of, check_destination, check_device, leg_of
from magroup.switch.forwarding import go_to
from magroup.switch.holding import check_quiet
from magroup.switch.leg import Leg
from magroup.switch.phase import Phase
from magroup.switch.ringing import Ringing

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch


def clear_connection(switch: "SipSwitch", connection: ConnectionId) -> None:
    """Hang up one end; a device that only rings stops ringing, one that transfers the call leaves it to that."""
    call, device = call_of(switch, connection), connection.device
    if device in call.ringing:
        ringing = call.ringing[device]
        ringing.cancel()
        call.ringing_failed(ringing, 603, "Decline")
        return
    leg, transfer = leg_of(call, device), call.transfer
    if leg is not None and transfer is not None and leg is transfer.transferor:
        leg.hang_up()
        transfer.leg_ended(leg, "")
        return
    call.end(device, Cause.NORMAL_CLEARING)


def check_deflect(switch: "SipSwitch", connection: ConnectionId) -> tuple[SwitchCall, Ringing]:
    """The call, and what rings for it at the device. Raises ServiceError."""
    call = call_of(switch, connection)
    ringing = call.ringing.get(connection.device)
    if ringing is None or call.transfer is not None:
        raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"The call does not ring at {connection.device}")
    return call, ringing


def deflect_call(switch: "SipSwitch", connection: ConnectionId, destination: str) -> None:
    """Let the call ring elsewhere instead of at the alerting device, which rings again when nobody is there."""
    call, ringing = check_deflect(switch, connection)
    device = connection.device
    check_destination(switch, destination)
    diverted_from = (*ringing.diverted_from, device)
    to = switch.forwarded(destination)
    target = to.number if to.by else switch.party(destination).number
    if target == call.caller.device or (to.by and target in diverted_from):
        raise ServiceError(Failure.INVALID_DESTINATION, f"A call to {destination} would come back to {target}")
    if call.phase is Phase.AT_ROUTE_POINT and not switch.is_route_point(destination):
        _leave(call, device, destination)
    ringing.cancel()
    del call.ringing[device]
    call.drop(device)
    call.emit(events.Diverted, device, Cause.REDIRECTED, new_destination=destination)
    if switch.is_route_point(destination):
        for other in tuple(call.ringing):
            call.stop_ringing(other, Cause.REDIRECTED)
        call.diverted_from = diverted_from
        call.route(destination)
        return
    call.deflected = ringing
    go_to(call, destination, ringing.shown_as, diverted_from)


def _leave(call: SwitchCall, device: str, destination: str) -> None:
    """The application's call goes elsewhere: it is the switch's own from now on."""
    left = call.route_point
    for other in tuple(call.ringing):
        if other != device:
            call.stop_ringing(other, Cause.REDIRECTED)
    call.drop(left)
    call.route_point = ""
    call.phase = Phase.RINGING
    call.emit(events.Diverted, left, Cause.REDIRECTED, new_destination=destination)


def check_pickup(switch: "SipSwitch", connection: ConnectionId) -> tuple[SwitchCall, Ringing]:
    """As check_deflect; what rings for a transfer may be picked up too."""
    call = call_of(switch, connection)
    ringing = call.ringing.get(connection.device)
    if ringing is None:
        raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"The call does not ring at {connection.device}")
    return call, ringing


def directed_pickup_call(switch: "SipSwitch", connection: ConnectionId, device: str) -> None:
    """Ring ``device``, answering by itself where it can; whoever answers first has the call."""
    call, ringing = check_pickup(switch, connection)
    check_device(switch, device, Failure.INVALID_DEVICE)
    if device == call.caller.device:
        raise ServiceError(Failure.INVALID_DEVICE, f"{device} is the caller itself")
    call.ring(device, ringing.shown_as, ringing.diverted_from, ringing.offer, AUTO_ANSWER, True, True)


def check_single_step_transfer(switch: "SipSwitch", connection: ConnectionId) -> tuple[SwitchCall, Leg, Leg]:
    """The call, the device's leg and who is to be transferred. Raises ServiceError."""
    call = call_of(switch, connection)
    leg = leg_of(call, connection.device)
    other = call.other(leg) if leg is not None else None
    if leg is None or other is None or call.phase is not Phase.TALKING or call.transfer is not None:
        raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"{connection.device} is not talking in this call")
    if not other.is_up:
        raise ServiceError(Failure.RESOURCE_BUSY, f"The phone of {other.device} is in another call")
    check_quiet(call)
    return call, leg, other


def single_step_transfer_call(switch: "SipSwitch", connection: ConnectionId, destination: str) -> ConnectionId:
    """Send the other end of ``connection`` to a number; when nobody is there the call stays as it is."""
    call, leg, other = check_single_step_transfer(switch, connection)
    check_destination(switch, destination)
    to = switch.forwarded(destination)
    moved = switch.transfers.blind(call, leg, other, destination, None)
    return ConnectionId(moved.id, to.number if to.by else destination)
