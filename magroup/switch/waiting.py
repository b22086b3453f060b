"""Calls of another server in which not two talk yet begin here anew: callers who wait at a route point, answered and
hearing it, and those who hear ringing.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from magroup.cti.types import Call, ConnectionState
from magroup.sip.accept import IncomingSession
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request
from magroup.sip.session_form import HopForm
from magroup.sip.session_state import SessionState
from magroup.switch.call import SwitchCall
from magroup.switch.late_cancels import LateCancels
from magroup.switch.phase import Phase
from magroup.switch.resume import check_not_here, leg_form, leg_of
from magroup.switch.talk_form import CancelForm, RingingForm, WaitingForm
from magroup.switch.tracing import link

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch

_COPIED = ("Via", "Route", "Max-Forwards", "From", "To", "Call-ID")


def waiting_form(call: SwitchCall) -> WaitingForm | None:
    """What is to be known of the call; None where no caller who is answered waits in it, or somebody does something."""
    if call.phase is not Phase.AT_ROUTE_POINT or not call.route_point or not _is_simple(call):
        return None
    if call.caller.session.state is not SessionState.CONFIRMED:
        return None
    passed = call.passed[:-1] if call.passed[-1:] == (call.route_point,) else call.passed
    return WaitingForm(
        leg_form(call.caller), call.route_point, tuple(_cancels(call)), min(max(call.forwards, 0), 255), passed,
        call.came_from, call.diverted_from,
    )  # fmt: skip


def ringing_form(call: SwitchCall) -> RingingForm | None:
    """What is to be known of a call over UDP whose caller is not answered yet; None for any other one."""
    if call.phase not in (Phase.AT_ROUTE_POINT, Phase.RINGING) or not _is_simple(call):
        return None
    session = call.caller.session
    if not isinstance(session, IncomingSession) or session.state is not SessionState.EARLY:
        return None
    if session.hop.transport != "udp":
        return None
    line = call.caller.device if call.switch.trunks.of_source(session.hop) is None else ""
    return RingingForm(HopForm.of(session.hop), line, session.invite.encode(), tuple(_cancels(call)))


def _is_simple(call: SwitchCall) -> bool:
    """Whether there is one who calls, and nothing is done to the call."""
    return call.peer is None and call.transfer is None and call.steering is None and call.prompting is None


def _cancels(call: SwitchCall) -> Iterator[CancelForm]:
    """Of what rings."""
    for ringing in call.ringing.values():
        for leg in ringing.legs:
            session = leg.session
            if isinstance(session, OutgoingSession) and session.state is SessionState.EARLY:
                invite = session.invite
                if "Via" in invite.headers:
                    headers = {name: invite.headers[name] for name in _COPIED if name in invite.headers}
                    headers["CSeq"] = [f"{invite.cseq[0]} CANCEL"]
                    cancel = Request("CANCEL", invite.target, headers)
                    line = leg.route.line if leg.route is not None and session.hop.transport != "udp" else ""
                    yield CancelForm(HopForm.of(session.hop), cancel.encode(), line)


def waiting(call: SwitchCall) -> Call:
    """The snapshot as far as it is about the caller."""
    snapshot = call.snapshot
    for connection in snapshot.connections:
        if connection.id.device != call.caller.device:
            snapshot = snapshot.without(connection.id.device)
    return snapshot


def resume_waiting(switch: "SipSwitch", snapshot: Call, form: WaitingForm) -> SwitchCall:
    """The call, of which nobody is told yet: ``form`` is a checked one. Raises ValueError where it, or its dialog, is
    here.
    """
    check_not_here(switch, snapshot, form.caller.session)
    if not switch.is_route_point(form.number):
        raise ValueError("a number that is no route point")
    call = SwitchCall(switch, snapshot.id, snapshot.calling, snapshot.called, form.forwards)
    call.snapshot = snapshot
    switch.holding[call.id] = call
    call.passed, call.came_from, call.diverted_from = form.passed, form.came_from, form.diverted_from
    call.phase = Phase.AT_ROUTE_POINT
    call.caller = leg_of(switch, call, form.caller)
    call.caller.is_held = call.caller.is_held_here = False
    link(call, call.caller)
    call.set(call.caller.device, ConnectionState.CONNECTED)
    return call


def begin_anew(switch: "SipSwitch", form: RingingForm) -> None:
    """As if its INVITE came now: the caller hears of one more that it reaches, as where a proxy forks. Its credentials
    were for the other server.
    """
    invite = form.request()
    if form.line:
        switch.vouched[invite.call_id] = form.line
    switch.endpoint.layer.receive(invite, form.hop.hop())
    switch.vouched.clear()


def cancel_ringing(switch: "SipSwitch", form: WaitingForm | RingingForm, late: LateCancels) -> None:
    """Phones that the other server rang stop. They answer who has rung them, and nobody hears that."""
    for one in form.ringing:
        if one.line:
            late.send(one)
        else:
            switch.endpoint.layer.sender.send(one.message, one.hop.hop())
