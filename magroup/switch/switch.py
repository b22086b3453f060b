"""The embedded SIP switch: takes calls from phones and trunks, knows all calls, and implements the CTI port."""

from collections.abc import Callable, Iterable, Sequence, Sized
from dataclasses import dataclass
from itertools import count, islice
from typing import Final

from twisted.logger import Logger

from magroup.cti.call_control import LineForwardings
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import BackInService, CallEvent, Event, ForwardingSet, MessageRecorded, OutOfService
from magroup.cti.switch import Accept, Forwards, Listener, Monitor, PicksUp, Ring, nothing_to_pick_up
from magroup.cti.turns import Turns
from magroup.cti.types import Call, Cause, Party
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarded, Forwarding
from magroup.model.lines import Trunk
from magroup.model.recording import Recorded, Recording, RecordingEnd
from magroup.sip.accept import IncomingSession
from magroup.sip.auth import Authenticator
from magroup.sip.endpoint import ALLOW, SUPPORTED, Endpoint
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.refer import parse_replaces
from magroup.sip.sdp import Session as Description
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.timers import Timers
from magroup.switch import route_point
from magroup.switch.call import SwitchCall
from magroup.switch.call_control import CallControlServices
from magroup.switch.calling import Calling, Reach
from magroup.switch.coming_back import is_coming_back
from magroup.switch.diversion import diverted_from
from magroup.switch.features import NoForwardings
from magroup.switch.identity import outside_caller
from magroup.switch.leg import Leg
from magroup.switch.media import SwitchMedia
from magroup.switch.phase import Phase
from magroup.switch.pickup import pick_up_by_code
from magroup.switch.reaching import reach
from magroup.switch.registrar import Registrar
from magroup.switch.ringing import Ringing
from magroup.switch.transfer import Transfers
from magroup.switch.trunks import Trunks

log = Logger(__name__)
RETRY_AFTER: Final = "10"
"""Seconds."""


@dataclass(frozen=True)
class Limits:
    """How many calls at a time, and how long a plain call rings (seconds)."""

    calls: int = 1000
    ring: float = 180.0
    forwards: int = 70


class _Monitor:
    __slots__ = ("_switch", "device", "listener")

    def __init__(self, switch: "SipSwitch", listener: Listener, device: str) -> None:
        self._switch = switch
        self.listener = listener
        self.device = device

    def stop(self) -> None:
        self._switch.monitors = tuple(one for one in self._switch.monitors if one is not self)


class SipSwitch(CallControlServices):
    """The switch. ``configuration`` gives the current one, ``node`` begins every call's id.

    ``forwarded`` says where a call to a number goes by line forwarding; it is asked whenever a line is about to be
    rung, but not for what the application rings from a route point, nor for a line that rings for a call of its own.
    ``pickup`` says what a line gets that dials ``pickup_code``, alone or before a number; "" for no such code.
    ``forwardings`` keeps what its services set. ``undisturbed`` are the lines that are not to be disturbed;
    ``save_undisturbed`` takes a line's number, as stored, whose do not disturb was set (True) or not any more.
    """

    is_linked = True

    def __init__(
        self, clock: Clock, timers: Timers, endpoint: Endpoint, media: SwitchMedia, registrar: Registrar,
        trunks: Trunks, authenticator: Authenticator, configuration: Callable[[], Configuration],
        node: str = "a", limits: Limits = Limits(),
    ) -> None:  # fmt: skip
        self.clock = clock
        self.timers = timers
        self.endpoint = endpoint
        self.media = media
        self.registrar = registrar
        self.trunks = trunks
        self.limits = limits
        self.ring_limit = limits.ring
        self.calls_by_id: dict[str, SwitchCall] = {}
        self.holding: dict[str, SwitchCall] = {}
        """Those in which somebody has been put on hold."""
        self.counted: Sized = ()
        """Calls of others that count for the limit too."""
        self.forwarded: Forwards = Forwarded
        self.pickup: PicksUp = nothing_to_pick_up
        self.pickup_code = ""
        self.forwardings: LineForwardings = NoForwardings()
        self.vouched: dict[str, str] = {}
        """Lines whose credentials another server has checked, by the Call-ID of an INVITE that begins anew."""
        self.undisturbed: set[str] = set()
        self.save_undisturbed: Callable[[str, bool], None] = lambda number, is_on: None
        self.transfers = Transfers(self)
        self.calling = Calling(
            endpoint, timers, self.reach, trunks.authenticator, lambda number: self.forwarded(number)
        )  # fmt: skip
        self.is_stopping = False
        self.is_draining = False
        """New calls get 503 as long as it is so; those that are up go on, are transferred and consult others."""
        self._authenticator = authenticator
        self._configuration = configuration
        self._ids = count(1)
        self._node = f"{node}-{endpoint.layer.token()[-6:]}"
        self.monitors: tuple[_Monitor, ...] = ()
        self._turn = Turns("monitors")
        self._route_points: dict[str, str] = {}
        registrar.changed = self._service_changed
        trunks.gone = self._trunk_gone
        self.calling.doubt, self.calling.taken = trunks.doubt, trunks.has_taken
        endpoint.methods |= {"INVITE": self._invited, "REGISTER": registrar.request, "OPTIONS": self._options}

    # what reaches the switch from outside

    def _options(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        # Proxies that ask so whether calls may come here send them to other nodes then.
        takes_calls = not (self.is_draining or self.is_stopping)
        response = request.respond(200 if takes_calls else 503, to_tag=self.endpoint.layer.token())
        if not takes_calls:
            response.headers["Retry-After"] = [RETRY_AFTER]
        response.headers |= {"Allow": [ALLOW], "Accept": [self.endpoint.accept], "Supported": [SUPPORTED]}
        if self.endpoint.events:
            response.headers["Allow-Events"] = [", ".join(self.endpoint.events)]
        transaction.respond(response)

    def _invited(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        if not isinstance(transaction, InviteServerTransaction):
            raise SipError(400)
        forwards = request.number("Max-Forwards")
        if forwards is None or forwards > 255:
            forwards = self.limits.forwards
        if forwards == 0:
            raise SipError(483)
        # Before the challenge: the answer to it would come to another node, which has not made it.
        if self.is_stopping or (self.is_draining and "Replaces" not in request.headers):
            raise SipError(503, headers={"Retry-After": RETRY_AFTER})
        trunk = self.trunks.of_source(hop)
        if trunk is None:
            user = self.vouched.get(request.call_id) or self._authenticator.check(
                request, self.clock.seconds(), True, hop.host
            )
            caller = self._line_party(user, request)
        else:
            caller = self._outside_party(request)
        if len(self.calls_by_id) + len(self.counted) >= self.limits.calls:
            raise SipError(503, headers={"Retry-After": RETRY_AFTER})
        if request.body and request.content_type == "application/sdp":
            Description.parse(request.body)
        called = self.party(self._number_called(request, trunk))
        if trunk is not None and called.number:
            self._check_not_back(trunk, called.number, request)
        leg = Leg(None, caller.number, caller, self.calling.next_origin())
        session = IncomingSession(self.endpoint, leg, transaction, request, hop, called.number)
        leg.session = session
        leg.remote_sdp = session.offer
        if "Replaces" in request.headers:
            try:
                self.transfers.replace(leg, parse_replaces(request.get("Replaces")))
            except SipError as error:
                session.reject(error.status, error.reason)
            return
        if trunk is None and self._is_pickup(called.number):
            pick_up_by_code(self, leg, session, called.number.removeprefix(self.pickup_code))
            return
        call = SwitchCall(self, self.new_call_id(), caller, called, forwards)
        if trunk is not None:
            call.came_from = diverted_from(request)
        leg.owner = call
        if not called.number:
            call.caller = leg
            call.refuse(484, "Address Incomplete", Cause.INVALID_NUMBER)
            return
        call.start(leg)

    def _number_called(self, request: Request, trunk: Trunk | None) -> str:
        """The number in the Request-URI; a trunk we registered with may say it in To only (RFC 3261 section 16.6)."""
        number = request.uri.number
        if trunk is not None and trunk.registers and number == trunk.user_name:
            dialled = request.to.uri.number
            if not self._is_ours(number) and self._is_ours(dialled):
                return dialled
        return number

    def _is_pickup(self, number: str) -> bool:
        return bool(self.pickup_code) and number.startswith(self.pickup_code) and not self._is_ours(number)

    def _is_ours(self, number: str) -> bool:
        return self.is_line(number) or self.is_route_point(number)

    def _check_not_back(self, trunk: Trunk, number: str, request: Request) -> None:
        """A number that only the trunk knows from which the call comes would go round in circles.

        So would a call to a manager number that was diverted by the phone which rings for it.
        """
        if self.is_route_point(number):
            if is_coming_back(request, number, self.calls_by_id.values(), self._configuration().plan):
                log.info("Trunk {name} sends a call back to {number}", name=trunk.name, number=number)
                raise SipError(482)
            return
        if self.is_line(number):
            return
        onward = self.trunks.of_number(number, False)
        if onward is None or onward.id == trunk.id:
            log.info("Trunk {name} asks for {number}, which nobody here knows", name=trunk.name, number=number)
            raise SipError(404)

    def _line_party(self, user: str, request: Request) -> Party:
        configuration = self._configuration()
        line = configuration.line(user)
        if line is None:
            raise SipError(403)
        return Party(line.number, configuration.name_of_number(line.number) or request.from_.name)

    def _outside_party(self, request: Request) -> Party:
        number, name = outside_caller(request)
        return Party(number, self._configuration().name_of_number(number) or name, external=True)

    # where numbers are

    def party(self, number: str) -> Party:
        """Who has this number, in the spelling of the configuration where it is one of ours."""
        known = self._configuration().known(number)
        if known.line is not None:
            return Party(known.line.number, known.name)
        if known.group is not None:
            return Party(known.group.number, known.group.name)
        return Party(number, known.name, external=not self.is_route_point(number))

    def reach(self, device: str, ringing: Ringing | None = None) -> Reach:
        """The routes to a number now; of trunks one that ``ringing`` has not tried."""
        configuration = self._configuration()
        line = configuration.line(device)
        if line is not None and not line.on_pbx:
            contacts = self.registrar.routes(line.number)
            return Reach(tuple(contacts))
        return reach(self, device, line is not None, ringing)

    def _trunk_gone(self, trunk: int) -> None:
        """What rings behind it rings in vain: the calls go on to whoever is next."""
        for call in tuple(self.calls_by_id.values()):
            for ringing in tuple(call.ringing.values()):
                ringing.trunk_gone(trunk)

    def is_known(self, number: str) -> bool:
        """Whether there is any way to the number."""
        return bool(number) and (
            self.is_route_point(number)
            or self._configuration().line(number) is not None
            or self.trunks.of_number(number, False) is not None
        )

    def goes_to_trunk(self, number: str) -> bool:
        return any(route.trunk for route in self.reach(number).routes)

    def is_route_point(self, number: str) -> bool:
        return self._configuration().plan.canonical(number) in self._route_points

    def route_point_of(self, number: str) -> str:
        return self._route_points[self._configuration().plan.canonical(number)]

    def new_call_id(self) -> str:
        return f"{self._node}-{next(self._ids)}"

    def incoming(self, leg: Leg) -> IncomingSession:
        """The session of a leg that called us."""
        assert isinstance(leg.session, IncomingSession)
        return leg.session

    def is_line(self, number: str) -> bool:
        return self._configuration().line(number) is not None

    def forget_line(self, number: str) -> None:
        """The line is gone."""
        self.undisturbed.discard(number)

    # the port: monitors and snapshots

    def _service_changed(self, number: str, in_service: bool) -> None:
        self.report((BackInService if in_service else OutOfService)(number, self.clock.seconds()))

    def forwarding_set(self, number: str, forwarding: Forwarding) -> None:
        """The keeper of the lines' forwardings says so, whoever has set it."""
        self.report(ForwardingSet(number, self.clock.seconds(), forwarding))

    def report(self, event: Event) -> None:
        """Tell all who monitor the event's device or, for a call's event, one of the devices in the call.

        What a listener does in turn is told when all have heard the event before.
        """
        self._turn.take(self._tell, event)

    def _tell(self, event: Event) -> None:
        for monitor in self.monitors:
            device = monitor.device
            if device and device != event.device:
                if not isinstance(event, CallEvent) or event.call.connection(device) is None:
                    continue
            try:
                monitor.listener(event)
            except Exception:
                log.failure("A listener failed on {event}", event=type(event).__name__)

    def monitor_start(self, listener: Listener, device: str = "") -> Monitor:
        monitor = _Monitor(self, listener, device)
        self.monitors = (*self.monitors, monitor)
        return monitor

    def calls(self) -> Sequence[Call]:
        return tuple(call.snapshot for call in self.calls_by_id.values())

    def snapshot_device(self, device: str) -> Sequence[Call]:
        if self._configuration().line(device) is None and not self.is_route_point(device):
            raise ServiceError(Failure.INVALID_DEVICE, f"{device} is no line or manager number of this switch")
        return tuple(call for call in self.calls() if call.connection(device) is not None)

    def in_service(self, device: str) -> bool:
        line = self._configuration().line(device)
        return line is not None and (line.on_pbx or self.registrar.is_registered(line.number))

    # the port: route points

    def route_register(self, devices: Iterable[str]) -> None:
        plan = self._configuration().plan
        self._route_points = {plan.canonical(device): device for device in devices}

    def _at_route_point(self, call_id: str) -> SwitchCall | None:
        call = self.calls_by_id.get(call_id)
        return call if call is not None and call.phase is Phase.AT_ROUTE_POINT else None

    def accept_call(self, call_id: str, how: Accept) -> None:
        if call := self._at_route_point(call_id):
            route_point.accept(call, how)

    def play_message(self, call_id: str, sounds: Sequence[str], repeat: bool) -> None:
        if call := self._at_route_point(call_id):
            route_point.play(call, sounds, repeat)

    def record_message(self, call_id: str, recording: Recording) -> None:
        if call := self._at_route_point(call_id):
            route_point.record(call, recording)
        else:
            failed = Recorded(recording.path, 0.0, RecordingEnd.FAILED)
            self.report(MessageRecorded("", self.clock.seconds(), call_id, failed))

    def stop_message(self, call_id: str) -> None:
        if call := self._at_route_point(call_id):
            route_point.stop(call)

    def ring(self, call_id: str, rings: Sequence[Ring]) -> None:
        if call := self._at_route_point(call_id):
            route_point.ring(call, rings)

    def cancel_ring(self, call_id: str, devices: Iterable[str], cause: Cause) -> None:
        if call := self._at_route_point(call_id):
            route_point.cancel(call, devices, cause)

    def deflect(self, call_id: str, ring: Ring) -> None:
        if call := self._at_route_point(call_id):
            route_point.deflect(call, ring)

    def clear(self, call_id: str, cause: Cause) -> None:
        if call := self._at_route_point(call_id):
            route_point.clear(call, cause)

    # the end

    def stop_taking_calls(self) -> None:
        """New calls get 503 from now on; those that are up go on."""
        self.is_stopping = True

    def end_calls(self) -> None:
        """Hang up everything: the switch goes away."""
        for call in tuple(self.calls_by_id.values()):
            call.end("", Cause.SWITCHING_FUNCTION_TERMINATED, 'SIP;cause=503;text="Switch stops"')

    def describe(self, most: int | None = None) -> list[str]:
        """One line per call, for the debug dump; no more than ``most`` of them."""
        return [str(call) for call in islice(self.calls_by_id.values(), most)]
