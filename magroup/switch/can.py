"""Whether a service would be accepted now: the question that menus ask before they offer it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from magroup.cti.call_control import Service
from magroup.cti.errors import ChangingError, Failure, ServiceError
from magroup.cti.types import ConnectionId
from magroup.switch.answering import check_answer
from magroup.switch.consultation import (
    check_alternate,
    check_consultation,
    check_reconnect,
    check_transfer,
    held_beside,
)
from magroup.switch.demands import call_of, check_device
from magroup.switch.digits import check_digits
from magroup.switch.holding import check_hold, check_retrieve
from magroup.switch.services import check_deflect, check_pickup, check_single_step_transfer

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch

_CHECKS: dict[Service, Callable[["SipSwitch", ConnectionId], object]] = {
    Service.ALTERNATE_CALL: lambda switch, one: check_alternate(switch, held_beside(switch, one), one),
    Service.ANSWER_CALL: check_answer,
    Service.CLEAR_CONNECTION: call_of,
    Service.CONSULTATION_CALL: check_consultation,
    Service.DEFLECT_CALL: check_deflect,
    Service.DIRECTED_PICKUP_CALL: check_pickup,
    Service.GENERATE_DIGITS: check_digits,
    Service.HOLD_CALL: check_hold,
    Service.RECONNECT_CALL: lambda switch, one: check_reconnect(switch, held_beside(switch, one), one),
    Service.RETRIEVE_CALL: check_retrieve,
    Service.SINGLE_STEP_TRANSFER_CALL: check_single_step_transfer,
    Service.TRANSFER_CALL: lambda switch, one: check_transfer(switch, held_beside(switch, one), one),
}
_BESIDE = frozenset((Service.ALTERNATE_CALL, Service.RECONNECT_CALL, Service.TRANSFER_CALL))


def why_not(switch: "SipSwitch", service: Service, connection: ConnectionId) -> str:
    """One sentence, or "" where the service would be accepted.

    That the call is just being changed is no reason: it is over before somebody has chosen, and nobody is told then.
    """
    if service in _BESIDE and not switch.holding:
        # Asked for each event of a call, and mostly nobody holds one.
        return f"{connection.device} holds no other call"
    try:
        _CHECKS[service](switch, connection)
    except ChangingError:
        return ""
    except ServiceError as error:
        return str(error)
    return ""


def why_no_call(switch: "SipSwitch", calling: str) -> str:
    """The same of a call that a line would make."""
    try:
        check_device(switch, calling, Failure.INVALID_CALLING_DEVICE)
    except ServiceError as error:
        return str(error)
    return ""
