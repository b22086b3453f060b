"""The port's events as CSTA tells them to each monitor that they concern (ECMA-269 clauses 17.2, 18.2 and 22.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from magroup.csta import event_messages as m
from magroup.csta.private import extensions_of
from magroup.csta.values import NOT_KNOWN, NOT_REQUIRED, ConnectionID, DeviceId, Subject, subject
from magroup.cti import events
from magroup.cti.events import CallEvent, DeviceEvent, Event
from magroup.cti.types import Call, Cause, Connection, ConnectionState, Party
from magroup.model.forwarding import Forwarding

ForwardsTo = Callable[[str, Forwarding], str]
"""The number to which a line's forwarding leads."""

IMMEDIATE = "forwardImmediate"
STATE = "local_connection_info"


@dataclass(frozen=True)
class Told:
    """An event ready to be told: its name in a monitor's filter, and what all monitors hear of it."""

    kind: type[m.MonitorEvent]
    values: dict[str, Any]
    has_state: bool = False

    @property
    def name(self) -> str:
        """``delivered``, ``callCleared`` ... as filters have it."""
        name = self.kind.__name__.removesuffix("Event")
        return name[:1].lower() + name[1:]

    def to(self, cross_ref: str, state: str = "") -> m.MonitorEvent:
        """The event of one monitor; ``state`` is that of the monitored device, "" at a monitor of the call."""
        if self.has_state and state:
            return self.kind(monitor_cross_ref_id=cross_ref, **self.values, **{STATE: state})
        return self.kind(monitor_cross_ref_id=cross_ref, **self.values)


def told(event: Event, forwards_to: ForwardsTo) -> Told | None:
    """What is told of an event; None of what CSTA has no word for."""
    make = _MAKERS.get(type(event))
    if make is not None:
        return make(event)
    if isinstance(event, events.ForwardingSet):
        forwarding = event.forwarding
        number = forwards_to(event.device, forwarding) if forwarding else ""
        return Told(m.ForwardingEvent, {
            "device": subject(event.device), "forwarding_type": IMMEDIATE, "forward_status": bool(forwarding),
            "forward_to": DeviceId(number) if number else None,
        })  # fmt: skip
    return None


def state_at(event: CallEvent, number: str) -> str:
    """How the device's part in the call is after the event."""
    connection = event.call.connection(number)
    return connection.state.value if connection is not None else ConnectionState.NULL.value


def connection_id(connection: Connection) -> ConnectionID:
    return ConnectionID(connection.id.call_id, DeviceId(connection.id.device))


def _at(event: CallEvent, device: str = "") -> ConnectionID:
    return ConnectionID(event.call.id, DeviceId(device or event.device))


def _party(party: Party) -> Subject:
    return Subject(DeviceId(party.number)) if party.number else NOT_KNOWN


def _redirection(call: Call, device: str) -> Subject:
    """The number that was dialled, where the call has come to another device."""
    called = call.called.number
    return Subject(DeviceId(called)) if called and called != device and device != call.calling.number else NOT_REQUIRED


def _parties(event: CallEvent) -> dict[str, Any]:
    call = event.call
    return {
        "calling_device": _party(call.calling), "called_device": _party(call.called),
        "last_redirection_device": _redirection(call, event.device), "cause": event.cause.value,
    }  # fmt: skip


def _detail(event: Any) -> dict[str, Any]:
    return {"extensions": extensions_of(event.detail)}


def _originated(event: CallEvent) -> Told:
    values = _parties(event)
    del values["last_redirection_device"]
    return Told(m.OriginatedEvent, {"originated_connection": _at(event), **values}, True)


def _offered(event: CallEvent) -> Told:
    """At a route point, where it waits for the application."""
    values = _parties(event)
    if isinstance(event, events.Offered) and event.diverted_from:
        values["last_redirection_device"] = subject(event.diverted_from[-1])
    return Told(
        m.OfferedEvent, {"offered_connection": _at(event), "offered_device": subject(event.device), **values}, True
    )  # fmt: skip


def _delivered(event: CallEvent) -> Told:
    here = {"connection": _at(event), "alerting_device": subject(event.device)}
    return Told(m.DeliveredEvent, {**here, **_parties(event)}, True)


def _established(event: CallEvent) -> Told:
    here = {"established_connection": _at(event), "answering_device": subject(event.device)}
    return Told(m.EstablishedEvent, {**here, **_parties(event)}, True)


def _held(event: CallEvent) -> Told:
    here = {"held_connection": _at(event), "holding_device": subject(event.device)}
    return Told(m.HeldEvent, {**here, "cause": event.cause.value}, True)


def _retrieved(event: CallEvent) -> Told:
    here = {"retrieved_connection": _at(event), "retrieving_device": subject(event.device)}
    return Told(m.RetrievedEvent, {**here, "cause": event.cause.value}, True)


def _network_reached(event: CallEvent) -> Told:
    here = {"outbound_connection": _at(event), "network_interface_used": subject(event.device)}
    return Told(m.NetworkReachedEvent, {**here, **_parties(event)}, True)


def _failed(event: CallEvent) -> Told:
    here = {"failed_connection": _at(event), "failing_device": subject(event.device)}
    return Told(m.FailedEvent, {**here, **_parties(event), **_detail(event)}, True)


def _diverted(event: events.Diverted) -> Told:
    here = {
        "connection": _at(event), "diverting_device": subject(event.device),
        "new_destination": subject(event.new_destination),
    }  # fmt: skip
    return Told(m.DivertedEvent, {**here, **_parties(event)}, True)


def queue_left(event: CallEvent, queue: str) -> Told:
    """What the monitors of a route point hear when somebody has answered the call that waited there."""
    here = {"connection": _at(event, queue), "diverting_device": subject(queue)}
    parties = {**_parties(event), "last_redirection_device": NOT_REQUIRED, "cause": Cause.REDIRECTED.value}
    return Told(m.DivertedEvent, {**here, "new_destination": subject(event.device), **parties}, True)


def _transferred(event: events.Transferred) -> Told:
    """Those who go on, with the call that each of them was in before."""
    call, other = event.call, event.other_call_id
    items = []
    for connection in call.connections:
        was_here = event.old is not None and event.old.connection(connection.id.device) is not None
        old_call = call.id if was_here or not other else other
        old = ConnectionID(old_call, DeviceId(connection.id.device))
        items.append(m.ConnectionListItem(new_connection=connection_id(connection), old_connection=old))
    return Told(m.TransferedEvent, {
        "primary_old_call": _at(event),
        "secondary_old_call": ConnectionID(other, DeviceId(event.device)) if other else None,
        "transferring_device": subject(event.device), "transferred_to_device": _party(event.transferred_to),
        "transferred_connections": tuple(items), "cause": event.cause.value,
    }, True)  # fmt: skip


def _connection_cleared(event: CallEvent) -> Told:
    here = {"dropped_connection": _at(event), "releasing_device": subject(event.device)}
    return Told(m.ConnectionClearedEvent, {**here, "cause": event.cause.value, **_detail(event)}, True)


def _call_cleared(event: CallEvent) -> Told:
    what = {"cleared_call": ConnectionID(event.call.id), "cause": event.cause.value}
    return Told(m.CallClearedEvent, {**what, **_detail(event)})


def _digits(event: events.DigitsGenerated) -> Told:
    return Told(m.DigitsGeneratedEvent, {"connection": _at(event), "digit_generated_list": event.digits})


def _in_service(event: DeviceEvent) -> Told:
    return Told(m.BackInServiceEvent, {"device": subject(event.device)})


def _out_of_service(event: DeviceEvent) -> Told:
    return Told(m.OutOfServiceEvent, {"device": subject(event.device)})


def _do_not_disturb(event: events.DoNotDisturbSet) -> Told:
    return Told(m.DoNotDisturbEvent, {"device": subject(event.device), "do_not_disturb_on": event.is_on})


_MAKERS: dict[type[Event], Callable[[Any], Told]] = {
    events.Originated: _originated,
    events.Offered: _offered,
    events.Delivered: _delivered,
    events.Established: _established,
    events.Held: _held,
    events.Retrieved: _retrieved,
    events.NetworkReached: _network_reached,
    events.Failed: _failed,
    events.Diverted: _diverted,
    events.Transferred: _transferred,
    events.ConnectionCleared: _connection_cleared,
    events.CallCleared: _call_cleared,
    events.DigitsGenerated: _digits,
    events.BackInService: _in_service,
    events.OutOfService: _out_of_service,
    events.DoNotDisturbSet: _do_not_disturb,
}
