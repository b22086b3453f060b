"""Another switch, reached by CSTA, behind the port: its lines are monitored, services are requests to it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.csta import event_messages as e
from magroup.csta.call_model import CallModel, connection_of
from magroup.csta.can import why_not
from magroup.csta.hidden import Hidden
from magroup.csta.message import Message
from magroup.csta.monitoring_messages import MonitorStop, MonitorStopResponse
from magroup.csta.permitted import Words, is_among, permitted_in
from magroup.csta.requests import Asking, Requests
from magroup.csta.resnapshot import Resnapshot
from magroup.csta.system_messages import SystemStatus
from magroup.cti import events
from magroup.cti.call_control import CANNOT, NOT_PERMITTED, Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import CallCleared, CallEvent, Event, LinkChanged
from magroup.cti.switch import Accept, Listener, Monitor, Ring, RoutePoints
from magroup.cti.turns import Turns
from magroup.cti.types import Call, Cause, ConnectionId, Party
from magroup.model.clock import Clock
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from magroup.model.recording import Recording

log = Logger(__name__)
_MAKE_CALL = "makeCall"
TO_LOOK_AGAIN = ("messagesLost", "initializing", "disabled")
"""After these what we know may be wrong."""


class _Listening:
    """A monitor of the port."""

    def __init__(self, all_of_them: "dict[_Listening, None]", listener: Listener, device: str) -> None:
        self._all = all_of_them
        self.listener = listener
        self.device = device
        all_of_them[self] = None

    def stop(self) -> None:
        self._all.pop(self, None)


class CstaSwitch(Requests):
    """``lines`` are the numbers that are monitored; ``points`` has the route points, which CSTA has none of.

    ``party`` gives who has a number. ``changed`` hears of the link: "" where it is up and all is known, else why not.
    Ids of calls begin with ``prefix``. ``hidden`` may have calls that are not told.
    """

    def __init__(
        self, clock: Clock, lines: Iterable[str], points: RoutePoints, party: Callable[[str], Party] = Party,
        prefix: str = "",
    ) -> None:  # fmt: skip
        super().__init__()
        self.changed: Callable[[str], None] = lambda why: None
        self.lines = frozenset(lines)
        self.down = "The switch is not connected yet"
        self.since = 0.0
        """When the link has come up or gone down last; 0.0: never yet."""
        self.trouble = ("", 0.0)
        """The last reason for which it was down, and when."""
        self._unseen_since: float | None = None
        self.permitted: frozenset[str] | None = None
        self.model = CallModel(clock.seconds, party, self._tell_later, prefix)
        self.hidden = Hidden(clock.seconds, self._tell_to_all)
        self.device_of: dict[str, str] = {}
        self.watches_devices = False
        self.clock = clock
        self._points = points
        self._route_points: frozenset[str] = frozenset()
        self._out_of_service: set[str] = set()
        self._permitted: dict[ConnectionId, frozenset[str]] = {}
        self._listening: dict[_Listening, None] = {}
        self._turn = Turns("listeners")
        self._looking: Resnapshot | None = None
        self._must_look_again = False

    # The link

    @property
    def is_linked(self) -> bool:
        return not self.down

    @property
    def unseen_since(self) -> float:
        """Since when events may have been missed."""
        return self.clock.seconds() if self._unseen_since is None else self._unseen_since

    def link_up(self, session: Asking) -> None:
        """A session is there: monitor everything anew, and look how everything is."""
        self.session = session
        self.device_of.clear()
        self._permitted.clear()
        self.model.forget_copies()
        self._look("The calls of the switch are looked at")

    def watch_devices(self) -> None:
        """The switch has no monitors of the calls of a device: the ends of calls are found out in another way."""
        self.watches_devices = True
        self.model.is_monitored = lambda device: device in self.lines or device in self._route_points

    def link_down(self, why: str) -> None:
        """Cross references die with the session. What is known of the calls is kept until the next one."""
        self.session = None
        if self._looking is not None:
            self._looking.stop()
            self._looking = None
        why = why or "The connection to the switch is down"
        self.trouble = (why, self.clock.seconds())
        self._unseen_since = self.unseen_since
        self._is(why)

    def set_lines(self, lines: Iterable[str]) -> None:
        """The lines from now on. Whatever else is known stays so while the new ones are looked at."""
        before, self.lines = self.lines, frozenset(lines)
        self._out_of_service &= self.lines
        gone = before - self.lines - self._route_points
        for reference in [one for one, device in self.device_of.items() if device in gone]:
            self._stop_monitor(reference, self.device_of.pop(reference))
        if self.lines - before and self.session is not None:
            self._look(self.down)

    def _stop_monitor(self, reference: str, device: str) -> None:
        stopping = Deferred.fromCoroutine(
            self.ask(MonitorStop(monitor_cross_ref_id=reference), MonitorStopResponse)
        )  # fmt: skip
        stopping.addErrback(
            lambda failure: log.info("CSTA: {device}: {why}", device=device, why=failure.getErrorMessage())
        )

    def _look(self, why: str) -> None:
        self._is(why)
        if self._looking is not None:
            self._must_look_again = True
            return
        devices = (*sorted(self.lines), *sorted(self._route_points - self.lines))
        self._looking = Resnapshot(self, devices)
        self._looking.run().addBoth(self._looked)

    def _looked(self, result: Any) -> None:
        self._looking = None
        if self.session is None:
            return
        if self._must_look_again:
            self._must_look_again = False
            self._look(self.down)
            return
        self._unseen_since = None
        self._is("")

    def _is(self, why: str) -> None:
        if why == self.down:
            return
        was_linked, self.down = self.is_linked, why
        self.changed(why)
        if was_linked is not self.is_linked:
            self.since = self.clock.seconds()
            self._tell_to_all(LinkChanged("", self.clock.seconds(), self.is_linked, why))

    def heard(self, message: Message) -> None:
        """What the switch says that is no response."""
        if isinstance(message, e.MonitorEvent):
            self._event(message)
        elif isinstance(message, SystemStatus) and message.system_status in TO_LOOK_AGAIN:
            log.warn("The switch says {status}: its calls are looked at again", status=message.system_status)
            self._look("The switch has lost messages")
        elif isinstance(message, MonitorStop):
            device = self.device_of.pop(message.monitor_cross_ref_id, "")
            if device:
                log.warn("The switch has ended the monitor of {device}", device=device)
                self._look("The switch has ended a monitor")
        elif self._looking is not None:
            self._looking.heard(message)

    def _event(self, event: e.MonitorEvent) -> None:
        device = self.device_of.get(event.monitor_cross_ref_id)
        if device is None:
            return
        now = self.clock.seconds()
        match event:
            case e.OutOfServiceEvent():
                if device in self.lines - self._out_of_service:
                    self._out_of_service.add(device)
                    self._tell_later(events.OutOfService(device, now))
            case e.BackInServiceEvent():
                if device in self._out_of_service:
                    self._out_of_service.discard(device)
                    self._tell_later(events.BackInService(device, now))
            case e.ForwardingEvent():
                number = event.forward_to.number if event.forward_to is not None else ""
                set_to = Forwarding(ForwardTo.NUMBER, number) if event.forward_status and number else NO_FORWARDING
                self._tell_later(events.ForwardingSet(device, now, set_to))
            case e.DoNotDisturbEvent():
                self._tell_later(events.DoNotDisturbSet(device, now, event.do_not_disturb_on))
            case _:
                self.model.apply(event)
                self._note_permitted(event, device)

    def _note_permitted(self, event: e.MonitorEvent, device: str) -> None:
        """For the monitored device in this call. An event that says nothing of it ends what was said before."""
        where = connection_of(event)
        if where is not None:
            self.note_permitted(where.call_id, device, getattr(event, "services_permitted", None))

    def note_permitted(self, peer_id: str, device: str, words: Words | None) -> None:
        """Which services the switch would accept for the device in this call; None where it does not say so."""
        key = ConnectionId(self.model.ids.of(peer_id), device)
        if words is None:
            self._permitted.pop(key, None)
        elif key.call_id in self.model.calls:
            self._permitted[key] = permitted_in(words)

    # The port: monitors and snapshots

    def _tell_later(self, event: Event) -> None:
        if isinstance(event, CallCleared):
            self._permitted = {key: words for key, words in self._permitted.items() if key.call_id != event.call_id}
        if not isinstance(event, CallEvent) or not self.hidden.hides(event):
            self._tell_to_all(event)
        elif event.device in self.lines:
            # Whoever tells of the call has it steered here, as far as we can.
            self._tell_to_all(events.DeviceCapabilitiesChanged(event.device, event.at))

    def _tell_to_all(self, event: Event) -> None:
        self._turn.take(self._tell, event)

    def judge_again(self, lines: set[str]) -> None:
        """Calls of these lines may have to be hidden now."""
        self.hidden.judge_again(lines, self.model.calls, self.model.told)

    def _tell(self, event: Event) -> None:
        for monitor in tuple(self._listening):
            device = monitor.device
            if device and device != event.device and not isinstance(event, LinkChanged):
                if not isinstance(event, CallEvent) or event.call.connection(device) is None:
                    continue
            try:
                monitor.listener(event)
            except Exception:
                log.failure("A listener failed on {event}", event=type(event).__name__)

    def monitor_start(self, listener: Listener, device: str = "") -> Monitor:
        return _Listening(self._listening, listener, device)

    def calls(self) -> Sequence[Call]:
        return tuple(call for call in self.model.calls.values() if call.id not in self.hidden)

    def snapshot_device(self, device: str) -> Sequence[Call]:
        if device not in self.lines and device not in self._route_points:
            raise ServiceError(Failure.INVALID_DEVICE, f"{device} is no line that is monitored")
        return tuple(call for call in self.calls() if call.connection(device) is not None)

    def in_service(self, device: str) -> bool:
        return device in self.lines and device not in self._out_of_service

    def can(self, service: Service, connection: ConnectionId) -> str:
        if self.down:
            return self.down
        permitted = self._permitted.get(connection)
        if permitted is not None and not is_among(service, permitted):
            return f"{NOT_PERMITTED}: {service.value}"
        return why_not(service, connection, self.model.calls.values(), self.permitted)

    def can_make_call(self, calling: str) -> str:
        if self.down:
            return self.down
        if self.permitted is not None and _MAKE_CALL not in self.permitted:
            return f"{CANNOT}: it has no service {_MAKE_CALL}"
        return "" if self.in_service(calling) else f"{calling} is out of service"

    # The port: route points, which another switch has

    def route_register(self, devices: Iterable[str]) -> None:
        wanted = frozenset(devices)
        self._points.route_register(wanted)
        new, self._route_points = wanted - self._route_points, wanted
        if new and self.session is not None:
            self._look("The route points are looked at")

    def accept_call(self, call_id: str, how: Accept) -> None:
        self._points.accept_call(call_id, how)

    def play_message(self, call_id: str, sounds: Sequence[str], repeat: bool) -> None:
        self._points.play_message(call_id, sounds, repeat)

    def record_message(self, call_id: str, recording: Recording) -> None:
        self._points.record_message(call_id, recording)

    def stop_message(self, call_id: str) -> None:
        self._points.stop_message(call_id)

    def ring(self, call_id: str, rings: Sequence[Ring]) -> None:
        self._points.ring(call_id, rings)

    def cancel_ring(self, call_id: str, devices: Iterable[str], cause: Cause) -> None:
        self._points.cancel_ring(call_id, devices, cause)

    def deflect(self, call_id: str, ring: Ring) -> None:
        self._points.deflect(call_id, ring)

    def clear(self, call_id: str, cause: Cause) -> None:
        self._points.clear(call_id, cause)

    def describe(self) -> list[str]:
        """The debug dump."""
        link = self.down or "up"
        calls = f"{len(self.model.calls)} calls, {len(self.hidden)} of them over the trunk"
        return [f"link {link}, {len(self.device_of)} monitors, {calls}"]


