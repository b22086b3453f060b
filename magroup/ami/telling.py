"""What is different between a call as it was told and as it is now, as the port's events in the order of CSTA."""

from collections.abc import Iterable
from dataclasses import dataclass

from magroup.ami.channel import Channel
from magroup.ami.endings import Endings, Reason
from magroup.cti.events import (
    CallCleared,
    CallEvent,
    Delivered,
    Established,
    Failed,
    Held,
    NetworkReached,
    Originated,
    Retrieved,
)
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party


@dataclass(frozen=True)
class Part:
    """Somebody's part in a call, and the channel that it is known from."""

    party: Party
    state: ConnectionState
    inbound: bool
    channel: Channel


class Telling:
    """One call's step from ``told``, its last event's snapshot (None before the first one), to what is now."""

    def __init__(self, call: Call, told: Call | None, endings: Endings, now: float) -> None:
        self.call = call
        self.told = told
        self.events: list[CallEvent] = []
        self._endings = endings
        self._now = now

    def parts(self, parts: Iterable[Part]) -> None:
        """Who is new in it, or is so in another way."""
        for part in parts:
            old = self.call.connection(part.party.number)
            if old is not None and old.state is part.state:
                continue
            party = old.party if old is not None else part.party
            inbound = old.inbound if old is not None else part.inbound
            state = part.state
            number = ConnectionId(self.call.id, party.number)
            new = self.call.with_connection(Connection(number, state, party, inbound, self._now))
            if old is None or (state is ConnectionState.CONNECTED and old.state is not ConnectionState.HOLD):
                self._endings.goes_on(new.id, len(new.connections))
            kind = _kind(self.call, old, state, party, inbound)
            if kind is None:
                self.call = new
            else:
                self._tell(kind(new, self.told, party.number, self._now, self._cause(kind, new, party)))

    def fails(self, device: str, reason: Reason | None) -> None:
        """``device`` was called, and has not even rung."""
        if reason is not None:
            self.leaves(device, reason)

    def leaves(self, device: str, reason: Reason) -> None:
        """``device`` is out of it."""
        if reason.kind is Failed:
            self._failed(device, reason)
            return
        self._endings.out(self.call.id, device, reason)
        new = self.call.without(device)
        self._tell(reason.kind(new, self.told, device, self._now, reason.cause, **reason.more))

    def ends(self) -> None:
        """Nobody is left. Where it was on the way to a number, and got nowhere, it failed there."""
        call = self.call
        by, cause, detail = self._endings.of_call(call.id)
        if (number := self._endings.sought(call.id)) and cause not in (Cause.NORMAL, Cause.NORMAL_CLEARING):
            failed = self._endings.unanswered(call, number, "", cause, detail)
            self._tell(failed.kind(call, self.told, number, self._now, failed.cause, **failed.more))
            cause = failed.cause
        over = Call(call.id, call.calling, call.called, call.started_at, (), True)
        self._tell(CallCleared(over, self.told, by, self._now, cause, detail))

    def _failed(self, device: str, reason: Reason) -> None:
        self._endings.goes_on(self.call.id, 2)
        self._endings.out(self.call.id, device, reason)
        new = self.call.without(device)
        self._tell(Failed(new, self.told, device, self._now, reason.cause, **reason.more))

    def _tell(self, event: CallEvent) -> None:
        self.events.append(event)
        self.call = self.told = event.call

    def _cause(self, kind: type[CallEvent], call: Call, party: Party) -> Cause:
        if kind is Originated:
            return Cause.NEW_CALL
        if kind is Established and self._endings.was_picked_up(call.id, party.number):
            return Cause.CALL_PICKUP
        return Cause.NORMAL


def _kind(
    call: Call, old: Connection | None, state: ConnectionState, party: Party, inbound: bool
) -> type[CallEvent] | None:
    before = old.state if old is not None else ConnectionState.NULL
    if state is ConnectionState.ALERTING:
        return NetworkReached if party.external else Delivered
    if state is ConnectionState.HOLD:
        return Held
    if state is not ConnectionState.CONNECTED:
        return None
    if before is ConnectionState.HOLD:
        return Retrieved
    alone = not any(other.id.device != party.number for other in call.connections)
    return Originated if alone and not inbound else Established
