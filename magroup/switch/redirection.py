"""A phone that rings sends its call to another number by 302 (RFC 3261 section 21.3, CSTA forwarding)."""

from typing import TYPE_CHECKING

from magroup.cti import events
from magroup.cti.types import Cause
from magroup.switch.phase import Phase
from magroup.switch.ringing import Follow, Ringing

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall


def redirect(call: "SwitchCall", ringing: Ringing, number: str) -> Follow:
    """``ringing``'s phone wants the call to go to ``number``.

    A plain call has left the device then. The application's calls, and those with other phones still ringing for the
    device, stay: whoever answers does so for the device.
    """
    device, switch = ringing.device, call.switch
    target = switch.party(number).number
    if call.has_leg(target):
        return Follow.REFUSED
    is_alone = not ringing.legs and not ringing.is_pickup and call.phase is not Phase.AT_ROUTE_POINT
    if switch.is_route_point(target):
        if not is_alone or call.transfer is not None or target in call.passed:
            return Follow.REFUSED
        ringing.cancel()
        _leave(call, device, target)
        call.diverted_from = ringing.diverted_from
        call.route(target)
        return Follow.TAKEN
    if is_alone and target not in call.ringing:
        _leave(call, device, target)
        ringing.device = target
        ringing.is_started = False
        call.ringing[target] = ringing
    return Follow.RING


def _leave(call: "SwitchCall", device: str, target: str) -> None:
    del call.ringing[device]
    call.forget(device)
    call.emit(events.Diverted, device, Cause.CALL_FORWARD, new_destination=target)
