"""Calls, connections and devices as CSTA sees them (ECMA-269 6.1): immutable snapshots, ended but never removed.

Each call makes dozens of them. They are initialised by hand so that a compiled one is made by plain assignment.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mypy_extensions import mypyc_attr


class ConnectionState(StrEnum):
    """The states of a connection (ECMA-269 6.1.5); NULL is the last one."""

    NULL = "null"
    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    HOLD = "hold"
    QUEUED = "queued"
    FAILED = "fail"


class Cause(StrEnum):
    """Event causes (ECMA-269 12.2.15), as far as a telephone switch has them."""

    NORMAL = "normal"
    NORMAL_CLEARING = "normalClearing"
    BUSY = "busy"
    CALL_CANCELLED = "callCancelled"
    CALL_FORWARD = "callForward"
    CALL_NOT_ANSWERED = "callNotAnswered"
    CALL_PICKUP = "callPickup"
    CONSULTATION = "consultation"
    DEST_NOT_OBTAINABLE = "destNotObtainable"
    DESTINATION_OUT_OF_ORDER = "destOutOfOrder"
    DO_NOT_DISTURB = "doNotDisturb"
    INCOMPATIBLE_DESTINATION = "incompatibleDestination"
    INVALID_NUMBER = "invalidNumberFormat"
    NETWORK_CONGESTION = "networkCongestion"
    NETWORK_NOT_OBTAINABLE = "networkNotObtainable"
    NETWORK_SIGNAL = "networkSignal"
    NEW_CALL = "newCall"
    NO_AVAILABLE_AGENTS = "noAvailableAgents"
    REDIRECTED = "redirected"
    REJECTED = "reject"
    RESOURCES_NOT_AVAILABLE = "resourcesNotAvailable"
    SINGLE_STEP_TRANSFER = "singleStepTransfer"
    SWITCHING_FUNCTION_TERMINATED = "switchingFunctionTerminated"
    TIMEOUT = "timeout"
    TRANSFER = "transfer"
    ANSWERED_ELSEWHERE = "answeredElsewhere"
    LOOP = "loop"


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class Party:
    """Somebody at an end: the number as the switch knows it, the name shown (UTF-8), whether outside the switch."""

    number: Final[str]
    name: Final[str]
    external: Final[bool]

    def __init__(self, number: str, name: str = "", external: bool = False) -> None:
        self.number = number
        self.name = name
        self.external = external


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class ConnectionId:
    """A connection's identity: the call's id and the device's number."""

    call_id: Final[str]
    device: Final[str]

    def __init__(self, call_id: str, device: str) -> None:
        self.call_id = call_id
        self.device = device


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class Connection:
    """One device's part in a call: its state, since when (clock seconds), whether it was called or called out."""

    id: Final[ConnectionId]
    state: Final[ConnectionState]
    party: Final[Party]
    inbound: Final[bool]
    since: Final[float]

    def __init__(
        self, id: ConnectionId, state: ConnectionState, party: Party, inbound: bool = True, since: float = 0.0
    ) -> None:
        self.id = id
        self.state = state
        self.party = party
        self.inbound = inbound
        self.since = since


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class Call:
    """A call at one moment. ``calling`` made it to ``called``; ``connections`` in the order they came."""

    id: Final[str]
    calling: Final[Party]
    called: Final[Party]
    started_at: Final[float]
    connections: Final[tuple[Connection, ...]]
    ended: Final[bool]

    def __init__(
        self, id: str, calling: Party, called: Party, started_at: float, connections: tuple[Connection, ...] = (),
        ended: bool = False,
    ) -> None:  # fmt: skip
        self.id = id
        self.calling = calling
        self.called = called
        self.started_at = started_at
        self.connections = connections
        self.ended = ended

    def connection(self, device: str) -> Connection | None:
        for connection in self.connections:
            if connection.id.device == device:
                return connection
        return None

    def with_connection(self, connection: Connection) -> "Call":
        """This call with the connection put in, or in place of the one of the same device."""
        others = self.connections
        for position, old in enumerate(others):
            if old.id.device == connection.id.device:
                return self._with((*others[:position], connection, *others[position + 1 :]))
        return self._with((*others, connection))

    def without(self, device: str) -> "Call":
        return self._with(tuple(c for c in self.connections if c.id.device != device))

    def _with(self, connections: tuple[Connection, ...]) -> "Call":
        # Not dataclasses.replace: each call has a dozen of these, and it takes three times as long.
        return Call(self.id, self.calling, self.called, self.started_at, connections, self.ended)
