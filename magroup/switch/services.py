"""The call-control services of the port on the switch's calls (ECMA-269 clause 17)."""

from typing import TYPE_CHECKING

from magroup.cti import events
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import Cause, ConnectionId, ConnectionState, Party
from magroup.sip.errors import SipError
from magroup.sip.invite import OutgoingSession
from magroup.switch.call import SwitchCall
from magroup.switch.forwarding import go_to
from magroup.switch.leg import Leg
from magroup.switch.media import Announcer
from magroup.switch.phase import Phase
from magroup.switch.ringing import Follow, Ringing, cause_of

if TYPE_CHECKING:
    from magroup.switch.switch import SipSwitch

AUTO_ANSWER = {
    "Call-Info": ["<sip:magroup>;answer-after=0"],
    "Alert-Info": ["<http://magroup>;info=alert-autoanswer;delay=0"],
    "Answer-Mode": ["Auto"],
}


def _call(switch: "SipSwitch", connection: ConnectionId) -> SwitchCall:
    call = switch.calls_by_id.get(connection.call_id)
    if call is None:
        raise ServiceError(Failure.INVALID_CALL, f"There is no call {connection.call_id}")
    if call.snapshot.connection(connection.device) is None:
        raise ServiceError(Failure.INVALID_CONNECTION, f"{connection.device} is not in call {connection.call_id}")
    return call


def _leg(call: SwitchCall, device: str) -> Leg | None:
    return next((leg for leg in (call.caller, call.peer) if leg is not None and leg.device == device), None)


def _check_destination(switch: "SipSwitch", destination: str) -> None:
    if not switch.is_known(destination):
        raise ServiceError(Failure.INVALID_DESTINATION, f"There is no way to the number {destination}")
    if switch.forwarded(destination).is_loop:
        raise ServiceError(Failure.INVALID_DESTINATION, f"The forwarding of {destination} goes in a circle")


def _check_device(switch: "SipSwitch", device: str, unknown: Failure) -> None:
    if not switch.is_line(device):
        raise ServiceError(unknown, f"{device} is no line of this switch")
    if not switch.in_service(device):
        raise ServiceError(Failure.DEVICE_OUT_OF_SERVICE, f"No phone is registered for {device}")


def clear_connection(switch: "SipSwitch", connection: ConnectionId) -> None:
    """Hang up one end; a device that only rings stops ringing."""
    call, device = _call(switch, connection), connection.device
    if device in call.ringing:
        ringing = call.ringing[device]
        ringing.cancel()
        call.ringing_failed(ringing, 603, "Decline")
        return
    call.end(device, Cause.NORMAL_CLEARING)


def deflect_call(switch: "SipSwitch", connection: ConnectionId, destination: str) -> None:
    """Let the call ring elsewhere instead of at the alerting device."""
    call, device = _call(switch, connection), connection.device
    ringing = call.ringing.get(device)
    if ringing is None or call.transfer is not None:
        raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"The call does not ring at {device}")
    _check_destination(switch, destination)
    diverted_from = (*ringing.diverted_from, device)
    to = switch.forwarded(destination)
    target = to.number if to.by else switch.party(destination).number
    if target == call.caller.device or (to.by and target in diverted_from):
        raise ServiceError(Failure.INVALID_DESTINATION, f"A call to {destination} would come back to {target}")
    if call.phase is Phase.AT_ROUTE_POINT and not switch.is_route_point(destination):
        _leave(call, device, destination)
    ringing.cancel()
    del call.ringing[device]
    call.drop(device)
    call.emit(events.Diverted, device, Cause.REDIRECTED, new_destination=destination)
    if switch.is_route_point(destination):
        for other in tuple(call.ringing):
            call.stop_ringing(other, Cause.REDIRECTED)
        call.diverted_from = diverted_from
        call.route(destination)
        return
    go_to(call, destination, ringing.shown_as, diverted_from)


def _leave(call: SwitchCall, device: str, destination: str) -> None:
    """The application's call goes elsewhere: it is the switch's own from now on."""
    left = call.route_point
    for other in tuple(call.ringing):
        if other != device:
            call.stop_ringing(other, Cause.REDIRECTED)
    call.drop(left)
    call.route_point = ""
    call.phase = Phase.RINGING
    call.emit(events.Diverted, left, Cause.REDIRECTED, new_destination=destination)


def directed_pickup_call(switch: "SipSwitch", connection: ConnectionId, device: str) -> None:
    """Ring ``device``, answering by itself where it can; whoever answers first has the call."""
    call = _call(switch, connection)
    ringing = call.ringing.get(connection.device)
    if ringing is None:
        raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"The call does not ring at {connection.device}")
    _check_device(switch, device, Failure.INVALID_DEVICE)
    if device == call.caller.device:
        raise ServiceError(Failure.INVALID_DEVICE, f"{device} is the caller itself")
    call.ring(device, ringing.shown_as, ringing.diverted_from, ringing.offer, AUTO_ANSWER, True)


def single_step_transfer_call(switch: "SipSwitch", connection: ConnectionId, destination: str) -> ConnectionId:
    """Send the other end of ``connection`` to a number; when nobody is there the call stays as it is."""
    call = _call(switch, connection)
    leg = _leg(call, connection.device)
    other = call.other(leg) if leg is not None else None
    if leg is None or other is None or call.phase is not Phase.TALKING or call.transfer is not None:
        raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"{connection.device} is not talking in this call")
    _check_destination(switch, destination)
    to = switch.forwarded(destination)
    moved = switch.transfers.blind(call, leg, other, destination, None)
    return ConnectionId(moved.id, to.number if to.by else destination)


def make_call(switch: "SipSwitch", calling: str, called: str) -> ConnectionId:
    """Ring the caller's own phone; once it is answered the call goes on like one dialled there."""
    _check_device(switch, calling, Failure.INVALID_CALLING_DEVICE)
    if not switch.is_known(called):
        raise ServiceError(Failure.INVALID_CALLED_DEVICE, f"There is no way to the number {called}")
    me = switch.party(calling)
    call = SwitchCall(switch, switch.new_call_id(), me, switch.party(called))
    _OwnPhone(call, me).ring()
    return ConnectionId(call.id, me.number)


class _OwnPhone:
    """The caller's own phone rings before the call exists for anybody else."""

    def __init__(self, call: SwitchCall, me: Party) -> None:
        self._call = call
        self._me = me

    def ring(self) -> None:
        call = self._call
        call.set(self._me.number, ConnectionState.INITIATED, self._me, inbound=False)
        ringing = Ringing(self, call.switch.calling, self._me.number, call.snapshot.called, b"", (), AUTO_ANSWER)
        call.prompting = ringing
        ringing.start(call.switch.ring_limit)

    def ringing_started(self, ringing: Ringing, status: int, sdp: bytes) -> None:
        """The own phone rings; that is no news of the call."""

    def ringing_answered(self, ringing: Ringing, leg: Leg, sdp: bytes) -> None:
        call, session = self._call, leg.session
        call.prompting = None
        leg.owner = call
        leg.party = self._me
        assert isinstance(session, OutgoingSession)
        try:
            leg.announcer = Announcer(call.switch.media, leg)
            leg.announcer.describe(leg)
        except SipError as error:
            leg.hang_up()
            call.close(self._me.number, cause_of(error.status), str(error))
            return
        session.ack(leg.announcer.description)
        call.start(leg)

    def ringing_redirected(self, ringing: Ringing, number: str) -> Follow:
        """Only the own phone can make the call."""
        return Follow.REFUSED

    def ringing_failed(self, ringing: Ringing, status: int, reason: str) -> None:
        self._call.prompting = None
        self._call.close(self._me.number, cause_of(status), f"{status} {reason}")
