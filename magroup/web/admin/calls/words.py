"""How times, parties and outcomes of calls are written on the pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from magroup.cti.types import Call, ConnectionState, Party
from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.configuration import Configuration

OUTCOMES: dict[LegOutcome, str] = {
    LegOutcome.ANSWERED: "Answered",
    LegOutcome.MISSED: "Missed",
    LegOutcome.NOT_ANSWERED: "Not answered",
    LegOutcome.ELSEWHERE: "Answered elsewhere",
    LegOutcome.BUSY: "Busy",
    LegOutcome.DECLINED: "Declined",
    LegOutcome.FAILED: "Not reached",
}

ANONYMOUS = "Anonymous"
_OUTBOUND = {LegOutcome.ANSWERED: "Talked"}
"""Of who called."""


class Who(NamedTuple):
    """Somebody: what is shown first, and what is shown beside it, "" for nothing."""

    first: str
    beside: str


def who(number: str, name: str) -> Who:
    if name:
        return Who(name, number)
    return Who(number or ANONYMOUS, "")


def party(one: Party, configuration: Configuration) -> Who:
    """Of a call that is up."""
    return who(one.number, one.name or configuration.name_of_number(one.number))


def time_of(seconds: float, clock: ZoneInfo | None) -> str:
    """Of the day, "" where it did not happen."""
    return datetime.fromtimestamp(seconds, clock).strftime("%H:%M:%S") if seconds else ""


def moment_of(seconds: float, clock: ZoneInfo | None) -> str:
    """With the date."""
    return datetime.fromtimestamp(seconds, clock).strftime("%d.%m.%Y %H:%M:%S")


def lasting(seconds: float) -> str:
    """``4:05``, ``1:02:03``."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def outcome(value: LegOutcome, inbound: bool) -> str:
    return OUTCOMES[value] if inbound else _OUTBOUND.get(value, OUTCOMES[value])


def result(call: CallRecord) -> str:
    """Who answered, or that nobody did."""
    answered = [leg.name or leg.number for leg in call.legs if leg.inbound and leg.answered_at]
    if answered:
        return f"Answered by {answered[0]}" if len(answered) == 1 else f"Answered by {', '.join(answered)}"
    return "Answered" if call.answered_at else "Not answered"


def state(call: Call, configuration: Configuration) -> tuple[str, Sequence[str]]:
    """What a call does that is up, in a word, and who has to do with it beside the caller."""
    others = [one for one in call.connections if one.inbound]
    by_state = {
        kind: [one.party.name or configuration.name_of_number(one.id.device) or one.id.device
               for one in others if one.state is kind]
        for kind in ConnectionState
    }  # fmt: skip
    on_hold = any(one.state is ConnectionState.HOLD for one in call.connections)
    if talking := [*by_state[ConnectionState.CONNECTED], *by_state[ConnectionState.HOLD]]:
        return ("On hold" if on_hold else "Talking"), talking
    if by_state[ConnectionState.ALERTING]:
        return "Ringing", by_state[ConnectionState.ALERTING]
    if by_state[ConnectionState.QUEUED]:
        return "Waiting", ()
    return "Beginning", ()
