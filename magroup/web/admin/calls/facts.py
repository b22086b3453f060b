"""What is known of a call and its legs, as rows of tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from magroup.cti.types import Call, ConnectionState
from magroup.model.calls import CallRecord, LegRecord, Story
from magroup.web.admin.calls.live import group_of
from magroup.web.admin.calls.part import calls_of
from magroup.web.admin.calls.words import Who, lasting, moment_of, outcome, party, result, state, time_of, who
from magroup.web.admin.reports.question import zone
from magroup.web.admin.visit import AdminVisit

SWITCH = "switch"
STATES = {
    ConnectionState.INITIATED: "Dials",
    ConnectionState.ALERTING: "Rings",
    ConnectionState.CONNECTED: "Talks",
    ConnectionState.HOLD: "On hold",
    ConnectionState.QUEUED: "Waits",
    ConnectionState.FAILED: "Not reached",
    ConnectionState.NULL: "",
}


@dataclass(frozen=True)
class Fact:
    """``url`` leads to what the text names, "" to nothing."""

    name: str
    text: str
    beside: str = ""
    url: str = ""


@dataclass(frozen=True)
class Leg:
    """A device's part in a call; times of the day, "" where it did not happen."""

    who: Who
    role: str
    rang: str
    answered: str
    ended: str
    talked: str
    outcome: str
    cause: str


def of_record(visit: AdminVisit, call: CallRecord) -> Sequence[Fact]:
    """Of a call that has ended."""
    clock = zone(visit)
    group = visit.configuration.group_by_id.get(call.group_id)
    by = "the switch" if call.ended_by == SWITCH else visit.configuration.name_of_number(call.ended_by) or call.ended_by
    found = [
        _party("Caller", who(call.caller_number, call.caller_name)),
        _party("Called", who(call.called_number, call.called_name)),
        Fact("Group", group.name if group is not None else str(call.group_id or "")),
        Fact("Began", moment_of(call.started_at, clock)),
        Fact("Answered", time_of(call.answered_at, clock)),
        Fact("Ended", time_of(call.ended_at, clock), f"by {by}" if by else ""),
        Fact("Lasted", lasting(call.ended_at - call.started_at) if call.ended_at else ""),
        Fact("Talked", lasting(call.ended_at - call.answered_at) if call.answered_at and call.ended_at else ""),
        Fact("Result", result(call)),
        Fact("VIP", "Yes" if call.is_vip else ""),
        Fact("Overflow", call.overflow),
        Fact("Cause", call.cause),
        Fact("Went on in", call.transferred_to, url=_linked(visit, call.transferred_to)),
        Fact("Came from", call.transferred_from, url=_linked(visit, call.transferred_from)),
    ]
    return [fact for fact in found if fact.text]


def of_live(visit: AdminVisit, call: Call, story: Story) -> Sequence[Fact]:
    """Of a call that is up."""
    part, clock, configuration = calls_of(visit), zone(visit), visit.configuration
    does, others = state(call, configuration)
    found = [
        _party("Caller", party(call.calling, configuration)),
        _party("Called", party(call.called, configuration)),
        Fact("Group", group_of(configuration, story)),
        Fact("Began", moment_of(call.started_at, clock)),
        Fact("Lasts", lasting(part.seconds() - call.started_at)),
        Fact("State", does, ", ".join(others)),
        Fact("VIP", "Yes" if part.application.vip(call.id) is not None else ""),
    ]  # fmt: skip
    return [fact for fact in found if fact.text]


def legs_of_record(visit: AdminVisit, call: CallRecord) -> Sequence[Leg]:
    return [_leg(visit, leg) for leg in call.legs]


def legs_of_live(visit: AdminVisit, call: Call) -> Sequence[Leg]:
    clock, configuration = zone(visit), visit.configuration
    return [
        Leg(
            who(one.id.device, one.party.name or configuration.name_of_number(one.id.device)),
            "Called" if one.inbound else "Calls", *_since(one.state, time_of(one.since, clock)), "", "",
            STATES[one.state], "",
        )
        for one in call.connections
    ]  # fmt: skip


def _since(state: ConnectionState, since: str) -> tuple[str, str]:
    is_up = state in (ConnectionState.CONNECTED, ConnectionState.HOLD)
    return ("", since) if is_up else (since, "")


def _leg(visit: AdminVisit, leg: LegRecord) -> Leg:
    clock = zone(visit)
    group = visit.configuration.group_by_id.get(leg.group_id)
    role = "Called" if leg.inbound else "Called out"
    return Leg(
        who(leg.number, leg.name), f"{role} for {group.name}" if group is not None else role,
        time_of(leg.ringing_at, clock), time_of(leg.answered_at, clock), time_of(leg.ended_at, clock),
        lasting(leg.ended_at - leg.answered_at) if leg.answered_at and leg.ended_at else "",
        outcome(leg.outcome, leg.inbound), leg.cause,
    )  # fmt: skip


def _party(name: str, one: Who) -> Fact:
    return Fact(name, one.first, one.beside)


def _linked(visit: AdminVisit, id: str) -> str:
    return visit.url("calls/call", id=id) if id else ""
