"""Taking a call that rings elsewhere by an INVITE with Replaces (RFC 3891 section 3)."""

from typing import TYPE_CHECKING

from magroup.cti import events
from magroup.cti.types import Cause, ConnectionState
from magroup.sip.accept import IncomingSession
from magroup.switch.connect import connect, fresh
from magroup.switch.ringing import ELSEWHERE

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg


def pick_up(call: "SwitchCall", device: str, leg: "Leg", session: IncomingSession) -> None:
    """``leg``, called by ``session`` and not yet answered, takes the call that rings at ``device``."""
    caller = call.caller
    if device not in call.ringing or call.transfer is not None:
        session.reject(481)
        return
    if not caller.remote_sdp and (caller.is_up or not session.offer):
        # Nobody has made an offer yet that the other could answer.
        session.reject(488)
        return
    call.ringing.pop(device).cancel(ELSEWHERE)
    call.forget(device)
    call.emit(events.Diverted, device, Cause.CALL_PICKUP, new_destination=leg.device)
    call.leave_route_point()
    leg.remote_sdp = session.offer
    call.join(leg)
    call.set(leg.device, ConnectionState.CONNECTED, leg.party)
    _agree(call, caller, leg, session)
    call.emit(events.Established, leg.device, Cause.CALL_PICKUP)
    call.stop_others(Cause.CALL_PICKUP)


def _agree(call: "SwitchCall", caller: "Leg", leg: "Leg", session: IncomingSession) -> None:
    waiting = caller.session
    if caller.is_up or caller.announcer is not None or not isinstance(waiting, IncomingSession):
        session.answer(leg.own(caller.remote_sdp))
        connect(call, caller, leg, b"", b"")
    elif not caller.remote_sdp:
        waiting.answer(caller.own(session.offer))
        call.when_acknowledged(caller, lambda answer: _pass_on(call, leg, session, answer))
    elif not session.offer:
        session.answer(leg.own(caller.remote_sdp))
        call.when_acknowledged(leg, lambda answer: _pass_on(call, caller, waiting, answer))
    else:
        # Both made an offer: each gets the other's as an answer, and then they agree anew.
        session.answer(leg.own(caller.remote_sdp))
        waiting.answer(caller.own(session.offer))
        fresh(call, leg, caller)


def _pass_on(call: "SwitchCall", leg: "Leg", session: IncomingSession, answer: bytes) -> None:
    if answer:
        session.answer(leg.own(answer))
    else:
        call.end("", Cause.INCOMPATIBLE_DESTINATION, 'SIP;cause=488;text="Not Acceptable Here"')
