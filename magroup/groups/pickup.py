"""Picking up by code: what rings in the switch, as the policy sees it, and why somebody gets nothing (spec 8)."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.types import Call, ConnectionId, ConnectionState
from magroup.groups.call import GroupCall
from magroup.model.calls import Vip
from magroup.model.snapshot import Snapshot
from magroup.policy import Alerting, NoPickup, pick_up


def alerting(
    calls: Iterable[Call], group_calls: Mapping[str, GroupCall], vip: Callable[[str], Vip | None]
) -> Iterator[Alerting]:
    """All that rings now."""
    for call in calls:
        group_call = group_calls.get(call.id)
        for connection in call.connections:
            if connection.state is not ConnectionState.ALERTING:
                continue
            callee = group_call.callee_at(connection.id.device) if group_call else None
            yield Alerting(
                call.id,
                connection.id.device,
                connection.since,
                call.calling.number,
                group_call.group_id if group_call else 0,
                callee.member_id if callee else 0,
                vip(call.id),
            )


def to_pick_up(snapshot: Snapshot, by: str, at: str, ringing: Iterable[Alerting]) -> ConnectionId:
    """Where the call rings that the line ``by`` picks up at the number ``at``, "" for anywhere. Raises ServiceError."""
    match pick_up(snapshot, by, at, ringing):
        case Alerting(call_id=call_id, number=number):
            return ConnectionId(call_id, number)
        case NoPickup.NOT_MEMBER:
            raise ServiceError(Failure.PRIVILEGE_VIOLATION, "Only members of a group pick up calls")
        case NoPickup.NOT_COLLEAGUE:
            raise ServiceError(Failure.PRIVILEGE_VIOLATION, "The number belongs to no member of your groups")
        case _:
            raise ServiceError(Failure.NO_ACTIVE_CALL, "No call to pick up")
