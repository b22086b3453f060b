"""The switches of all nodes as one: calls of others are seen, and steered by asking the node that has them."""

from collections.abc import Iterable, Sequence

from magroup.cluster.asking import Asking
from magroup.cluster.others_calls import OthersCalls
from magroup.cti.call_control import Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.switch import Accept, Listener, Monitor, Ring, Switch
from magroup.cti.types import Call, Cause, ConnectionId
from magroup.model.forwarding import Forwarding
from magroup.model.recording import Recording


class _Both:
    """A monitor of the own calls and one of the others'."""

    def __init__(self, *monitors: Monitor) -> None:
        self._monitors = monitors

    def stop(self) -> None:
        for monitor in self._monitors:
            monitor.stop()


class Together:
    """Implements ``Switch``. Lines, route points and new calls are those of ``own``; so is what the lines are set to,
    which nodes tell each other by other ways.
    """

    def __init__(self, own: Switch, others: OthersCalls, asking: Asking) -> None:
        self._own = own
        self._others = others
        self._asking = asking

    @property
    def is_linked(self) -> bool:
        return self._own.is_linked

    # Looking

    def monitor_start(self, listener: Listener, device: str = "") -> Monitor:
        return _Both(self._own.monitor_start(listener, device), self._others.monitor_start(listener, device))

    def calls(self) -> Sequence[Call]:
        return (*self._own.calls(), *self._others.calls())

    def snapshot_device(self, device: str) -> Sequence[Call]:
        others = [call for call in self._others.calls() if call.connection(device) is not None]
        return (*self._own.snapshot_device(device), *others)

    def in_service(self, device: str) -> bool:
        return self._own.in_service(device)

    def can(self, service: Service, connection: ConnectionId) -> str:
        if self._others.node_of(connection.call_id):
            return self._others.can(service, connection.call_id, connection.device)
        return self._own.can(service, connection)

    def can_make_call(self, calling: str) -> str:
        return self._own.can_make_call(calling)

    # Services

    async def _asked(self, service: Service, connection: ConnectionId, *more: str) -> ConnectionId | None:
        """The service by the other node that has the call; what it gives is a call's id."""
        node = self._others.node_of(connection.call_id)
        given = await self._asking.ask(node, service.value, connection.call_id, connection.device, *more)
        return ConnectionId(*given) if given else None

    def _is_others(self, *connections: ConnectionId) -> bool:
        """Whether another node has the calls. Raises ServiceError where not one node has all of them."""
        nodes = {self._others.node_of(one.call_id) for one in connections}
        if len(nodes) > 1:
            raise ServiceError(Failure.INVALID_CONNECTION, "The two calls are on different nodes")
        return nodes != {""}

    async def make_call(self, calling: str, called: str) -> ConnectionId:
        return await self._own.make_call(calling, called)

    async def answer_call(self, connection: ConnectionId) -> None:
        if self._is_others(connection):
            await self._asked(Service.ANSWER_CALL, connection)
        else:
            await self._own.answer_call(connection)

    async def clear_connection(self, connection: ConnectionId) -> None:
        if self._is_others(connection):
            await self._asked(Service.CLEAR_CONNECTION, connection)
        else:
            await self._own.clear_connection(connection)

    async def hold_call(self, connection: ConnectionId) -> None:
        if self._is_others(connection):
            await self._asked(Service.HOLD_CALL, connection)
        else:
            await self._own.hold_call(connection)

    async def retrieve_call(self, connection: ConnectionId) -> None:
        if self._is_others(connection):
            await self._asked(Service.RETRIEVE_CALL, connection)
        else:
            await self._own.retrieve_call(connection)

    async def alternate_call(self, held: ConnectionId, active: ConnectionId) -> None:
        if self._is_others(held, active):
            await self._asked(Service.ALTERNATE_CALL, held, active.call_id)
        else:
            await self._own.alternate_call(held, active)

    async def consultation_call(self, existing: ConnectionId, destination: str) -> ConnectionId:
        if self._is_others(existing):
            return await self._asked(Service.CONSULTATION_CALL, existing, destination) or existing
        return await self._own.consultation_call(existing, destination)

    async def reconnect_call(self, active: ConnectionId, held: ConnectionId) -> None:
        if self._is_others(active, held):
            await self._asked(Service.RECONNECT_CALL, active, held.call_id)
        else:
            await self._own.reconnect_call(active, held)

    async def transfer_call(self, held: ConnectionId, active: ConnectionId) -> ConnectionId:
        if self._is_others(held, active):
            return await self._asked(Service.TRANSFER_CALL, held, active.call_id) or held
        return await self._own.transfer_call(held, active)

    async def single_step_transfer_call(self, connection: ConnectionId, destination: str) -> ConnectionId:
        if self._is_others(connection):
            return await self._asked(Service.SINGLE_STEP_TRANSFER_CALL, connection, destination) or connection
        return await self._own.single_step_transfer_call(connection, destination)

    async def deflect_call(self, connection: ConnectionId, destination: str) -> None:
        if self._is_others(connection):
            await self._asked(Service.DEFLECT_CALL, connection, destination)
        else:
            await self._own.deflect_call(connection, destination)

    async def directed_pickup_call(self, connection: ConnectionId, device: str) -> None:
        if self._is_others(connection):
            await self._asked(Service.DIRECTED_PICKUP_CALL, connection, device)
        else:
            await self._own.directed_pickup_call(connection, device)

    async def generate_digits(self, connection: ConnectionId, digits: str) -> None:
        if self._is_others(connection):
            await self._asked(Service.GENERATE_DIGITS, connection, digits)
        else:
            await self._own.generate_digits(connection, digits)

    async def get_forwarding(self, device: str) -> Forwarding:
        return await self._own.get_forwarding(device)

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        await self._own.set_forwarding(device, forwarding)

    async def get_do_not_disturb(self, device: str) -> bool:
        return await self._own.get_do_not_disturb(device)

    async def set_do_not_disturb(self, device: str, is_on: bool) -> None:
        await self._own.set_do_not_disturb(device, is_on)

    # Route points

    def route_register(self, devices: Iterable[str]) -> None:
        self._own.route_register(devices)

    def accept_call(self, call_id: str, how: Accept) -> None:
        self._own.accept_call(call_id, how)

    def play_message(self, call_id: str, sounds: Sequence[str], repeat: bool) -> None:
        self._own.play_message(call_id, sounds, repeat)

    def record_message(self, call_id: str, recording: Recording) -> None:
        self._own.record_message(call_id, recording)

    def stop_message(self, call_id: str) -> None:
        self._own.stop_message(call_id)

    def ring(self, call_id: str, rings: Sequence[Ring]) -> None:
        self._own.ring(call_id, rings)

    def cancel_ring(self, call_id: str, devices: Iterable[str], cause: Cause) -> None:
        self._own.cancel_ring(call_id, devices, cause)

    def deflect(self, call_id: str, ring: Ring) -> None:
        self._own.deflect(call_id, ring)

    def clear(self, call_id: str, cause: Cause) -> None:
        self._own.clear(call_id, cause)
