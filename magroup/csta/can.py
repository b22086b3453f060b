"""Whether another switch would accept a service now, as far as its calls say it: the question that menus ask."""

from collections.abc import Iterable

from magroup.csta.permitted import is_among
from magroup.cti.call_control import CANNOT, MOST_HELD, Service
from magroup.cti.types import Call, Connection, ConnectionId, ConnectionState

CONNECTED, HOLD, ALERTING = ConnectionState.CONNECTED, ConnectionState.HOLD, ConnectionState.ALERTING
_TALKING = (CONNECTED, HOLD)


def why_not(service: Service, connection: ConnectionId, calls: Iterable[Call], permitted: frozenset[str] | None) -> str:
    """One sentence, or ""; ``permitted`` are the services that the switch has at all, None where it has not said."""
    if permitted is not None and not is_among(service, permitted):
        return f"{CANNOT}: it has no service {service.value}"
    all_calls = tuple(calls)
    call = next((one for one in all_calls if one.id == connection.call_id), None)
    if call is None:
        return f"There is no call {connection.call_id}"
    mine = call.connection(connection.device)
    if mine is None:
        return f"{connection.device} takes no part in the call"
    return _of_state(service, mine, call, all_calls)


def _of_state(service: Service, mine: Connection, call: Call, calls: tuple[Call, ...]) -> str:
    device, state = mine.id.device, mine.state
    is_talking = state in _TALKING and any(
        other is not mine and other.state in _TALKING for other in call.connections
    )  # fmt: skip
    match service:
        case Service.CLEAR_CONNECTION:
            return ""
        case Service.ANSWER_CALL | Service.DEFLECT_CALL | Service.DIRECTED_PICKUP_CALL:
            return "" if state is ALERTING else f"The call does not ring at {device}"
        case Service.HOLD_CALL | Service.GENERATE_DIGITS:
            return "" if is_talking and state is CONNECTED else f"{device} is not talking in this call"
        case Service.RETRIEVE_CALL:
            if state is not HOLD:
                return f"{device} does not hold this call"
            is_busy = any(_state(other, device) is CONNECTED for other in calls if other is not call)
            return f"{device} talks in another call" if is_busy else ""
        case Service.CONSULTATION_CALL if is_talking and sum(_state(one, device) is HOLD for one in calls) >= MOST_HELD:
            return f"{device} holds {MOST_HELD} calls already"
        case Service.CONSULTATION_CALL | Service.SINGLE_STEP_TRANSFER_CALL:
            return "" if is_talking else f"{device} is not talking in this call"
        case Service.ALTERNATE_CALL if not is_talking:
            return f"{device} is not talking in this call"
    holds = any(_state(other, device) is HOLD for other in calls if other is not call)
    if state is not CONNECTED:
        return f"{device} is not active in this call"
    return "" if holds else f"{device} holds no other call"


def _state(call: Call, device: str) -> ConnectionState | None:
    connection = call.connection(device)
    return connection.state if connection is not None else None
