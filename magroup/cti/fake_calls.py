"""The calls of FakeSwitch: a table of snapshots, and events told to monitors in the order they happen."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from twisted.logger import Logger

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import (
    CallCleared,
    CallEvent,
    ConnectionCleared,
    DeviceEvent,
    Event,
    LinkChanged,
)
from magroup.cti.switch import Listener
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party
from magroup.model.clock import Clock

_log = Logger()


class FakeMonitor:
    """A listener for all devices ("") or one: what happens at it and in the calls it takes part in."""

    def __init__(self, listener: Listener, device: str) -> None:
        self._listener: Listener | None = listener
        self.device = device

    def stop(self) -> None:
        self._listener = None

    @property
    def stopped(self) -> bool:
        return self._listener is None

    def tell(self, event: Event) -> None:
        if self._listener is None or not self._concerns(event):
            return
        try:
            self._listener(event)
        except Exception:
            _log.failure("A monitor's listener failed")

    def _concerns(self, event: Event) -> bool:
        if not self.device or event.device == self.device or isinstance(event, LinkChanged):
            return True
        if not isinstance(event, CallEvent):
            return False
        return any(call is not None and call.connection(self.device) for call in (event.call, event.old))


class CallTable:
    """The calls that are up, changed by events only.

    What a listener does in turn is told when all have heard the event before.
    """

    def __init__(self, clock: Clock, node: str) -> None:
        self._clock = clock
        self._node = node
        self._count = 0
        self._monitors: list[FakeMonitor] = []
        self._untold: deque[Event] = deque()
        self._telling = False
        self._told: dict[str, Call] = {}
        self.calls: dict[str, Call] = {}

    def seconds(self) -> float:
        """The clock's time."""
        return self._clock.seconds()

    def monitor(self, listener: Listener, device: str) -> FakeMonitor:
        monitor = FakeMonitor(listener, device)
        self._monitors = [*(other for other in self._monitors if not other.stopped), monitor]
        return monitor

    def new_call(self, calling: Party, called: Party) -> Call:
        """A call that only ``calling`` takes part in yet."""
        self._count += 1
        call = Call(f"{self._node}-{self._count}", calling, called, self._clock.seconds())
        return call.with_connection(self.connection(call, calling, ConnectionState.CONNECTED, inbound=False))

    def connection(self, call: Call, party: Party, state: ConnectionState, inbound: bool = True) -> Connection:
        return Connection(ConnectionId(call.id, party.number), state, party, inbound, self._clock.seconds())

    def change(self, event: type[CallEvent], call: Call, device: str, cause: Cause = Cause.NORMAL, **more: Any) -> None:
        """``call`` is the call from now on; tell why."""
        old = self._told.get(call.id)
        self.calls[call.id] = self._told[call.id] = call
        if call.ended:
            del self.calls[call.id], self._told[call.id]
        self.tell(event(call=call, old=old, device=device, at=self._clock.seconds(), cause=cause, **more))

    def set_state(
        self, event: type[CallEvent], call_id: str, party: Party, state: ConnectionState, **more: Any
    ) -> None:
        """``party`` takes part in the call in ``state``, newly or as before."""
        call = self.calls[call_id]
        old = call.connection(party.number)
        party, inbound = (old.party, old.inbound) if old else (party, True)
        self.change(event, call.with_connection(self.connection(call, party, state, inbound)), party.number, **more)

    def drop(self, call_id: str, device: str, cause: Cause, detail: str = "") -> None:
        """``device`` leaves the call."""
        if call := self.calls.get(call_id):
            self.change(ConnectionCleared, call.without(device), device, cause, detail=detail)

    def end(self, call_id: str, by: str, cause: Cause, detail: str = "") -> None:
        """Everybody leaves, ``by`` first ("" the switch itself); the call is over."""
        call = self.calls[call_id]
        for connection in sorted(call.connections, key=lambda connection: connection.id.device != by):
            ringing = connection.state is ConnectionState.ALERTING and connection.id.device != by
            why = Cause.CALL_CANCELLED if ringing and cause is Cause.NORMAL_CLEARING else cause
            if connection.state is not ConnectionState.QUEUED:
                self.drop(call_id, connection.id.device, why, detail)
        over = replace(call, ended=True, connections=())
        self.change(CallCleared, over, by, cause, detail=detail)

    def tell(self, event: Event) -> None:
        self._untold.append(event)
        if self._telling:
            return
        self._telling = True
        try:
            while self._untold:
                heard = self._untold.popleft()
                for monitor in tuple(self._monitors):
                    monitor.tell(heard)
        finally:
            self._telling = False

    def tell_of_device(self, event: type[DeviceEvent], device: str) -> None:
        self.tell(event(device, self._clock.seconds()))

    def in_state(self, call_id: str, state: ConnectionState) -> Iterator[Connection]:
        call = self.calls.get(call_id)
        return (c for c in call.connections if c.state is state) if call else iter(())

    def demand(self, connection: ConnectionId, *states: ConnectionState) -> Connection:
        """The connection, in one of ``states``; ServiceError where there is none."""
        call = self.calls.get(connection.call_id)
        if call is None:
            raise ServiceError(Failure.INVALID_CALL, f"There is no call {connection.call_id}")
        found = call.connection(connection.device)
        if found is None:
            raise ServiceError(Failure.INVALID_CONNECTION, f"{connection.device} takes no part in the call")
        if states and found.state not in states:
            raise ServiceError(Failure.INCORRECT_CONNECTION_STATE, f"{connection.device} is {found.state}")
        return found
