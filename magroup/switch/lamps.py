"""Busy lamps: what the lines and manager numbers are doing, for phones that watch them (RFC 4235)."""

from collections.abc import Callable, Hashable, Iterator
from typing import Final, cast

from magroup.cti.events import CallEvent, Event
from magroup.cti.switch import Monitor, Switch
from magroup.cti.types import Call, Connection, ConnectionState, Party
from magroup.model.configuration import Configuration
from magroup.sip.errors import SipError
from magroup.sip.subscription import Watch
from magroup.switch.dialog_info import DIALOG_INFO, DialogState, ShownDialog, dialog_info

SeesCaller = Callable[[str, str, Call], bool]
"""Whether a viewer, by the number of the line, sees who the other side of a call at a device is."""

_UP: Final = frozenset((ConnectionState.CONNECTED, ConnectionState.HOLD))


class Lamps:
    """The event package ``dialog``. ``changed(number)`` is told of each device whose lamp may be another now.

    From the first subscription on it hears the events of all devices, and keeps the calls by the devices in them.
    """

    name = "dialog"
    content_type = DIALOG_INFO
    expires = 3600
    interval = 1.0

    def __init__(
        self, configuration: Callable[[], Configuration], sees_caller: SeesCaller, changed: Callable[[str], None],
        switch: Switch,
    ) -> None:  # fmt: skip
        self._configuration = configuration
        self._sees_caller = sees_caller
        self._changed = changed
        self._switch = switch
        self._monitor: Monitor | None = None
        self._calls: dict[str, dict[str, Call]] = {}
        self._devices: dict[str, tuple[str, ...]] = {}

    def stop(self) -> None:
        """Listen no more."""
        if self._monitor is not None:
            self._monitor.stop()

    def listen(self) -> None:
        """Hear of all calls from now on, if not before."""
        if self._monitor is not None:
            return
        self._monitor = self._switch.monitor_start(self._heard)
        for call in self._switch.calls():
            self._take(call)

    def _heard(self, event: Event) -> None:
        if isinstance(event, CallEvent):
            self._take(event.call)

    def _take(self, call: Call) -> None:
        before = self._devices.get(call.id, ())
        now = () if call.ended else _devices(call)
        for device in now:
            self._calls.setdefault(device, {})[call.id] = call
        if now != before:
            self._devices[call.id] = now
            self._forget(call, before, now)
        for device in dict.fromkeys(before + now) if now != before else now:
            self._changed(device)

    def _forget(self, call: Call, before: tuple[str, ...], now: tuple[str, ...]) -> None:
        """Some devices are in the call no more."""
        if not now:
            del self._devices[call.id]
        for device in before:
            if device not in now:
                calls = self._calls[device]
                del calls[call.id]
                if not calls:
                    del self._calls[device]

    def __len__(self) -> int:
        """How many calls are known."""
        return len(self._devices)

    # the package

    def resource(self, number: str, subscriber: str) -> str:
        self.listen()
        known = self._configuration().known(number)
        if known.line is not None:
            return known.line.number
        if known.group is not None:
            return known.group.number
        raise SipError(404)

    def state(self, watch: Watch) -> Hashable:
        return tuple(self._shown(watch))

    def document(self, watch: Watch, state: Hashable, before: Hashable, version: int) -> bytes:
        """The dialogs that are there, and once more those that have ended since the last time."""
        now, told = cast(tuple[ShownDialog, ...], state), cast(tuple[ShownDialog, ...], before or ())
        ids = {shown.id for shown in now}
        ended = [
            ShownDialog(gone.id, DialogState.TERMINATED, gone.is_caller) for gone in told if gone.id not in ids
        ]  # fmt: skip
        return dialog_info(
            watch.uri(), [(shown, watch.uri(shown.number) if shown.number else "") for shown in (*now, *ended)], version
        )  # fmt: skip

    def _shown(self, watch: Watch) -> Iterator[ShownDialog]:
        device = watch.resource
        for call in self._calls.get(device, {}).values():
            connection = call.connection(device)
            if connection is None and self._configuration().group_of_number(device) is None:
                continue
            own = connection if connection is not None and connection.state is not ConnectionState.QUEUED else None
            state = _state(call, own)
            is_caller = own is not None and not own.inbound
            is_held = own is not None and own.state is ConnectionState.HOLD
            other = _other(call, device, own)
            if self._sees_caller(watch.subscriber, device, call):
                yield ShownDialog(call.id, state, is_caller, is_held, other.number, other.name)
            else:
                yield ShownDialog(call.id, state, is_caller, is_held)


def _devices(call: Call) -> tuple[str, ...]:
    """Where a call is, and where it was to go."""
    return tuple(dict.fromkeys([call.called.number, *[one.id.device for one in call.connections]]))


def _state(call: Call, own: Connection | None) -> DialogState:
    """How a call stands for one of its devices; for a manager number, which has no phone (``own`` None), for all."""
    if own is not None and own.inbound:
        return DialogState.CONFIRMED if own.state in _UP else DialogState.EARLY
    if own is not None and own.state is ConnectionState.INITIATED:
        return DialogState.TRYING
    called = [one for one in call.connections if one is not own and one.inbound]
    if any(one.state in _UP for one in called):
        return DialogState.CONFIRMED
    if own is None or any(one.state in (ConnectionState.ALERTING, ConnectionState.QUEUED) for one in called):
        return DialogState.EARLY
    return DialogState.PROCEEDING


def _other(call: Call, device: str, own: Connection | None) -> Party:
    """Who is at the other end: the one who talks, else the caller for who is called, the one dialled for the caller."""
    if own is not None:
        up = [one for one in call.connections if one is not own and one.state in _UP]
        if own.state in _UP and len(up) == 1:
            return up[0].party
        if not own.inbound:
            return call.called
    return call.calling if call.calling.number != device else call.called
