"""What an end may hear and say while the switch holds the call for the one or the other (RFC 3264 section 8.4)."""

from secrets import token_bytes
from typing import TYPE_CHECKING

from magroup.sip import offer_answer
from magroup.sip.errors import SipError
from magroup.sip.modify import Offer
from magroup.sip.sdes import MASTER_BYTES, Policy, Sdes
from magroup.sip.sdp import Direction, SdpError, Session
from magroup.sip.sdp_relay import direction, with_direction

if TYPE_CHECKING:
    from magroup.switch.leg import Leg

DISCARD = 9
"""The port of who is not to be sent anything (RFC 863)."""


def described(of: "Leg", to: "Leg") -> bytes:
    """The last description of one end as an offer to the other."""
    way = Direction.INACTIVE if to.is_held_here else Direction.SENDONLY if of.is_held else Direction.SENDRECV
    return with_direction(of.remote_sdp, way)


def offered(by: "Leg", to: "Leg", sdp: bytes) -> bytes:
    """An offer of one end as it goes to the other; b"" for none."""
    if not sdp or not (by.is_held_here or to.is_held_here):
        return sdp
    return with_direction(sdp, Direction.INACTIVE if to.is_held_here else Direction.SENDONLY)


def answered(to: "Leg", by: "Leg", sdp: bytes, offer: bytes) -> bytes:
    """The answer of one end as it goes to the other, which made the offer."""
    if not sdp or not (by.is_held_here or to.is_held_here):
        return sdp
    return with_direction(sdp, Direction.INACTIVE if to.is_held_here else _held(offer))


def _held(offer: bytes) -> Direction:
    """The way in the answer for one who is held."""
    try:
        return Direction.SENDONLY.within(direction(offer).reversed)
    except SdpError:
        return Direction.INACTIVE


def answer_for(stand_in: "Leg", leg: "Leg", offer: Offer) -> None:
    """``leg`` changes its session while the phone that holds it talks elsewhere: it stays on hold."""
    if not offer.sdp:
        offer.accept(leg.own(with_direction(stand_in.remote_sdp, Direction.SENDONLY)), lambda answer: None)
        return
    try:
        asked = Session.parse(offer.sdp)
        # Nothing is sent, so that the key is nobody's.
        sdes = Sdes(Policy.OPTIONAL, lambda suite: token_bytes(MASTER_BYTES))
        answer, _ = offer_answer.answer(asked, leg.local_host, DISCARD, direction=_held(offer.sdp), sdes=sdes)
    except SipError as error:
        offer.reject(error.status, error.reason)
        return
    offer.accept(leg.own(answer))
