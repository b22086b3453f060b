"""Joining two ends so that their media flows directly between them (RFC 3264, RFC 3725)."""

from typing import TYPE_CHECKING

from twisted.logger import Logger

from magroup.cti.types import Cause
from magroup.sip.accept import IncomingSession
from magroup.sip.invite import OutgoingSession
from magroup.sip.sdes_relay import same_keys
from magroup.sip.sdp import Direction, SdpError
from magroup.sip.sdp_relay import audio_endpoint, direction, with_direction

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg

log = Logger(__name__)


def connect(call: "SwitchCall", caller: "Leg", callee: "Leg", offered: bytes, answer: bytes) -> None:
    """``callee`` answered with ``answer`` to what it was ``offered``: the caller's description, or b"" for none.

    An unanswered caller gets the answer in its 200. One that hears announcements is re-INVITEd with it; where the
    callee made the offer, the caller's answer then goes back in the ACK. Who takes other keys with each answer is
    asked for an offer, whose answer is the last word.
    """
    session = caller.session
    if not caller.is_up and isinstance(session, IncomingSession):
        if caller.announcer is None:
            session.answer(caller.own(answer))
            return
        # The 200 must repeat the answer that went out with the 183 (RFC 3264 section 4).
        session.answer(caller.announcer.description)
    announcer = caller.announcer
    if announcer is not None:
        announcer.stop()
    offer_of_callee = isinstance(callee.session, OutgoingSession) and callee.session.is_offerless
    if not offered and not offer_of_callee:
        if caller.is_up:
            fresh(call, callee, caller)
        else:
            # Its 200 waits for the PRACK of what it was told before.
            call.when_acknowledged(caller, lambda _: fresh(call, callee, caller))
        return

    def changed(status: int, new: bytes) -> None:
        caller.silence()
        if offer_of_callee and isinstance(callee.session, OutgoingSession) and callee.is_up:
            callee.session.ack(callee.own(new))
            if status >= 300:
                no_media(call, caller, status)
        elif status >= 300:
            log.info("{device} refused the change to its peer's media ({status}), asking anew",
                     call=call.id, device=caller.device, status=status)  # fmt: skip
            fresh(call, caller, callee)
        elif not same_keys(offered, answer, new):
            fresh(call, caller, callee)
        elif not same_stream(new, offered):
            callee.change(new, lambda status, again: finished(status, new, again))

    def finished(status: int, new: bytes, again: bytes) -> None:
        if status >= 300:
            no_media(call, callee, status)
        elif not same_keys(answer, new, again):
            fresh(call, caller, callee)

    caller.change(answer, changed)


def fresh(call: "SwitchCall", one: "Leg", other: "Leg") -> None:
    """Negotiate anew between two answered ends: ``one`` makes an offer, ``other`` answers it."""
    if not one.is_up or not other.is_up:
        return

    def offered(status: int, offer: bytes) -> None:
        if status >= 300 or not offer:
            no_media(call, one, status)
            return
        if not other.is_up:
            one.complete(offer)
            return
        other.change(with_direction(offer, Direction.SENDRECV), answered)

    def answered(status: int, answer: bytes) -> None:
        for leg in (one, other):
            leg.silence()
        if status >= 300 or not answer:
            one.complete(one.remote_sdp)
            no_media(call, other, status)
        elif one.is_up:
            one.complete(answer)

    one.change(b"", offered)


def same_stream(one: bytes, other: bytes) -> bool:
    """Whether the audio of both is received at the same place and goes the same ways."""
    try:
        return audio_endpoint(one) == audio_endpoint(other) and direction(one) == direction(other)
    except SdpError:
        return False


def no_media(call: "SwitchCall", leg: "Leg", status: int) -> None:
    """The two ends cannot agree on media: nothing is left to say."""
    if status in (408, 481, 487) or not leg.is_up:
        return
    log.warn("no common media with {device} ({status})", call=call.id, device=leg.device, status=status)
    call.end("", Cause.INCOMPATIBLE_DESTINATION, 'SIP;cause=488;text="Not Acceptable Here"')
