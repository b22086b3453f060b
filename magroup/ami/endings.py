"""Why somebody is not in a call any more: what Asterisk said before the channel went, and what we know better."""

from dataclasses import dataclass, field
from typing import Any, Final

from magroup.ami.causes import VAGUE, dial_cause, hangup_cause
from magroup.ami.channel import Channel
from magroup.ami.message import Message
from magroup.cti.call_control import UNSEEN
from magroup.cti.events import CallEvent, ConnectionCleared, Diverted, Failed
from magroup.cti.types import Call, Cause, ConnectionState

_QUIET: Final = VAGUE | {Cause.CALL_CANCELLED, Cause.ANSWERED_ELSEWHERE}


@dataclass
class Reason:
    """An event that tells of it, and what it says."""

    kind: type[CallEvent]
    cause: Cause
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class _End:
    cause: Cause
    detail: str
    status: str
    was_up: bool


class Endings:
    """Kept from the event that gives the reason until the one that tells of it; ``undisturbed`` are lines that do not
    want to be rung."""

    def __init__(self) -> None:
        self.undisturbed: set[str] = set()
        self._ends: dict[str, _End] = {}
        self._reasons: dict[tuple[str, str], Reason] = {}
        self._asked: dict[str, str] = {}
        self._first: dict[str, tuple[str, Cause, str]] = {}
        self._seeks: dict[str, str] = {}
        self._picked_up: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._ends) + len(self._reasons) + len(self._asked) + len(self._first) + len(self._seeks)

    def hung_up(self, channel: Channel, message: Message) -> None:
        """Asterisk says so of a channel."""
        number, text = message.get("Cause")[:4], message.get("Cause-txt")[:100]
        self._ends[channel.uid] = _End(hangup_cause(number), f"{number} {text}".strip(), channel.status, channel.is_up)

    def asked(self, call_id: str, device: str) -> None:
        """The device's phone has asked for the end of its call: the first one is who ended it."""
        self._asked.setdefault(call_id, device)

    def not_seen(self, call_id: str) -> None:
        """Nobody has told how the call ended."""
        self._first[call_id] = ("", Cause.NORMAL, UNSEEN)

    def expect(self, call_id: str, device: str, reason: Reason) -> None:
        """When the device leaves the call it is for this reason."""
        self._reasons[call_id, device] = reason

    def expect_no_more(self, call_id: str, device: str) -> None:
        self._reasons.pop((call_id, device), None)

    def diverts(self, call_id: str, device: str, destination: str, cause: Cause) -> None:
        self.expect(call_id, device, Reason(Diverted, cause, {"new_destination": destination}))

    def picked_up(self, call_id: str, rang: str, by: str) -> None:
        """``by`` has the call that rang elsewhere."""
        self.expect(call_id, rang, Reason(ConnectionCleared, Cause.CALL_PICKUP))
        self._picked_up[call_id] = by

    def was_picked_up(self, call_id: str, by: str) -> bool:
        return self._picked_up.get(call_id) == by

    def is_joined(self, call_id: str, by: str) -> None:
        """All leave the call since it has become one with another."""
        self._asked[call_id] = by
        self._first[call_id] = (by, Cause.TRANSFER, "")

    def of(self, call: Call, device: str, channel: Channel | None) -> Reason:
        """Why the device is out of the call."""
        if (reason := self._reasons.pop((call.id, device), None)) is not None:
            return reason
        end = self._ends.get(channel.uid) if channel is not None else None
        old = call.connection(device)
        if (joined := self._first.get(call.id)) is not None and joined[1] is Cause.TRANSFER:
            return Reason(ConnectionCleared, Cause.TRANSFER)
        if end is None or old is None:
            return Reason(ConnectionCleared, Cause.NORMAL_CLEARING)
        if old.state is not ConnectionState.ALERTING:
            cause = Cause.NORMAL_CLEARING if end.cause is Cause.NORMAL else end.cause
            return Reason(ConnectionCleared, cause, {"detail": end.detail})
        return self.unanswered(call, device, end.status, end.cause, end.detail)

    def of_unrung(self, call: Call, device: str, channel: Channel) -> Reason | None:
        """Why somebody did not even ring; None where that is not worth telling."""
        if (known := self._reasons.pop((call.id, device), None)) is not None:
            return known
        end = self._ends.get(channel.uid)
        if end is None:
            return None
        reason = self.unanswered(call, device, end.status, end.cause, end.detail)
        return reason if reason.kind is Failed else None

    def unanswered(self, call: Call, device: str, status: str, hangup: Cause, detail: str) -> Reason:
        """Why somebody who was called has not answered."""
        cause = dial_cause(status, hangup)
        answered = any(one.inbound and one.id.device != device and one.state is ConnectionState.CONNECTED
                       for one in call.connections)  # fmt: skip
        if cause in _QUIET:
            cause = Cause.ANSWERED_ELSEWHERE if answered else Cause.CALL_CANCELLED
            return Reason(ConnectionCleared, cause)
        if cause is Cause.BUSY and device in self.undisturbed:
            cause = Cause.DO_NOT_DISTURB
        return Reason(Failed, cause, {"detail": detail})

    def out(self, call_id: str, device: str, reason: Reason) -> None:
        """It has been told; the first one to go ends the call."""
        if reason.kind is Diverted:
            self.seeks(call_id, reason.more["new_destination"])
        else:
            self._first.setdefault(call_id, (device, reason.cause, reason.more.get("detail", "")))

    def goes_on(self, call_id: str, parties: int) -> None:
        """Somebody has come, or has answered."""
        self._first.pop(call_id, None)
        if parties > 1:
            self._seeks.pop(call_id, None)

    def seeks(self, call_id: str, number: str) -> None:
        """The call is on the way to a number."""
        self._seeks[call_id] = number

    def sought(self, call_id: str) -> str:
        """Where the call wanted to get when it ended without anybody having asked for that; "" where it got there."""
        return "" if call_id in self._asked else self._seeks.get(call_id, "")

    def of_call(self, call_id: str) -> tuple[str, Cause, str]:
        """Who ended the call, why, and what Asterisk says of it."""
        by, cause, detail = self._first.get(call_id, ("", Cause.NORMAL_CLEARING, ""))
        return self._asked.get(call_id, by), cause, detail

    def forget_channel(self, uid: str) -> None:
        self._ends.pop(uid, None)

    def forget_call(self, call_id: str) -> None:
        """It is over and told."""
        self._asked.pop(call_id, None)
        self._first.pop(call_id, None)
        self._seeks.pop(call_id, None)
        self._picked_up.pop(call_id, None)
        for key in [key for key in self._reasons if key[0] == call_id]:
            del self._reasons[key]
