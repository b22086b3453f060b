"""What is kept of a call now, for whoever goes on with it when this node dies."""

from typing import Final

from twisted.logger import Logger

from magroup.cti.types import ConnectionState
from magroup.groups.application import Application
from magroup.switch.call import SwitchCall
from magroup.switch.resume import talk_form, talking
from magroup.switch.switch import SipSwitch
from magroup.switch.waiting import ringing_form, waiting, waiting_form
from magroup.taken_form import TakenCall, written

log: Final = Logger(__name__)

RINGS_FOR = 1.0
"""Seconds after which a call that rings is kept: most are answered, or over, before."""


def kept_form(switch: SipSwitch, application: Application, id: str, is_known: bool) -> bytes:
    """Of the call with this id, b"" for nothing. ``is_known``: who is taken for dead is dead."""
    call = switch.calls_by_id.get(id)
    if call is None:
        return b""
    try:
        talk, waits = talk_form(call), waiting_form(call)
        if talk is None and waits is None:
            # One that was only silent would tell the caller that its phones have refused.
            rings = ringing_form(call) if is_known and _has_rung(call) else None
            return b"" if rings is None else written(TakenCall(waiting(call), None, None, None, ringing=rings))
        record, vip = application.journal.open_call(id), application.vip(id)
        return written(TakenCall(waiting(call) if talk is None else talking(call), talk, record, vip, waits))
    except ValueError as error:
        log.info("What others must know of the call cannot be kept: {reason}", call=id, reason=str(error))
        return b""


def _has_rung(call: SwitchCall) -> bool:
    """For so long that it is worth to be kept."""
    before = call.switch.clock.seconds() - RINGS_FOR
    return any(one.state is ConnectionState.ALERTING and one.since <= before for one in call.snapshot.connections)
