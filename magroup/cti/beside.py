"""Two switches as one: the embedded one with the manager numbers, and the PBX on which some lines are."""

from collections.abc import Callable, Iterable, Sequence

from magroup.cti.call_control import LINK_DOWN, Service
from magroup.cti.switch import Accept, Listener, Monitor, Ring, Switch
from magroup.cti.types import Call, Cause, ConnectionId
from magroup.model.forwarding import Forwarding
from magroup.model.recording import Recording


class _Both:
    """A monitor of each."""

    def __init__(self, *monitors: Monitor) -> None:
        self._monitors = monitors

    def stop(self) -> None:
        for monitor in self._monitors:
            monitor.stop()


class Beside:
    """Implements ``Switch``. The PBX's calls are those whose ids begin with its ``node``, its lines those ``on_pbx``.

    Route points are those of ``own``, of which the PBX learns too. A call that goes from one to the other is told by
    ``own`` only: the PBX's adapter leaves out what comes and goes over the trunk; ``asked`` hears which call of ours is
    about to ring which number. ``leg_of`` gives the PBX's part of a call of ours that rings at one of its lines: what
    no trunk can do, answering, the PBX does.
    """

    def __init__(
        self, own: Switch, pbx: Switch, node: str, on_pbx: Callable[[str], bool],
        asked: Callable[[str, str], None] = lambda call_id, number: None,
        leg_of: Callable[[ConnectionId], ConnectionId | None] = lambda connection: None,
    ) -> None:  # fmt: skip
        self._own = own
        self._pbx = pbx
        self._prefix = f"{node}-"
        self._on_pbx = on_pbx
        self._asked = asked
        self._leg_of = leg_of

    @property
    def is_linked(self) -> bool:
        return self._own.is_linked and self._pbx.is_linked

    def _with(self, device: str) -> Switch:
        return self._pbx if self._on_pbx(device) else self._own

    def _of(self, call_id: str) -> Switch:
        return self._pbx if call_id.startswith(self._prefix) else self._own

    def _of_going_to(self, number: str, call_id: str) -> Switch:
        switch = self._of(call_id)
        if switch is self._own:
            self._asked(call_id, number)
        return switch

    def _leg(self, connection: ConnectionId) -> ConnectionId | None:
        is_there = self._pbx.is_linked and self._of(connection.call_id) is self._own and self._on_pbx(connection.device)
        return self._leg_of(connection) if is_there else None

    # Looking

    def monitor_start(self, listener: Listener, device: str = "") -> Monitor:
        return _Both(self._own.monitor_start(listener, device), self._pbx.monitor_start(listener, device))

    def calls(self) -> Sequence[Call]:
        return (*self._own.calls(), *self._pbx.calls())

    def snapshot_device(self, device: str) -> Sequence[Call]:
        """Of a line of the PBX, its calls over the trunk too."""
        if not self._on_pbx(device):
            return self._own.snapshot_device(device)
        over_trunk = [call for call in self._own.calls() if call.connection(device) is not None]
        return (*over_trunk, *self._pbx.snapshot_device(device))

    def in_service(self, device: str) -> bool:
        return self._with(device).in_service(device)

    def can(self, service: Service, connection: ConnectionId) -> str:
        switch = self._of(connection.call_id)
        why = switch.can(service, connection) if switch.is_linked else LINK_DOWN
        if why and service is Service.ANSWER_CALL and (leg := self._leg(connection)) is not None:
            return self._pbx.can(service, leg)
        return why

    def can_make_call(self, calling: str) -> str:
        switch = self._with(calling)
        return switch.can_make_call(calling) if switch.is_linked else LINK_DOWN

    # Services

    async def make_call(self, calling: str, called: str) -> ConnectionId:
        return await self._with(calling).make_call(calling, called)

    async def answer_call(self, connection: ConnectionId) -> None:
        leg = self._leg(connection)
        if leg is not None:
            await self._pbx.answer_call(leg)
        else:
            await self._of(connection.call_id).answer_call(connection)

    async def clear_connection(self, connection: ConnectionId) -> None:
        await self._of(connection.call_id).clear_connection(connection)

    async def hold_call(self, connection: ConnectionId) -> None:
        await self._of(connection.call_id).hold_call(connection)

    async def retrieve_call(self, connection: ConnectionId) -> None:
        await self._of(connection.call_id).retrieve_call(connection)

    async def alternate_call(self, held: ConnectionId, active: ConnectionId) -> None:
        await self._of(active.call_id).alternate_call(held, active)

    async def consultation_call(self, existing: ConnectionId, destination: str) -> ConnectionId:
        return await self._of(existing.call_id).consultation_call(existing, destination)

    async def reconnect_call(self, active: ConnectionId, held: ConnectionId) -> None:
        await self._of(active.call_id).reconnect_call(active, held)

    async def transfer_call(self, held: ConnectionId, active: ConnectionId) -> ConnectionId:
        return await self._of(active.call_id).transfer_call(held, active)

    async def single_step_transfer_call(self, connection: ConnectionId, destination: str) -> ConnectionId:
        switch = self._of_going_to(destination, connection.call_id)
        return await switch.single_step_transfer_call(connection, destination)

    async def deflect_call(self, connection: ConnectionId, destination: str) -> None:
        await self._of_going_to(destination, connection.call_id).deflect_call(connection, destination)

    async def directed_pickup_call(self, connection: ConnectionId, device: str) -> None:
        await self._of_going_to(device, connection.call_id).directed_pickup_call(connection, device)

    async def generate_digits(self, connection: ConnectionId, digits: str) -> None:
        await self._of(connection.call_id).generate_digits(connection, digits)

    async def get_forwarding(self, device: str) -> Forwarding:
        return await self._with(device).get_forwarding(device)

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        await self._with(device).set_forwarding(device, forwarding)

    async def get_do_not_disturb(self, device: str) -> bool:
        return await self._with(device).get_do_not_disturb(device)

    async def set_do_not_disturb(self, device: str, is_on: bool) -> None:
        await self._with(device).set_do_not_disturb(device, is_on)

    # Route points

    def route_register(self, devices: Iterable[str]) -> None:
        devices = tuple(devices)
        self._own.route_register(devices)
        self._pbx.route_register(devices)

    def accept_call(self, call_id: str, how: Accept) -> None:
        self._own.accept_call(call_id, how)

    def play_message(self, call_id: str, sounds: Sequence[str], repeat: bool) -> None:
        self._own.play_message(call_id, sounds, repeat)

    def record_message(self, call_id: str, recording: Recording) -> None:
        self._own.record_message(call_id, recording)

    def stop_message(self, call_id: str) -> None:
        self._own.stop_message(call_id)

    def ring(self, call_id: str, rings: Sequence[Ring]) -> None:
        for ring in rings:
            self._asked(call_id, ring.device)
        self._own.ring(call_id, rings)

    def cancel_ring(self, call_id: str, devices: Iterable[str], cause: Cause) -> None:
        self._own.cancel_ring(call_id, devices, cause)

    def deflect(self, call_id: str, ring: Ring) -> None:
        self._asked(call_id, ring.device)
        self._own.deflect(call_id, ring)

    def clear(self, call_id: str, cause: Cause) -> None:
        self._own.clear(call_id, cause)
