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
_CAUSES: Mapping[str, Cause] = {cause.value: cause for cause in Cause}

_BY_NAME: Mapping[str, type[CallEvent]] = {
    kind.__name__: kind
    for kind in (
        events.Originated, events.Offered, events.Delivered, events.Established, events.Held, events.Retrieved,
        events.NetworkReached, events.Failed, events.Diverted, events.Transferred, events.ConnectionCleared,
        events.CallCleared,
    )
}  # fmt: skip
"""Digits, and ends of messages, are of no interest to other nodes."""

TOLD = frozenset(_BY_NAME.values())
_SAYS_MORE = frozenset((
    events.Offered, events.Transferred, events.Failed, events.ConnectionCleared, events.CallCleared, events.Diverted,
))  # fmt: skip


def call_form(call: Call) -> list[Any]:
    """Each event of each call comes by here: parties are written in place, and the values of an Enum without the two
    functions in Python that find them.
    """
    calling, called = call.calling, call.called
    connections = [
        [
            one.id.device, one.state._value_, [one.party.number, one.party.name, one.party.external], one.inbound,
            one.since,
        ]
        for one in call.connections
    ]  # fmt: skip
    return [
        call.id, [calling.number, calling.name, calling.external], [called.number, called.name, called.external],
        call.started_at, connections, call.ended,
    ]  # fmt: skip


def call_of(form: Any, before: Call | None) -> Call:
    """The call; what is as it was ``before`` is the very same. Raises ValueError."""
    return call_from(of_kind(form, CALL), before)


def call_from(parts: CALL, before: Call | None) -> Call:
    """The same of what is checked. Raises ValueError."""
    id, calling, called, started_at, connections, ended = parts
    if before is None:
        made = [_connection(id, one) for one in connections]
        return Call(id, Party(*calling), Party(*called), started_at, tuple(made), ended)
    made = []
    for one in connections:
        device, state, party, inbound, since = one
        for known in before.connections:
            if known.id.device == device:
                now = _party(known.party, party)
                is_same = known.since == since and known.state._value_ == state and known.inbound == inbound
                if is_same and now is known.party:
                    made.append(known)
                else:
                    made.append(Connection(known.id, _state(state), now, inbound, since))
                break
        else:
            made.append(_connection(id, one))
    return Call(
        id, _party(before.calling, calling), _party(before.called, called), started_at, tuple(made), ended
    )  # fmt: skip


def _connection(id: str, form: _CONNECTION) -> Connection:
    device, state, party, inbound, since = form
    return Connection(ConnectionId(id, device), _state(state), Party(*party), inbound, since)


def _state(value: str) -> ConnectionState:
    state = _STATES.get(value)
    if state is None:
        raise ValueError("a state that is none")
    return state


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
            party = event.transferred_to
            more = [[party.number, party.name, party.external], event.other_call_id]
    return [type(event).__name__, event.device, event.at, event.cause._value_, more]


def event_from(parts: EVENT, call: Call, before: Call | None) -> CallEvent:
    """The event, whose form is checked, of a call that was ``before`` something else. Raises ValueError."""
    name, device, at, cause_text, more = parts
    kind, cause = _BY_NAME.get(name), _CAUSES.get(cause_text)
    if kind is None or cause is None:
        raise ValueError("an event that is not told")
    if more is None and kind not in _SAYS_MORE:
        return kind(call, before, device, at, cause)
    if kind is events.Offered:
        return events.Offered(call, before, device, at, cause, of_kind(more, tuple[str, ...]))
    if kind is events.Transferred:
        party, other = of_kind(more, tuple[_PARTY, str])
        return events.Transferred(call, before, device, at, cause, Party(*party), other)
    text = of_kind(more, str)
    if kind is events.Failed:
        return events.Failed(call, before, device, at, cause, text)
    if kind is events.ConnectionCleared:
        return events.ConnectionCleared(call, before, device, at, cause, text)
    if kind is events.CallCleared:
        return events.CallCleared(call, before, device, at, cause, text)
    if kind is events.Diverted:
        return events.Diverted(call, before, device, at, cause, text)
    raise ValueError("more than the event has")
