"""The calls of another switch as its events tell them: each event makes a new snapshot, and one event of the port."""

from collections.abc import Callable
from typing import Any

from magroup.csta import event_messages as m
from magroup.csta.call_ids import CallIds
from magroup.csta.causes import cause_of
from magroup.csta.copies import Copies
from magroup.csta.private import detail_in
from magroup.csta.values import ConnectionID, Subject
from magroup.cti import events
from magroup.cti.call_control import UNSEEN
from magroup.cti.events import CallEvent, Event
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party

MOST_CALLS = 20_000
"""Calls that are up; no switch has more, and one that makes up calls does not fill the memory."""

_STATES = {state.value: state for state in ConnectionState}


class CallModel:
    """``tell`` gets the port's events; ``party`` gives who has a number, ``seconds`` the time.

    The port's ids begin with ``prefix``.
    """

    def __init__(
        self, seconds: Callable[[], float], party: Callable[[str], Party], tell: Callable[[Event], None],
        prefix: str = "",
    ) -> None:  # fmt: skip
        self.calls: dict[str, Call] = {}
        self.is_monitored: Callable[[str], bool] | None = None
        """Whether a device is; None where calls are followed to their end, which is told then."""
        self._seconds = seconds
        self._party = party
        self._tell = tell
        self.told: dict[str, Call] = {}
        """The calls as they were told last."""
        self.ids = CallIds(seconds, prefix)
        self._leaving: dict[str, str] = {}
        self._copies = Copies()

    def __len__(self) -> int:
        """Everything that is kept because of calls that are up."""
        return len(self.calls) + len(self.told) + len(self.ids) + len(self._leaving)

    # What is heard

    def apply(self, event: m.MonitorEvent) -> None:
        """An event of a call; copies of other monitors, and what comes after the end, change nothing."""
        apply = _APPLY.get(type(event))
        if apply is None:
            return
        where = connection_of(event)
        is_full = len(self.calls) >= MOST_CALLS
        id_of = self.ids.of if is_full or isinstance(event, _NOTHING_NEW) else self.ids.begins
        call_id = id_of(where.call_id) if where is not None else ""
        if where is None or self.ids.is_over(call_id) or not call_id or not self._copies.is_new(call_id, event):
            return
        if call_id not in self.calls and (is_full or isinstance(event, _NOTHING_NEW)):
            return
        apply(self, event, call_id, where.number)
        self._over_for_us(call_id, event)

    def _over_for_us(self, call_id: str, event: Any) -> None:
        """Where only devices are monitored, nobody tells of a call that all of them have left: it is over."""
        call = self.calls.get(call_id)
        if call is None or self.is_monitored is None or call_id not in self.told:
            return
        left = [one for one in call.connections if self.is_monitored(one.id.device)]
        if not left or all(one.state is ConnectionState.QUEUED for one in call.connections):
            cause = cause_of(event.cause)
            by = call.calling.number if cause is Cause.CALL_CANCELLED else self._leaving.get(call_id, "")
            self._clear(call_id, by, cause, detail_in(event.extensions))

    def made(self, connection: ConnectionId) -> None:
        """The switch makes this call for somebody, whose own phone is rung first."""
        if connection.call_id in self.calls or self.ids.is_over(connection.call_id):
            return
        party = self._party(connection.device)
        call = Call(connection.call_id, party, Party(""), self._seconds())
        self.calls[call.id] = self._with(call, party.number, ConnectionState.INITIATED, inbound=False)

    def found(self, call_id: str, states: dict[str, ConnectionState], unseen_since: float) -> None:
        """A snapshot: a call that is up, and how its devices are. What is different is told.

        With other devices than before it is another call, and the former one has ended; as for ``missing``.
        """
        peer_id, call_id = call_id, self.ids.begins(call_id)
        call = self.calls.get(call_id)
        if call is not None and call.connections and not any(call.connection(device) for device in states):
            self.missing(call_id, unseen_since)
            call_id, call = self.ids.another(peer_id), None
        if call is None:
            if self.ids.is_over(call_id):
                return
            calling, called = _ends(states)
            call = Call(call_id, self._party(calling), self._party(called), self._seconds())
        for connection in call.connections:
            if connection.id.device not in states:
                self._change(events.ConnectionCleared, call.without(connection.id.device), connection.id.device)
                call = self.calls[call_id]
        for device, state in states.items():
            before = call.connection(device)
            if before is not None and before.state is state:
                continue
            kind = _KIND_OF_STATE.get(state)
            call = self._with(call, device, state, inbound=before.inbound if before else device != call.calling.number)
            if kind is None:
                self.calls[call_id] = call
            else:
                self._change(kind, call, device)

    def missing(self, call_id: str, unseen_since: float) -> None:
        """A snapshot does not have the call any more: its end was missed. For all we know it lasted until then."""
        call = self.calls.get(call_id)
        if call is not None:
            at = max(unseen_since, call.started_at, *(one.since for one in call.connections))
            self._clear(call_id, "", Cause.NORMAL, UNSEEN, at)

    def forget_copies(self) -> None:
        """The monitors are new ones."""
        self._copies.clear()

    # Changes

    def _change(
        self, kind: type[CallEvent], call: Call, device: str, cause: Cause = Cause.NORMAL, at: float | None = None,
        **more: Any,
    ) -> None:  # fmt: skip
        old = self.told.get(call.id)
        if call.ended:
            self.calls.pop(call.id, None)
            self.told.pop(call.id, None)
            self._leaving.pop(call.id, None)
            self._copies.forget(call.id)
            self.ids.end(call.id)
        else:
            self.calls[call.id] = self.told[call.id] = call
        if kind is not events.ConnectionCleared:
            self._leaving.pop(call.id, None)
        self._tell(kind(call, old, device, self._seconds() if at is None else at, cause, **more))

    def _with(self, call: Call, device: str, state: ConnectionState, inbound: bool = True) -> Call:
        old = call.connection(device)
        if old is not None and old.state is state:
            return call
        party, inbound = (old.party, old.inbound) if old is not None else (self._party(device), inbound)
        return call.with_connection(Connection(ConnectionId(call.id, device), state, party, inbound, self._seconds()))

    def _call(self, call_id: str, event: Any) -> Call:
        """The call, of which this may be the first that is heard."""
        call = self.calls.get(call_id)
        calling, called = _number(event, "calling_device"), _number(event, "called_device")
        if call is None:
            call = Call(call_id, self._party(calling), self._party(called), self._seconds())
            if calling:
                call = self._with(call, calling, ConnectionState.CONNECTED, inbound=False)
        elif called and not call.called.number:
            call = Call(call.id, call.calling, self._party(called), call.started_at, call.connections)
        return call

    def _initiated(self, event: m.ServiceInitiatedEvent, call_id: str, device: str) -> None:
        """The port has no event for it: the call is there, and told of later."""
        if call_id not in self.calls:
            call = Call(call_id, self._party(device), Party(""), self._seconds())
            self.calls[call_id] = self._with(call, device, ConnectionState.INITIATED, inbound=False)

    def _to(self, kind: type[CallEvent], state: ConnectionState, event: Any, call_id: str, device: str) -> None:
        call = self._call(call_id, event)
        is_caller = device == call.calling.number
        self._change(kind, self._with(call, device, state, inbound=not is_caller), device, cause_of(event.cause))

    def _originated(self, event: m.OriginatedEvent, call_id: str, device: str) -> None:
        self._to(events.Originated, ConnectionState.CONNECTED, event, call_id, device)

    def _delivered(self, event: m.DeliveredEvent, call_id: str, device: str) -> None:
        self._to(events.Delivered, ConnectionState.ALERTING, event, call_id, device)

    def _established(self, event: m.EstablishedEvent, call_id: str, device: str) -> None:
        """Who answers has the call, in place of the queue or route point where it waited."""
        call = self._call(call_id, event)
        for connection in call.connections:
            if connection.state is ConnectionState.QUEUED and connection.id.device != device:
                call = call.without(connection.id.device)
        if call.connections:
            self.calls[call_id] = call
        self._to(events.Established, ConnectionState.CONNECTED, event, call_id, device)

    def _held(self, event: m.HeldEvent, call_id: str, device: str) -> None:
        self._to(events.Held, ConnectionState.HOLD, event, call_id, device)

    def _retrieved(self, event: m.RetrievedEvent, call_id: str, device: str) -> None:
        self._to(events.Retrieved, ConnectionState.CONNECTED, event, call_id, device)

    def _network_reached(self, event: m.NetworkReachedEvent, call_id: str, device: str) -> None:
        self._to(events.NetworkReached, ConnectionState.ALERTING, event, call_id, device)

    def _offered(self, event: m.OfferedEvent, call_id: str, device: str) -> None:
        call = self._with(self._call(call_id, event), device, ConnectionState.QUEUED)
        redirected = _number(event, "last_redirection_device")
        through = (redirected,) if redirected else ()
        self._change(events.Offered, call, device, cause_of(event.cause), diverted_from=through)

    def _failed(self, event: m.FailedEvent, call_id: str, device: str) -> None:
        call = self._call(call_id, event)
        if device != call.calling.number:
            call = call.without(device)
        self._change(events.Failed, call, device, cause_of(event.cause), detail=detail_in(event.extensions))

    def _diverted(self, event: m.DivertedEvent, call_id: str, device: str) -> None:
        call = self._call(call_id, event)
        to = _number(event, "new_destination")
        self._change(events.Diverted, call.without(device), device, cause_of(event.cause), new_destination=to)

    def _digits(self, event: m.DigitsGeneratedEvent, call_id: str, device: str) -> None:
        self._change(events.DigitsGenerated, self.calls[call_id], device, digits=event.digit_generated_list)

    def _connection_cleared(self, event: m.ConnectionClearedEvent, call_id: str, device: str) -> None:
        call = self.calls[call_id]
        if call.connection(device) is None:
            return
        cause, detail = cause_of(event.cause), detail_in(event.extensions)
        by = self._leaving.get(call_id, "")
        self._change(events.ConnectionCleared, call.without(device), device, cause, detail=detail)
        if not by and cause is Cause.NORMAL_CLEARING:
            by = device
        self._leaving[call_id] = by

    def _call_cleared(self, event: m.CallClearedEvent, call_id: str, device: str) -> None:
        """The standard does not say by whom: by the caller who gave up, else by the first who left of the own will."""
        cause, by = cause_of(event.cause), ""
        if cause is Cause.CALL_CANCELLED:
            by = self.calls[call_id].calling.number
        elif cause is Cause.NORMAL_CLEARING:
            by = self._leaving.get(call_id, "")
        self._clear(call_id, by, cause, detail_in(event.extensions))

    def _clear(self, call_id: str, by: str, cause: Cause, detail: str = "", at: float | None = None) -> None:
        call = self.calls[call_id]
        for connection in call.connections:
            if connection.state is not ConnectionState.QUEUED and call_id in self.told:
                left = self.calls[call_id].without(connection.id.device)
                self._change(events.ConnectionCleared, left, connection.id.device, cause, at, detail=detail)
        over = Call(call.id, call.calling, call.called, call.started_at, (), True)
        self._change(events.CallCleared, over, by, cause, at, detail=detail)

    def _transferred(self, event: m.TransferedEvent, call_id: str, device: str) -> None:
        """Two calls become one; its id may be that of either, or a new one (ECMA-269 17.2.20)."""
        other_id = self.ids.of(event.secondary_old_call.call_id) if event.secondary_old_call is not None else ""
        items = [item.new_connection for item in event.transferred_connections or () if item.new_connection]
        new_id = items[0].call_id if items else ""
        if new_id and self.ids.of(new_id) == other_id and other_id in self.calls:
            call_id, other_id = other_id, call_id
        elif new_id and self.ids.of(new_id) not in self.calls and self.ids.of(new_id) != other_id:
            self.ids.changed(new_id, call_id)
        call = self.calls[call_id].without(device)
        other = self.calls.get(other_id)
        for item in items:
            if call.connection(item.number) is None and item.number:
                before = other.connection(item.number) if other is not None else None
                state = before.state if before is not None else ConnectionState.CONNECTED
                call = self._with(call, item.number, state)
        to = self._party(_number(event, "transferred_to_device"))
        self._change(
            events.Transferred, call, device, cause_of(event.cause), transferred_to=to, other_call_id=other_id
        )  # fmt: skip
        if other is not None and other_id != call_id:
            self._clear(other_id, device, Cause.TRANSFER)

    def _conferenced(self, event: m.ConferencedEvent, call_id: str, device: str) -> None:
        """The port has no conferences: who was added is in the call, by the id that it has now."""
        items = [item.new_connection for item in event.conference_connections or () if item.new_connection]
        other_id = self.ids.of(event.secondary_old_call.call_id) if event.secondary_old_call is not None else ""
        new_id = items[0].call_id if items else ""
        if new_id and self.ids.of(new_id) not in self.calls:
            self.ids.changed(new_id, call_id)
        for item in items:
            call = self._with(self.calls[call_id], item.number, ConnectionState.CONNECTED)
            if item.number and call is not self.calls[call_id]:
                self._change(events.Established, call, item.number, Cause.NORMAL)
        if other_id in self.calls and other_id != call_id:
            self._clear(other_id, device, Cause.TRANSFER)


def connection_of(event: m.MonitorEvent) -> ConnectionID | None:
    """The connection that the event is about; None of events of devices."""
    attribute = _WHERE.get(type(event), "")
    found: ConnectionID | None = getattr(event, attribute, None) if attribute else None
    return found


def _number(event: Any, attribute: str) -> str:
    """Of a party of the event; "" where the event has none, or does not know."""
    party: Subject | None = getattr(event, attribute, None)
    return party.number if party is not None else ""


def _ends(states: dict[str, ConnectionState]) -> tuple[str, str]:
    """Who may have made the call, and to whom, as far as a snapshot says it: who rings is who was called."""
    rings = [device for device, state in states.items() if state is ConnectionState.ALERTING]
    others = [device for device in states if device not in rings]
    calling = others[0] if others else ""
    return calling, (rings or others[1:] or [""])[0]


def state_of(text: str) -> ConnectionState:
    """A peer's word for a connection's state."""
    return _STATES.get(text, ConnectionState.CONNECTED)


_KIND_OF_STATE: dict[ConnectionState, type[CallEvent]] = {
    ConnectionState.ALERTING: events.Delivered,
    ConnectionState.CONNECTED: events.Established,
    ConnectionState.HOLD: events.Held,
    ConnectionState.QUEUED: events.Offered,
}
_NOTHING_NEW = (
    m.ConnectionClearedEvent, m.CallClearedEvent, m.DigitsGeneratedEvent, m.TransferedEvent, m.ConferencedEvent,
)  # fmt: skip
"""Of a call that nobody knows these say nothing."""

_APPLY: dict[type[m.MonitorEvent], Callable[[CallModel, Any, str, str], None]] = {
    m.ServiceInitiatedEvent: CallModel._initiated,
    m.OriginatedEvent: CallModel._originated,
    m.OfferedEvent: CallModel._offered,
    m.QueuedEvent: CallModel._offered,
    m.DeliveredEvent: CallModel._delivered,
    m.EstablishedEvent: CallModel._established,
    m.NetworkReachedEvent: CallModel._network_reached,
    m.HeldEvent: CallModel._held,
    m.RetrievedEvent: CallModel._retrieved,
    m.FailedEvent: CallModel._failed,
    m.DivertedEvent: CallModel._diverted,
    m.DigitsGeneratedEvent: CallModel._digits,
    m.TransferedEvent: CallModel._transferred,
    m.ConferencedEvent: CallModel._conferenced,
    m.ConnectionClearedEvent: CallModel._connection_cleared,
    m.CallClearedEvent: CallModel._call_cleared,
}
_WHERE: dict[type[m.MonitorEvent], str] = {
    m.ServiceInitiatedEvent: "initiated_connection",
    m.OriginatedEvent: "originated_connection",
    m.OfferedEvent: "offered_connection",
    m.QueuedEvent: "queued_connection",
    m.DeliveredEvent: "connection",
    m.EstablishedEvent: "established_connection",
    m.NetworkReachedEvent: "outbound_connection",
    m.HeldEvent: "held_connection",
    m.RetrievedEvent: "retrieved_connection",
    m.FailedEvent: "failed_connection",
    m.DivertedEvent: "connection",
    m.DigitsGeneratedEvent: "connection",
    m.TransferedEvent: "primary_old_call",
    m.ConferencedEvent: "primary_old_call",
    m.ConnectionClearedEvent: "dropped_connection",
    m.CallClearedEvent: "cleared_call",
}
