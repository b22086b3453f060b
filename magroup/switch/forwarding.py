"""Line forwarding: a call about to ring a line goes where the line is forwarded (spec 2; RFC 5806, RFC 7044)."""

from typing import TYPE_CHECKING

from twisted.logger import Logger

from magroup.cti import events
from magroup.cti.types import Cause, Party
from magroup.model.forwarding import Forwarded
from magroup.sip.errors import phrase
from magroup.switch.phase import Phase

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall

log = Logger(__name__)


def follow(call: "SwitchCall", number: str) -> Forwarded:
    """Where a call to ``number`` goes now; that it leaves a line is reported. Nobody is to be rung in a circle."""
    to = call.switch.forwarded(number)
    # Through nothing it is by no forwarding, which it takes longer to ask.
    if to.through and to.by and not to.is_loop:
        left = call.switch.party(number).number
        log.info("{line} is forwarded to {number}", call=call.id, line=left, number=to.number)
        call.emit(events.Diverted, left, Cause.CALL_FORWARD, new_destination=to.number)
    return to


def go_to(call: "SwitchCall", number: str, shown_as: Party, diverted_from: tuple[str, ...]) -> None:
    """Ring ``number`` for a caller who talks to nobody; a manager number to which it is forwarded takes the call.

    ``diverted_from`` are all numbers that sent the call on so far, the first one first.
    """
    to = follow(call, number)
    if to.is_loop:
        call.fail(call.switch.party(number).number, 482, phrase(482))
        return
    if to.through and to.by:
        number, diverted_from = to.number, (*diverted_from, *to.through)
        if call.switch.is_route_point(number):
            call.diverted_from = diverted_from
            call.route(number)
            return
    call.phase = Phase.RINGING
    if number == call.caller.device:
        call.refuse(486, phrase(486), Cause.BUSY, number)
        return
    call.play_tone("ringback")
    call.ring(number, shown_as, diverted_from)
