"""Who is told what: the monitors of all clients, found by device and by call (ECMA-269 6.7.2 and clause 15)."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

from twisted.logger import Logger

from magroup.csta.message import Message
from magroup.csta.telling import ForwardsTo, Told, queue_left, state_at, told
from magroup.cti.events import CallCleared, CallEvent, Established, Event
from magroup.cti.switch import Switch
from magroup.cti.types import Call, ConnectionState

log = Logger(__name__)
MOST_CALLS = 200
"""How many calls at once a monitor of the calls of one device follows; a route point may have many."""


class Monitor:
    """One cross reference of one client.

    ``device`` is a number, or "" with ``call_id``. ``is_of_calls``: it follows the calls (monitorType call), to their
    end and wherever they go, else what happens to the device. ``left_out`` are the events of its filter.
    """

    __slots__ = ("calls", "cross_ref", "device", "is_of_calls", "left_out", "tell")

    def __init__(
        self, cross_ref: str, tell: Callable[[Message], None], device: str, call_id: str, is_of_calls: bool,
        left_out: frozenset[str],
    ) -> None:  # fmt: skip
        self.cross_ref = cross_ref
        self.tell = tell
        self.device = device
        self.calls = {call_id} if call_id else set()
        self.is_of_calls = is_of_calls
        self.left_out = left_out


class Monitors:
    """The switch's events, each told to the monitors of the devices and the call that it is about.

    ``over`` hears of monitors that end by themselves, with the call that they follow.
    """

    def __init__(self, switch: Switch, forwards_to: ForwardsTo, over: Callable[[Monitor], None]) -> None:
        self._forwards_to = forwards_to
        self._over = over
        self._switch = switch
        self._ids = count(1)
        self._by_device: dict[str, dict[Monitor, None]] = {}
        self._by_call: dict[str, dict[Monitor, None]] = {}
        self._at_device: dict[str, list[Call]] | None = None
        self._listening = switch.monitor_start(self._event)

    def stop(self) -> None:
        self._listening.stop()

    def __len__(self) -> int:
        """How many devices are monitored, and calls."""
        return len(self._by_device) + len(self._by_call)

    def calls_at(self, device: str) -> Sequence[Call]:
        """The calls of a device. Clients ask for those of all devices in a row: all calls are looked at once for it."""
        if self._at_device is None:
            self._at_device = {}
            for call in self._switch.calls():
                for connection in call.connections:
                    self._at_device.setdefault(connection.id.device, []).append(call)
        return self._at_device.get(device, ())

    def look_again(self) -> None:
        """What ``calls_at`` remembers may not be true any more."""
        self._at_device = None

    def start(
        self, tell: Callable[[Message], None], device: str, call_id: str, is_of_calls: bool, left_out: frozenset[str]
    ) -> Monitor:
        """A monitor of a device or a call, which there is: whoever asks has looked."""
        monitor = Monitor(str(next(self._ids)), tell, device, call_id, is_of_calls, left_out)
        if device:
            self._by_device.setdefault(device, {})[monitor] = None
        else:
            self._by_call.setdefault(call_id, {})[monitor] = None
        if device and is_of_calls:
            for call in self.calls_at(device):
                self._follow(monitor, call.id)
        return monitor

    def end(self, monitor: Monitor) -> None:
        self._drop(self._by_device, monitor.device, monitor)
        for call_id in tuple(monitor.calls):
            self._drop(self._by_call, call_id, monitor)

    def _follow(self, monitor: Monitor, call_id: str) -> None:
        if len(monitor.calls) < MOST_CALLS:
            monitor.calls.add(call_id)
            self._by_call.setdefault(call_id, {})[monitor] = None

    def _drop(self, where: dict[str, dict[Monitor, None]], key: str, monitor: Monitor) -> None:
        found = where.get(key)
        if found is not None:
            found.pop(monitor, None)
            if not found:
                del where[key]

    # What the switch says

    def _event(self, event: Event) -> None:
        self._at_device = None
        if not self._by_device and not self._by_call:
            return
        if not isinstance(event, CallEvent):
            if event.device in self._by_device and (what := told(event, self._forwards_to)) is not None:
                for monitor in tuple(self._by_device[event.device]):
                    self._tell(monitor, what, "")
            return
        self._queue_left(event)
        heard = dict(self._heard_by(event))
        if heard and (what := told(event, self._forwards_to)) is not None:
            for monitor, state in heard.items():
                self._tell(monitor, what, state)
        if isinstance(event, CallCleared):
            self._call_over(event.call_id)

    def _queue_left(self, event: CallEvent) -> None:
        """The answer takes the call from where it waited; monitors of that device hear of it by an event of its own."""
        if event.old is None or not isinstance(event, Established):
            return
        for connection in event.old.connections:
            device = connection.id.device
            if connection.state is ConnectionState.QUEUED and event.call.connection(device) is None:
                what = queue_left(event, device)
                for monitor in tuple(self._by_device.get(device, ())):
                    if not monitor.is_of_calls:
                        self._tell(monitor, what, ConnectionState.NULL.value)

    def _heard_by(self, event: CallEvent) -> Iterator[tuple[Monitor, str]]:
        """The monitors, each with the state of its device ("" where it follows the call)."""
        call_id, is_last = event.call_id, isinstance(event, CallCleared)
        for device in self._devices(event):
            for monitor in self._by_device.get(device, ()):
                if monitor.is_of_calls:
                    self._follow(monitor, call_id)
                elif not is_last:
                    # That the call is over is told to those who follow calls only (ECMA-269 17.2.2).
                    yield monitor, state_at(event, device)
        for monitor in self._by_call.get(call_id, ()):
            yield monitor, ""

    @staticmethod
    def _devices(event: CallEvent) -> dict[str, None]:
        """Those the event is about: in the call now, or leaving it by the event."""
        devices = {connection.id.device: None for connection in event.call.connections}
        devices[event.device] = None
        if event.old is not None:
            for connection in event.old.connections:
                if connection.state is not ConnectionState.NULL:
                    devices[connection.id.device] = None
        return devices

    def _tell(self, monitor: Monitor, what: Told, state: str) -> None:
        if what.name not in monitor.left_out:
            try:
                monitor.tell(what.to(monitor.cross_ref, state))
            except Exception:
                log.failure("{event} is not told to {monitor}", event=what.name, monitor=monitor.cross_ref)

    def _call_over(self, call_id: str) -> None:
        for monitor in self._by_call.pop(call_id, ()):
            monitor.calls.discard(call_id)
            if not monitor.device:
                self._over(monitor)
