"""Digits by INFO, since the media is not ours: what phones send, and services for them (RFC 6086, ECMA-269 18.1.2)."""

import re
from typing import TYPE_CHECKING

from magroup.cti import events
from magroup.cti.call_control import MOST_DIGITS, PAUSE, PAUSE_SECONDS
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import ConnectionId
from magroup.sip.info import DTMF_RELAY, dialled, relay_body
from magroup.sip.message import Request, Response
from magroup.switch.demands import call_of, leg_of
from magroup.switch.phase import Phase

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg
    from magroup.switch.switch import SipSwitch

_DIGITS = re.compile(rf"(?=,*[0-9*#A-D])[0-9*#A-D,]{{1,{MOST_DIGITS}}}\Z")


def pass_on(call: "SwitchCall", leg: "Leg", request: Request) -> None:
    """What a phone sends goes on to the other end where that takes INFO; to us where there is none."""
    other = call.other(leg)
    if other is None and (digit := dialled(request)):
        leg.dialled(digit, by_info=True)
    if other is not None and other.is_up and request.body and "INFO" in other.session.peer_allows:
        other.session.send("INFO", request.body, {"Content-Type": request.get("Content-Type")})


def check_digits(switch: "SipSwitch", connection: ConnectionId) -> "tuple[SwitchCall, Leg, Leg | None]":
    """The call, the leg that dials, and the one that hears; None where that is the application. Raises ServiceError."""
    call = call_of(switch, connection)
    leg = leg_of(call, connection.device)
    if leg is not None and call.phase is Phase.AT_ROUTE_POINT:
        return call, leg, None
    other = call.other(leg) if leg is not None else None
    if leg is None or other is None or call.phase is not Phase.TALKING or leg.is_held or not other.is_up:
        raise ServiceError(Failure.NO_ACTIVE_CALL, f"{connection.device} does not talk in this call")
    if "INFO" not in other.session.peer_allows:
        raise ServiceError(Failure.NOT_SUPPORTED, f"{other.device or 'The other end'} takes no digits from the switch")
    return call, leg, other


def generate_digits(switch: "SipSwitch", connection: ConnectionId, digits: str) -> None:
    """Send them one after another, each when the one before has arrived, with a pause for each comma."""
    call, leg, other = check_digits(switch, connection)
    if not _DIGITS.match(digits):
        raise ServiceError(Failure.INVALID_PARAMETER, f"{digits[:20]!r} cannot be dialled: 0-9 * # A-D and commas only")
    _send(call, leg, other, digits)


def _send(call: "SwitchCall", leg: "Leg", other: "Leg | None", digits: str) -> None:
    if not digits or not _is_heard(call, leg, other):
        return

    def answered(response: Response) -> None:
        if 200 <= response.status < 300 and call.phase is not Phase.ENDED:
            call.emit(events.DigitsGenerated, leg.device, digits=digits[0])
            _send(call, leg, other, digits[1:])

    if digits[0] == PAUSE:
        call.switch.timers.after(PAUSE_SECONDS, lambda: _send(call, leg, other, digits[1:]))
    elif other is None:
        call.leg_dialled(leg, digits[0])
        _send(call, leg, other, digits[1:])
    else:
        other.session.send("INFO", relay_body(digits[0]), {"Content-Type": DTMF_RELAY}, answered)


def _is_heard(call: "SwitchCall", leg: "Leg", other: "Leg | None") -> bool:
    if other is None:
        return call.phase is Phase.AT_ROUTE_POINT and call.caller is leg
    return call.phase is Phase.TALKING and other in (call.caller, call.peer) and other.is_up
