"""What a service demands of the connection and the numbers that it is asked for (ECMA-269 12.2.10)."""

from typing import TYPE_CHECKING

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import ConnectionId

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg
    from magroup.switch.switch import SipSwitch


def call_of(switch: "SipSwitch", connection: ConnectionId) -> "SwitchCall":
    """The call of a connection. Raises ServiceError."""
    call = switch.calls_by_id.get(connection.call_id)
    if call is None:
        raise ServiceError(Failure.INVALID_CALL, f"There is no call {connection.call_id}")
    if call.snapshot.connection(connection.device) is None:
        raise ServiceError(Failure.INVALID_CONNECTION, f"{connection.device} is not in call {connection.call_id}")
    return call


def leg_of(call: "SwitchCall", device: str) -> "Leg | None":
    """The device's end of a call; None while it only rings."""
    if call.prompting is not None:
        return None
    for leg in (call.caller, call.peer):
        if leg is not None and leg.device == device:
            return leg
    return None


def check_destination(switch: "SipSwitch", destination: str) -> None:
    """Raises ServiceError where nobody could be reached at the number."""
    if not switch.is_known(destination):
        raise ServiceError(Failure.INVALID_DESTINATION, f"There is no way to the number {destination}")
    if switch.forwarded(destination).is_loop:
        raise ServiceError(Failure.INVALID_DESTINATION, f"The forwarding of {destination} goes in a circle")


def check_device(switch: "SipSwitch", device: str, unknown: Failure) -> None:
    """Raises ServiceError where no phone of the line could be rung, ``unknown`` where there is no such line."""
    if not switch.is_line(device):
        raise ServiceError(unknown, f"{device} is no line of this switch")
    if not switch.in_service(device):
        raise ServiceError(Failure.DEVICE_OUT_OF_SERVICE, f"No phone is registered for {device}")


def check_room(switch: "SipSwitch", is_new: bool = False) -> None:
    """Raises ServiceError where no call may be added; ``is_new``: it has to do with none that is up."""
    calls = len(switch.calls_by_id) + len(switch.counted)
    if switch.is_stopping or (is_new and switch.is_draining) or calls >= switch.limits.calls:
        raise ServiceError(Failure.RESOURCE_BUSY, "The switch takes no more calls")
