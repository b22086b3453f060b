"""Calls and their events as they are told to other nodes: plain lists, and back."""

from collections.abc import Mapping
from typing import Any

from magroup.cluster.wire import of_kind
from magroup.cti import events
from magroup.cti.events import CallEvent
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party

_PARTY = tuple[str, str, bool]
_CONNECTION = tuple[str, str, _PARTY, bool, float]
CALL = tuple[str, _PARTY, _PARTY, float, list[_CONNECTION], bool]
EVENT = tuple[str, str, float, str, Any]
"""The forms as they are read; what belongs to some events only is checked with the event."""

_STATES: Mapping[str, ConnectionState] = {state.value: state for state in ConnectionState}

_TOLD: Mapping[str, type[CallEvent]] = {
    kind.__name__: kind
    for kind in (
        events.Originated, events.Offered, events.Delivered, events.Established, events.Held, events.Retrieved,
        events.NetworkReached, events.Failed, events.Diverted, events.Transferred, events.ConnectionCleared,
        events.CallCleared,
    )
}  # fmt: skip
"""Digits, and ends of messages, are of no interest to other nodes."""


def is_told(event: CallEvent) -> bool:
    return type(event).__name__ in _TOLD


def call_form(call: Call) -> list[Any]:
    connections = []
    for one in call.connections:
        # Each event of each call comes by here: the value of an Enum is otherwise found by two functions in Python.
        connections.append([one.id.device, one.state._value_, _party_form(one.party), one.inbound, one.since])
    return [
        call.id, _party_form(call.calling), _party_form(call.called), call.started_at, connections, call.ended
    ]  # fmt: skip


def call_of(form: Any, before: Call | None) -> Call:
    """The call; what is as it was ``before`` is the very same. Raises ValueError."""
    return call_from(of_kind(form, CALL), before)


def call_from(parts: CALL, before: Call | None) -> Call:
    """The same of what is checked. Raises ValueError."""
    id, calling, called, started_at, connections, ended = parts
    if before is None:
        made = [_connection(id, None, *one) for one in connections]
        return Call(id, Party(*calling), Party(*called), started_at, tuple(made), ended)
    known = {one.id.device: one for one in before.connections}
    made = [_connection(id, known.get(one[0]), *one) for one in connections]
    return Call(
        id, _party(before.calling, calling), _party(before.called, called), started_at, tuple(made), ended
    )  # fmt: skip


def _connection(
    id: str, before: Connection | None, device: str, state_text: str, party: _PARTY, inbound: bool, since: float
) -> Connection:  # fmt: skip
    state = _STATES.get(state_text)
    if state is None:
        raise ValueError("a state that is none")
    if before is None:
        return Connection(ConnectionId(id, device), state, Party(*party), inbound, since)
    now = _party(before.party, party)
    if before.state is state and before.since == since and before.inbound == inbound and now is before.party:
        return before
    return Connection(before.id, state, now, inbound, since)


def _party(before: Party, party: _PARTY) -> Party:
    number, name, external = party
    is_same = before.number == number and before.name == name and before.external == external
    return before if is_same else Party(number, name, external)


def event_form(event: CallEvent) -> list[Any]:
    """All but the call itself."""
    more: Any = None
    match event:
        case events.Offered():
            more = list(event.diverted_from)
        case events.Failed() | events.ConnectionCleared() | events.CallCleared():
            more = event.detail
        case events.Diverted():
            more = event.new_destination
        case events.Transferred():
            more = [_party_form(event.transferred_to), event.other_call_id]
    return [type(event).__name__, event.device, event.at, event.cause._value_, more]


def event_from(parts: EVENT, call: Call, before: Call | None) -> CallEvent:
    """The event, whose form is checked, of a call that was ``before`` something else. Raises ValueError."""
    name, device, at, cause_text, more = parts
    kind, cause = _TOLD.get(name), Cause(cause_text)
    if kind is None:
        raise ValueError("an event that is not told")
    if kind is events.Offered:
        return events.Offered(call, before, device, at, cause, of_kind(more, tuple[str, ...]))
    if kind is events.Failed:
        return events.Failed(call, before, device, at, cause, of_kind(more, str))
    if kind is events.ConnectionCleared:
        return events.ConnectionCleared(call, before, device, at, cause, of_kind(more, str))
    if kind is events.CallCleared:
        return events.CallCleared(call, before, device, at, cause, of_kind(more, str))
    if kind is events.Diverted:
        return events.Diverted(call, before, device, at, cause, of_kind(more, str))
    if kind is events.Transferred:
        party, other = of_kind(more, tuple[_PARTY, str])
        return events.Transferred(call, before, device, at, cause, Party(*party), other)
    return kind(call, before, device, at, cause)


def _party_form(party: Party) -> list[Any]:
    return [party.number, party.name, party.external]
