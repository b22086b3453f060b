"""FakeSwitch's calls on hold: consulting, going back and forth, joining; a phone has one dialog for all of them."""

from collections.abc import Iterable

from magroup.cti.call_control import MOST_HELD
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import ConnectionCleared, Delivered, Originated, Transferred
from magroup.cti.fake_voice import FakeVoice
from magroup.cti.types import Cause, Connection, ConnectionId, ConnectionState, Party
from magroup.model.clock import Clock


class FakeSteering(FakeVoice):
    """``_waits`` are the connections that wait while their phone is in another call, the one in ``_present``."""

    def __init__(self, clock: Clock, devices: Iterable[str], trunk: bool, node: str) -> None:
        super().__init__(clock, devices, trunk, node)
        self._waits: dict[tuple[str, str], None] = {}
        self._present: dict[str, str] = {}

    def describe(self) -> dict[str, int]:
        return super().describe() | {"waiting": len(self._waits), "present": len(self._present)}

    def is_elsewhere(self, call_id: str, device: str) -> bool:
        """Whether the phone is in another call while this one waits."""
        return (call_id, device) in self._waits

    async def hold_call(self, connection: ConnectionId) -> None:
        self._check_talks(connection)
        self.device_holds(connection.call_id, connection.device)

    async def retrieve_call(self, connection: ConnectionId) -> None:
        self._check_retrieve(connection)
        self._retrieve(connection)

    async def alternate_call(self, held: ConnectionId, active: ConnectionId) -> None:
        self._check_alternate(held, active)
        self.device_holds(active.call_id, active.device)
        self._retrieve(held)

    async def consultation_call(self, existing: ConnectionId, destination: str) -> ConnectionId:
        found = self._check_consultation(existing)
        self._demand_destination(destination)
        if found.state is ConnectionState.CONNECTED:
            self.device_holds(existing.call_id, existing.device)
        device = existing.device
        self._waits[self._present.get(device, existing.call_id), device] = None
        call = self._table.new_call(found.party, Party(destination))
        self._present[device] = call.id
        self._table.change(Originated, call, device, Cause.NEW_CALL)
        self._arrive_at(call.id, destination)
        return ConnectionId(call.id, device)

    async def reconnect_call(self, active: ConnectionId, held: ConnectionId) -> None:
        self._check_reconnect(held, active)
        if (held.call_id, held.device) in self._waits:
            del self._waits[held.call_id, held.device]
            self._waits[held.call_id, held.device] = None
        self._end(active.call_id, active.device, Cause.NORMAL_CLEARING)
        if held.call_id in self._table.calls:
            self._retrieve(held)

    async def transfer_call(self, held: ConnectionId, active: ConnectionId) -> ConnectionId:
        self._check_transfer(held, active)
        call_id, device = held.call_id, held.device
        second = self._table.calls[active.call_id]
        talks = self._talks_to(active.call_id, device)
        if talks:
            self._join(held, active, talks[0])
            return ConnectionId(call_id, talks[0].id.device)
        rings = tuple(self._table.in_state(active.call_id, ConnectionState.ALERTING))
        if not rings:
            self._end(active.call_id, device, Cause.TRANSFER)
            number = self._follow(call_id, second.called.number)
            return ConnectionId(self._transfer_to_point(call_id, device, number), number)
        target = rings[0]
        party = target.party
        self._transfers[call_id] = (device, party.number)
        self._table.set_state(Delivered, call_id, party, ConnectionState.ALERTING, cause=Cause.TRANSFER)
        self._end(active.call_id, device, Cause.TRANSFER)
        self._waits.pop((call_id, device), None)
        self._table.drop(call_id, device, Cause.NORMAL_CLEARING)
        return ConnectionId(call_id, party.number)

    def _join(self, held: ConnectionId, active: ConnectionId, target: Connection) -> None:
        call_id, device = held.call_id, held.device
        call = self._table.calls[call_id].without(device)
        for left in (*call.connections, target):
            new = self._table.connection(call, left.party, ConnectionState.CONNECTED, left.inbound)
            call = call.with_connection(new)
        for end in (held, active):
            self._waits.pop((end.call_id, device), None)
        self._table.change(
            Transferred, call, device, Cause.TRANSFER, transferred_to=target.party, other_call_id=active.call_id
        )
        self._end(active.call_id, device, Cause.TRANSFER)

    def _retrieve(self, connection: ConnectionId) -> None:
        call_id, device = connection.call_id, connection.device
        if (call_id, device) in self._waits:
            del self._waits[call_id, device]
            self._waits[self._present[device], device] = None
            self._present[device] = call_id
        self.device_retrieves(call_id, device)

    # What becomes of the phones

    def device_hangs_up(self, call_id: str, device: str) -> None:
        """A phone that holds other calls is rung for them."""
        waiting = [wait for wait in self._waits if wait[1] == device] if self._present.get(device) == call_id else []
        for wait in waiting:
            del self._waits[wait]
        super().device_hangs_up(call_id, device)
        for held, _ in waiting:
            self._recall(held, device)

    def _recall(self, call_id: str, device: str) -> None:
        call = self._table.calls[call_id]
        for left in call.without(device).connections:
            now = self._table.connection(call, left.party, ConnectionState.CONNECTED, left.inbound)
            call = call.with_connection(now)
        self._table.change(ConnectionCleared, call.without(device), device, Cause.NORMAL_CLEARING)
        self._try(call_id, device, is_wanted=True)

    def _end(self, call_id: str, by: str, cause: Cause, detail: str = "") -> None:
        super()._end(call_id, by, cause, detail)
        self._waits = {wait: None for wait in self._waits if wait[0] != call_id}
        for device in [device for device, present in self._present.items() if present == call_id]:
            waiting = [held for held, other in self._waits if other == device]
            if waiting:
                self._present[device] = waiting[-1]
                del self._waits[waiting[-1], device]
        held = {device for _, device in self._waits}
        self._present = {device: present for device, present in self._present.items() if device in held}

    # Checks

    def _talks_to(self, call_id: str, device: str) -> list[Connection]:
        """Who the device talks to in the call."""
        up = (ConnectionState.CONNECTED, ConnectionState.HOLD)
        if call_id in self._at_point or call_id in self._prompted:
            return []
        return [c for c in self._table.calls[call_id].connections if c.id.device != device and c.state in up]

    def _demand_quiet(self, call_id: str) -> None:
        if call_id in self._transfers:
            raise ServiceError(Failure.RESOURCE_BUSY, "The call is just being transferred")

    def _demand_there(self, call_id: str, device: str) -> None:
        for other in self._talks_to(call_id, device):
            if (call_id, other.id.device) in self._waits:
                raise ServiceError(Failure.RESOURCE_BUSY, f"The phone of {other.id.device} is in another call")

    def _check_talks(self, connection: ConnectionId) -> Connection:
        found = self._table.demand(connection)
        call_id, device = connection.call_id, connection.device
        if found.state is not ConnectionState.CONNECTED or not self._talks_to(call_id, device):
            raise ServiceError(Failure.NO_ACTIVE_CALL, f"{device} does not talk in this call")
        self._demand_quiet(call_id)
        return found

    def _check_held(self, connection: ConnectionId) -> Connection:
        found = self._table.demand(connection)
        if found.state is not ConnectionState.HOLD:
            raise ServiceError(Failure.NO_HELD_CALL, f"{connection.device} does not hold this call")
        self._demand_quiet(connection.call_id)
        return found

    def _check_retrieve(self, connection: ConnectionId) -> Connection:
        found = self._check_held(connection)
        device = connection.device
        if (connection.call_id, device) in self._waits:
            other = self._table.calls[self._present[device]].connection(device)
            if other is None or other.state is not ConnectionState.HOLD:
                raise ServiceError(Failure.NO_ACTIVE_CALL, f"{device} talks in another call")
        return found

    def _check_consultation(self, existing: ConnectionId) -> Connection:
        found = self._table.demand(existing)
        if found.state is ConnectionState.HOLD:
            self._check_retrieve(existing)
        else:
            self._check_talks(existing)
        if sum(device == existing.device for _, device in self._waits) >= MOST_HELD:
            raise ServiceError(Failure.RESOURCE_BUSY, f"{existing.device} holds too many calls")
        return found

    def _check_pair(self, held: ConnectionId, active: ConnectionId) -> None:
        if held.device != active.device or held.call_id == active.call_id:
            raise ServiceError(Failure.INVALID_CONNECTION, "These are not two calls of one device")

    def _check_alternate(self, held: ConnectionId, active: ConnectionId) -> None:
        self._check_pair(held, active)
        self._check_held(held)
        self._check_talks(active)

    def _check_reconnect(self, held: ConnectionId, active: ConnectionId) -> None:
        self._check_pair(held, active)
        self._check_held(held)
        if self._table.demand(active).state not in (ConnectionState.CONNECTED, ConnectionState.INITIATED):
            raise ServiceError(Failure.NO_ACTIVE_CALL, f"{active.device} is not active in this call")

    def _check_transfer(self, held: ConnectionId, active: ConnectionId) -> None:
        self._check_pair(held, active)
        self._check_held(held)
        if self._table.demand(active).state is not ConnectionState.CONNECTED:
            raise ServiceError(Failure.NO_ACTIVE_CALL, f"{active.device} is not active in this call")
        self._demand_quiet(active.call_id)
        for end in (held, active):
            self._demand_there(end.call_id, end.device)

    def _held_beside(self, active: ConnectionId) -> ConnectionId:
        self._table.demand(active)
        for call in self.calls():
            found = call.connection(active.device)
            if call.id != active.call_id and found and found.state is ConnectionState.HOLD:
                return found.id
        raise ServiceError(Failure.NO_HELD_CALL, f"{active.device} holds no other call")
