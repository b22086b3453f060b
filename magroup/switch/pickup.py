"""Taking a call that rings elsewhere: by an INVITE with Replaces (RFC 3891 section 3), or to the pickup code."""

from typing import TYPE_CHECKING

from twisted.logger import Logger

from magroup.cti import events
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import Cause, ConnectionState, Party
from magroup.sip.accept import IncomingSession
from magroup.sip.headers import format_address
from magroup.sip.sdes_relay import as_answer
from magroup.sip.uri import sip_uri
from magroup.switch.connect import connect, fresh
from magroup.switch.ringing import ELSEWHERE

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg
    from magroup.switch.switch import SipSwitch

log = Logger(__name__)


def pick_up_by_code(switch: "SipSwitch", leg: "Leg", session: IncomingSession, at: str) -> None:
    """``leg`` dialled the pickup code and the number ``at``, "" for none: it gets the call that is found for it."""
    try:
        found = switch.pickup(leg.device, at)
    except ServiceError as error:
        log.info("{line} picks up nothing{where}: {why}",
                 line=leg.device, where=f" at {at}" if at else "", why=str(error))  # fmt: skip
        session.reject(480 if error.failure is Failure.NO_ACTIVE_CALL else 403, str(error))
        return
    call = switch.calls_by_id[found.call_id]
    log.info("{line} picks up what rings at {device}", call=call.id, line=leg.device, device=found.device)
    leg.owner = call
    pick_up(call, found.device, leg, session)


def pick_up(call: "SwitchCall", device: str, leg: "Leg", session: IncomingSession) -> None:
    """``leg``, called by ``session`` and not yet answered, takes the call that rings at ``device``."""
    transfer = call.transfer
    caller = call.caller if transfer is None else transfer.transferee
    ringing = call.ringing.get(device)
    if ringing is None:
        session.reject(481)
        return
    if not caller.remote_sdp and (caller.is_up or not session.offer):
        # Nobody has made an offer yet that the other could answer.
        session.reject(488)
        return
    own = call.ringing.pop(leg.device, None)
    if own is not None:
        own.cancel(ELSEWHERE)
    leg.remote_sdp = session.offer
    if transfer is None:
        call.leave_route_point()
        call.join(leg)
        call.set(leg.device, ConnectionState.CONNECTED, leg.party)
    else:
        transfer.completed(leg, leg.party)
    _agree(call, caller, leg, session, _identity(leg, ringing.shown_as))
    call.emit(events.Established, leg.device, Cause.CALL_PICKUP)
    call.stop_others(Cause.CALL_PICKUP)


def _identity(leg: "Leg", caller: Party) -> dict[str, list[str]]:
    """Who is at the other end, for the 200 to one who called a code (RFC 3325 section 9.1)."""
    if not caller.number:
        return {}
    return {"P-Asserted-Identity": [format_address(caller.name, sip_uri(caller.number, leg.local_host))]}


def _agree(
    call: "SwitchCall", caller: "Leg", leg: "Leg", session: IncomingSession, headers: dict[str, list[str]]
) -> None:  # fmt: skip
    waiting = caller.session
    if caller.is_up or caller.announcer is not None or not isinstance(waiting, IncomingSession):
        session.answer(leg.own(as_answer(caller.remote_sdp, session.offer)), headers)
        connect(call, caller, leg, b"", b"")
    elif not caller.remote_sdp:
        waiting.answer(caller.own(session.offer))
        call.when_acknowledged(caller, lambda answer: _pass_on(call, leg, session, answer, headers))
    elif not session.offer:
        session.answer(leg.own(caller.remote_sdp), headers)
        call.when_acknowledged(leg, lambda answer: _pass_on(call, caller, waiting, answer, {}))
    else:
        # Both made an offer: each gets the other's as an answer, and then they agree anew.
        session.answer(leg.own(as_answer(caller.remote_sdp, session.offer)), headers)
        waiting.answer(caller.own(as_answer(session.offer, caller.remote_sdp)))
        fresh(call, leg, caller)


def _pass_on(
    call: "SwitchCall", leg: "Leg", session: IncomingSession, answer: bytes, headers: dict[str, list[str]]
) -> None:  # fmt: skip
    if answer:
        session.answer(leg.own(answer), headers)
    else:
        call.end("", Cause.INCOMPATIBLE_DESTINATION, 'SIP;cause=488;text="Not Acceptable Here"')
