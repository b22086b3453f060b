"""What a client that has only some of the lines may ask for: what is done by one of them, in a call of one of them."""

from collections.abc import Callable
from dataclasses import replace

from magroup.csta import call_control_messages as c
from magroup.csta import feature_messages as f
from magroup.csta.accounts import Account
from magroup.csta.errors import CstaError, ErrorValue, error_value
from magroup.csta.features import FEATURES
from magroup.csta.message import Message
from magroup.csta.services import READING, names_of
from magroup.csta.system_messages import GetCSTAFeaturesResponse
from magroup.cti.errors import Failure
from magroup.cti.types import Call

NO_CALL_MONITORS = ErrorValue("operation", "invalidMonitorType")
"""A call goes on elsewhere when a line has left it."""

_OF_LINES = (
    "capabilityExchangeServices", "systemStatusServices", "monitoringServices", "snapshotServices",
    "callControlServices", "callAssociatedServices", "logicalDeviceServices",
)  # fmt: skip

_WATCHING = ("capabilityExchangeServices", "systemStatusServices", "monitoringServices", "snapshotServices")
_READING = ("logicalDeviceServices", names_of(READING))

_ACTING: dict[type[Message], tuple[str, ...]] = {
    c.MakeCall: ("calling_device",),
    c.AnswerCall: ("call_to_be_answered",),
    c.ClearConnection: ("connection_to_be_cleared",),
    c.HoldCall: ("call_to_be_held",),
    c.RetrieveCall: ("call_to_be_retrieved",),
    c.AlternateCall: ("held_call", "active_call"),
    c.ConsultationCall: ("existing_call",),
    c.ReconnectCall: ("active_call", "held_call"),
    c.TransferCall: ("held_call", "active_call"),
    c.SingleStepTransferCall: ("active_call",),
    c.DeflectCall: ("call_to_be_diverted",),
    c.DirectedPickupCall: ("call_to_be_picked_up", "requesting_device"),
    c.GenerateDigits: ("connection_to_send_digits",),
    f.GetForwarding: ("device",),
    f.SetForwarding: ("device",),
    f.GetDoNotDisturb: ("device",),
    f.SetDoNotDisturb: ("device",),
}
"""Where each request says whose it is: devices, and connections by their devices."""


def features_of(account: Account) -> GetCSTAFeaturesResponse:
    """Routeing is for those who have all lines, and what changes anything for those who may steer."""
    services = FEATURES.supported_services or ()
    if not account.may_steer:
        services = (*(one for one in services if one[0] in _WATCHING), _READING)
    elif account.lines is not None:
        services = tuple(one for one in services if one[0] in _OF_LINES)
    return replace(FEATURES, supported_services=services)


def check_request(message: Message, lines: frozenset[str] | None, device_of: Callable[[str], str]) -> None:
    """Raises CstaError for what is not of these lines, ServiceError for what is no device; None: all lines."""
    if lines is None:
        return
    for name in _ACTING.get(type(message), ("",)):
        if not name:
            raise _denied(message.root)
        check_device(device_of(getattr(message, name).number), lines)


def check_device(device: str, lines: frozenset[str] | None) -> None:
    """Raises CstaError."""
    if lines is not None and device not in lines:
        raise _denied(device)


def check_call(call: Call, lines: frozenset[str] | None) -> None:
    """Raises CstaError where none of the lines is in the call."""
    if lines is not None and not any(one.id.device in lines for one in call.connections):
        raise _denied(call.id)


def _denied(what: str) -> CstaError:
    return CstaError(error_value(Failure.PRIVILEGE_VIOLATION), f"{what} is not for this client")
