"""The calls of other nodes as they tell of them: their snapshots, and their events for those who monitor."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twisted.logger import Logger

from magroup.cluster.bus import Bus
from magroup.cluster.call_form import CALL, EVENT, call_from, event_from
from magroup.cluster.own_calls import ALL_TOPIC, TOPIC
from magroup.cluster.wire import reader
from magroup.cti.call_control import Service
from magroup.cti.events import CallCleared, CallEvent, DeviceCapabilitiesChanged, Established, Event
from magroup.cti.switch import Listener
from magroup.cti.types import Call, Cause
from magroup.model.calls import Vip
from magroup.model.clock import Clock

_ABOUT = tuple[Vip | None, dict[str, list[str]]]
_read_told = reader(list[tuple[EVENT | None, CALL, _ABOUT]])
_read_all = reader(tuple[bool, bool, list[tuple[CALL, _ABOUT]]])

MOST_CALLS = 100_000
NOT_NOW = "The node of the call does not do this now"


@dataclass
class Known:
    """A call of ``node``; ``can`` has the services that would be accepted, by device."""

    node: str
    call: Call
    vip: Vip | None = None
    can: dict[str, list[str]] = field(default_factory=dict)


class OthersMonitor:
    """Hears the events of others' calls, of one device or, for "", all."""

    def __init__(self, monitors: "dict[OthersMonitor, None]", listener: Listener, device: str) -> None:
        self.listener = listener
        self.device = device
        self._monitors = monitors
        monitors[self] = None

    def stop(self) -> None:
        self._monitors.pop(self, None)


class OthersCalls:
    """By id. A node that is gone takes its calls with it, until another one tells of them as its own.

    ``is_here`` says of a call whether this node has it now: what others tell of it is not true any more.
    """

    log = Logger()

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._monitors: dict[OthersMonitor, None] = {}
        self._told: dict[str, set[str]] = {}
        self.is_here: Callable[[str], bool] = lambda call_id: False
        bus.listen(TOPIC, self._heard)
        bus.listen(ALL_TOPIC, self._heard_all)
        bus.watch(lambda node: None, self._left, lambda node: None)

    def __len__(self) -> int:
        return len(self._known)

    def monitor_start(self, listener: Listener, device: str = "") -> OthersMonitor:
        return OthersMonitor(self._monitors, listener, device)

    def calls(self) -> list[Call]:
        return [known.call for known in self._known.values()]

    def node_of(self, call_id: str) -> str:
        """The node that has the call; "" where it is none of the others'."""
        known = self._known.get(call_id)
        return known.node if known is not None else ""

    def vip(self, call_id: str) -> Vip | None:
        known = self._known.get(call_id)
        return known.vip if known is not None else None

    def can(self, service: Service, call_id: str, device: str) -> str:
        """As the port's ``can``, by what the node has said with the newest event."""
        known = self._known.get(call_id)
        return "" if known is not None and service.value in known.can.get(device, ()) else NOT_NOW

    # what comes

    def _heard(self, node: str, body: bytes) -> None:
        """What is wrong does not keep us from the rest; who has sent it is told of in the log."""
        failed: ValueError | None = None
        for form, parts, about in _read_told(body):
            try:
                self._hear(node, form, parts, about)
            except ValueError as error:
                failed = error
        if failed is not None:
            raise failed

    def _hear(self, node: str, form: Any, parts: CALL, about: Any) -> None:
        known, before = self._take(node, parts, about)
        if known is None:
            return
        if form is None:
            for device in known.can:
                self._report(DeviceCapabilitiesChanged(device, self._clock.seconds()))
        else:
            self._report(event_from(form, known.call, before))

    def _heard_all(self, node: str, body: bytes) -> None:
        """All calls of a node: what has changed meanwhile is told as far as it can be seen."""
        is_first, is_last, told = _read_all(body)
        if is_first:
            self._told[node] = set()
        for call, about in told:
            known, before = self._take(node, call, about)
            if known is None:
                continue
            self._told.setdefault(node, set()).add(known.call.id)
            if before is None or before.connections != known.call.connections:
                device = known.call.connections[0].id.device if known.call.connections else ""
                self._report(Established(known.call, before, device, self._clock.seconds()))
        if is_last:
            kept = self._told.pop(node, set())
            self._end(node, kept)

    def _take(self, node: str, parts: CALL, about: Any) -> tuple[Known | None, Call | None]:
        """None for a call that the node had before another one took it. Raises ValueError for what is no call."""
        id = parts[0]
        if self.is_here(id):
            return None, None
        before = self._known.get(id)
        if before is None and len(self._known) >= MOST_CALLS:
            raise ValueError("too many calls")
        if before is not None and before.node != node and id.startswith(f"{node}-"):
            return None, None
        call = call_from(parts, before.call if before is not None else None)
        vip, can = about
        known = Known(node, call, vip, can)
        if call.ended:
            self._known.pop(id, None)
        else:
            self._known[id] = known
        return known, before.call if before is not None else None

    def _left(self, node: str) -> None:
        self._told.pop(node, None)
        self._end(node, set())

    def _end(self, node: str, kept: set[str]) -> None:
        """The node has these calls only, no more."""
        for known in [one for one in self._known.values() if one.node == node and one.call.id not in kept]:
            call = known.call
            del self._known[call.id]
            ended = Call(call.id, call.calling, call.called, call.started_at, (), True)
            self._report(CallCleared(ended, call, "", self._clock.seconds(), Cause.NETWORK_NOT_OBTAINABLE))

    def _report(self, event: Event) -> None:
        for monitor in tuple(self._monitors):
            device = monitor.device
            if device and device != event.device:
                if not isinstance(event, CallEvent) or event.call.connection(device) is None:
                    continue
            try:
                monitor.listener(event)
            except Exception:
                self.log.failure("A listener failed on {event}", event=type(event).__name__)
