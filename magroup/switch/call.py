"""One call of the switch: its legs, what rings for it, and what happens when they speak (RFC 7092 B2BUA)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from twisted.logger import Logger

from magroup.cti import events
from magroup.cti.switch import Accept
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party
from magroup.sip.accept import IncomingSession
from magroup.sip.errors import SipError
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request, Response
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.sdp import Direction
from magroup.sip.sdp_relay import with_direction
from magroup.sip.timers import Timer
from magroup.switch.answering import answer_own
from magroup.switch.change import relay
from magroup.switch.connect import connect
from magroup.switch.digits import pass_on
from magroup.switch.forwarding import go_to
from magroup.switch.leg import NOBODY, Leg
from magroup.switch.media import capture
from magroup.switch.phase import Phase
from magroup.switch.prompting import Prompting
from magroup.switch.redirection import redirect
from magroup.switch.ringing import ELSEWHERE, Follow, Ringing, cause_of
from magroup.switch.tracing import link

if TYPE_CHECKING:
    from magroup.switch.steering import Steering
    from magroup.switch.switch import SipSwitch
    from magroup.switch.transfer import Transfer

log = Logger(__name__)
BUSY_TONE_SECONDS: Final = 5.0


class SwitchCall:
    """A call. ``caller`` is the leg that is served, ``peer`` the one it talks to, ``ringing`` the devices by number.

    ``passed`` are the route points it was at, ``diverted_from`` the numbers that sent it on to the last of them, and
    ``came_from`` those that had done so before it came to us. ``steering`` is what a service does to its media now,
    ``deflected`` what rang for it before a service sent it on.
    """

    __slots__ = ("_acknowledged", "_reported", "_tone", "accepted", "caller", "came_from", "deflected",
                 "diverted_from", "forwards", "passed", "peer", "phase", "prompting", "ringing", "route_point",
                 "snapshot", "steering", "switch", "then_play", "transfer")  # fmt: skip

    def __init__(self, switch: "SipSwitch", call_id: str, calling: Party, called: Party, forwards: int = 70) -> None:
        self.switch = switch
        self.snapshot = Call(call_id, calling, called, switch.clock.seconds())
        self._reported: Call | None = None
        self.forwards = forwards
        self.phase = Phase.ARRIVED
        self.caller: Leg
        self.peer: Leg | None = None
        self.ringing: dict[str, Ringing] = {}
        self.route_point = ""
        self.passed: tuple[str, ...] = ()
        self.came_from: tuple[str, ...] = ()
        self.diverted_from: tuple[str, ...] = ()
        self.accepted: Accept | None = None
        self.then_play: Callable[[], None] | None = None
        self.transfer: Transfer | None = None
        self.prompting: Prompting | None = None
        self.steering: Steering | None = None
        self.deflected: Ringing | None = None
        self._tone: Timer | None = None
        self._acknowledged: tuple[Leg, Callable[[bytes], None]] | None = None
        switch.calls_by_id[call_id] = self

    @property
    def id(self) -> str:
        return self.snapshot.id

    # what is reported

    def set(self, device: str, state: ConnectionState, party: Party | None = None, inbound: bool = True) -> None:
        """Put a device's connection into the snapshot, in this state."""
        old = self.snapshot.connection(device)
        if old is not None and party is None:
            party, inbound = old.party, old.inbound
        now = self.switch.clock.seconds()
        id = ConnectionId(self.id, device) if old is None else old.id
        connection = Connection(id, state, party or Party(device), inbound, now)
        self.snapshot = self.snapshot.with_connection(connection)
        if state is ConnectionState.HOLD:
            self.switch.holding[self.id] = self

    def drop(self, device: str) -> None:
        self.snapshot = self.snapshot.without(device)

    def has_leg(self, device: str) -> bool:
        """Whether a phone of the device is in the call: it may ring for the same call on another one."""
        peer = self.peer
        return self.caller.device == device or (peer is not None and peer.device == device)

    def forget(self, device: str) -> None:
        """A device does not ring any more."""
        if not self.has_leg(device):
            self.drop(device)

    def emit(self, kind: type[events.CallEvent], device: str, cause: Cause = Cause.NORMAL, **more: Any) -> None:
        """Report that something happened, with the snapshot as it is now."""
        old, self._reported = self._reported, self.snapshot
        self.switch.report(kind(self.snapshot, old, device, self.switch.clock.seconds(), cause, **more))

    # the call's way to somebody

    def start(self, caller: Leg) -> None:
        """``caller`` wants to reach ``called``."""
        self.caller = caller
        link(self, caller)
        self.set(caller.device, ConnectionState.CONNECTED, caller.party, inbound=False)
        self.emit(events.Originated, caller.device, Cause.NEW_CALL)
        self.route(self.snapshot.called.number)

    def route(self, number: str) -> None:
        """Go to a number: a route point waits for the application, everything else is rung, as far as it forwards."""
        if self.switch.is_route_point(number):
            self.deflected = None
            self.route_point = self.switch.route_point_of(number)
            self.passed = (*self.passed, self.route_point)
            self.phase = Phase.AT_ROUTE_POINT
            self.set(self.route_point, ConnectionState.QUEUED)
            diverted_from = (*self.came_from, *self.diverted_from)
            self.emit(events.Offered, self.route_point, Cause.NEW_CALL, diverted_from=diverted_from)
            return
        go_to(self, number, self.snapshot.calling, self.diverted_from)

    def ring(
        self, device: str, shown_as: Party, diverted_from: tuple[str, ...] = (), offer: bytes | None = None,
        headers: dict[str, list[str]] | None = None, is_pickup: bool = False, is_wanted: bool = False,
    ) -> None:  # fmt: skip
        """Ring a device beside those that ring; ``offer`` None takes the caller's description.

        One that is not to be disturbed is rung only for what it wants itself (``is_wanted``).
        """
        if device in self.ringing or self.phase is Phase.ENDED:
            return
        more = {"Max-Forwards": [str(self.forwards - 1)], **(headers or {})}
        sdp = self.caller.remote_sdp if offer is None else offer
        ringing = Ringing(self, self.switch.calling, device, shown_as, sdp, diverted_from, more)
        ringing.is_pickup = is_pickup
        self.ringing[device] = ringing
        if device in self.switch.undisturbed and not is_wanted:
            self.ringing_failed(ringing, 480, "Do Not Disturb", Cause.DO_NOT_DISTURB)
            return
        ringing.start(0.0 if self.phase is Phase.AT_ROUTE_POINT else self.switch.ring_limit)

    def ring_again(self, device: str, caller: Leg) -> None:
        """``device`` has left the call but is still responsible for ``caller``, the only one in it."""
        self.caller, self.peer = caller, None
        self.phase = Phase.RINGING
        caller.is_held = caller.is_held_here = False
        self.set(caller.device, ConnectionState.CONNECTED)
        self.play_tone("ringback")
        offer = with_direction(caller.remote_sdp, Direction.SENDRECV) if caller.remote_sdp else b""
        self.ring(device, caller.party, offer=offer, is_wanted=True)

    def put_in_place(self, old: Leg, new: Leg) -> None:
        """``new`` is in the call from now on as ``old`` was."""
        if self.caller is old:
            self.caller = new
        else:
            self.peer = new
        if self.transfer is not None and self.transfer.transferor is old:
            self.transfer.transferor = new

    def give_up_steering(self) -> None:
        """What a service does to the call's media is of no use any more."""
        steering, self.steering = self.steering, None
        if steering is not None:
            steering.abandon()

    def join(self, leg: Leg) -> None:
        """``leg`` talks to the caller from now on."""
        leg.owner = self
        self.peer = leg
        self.phase = Phase.TALKING

    def leave_route_point(self) -> None:
        if self.route_point:
            self.drop(self.route_point)
            self.route_point = ""

    def stop_ringing(self, device: str, cause: Cause) -> None:
        ringing = self.ringing.pop(device, None)
        if ringing is None:
            return
        ringing.cancel(ELSEWHERE if cause in (Cause.ANSWERED_ELSEWHERE, Cause.CALL_PICKUP) else "")
        self.forget(device)
        self.emit(events.ConnectionCleared, device, cause)

    def ringing_started(self, ringing: Ringing, status: int, sdp: bytes) -> None:
        device = ringing.device
        if not ringing.is_started:
            ringing.is_started = True
            if not self.has_leg(device):
                self.set(device, ConnectionState.ALERTING, self.switch.party(device))
            self.emit(events.Delivered, device)
            if ringing.is_pickup:
                answer_own(self.switch, ringing)
        if self.transfer is not None:
            self.transfer.ringing()
        elif self.phase is Phase.RINGING and isinstance(self.caller.session, IncomingSession):
            session = self.caller.session
            if self.caller.announcer is None and not self.caller.is_up:
                session.progress(status, self.caller.own(sdp))

    def ringing_answered(self, ringing: Ringing, leg: Leg, sdp: bytes) -> None:
        device = ringing.device
        if self.ringing.pop(device, None) is None:
            leg.hang_up()
            return
        leg.owner, self.deflected = self, None
        if self.transfer is not None:
            self.transfer.answered(ringing, leg, sdp)
        else:
            self.leave_route_point()
            self.join(leg)
            self.set(device, ConnectionState.CONNECTED, self.switch.party(device))
            connect(self, self.caller, leg, ringing.offer, sdp)
            self.emit(events.Established, device, Cause.CALL_PICKUP if ringing.is_pickup else Cause.NORMAL)
        self.stop_others(Cause.CALL_PICKUP if ringing.is_pickup else Cause.ANSWERED_ELSEWHERE)

    def stop_others(self, cause: Cause) -> None:
        for device in tuple(self.ringing):
            self.stop_ringing(device, cause)

    def ringing_failed(self, ringing: Ringing, status: int, reason: str, cause: Cause | None = None) -> None:
        device, cause = ringing.device, cause or cause_of(status)
        if self.ringing.pop(device, None) is None:
            return
        self.forget(device)
        is_last = self.phase is Phase.RINGING and not self.ringing and self.transfer is None
        if is_last and self.deflected is None:
            self.fail(device, status, reason, cause)
            return
        self.emit(events.Failed, device, cause, detail=f"{status} {reason}")
        if is_last and (back := self.deflected) is not None:
            self.deflected = None
            self.ring(back.device, back.shown_as, back.diverted_from, is_wanted=True)
        if self.transfer is not None and not self.ringing:
            self.transfer.failed(status, reason)

    def fail(self, device: str, status: int, reason: str, cause: Cause | None = None) -> None:
        """Nobody else is to be rung for the caller."""
        cause = cause or cause_of(status)
        self.emit(events.Failed, device, cause, detail=f"{status} {reason}")
        self.refuse(status, reason, cause, device)

    def ringing_redirected(self, ringing: Ringing, number: str) -> Follow:
        return redirect(self, ringing, number)

    def refuse(
        self, status: int, reason: str, cause: Cause, by: str = "", headers: Mapping[str, str | list[str]] | None = None
    ) -> None:
        """The caller cannot be served: a status before the answer, a busy tone and a release after it."""
        if self.phase in (Phase.CLEARING, Phase.ENDED):
            return
        session = self.caller.session
        if not self.caller.is_up and isinstance(session, IncomingSession):
            session.reject(status, reason, headers)
            self.caller.silence()
            self.end(by, cause, f"{status} {reason}")
            return
        self.phase = Phase.CLEARING
        self.play_tone("busy")
        if self.caller.announcer is None:
            self.end(by, cause, f"{status} {reason}")
            return
        self._tone = self.switch.timers.after(BUSY_TONE_SECONDS, lambda: self.end(by, cause, f"{status} {reason}"))

    def play_tone(self, name: str) -> None:
        """Let a caller who is answered, or hears us before the answer, hear a tone instead of what it heard."""
        announcer = self.caller.announcer
        if announcer is None and self.caller.is_up:
            try:
                announcer = capture(self.switch.media, self.caller)
            except SipError:
                return
        if announcer is not None:
            announcer.tone(name)

    # what the legs report

    def other(self, leg: Leg) -> Leg | None:
        return self.peer if leg is self.caller else self.caller

    def leg_progressed(self, leg: Leg, status: int, sdp: bytes) -> None:
        """Only legs that still ring make progress, and those belong to their Ringing."""

    def leg_answered(self, leg: Leg, sdp: bytes) -> None:
        """As leg_progressed."""

    def leg_rejected(self, leg: Leg, status: int, reason: str, response: Response) -> None:
        self.leg_ended(leg, f"SIP;cause={status}")

    def when_acknowledged(self, leg: Leg, then: Callable[[bytes], None]) -> None:
        """``leg``, a calling one, was made an offer by its 200: ``then`` gets the answer of its ACK."""
        self._acknowledged = (leg, then)

    def leg_acknowledged(self, leg: Leg, sdp: bytes) -> None:
        if self._acknowledged is not None and self._acknowledged[0] is leg:
            (_, answered), self._acknowledged = self._acknowledged, None
            answered(sdp)
            return
        if leg is not self.caller:
            return
        peer = self.peer
        if peer is not None and isinstance(peer.session, OutgoingSession) and peer.session.is_offerless:
            peer.session.ack(peer.own(sdp))
        elif leg.announcer is not None and (sdp or not self.switch.incoming(leg).offer):
            leg.announcer.accept(sdp)
        then, self.then_play = self.then_play, None
        if then is not None:
            then()

    def leg_cancelled(self, leg: Leg, reason: str) -> None:
        self.end(leg.device, Cause.CALL_CANCELLED, reason)

    def leg_offered(self, leg: Leg, offer: Offer) -> None:
        relay(self, leg, offer)

    def leg_referred(self, leg: Leg, refer: IncomingRefer) -> None:
        self.switch.transfers.refer(self, leg, refer)

    def leg_informed(self, leg: Leg, request: Request, respond: Callable[[int], None]) -> None:
        respond(200)
        pass_on(self, leg, request)

    def leg_dialled(self, leg: Leg, digit: str) -> None:
        if self.phase is Phase.AT_ROUTE_POINT and leg is self.caller:
            self.emit(events.DigitsGenerated, leg.device, digits=digit)

    def leg_ended(self, leg: Leg, cause: str) -> None:
        if self.transfer is not None and self.transfer.leg_ended(leg, cause):
            return
        self.end(leg.device, Cause.NORMAL_CLEARING, cause)

    # the end

    def end(self, by: str, cause: Cause, detail: str = "") -> None:
        """Everything ends at once; ``by`` is the device that ended it, ``detail`` a Reason value or a status line."""
        if self.phase is Phase.ENDED:
            return
        self.phase = Phase.ENDED
        if self._tone is not None:
            self._tone.cancel()
        self.then_play = None
        self.give_up_steering()
        reason = detail if detail.startswith(("SIP;", "Q.850;", "sip;")) else ""
        for ringing in self.ringing.values():
            ringing.cancel()
        transfer, self.transfer = self.transfer, None
        if transfer is not None:
            transfer.stop()
        if self.prompting is not None:
            self.prompting.cancel()
        else:
            for leg in (self.caller, self.peer):
                if leg is not None:
                    leg.hang_up(reason)
        self.close(by, cause, detail)

    def close(self, by: str, cause: Cause, detail: str = "") -> None:
        """Report the end of every connection and of the call; its legs are gone or have gone elsewhere."""
        self.phase = Phase.ENDED
        ringing, self.ringing = self.ringing, {}
        devices = [connection.id.device for connection in self.snapshot.connections]
        for device in [one for one in devices if one == by] + [one for one in devices if one != by]:
            self.drop(device)
            if device == self.route_point:
                continue
            why = Cause.CALL_CANCELLED if device in ringing else cause
            self.emit(events.ConnectionCleared, device, why, detail=detail)
        self.snapshot = Call(
            self.id, self.snapshot.calling, self.snapshot.called, self.snapshot.started_at, ended=True
        )  # fmt: skip
        # A call whose own phone has not answered yet has no caller.
        legs = [leg for leg in (getattr(self, "caller", None), self.peer) if leg is not None]
        link(self, *legs)
        for leg in legs:
            if leg.owner is self:
                leg.owner = NOBODY
        self.switch.calls_by_id.pop(self.id, None)
        self.switch.holding.pop(self.id, None)
        self.emit(events.CallCleared, by, cause, detail=detail)

    def __str__(self) -> str:
        legs = ", ".join(str(leg) for leg in (getattr(self, "caller", None), self.peer) if leg is not None)
        return f"call {self.id} {self.phase.name} {legs} ringing {', '.join(self.ringing) or 'nobody'}"
