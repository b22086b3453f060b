"""Looking at everything: monitors for what has none, then a snapshot of each device and of each call found there."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.logger import Logger

from magroup.csta import monitoring_messages as m
from magroup.csta.call_model import state_of
from magroup.csta.message import Message
from magroup.csta.permitted import Words, names_in
from magroup.csta.system_messages import GetCSTAFeatures, GetCSTAFeaturesResponse
from magroup.csta.values import ConnectionID, DeviceId
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import ConnectionState

if TYPE_CHECKING:
    from magroup.csta.switch import CstaSwitch

log = Logger(__name__)
AT_ONCE = 40
"""Requests under way: enough to hide the round trip, and few enough for any switch."""
MOST_TRIES = 60
PART_SECONDS = 20.0
_NO_SUCH_MONITOR = (Failure.GENERIC, Failure.INVALID_PARAMETER, Failure.NOT_SUPPORTED)


class Resnapshot:
    """One look. ``run`` fires when it is done, or has been stopped; it never fails."""

    def __init__(self, switch: "CstaSwitch", devices: Sequence[str]) -> None:
        self._switch = switch
        self._devices = devices
        self._is_stopped = False
        self._calls: dict[str, dict[str, ConnectionState]] = {}
        self._permitted: list[tuple[str, str, Words | None]] = []
        self._unseen: set[str] = set()
        self._parts: dict[str, Callable[[Message], None]] = {}
        self._unclaimed: dict[str, list[Message]] = {}
        self._waiting: set[Deferred[None]] = set()

    def run(self) -> Deferred[Any]:
        return Deferred.fromCoroutine(self._run()).addErrback(
            lambda failure: None if self._is_stopped else log.failure("The switch could not be looked at", failure)
        )  # fmt: skip

    def stop(self) -> None:
        self._is_stopped = True
        for waiting in tuple(self._waiting):
            if not waiting.called:
                waiting.callback(None)

    def heard(self, message: Message) -> None:
        """A part of a snapshot that comes in parts, perhaps of one whose response is still on its way."""
        if isinstance(message, m.SnapshotDeviceData | m.SnapshotCallData):
            take = self._parts.get(message.service_cross_ref_id)
            if take is not None:
                take(message)
            elif len(self._unclaimed) < AT_ONCE:
                self._unclaimed.setdefault(message.service_cross_ref_id, []).append(message)

    async def _run(self) -> None:
        await self._features()
        monitored = set(self._switch.device_of.values())
        await self._side_by_side(self._monitor, [device for device in self._devices if device not in monitored])
        before = set(self._switch.model.calls)
        await self._side_by_side(self._device, self._devices)
        await self._side_by_side(self._call, list(self._calls))
        if not self._is_stopped:
            for permitted in self._permitted:
                self._switch.note_permitted(*permitted)
            model = self._switch.model
            there = {model.ids.of(call_id) for call_id in self._calls}
            for call_id in before - there:
                call = model.calls.get(call_id)
                # Where a device could not be looked at, the call may be there all the same.
                if call is not None and not any(one.id.device in self._unseen for one in call.connections):
                    model.missing(call_id, self._switch.unseen_since)

    async def _side_by_side(self, work: Callable[[str], Any], names: Sequence[str]) -> None:
        """The work for each name, so many at a time."""
        left = iter(names)

        async def some(left: Iterator[str]) -> None:
            for name in left:
                if self._is_stopped:
                    return
                await self._patiently(work, name)

        await gatherResults([Deferred.fromCoroutine(some(left)) for _ in range(min(AT_ONCE, len(names)))])

    async def _patiently(self, work: Callable[[str], Any], name: str) -> None:
        """What the switch refuses because it is asked too much is asked again, what it does not know is left."""
        for at in range(MOST_TRIES):
            try:
                await work(name)
                return
            except ServiceError as error:
                if error.failure is not Failure.RESOURCE_BUSY or self._is_stopped:
                    log.info("CSTA: {name} is not looked at: {reason}", name=name, reason=str(error))
                    self._unseen.add(name)
                    return
            await self._pause(min(0.1 * (at + 1), 1.0))
        log.warn("CSTA: {name} is not looked at: the switch stays busy", name=name)
        self._unseen.add(name)

    async def _pause(self, seconds: float) -> None:
        waiting: Deferred[None] = Deferred()
        timer = self._switch.clock.callLater(seconds, waiting.callback, None)
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)
            if timer.active():
                timer.cancel()

    async def _features(self) -> None:
        try:
            features = await self._switch.ask(GetCSTAFeatures(), GetCSTAFeaturesResponse)
        except ServiceError:
            # Many switches do not say what they can: then everything is tried.
            self._switch.permitted = None
            return
        self._switch.permitted = names_in(features.supported_services or ()) or None

    async def _monitor(self, device: str) -> None:
        """Of the calls of the device, or where the switch has no such monitors, of the device."""
        try:
            await self._monitor_as(device, "device" if self._switch.watches_devices else "call")
        except ServiceError as error:
            if self._switch.watches_devices or error.failure not in _NO_SUCH_MONITOR:
                raise
            await self._monitor_as(device, "device")
            self._switch.watch_devices()

    async def _monitor_as(self, device: str, kind: str) -> None:
        monitored = m.MonitorObject(device_object=DeviceId(device))
        request = m.MonitorStart(monitor_object=monitored, monitor_type=kind)
        response = await self._switch.ask(request, m.MonitorStartResponse)
        self._switch.device_of[response.monitor_cross_ref_id] = device

    async def _device(self, device: str) -> None:
        response = await self._switch.ask(
            m.SnapshotDevice(snapshot_object=DeviceId(device)), m.SnapshotDeviceResponse
        )  # fmt: skip
        data = response.cross_ref_id_or_snapshot_data
        infos = data.snapshot_data
        if infos is None:
            infos = await self._in_parts(data.service_cross_ref_id)
        for info in infos:
            call_id = info.connection_identifier.call_id
            state = own_state(info.local_call_state)
            if call_id and state is not ConnectionState.NULL:
                self._calls.setdefault(call_id, {})[device] = state
                self._permitted.append((call_id, device, info.services_permitted))

    async def _call(self, call_id: str) -> None:
        """Who is in it; of a switch that does not say so, those whose snapshots had the call."""
        request = m.SnapshotCall(snapshot_object=ConnectionID(call_id))
        try:
            response = await self._switch.ask(request, m.SnapshotCallResponse)
        except ServiceError as error:
            if error.failure in (Failure.INVALID_CALL, Failure.RESOURCE_BUSY) or self._is_stopped:
                raise
            self._switch.model.found(call_id, self._calls[call_id], self._switch.unseen_since)
            return
        data = response.cross_ref_id_or_snapshot_data
        infos = data.snapshot_data
        if infos is None:
            infos = await self._in_parts(data.service_cross_ref_id)
        states = {info.device_on_call.number: state_of(info.local_connection_info) for info in infos}
        states = {device: state for device, state in states.items() if device and state is not ConnectionState.NULL}
        if states and not self._is_stopped:
            self._switch.model.found(call_id, states, self._switch.unseen_since)

    async def _in_parts(self, reference: str) -> tuple[Any, ...]:
        """All entries of a snapshot that comes in parts, or what has come of it in time."""
        found: list[Any] = []
        complete: Deferred[None] = Deferred()

        def take(part: Any) -> None:
            found.extend(part.snapshot_data or ())
            if part.last_segment is not False and not complete.called:
                complete.callback(None)

        self._parts[reference] = take
        for part in self._unclaimed.pop(reference, ()):
            take(part)
        timer = self._switch.clock.callLater(PART_SECONDS, complete.callback, None)
        self._waiting.add(complete)
        try:
            await complete
        finally:
            self._waiting.discard(complete)
            del self._parts[reference]
            if timer.active():
                timer.cancel()
        return tuple(found)


def own_state(state: m.LocalCallState | None) -> ConnectionState:
    """How the call stands at the device itself."""
    if state is None:
        return ConnectionState.CONNECTED
    if state.compound_call_state:
        return state_of(state.compound_call_state[0])
    return _SIMPLE.get(state.simple_call_state, ConnectionState.CONNECTED)


_SIMPLE = {
    "callNull": ConnectionState.NULL,
    "callPending": ConnectionState.INITIATED,
    "callReceived": ConnectionState.ALERTING,
    "callReceivedOnHold": ConnectionState.ALERTING,
    "callQueued": ConnectionState.QUEUED,
    "callFailed": ConnectionState.FAILED,
}
"""What the words for a whole call say of the device's own part (ECMA-269 12.2.20)."""
