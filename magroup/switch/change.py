"""One end changes its session, and the other end answers: hold, retrieve, another address (RFC 3264 section 8)."""

from typing import TYPE_CHECKING

from magroup.cti import events
from magroup.cti.types import ConnectionState
from magroup.sip.modify import Offer
from magroup.sip.sdp import Direction, SdpError
from magroup.sip.sdp_relay import direction
from magroup.switch.directions import answer_for, answered, offered
from magroup.switch.stand_in import StandIn

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg


def relay(call: "SwitchCall", leg: "Leg", offer: Offer) -> None:
    """The other end answers the offer of ``leg``, or we do while we play to it."""
    if leg.announcer is not None:
        leg.announcer.answer_offer(leg, offer)
        return
    other = call.other(leg)
    if other is not None and leg.relayed is not None:
        # Both ends changed at once, and this one refused the other's: it comes first, the other tries again.
        leg.session.modifier.withdraw(leg.relayed)
    if isinstance(other, StandIn):
        answer_for(other, leg, offer)
        return
    if other is None or other.announcer is not None or not other.is_up or other.session.modifier.is_asked:
        offer.reject(491)
        return
    if call.steering is not None:
        offer.reject(491)
        return
    if offer.sdp:
        _note_hold(call, leg, offer.sdp)

    def changed(status: int, answer: bytes) -> None:
        other.relayed = None
        if status >= 300:
            offer.reject(status if status not in (408, 481) else 488)
        elif offer.sdp:
            offer.accept(leg.own(answered(leg, other, answer, offer.sdp)))
        else:
            offer.accept(leg.own(offered(other, leg, answer)), completed)

    def completed(answer: bytes) -> None:
        if answer:
            leg.remote_sdp = answer
            _note_hold(call, leg, answer)
        other.complete(answered(other, leg, answer, other.remote_sdp))

    other.relayed = other.change(offered(leg, other, offer.sdp), changed)


def _note_hold(call: "SwitchCall", leg: "Leg", sdp: bytes) -> None:
    """A phone that does not want to hear has put the call on hold."""
    try:
        held = direction(sdp) in (Direction.SENDONLY, Direction.INACTIVE)
    except SdpError:
        return
    if leg.is_held_here:
        # What a phone says that is held for is no word of its user's, but for a hold of its own.
        leg.is_held_here = not held
        return
    note_hold(call, leg, held)


def note_hold(call: "SwitchCall", leg: "Leg", held: bool) -> None:
    """``leg`` holds the call from now on, or does not."""
    if held == leg.is_held:
        return
    leg.is_held = held
    call.set(leg.device, ConnectionState.HOLD if held else ConnectionState.CONNECTED)
    call.emit(events.Held if held else events.Retrieved, leg.device)
