"""Hold and retrieve by the switch, whatever the phones can do (ECMA-269 17.1.17 and 17.1.24, RFC 3264 section 8.4)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from magroup.cti.errors import ChangingError, Failure, ServiceError, SteeredError
from magroup.cti.types import ConnectionId, ConnectionState
from magroup.sip.sdes_relay import same_keys
from magroup.sip.sdp import Direction, SdpError
from magroup.sip.sdp_relay import audio_endpoint, direction, with_direction
from magroup.switch.change import note_hold
from magroup.switch.connect import fresh
from magroup.switch.demands import call_of, leg_of
from magroup.switch.directions import described
from magroup.switch.phase import Phase
from magroup.switch.stand_in import StandIn
from magroup.switch.steering import Steering, nothing
from magroup.switch.talk_event import talk

if TYPE_CHECKING:
    from magroup.switch.call import SwitchCall
    from magroup.switch.leg import Leg
    from magroup.switch.switch import SipSwitch


class Hold(Steering):
    """The holding phone says and hears nothing; then the held one is told that it is held, and hears silence."""

    __slots__ = ()
    what = "hold"

    def begin(self) -> None:
        other = self.call.other(self.leg)
        if other is None or self.leg.is_held:
            self._finish()
        elif not other.remote_sdp:
            self.fail("nothing is known of the other end's media")
        else:
            self.leg.change(with_direction(other.remote_sdp, Direction.INACTIVE), self._silent)

    def _silent(self, status: int, answer: bytes) -> None:
        if status >= 300:
            self.fail(f"the phone answers {status}")
            return
        self.leg.is_held_here = True
        note_hold(self.call, self.leg, True)
        other = self.other
        if other is not None:
            other.change(described(self.leg, other), lambda status, answer: self.over())
        self._finish()

    def _finish(self) -> None:
        if self.other is None or not self.leg.is_held_here:
            self.over()
        self.done()


class Retrieve(Steering):
    """The holding phone hears the other end again, then that one hears it; one that holds by itself stays on hold."""

    __slots__ = ("_said", "_told")
    what = "retrieve"

    def begin(self) -> None:
        other = self.call.other(self.leg)
        if other is None or not self.leg.is_held:
            self.over()
            return
        if not other.remote_sdp:
            self.fail("nothing is known of the other end's media")
            return
        was, self.leg.is_held_here = self.leg.is_held_here, False
        self._told = described(other, self.leg)

        def heard(status: int, answer: bytes) -> None:
            if status >= 300:
                self.leg.is_held_here = was
                self.fail(f"the phone answers {status}")
            elif _holds(answer):
                self.fail("the phone itself holds the call")
            else:
                self._said = answer
                self._heard()

        self.leg.change(self._told, heard)

    def _heard(self) -> None:
        note_hold(self.call, self.leg, False)
        other = self.other
        if other is None:
            self.over()
        else:
            other.change(described(self.leg, other), self._both_hear)
        self.done()

    def _both_hear(self, status: int, answer: bytes) -> None:
        other = self.other
        self.over()
        if other is None or status >= 300 or not answer:
            return
        if not same_keys(self._told, self._said, answer):
            fresh(self.call, self.leg, other)
        elif not _is_at_same_place(answer, self._told):
            self.leg.change(described(other, self.leg), lambda status, answer: None)


def _holds(answer: bytes) -> bool:
    try:
        return not direction(answer).receives
    except SdpError:
        return False


def _is_at_same_place(one: bytes, other: bytes) -> bool:
    try:
        return audio_endpoint(one) == audio_endpoint(other)
    except SdpError:
        return True


def check_hold(switch: "SipSwitch", connection: ConnectionId) -> "tuple[SwitchCall, Leg]":
    """The connection's call and leg. Raises ServiceError unless it talks and nothing else goes on."""
    call = call_of(switch, connection)
    leg, device = leg_of(call, connection.device), connection.device
    found = call.snapshot.connection(device)
    if leg is None or call.phase is not Phase.TALKING or not found or found.state is not ConnectionState.CONNECTED:
        raise ServiceError(Failure.NO_ACTIVE_CALL, f"{device} does not talk in this call")
    check_quiet(call)
    return call, leg


def check_held(switch: "SipSwitch", connection: ConnectionId) -> "tuple[SwitchCall, Leg]":
    """The connection's call and leg. Raises ServiceError unless it is on hold."""
    call = call_of(switch, connection)
    leg, device = leg_of(call, connection.device), connection.device
    if leg is None or call.phase is not Phase.TALKING or not leg.is_held:
        raise ServiceError(Failure.NO_HELD_CALL, f"{device} does not hold this call")
    if call.transfer is not None:
        raise ChangingError("The call is just being transferred")
    return call, leg


def check_quiet(call: "SwitchCall") -> None:
    """Raises ChangingError while something else is done to the call."""
    if call.transfer is not None:
        raise ChangingError("The call is just being transferred")
    if call.steering is not None:
        raise SteeredError("The call is just being changed")


def check_retrieve(switch: "SipSwitch", connection: ConnectionId) -> "tuple[SwitchCall, Leg]":
    """As check_held; the phone must not talk in another call meanwhile."""
    call, leg = check_held(switch, connection)
    check_quiet(call)
    if isinstance(leg, StandIn) and not leg.phone.is_held:
        raise ServiceError(Failure.NO_ACTIVE_CALL, f"{connection.device} talks in another call")
    return call, leg


def hold_call(switch: "SipSwitch", connection: ConnectionId) -> None:
    hold(*check_hold(switch, connection))


def retrieve_call(switch: "SipSwitch", connection: ConnectionId) -> None:
    retrieve(*check_retrieve(switch, connection))


def hold(
    call: "SwitchCall", leg: "Leg", then: Callable[[], None] = nothing, failed: Callable[[], None] = nothing
) -> None:  # fmt: skip
    """Hold the call for ``leg``."""
    Hold(call, leg, then, failed).start()


def retrieve(call: "SwitchCall", leg: "Leg", failed: Callable[[], None] = nothing) -> None:
    """Take the call back for ``leg``; a phone that holds another one too comes from there.

    One that holds by itself, and can be told so, takes it back by itself.
    """
    if isinstance(leg, StandIn):
        leg = seated(leg)
    registrar = call.switch.registrar
    phone = registrar.phone_of(leg.route) if leg.route is not None and not leg.is_held_here else None
    if phone is not None and registrar.phones.talks(phone):
        talk(leg, lambda status: Retrieve(call, leg, failed=failed).start())
    else:
        Retrieve(call, leg, failed=failed).start()


def seated(stand_in: StandIn) -> "Leg":
    """The phone itself in the place of its stand-in; where it came from, it has one now."""
    phone, left = stand_in.phone, stand_in.phone.owner
    StandIn(left, phone)  # type: ignore[arg-type]
    return stand_in.give_way()
