"""Which ringing call somebody gets who picks up by code: only those of the own groups (spec 8; ECMA-269 17.1.15)."""

from collections.abc import Iterable
from enum import StrEnum

from magroup.model.calls import Vip
from magroup.model.fixed import fixed
from magroup.model.groups import Member
from magroup.model.snapshot import Snapshot
from magroup.policy.caller import Caller
from magroup.policy.vip import is_hidden


class NoPickup(StrEnum):
    """Why there is nothing to be picked up."""

    NOT_MEMBER = "not_member"
    """Who picks up is in no group."""
    NOT_COLLEAGUE = "not_colleague"
    """The number belongs to no member of an own group."""
    NO_CALL = "no_call"


@fixed
class Alerting:
    """A call of ``caller_number`` that rings at ``number`` since ``since`` (clock seconds).

    ``group_id`` is the group whose flow rings it, for the member ``member_id``; 0 for a call to the line.
    """

    call_id: str
    number: str
    since: float
    caller_number: str
    group_id: int = 0
    member_id: int = 0
    vip: Vip | None = None


def pick_up(snapshot: Snapshot, by: str, at: str, alerting: Iterable[Alerting]) -> Alerting | NoPickup:
    """The call that rings longest, of those that the line ``by`` may pick up; with ``at`` the one at that number.

    Without ``at``: the calls of the own groups, wherever they ring, and what rings at the lines of their members. A
    group's call is at a member's number also where it rings elsewhere for that member.
    """
    configuration = snapshot.configuration
    who = Caller.of(configuration, by)
    groups = {member.group_id for member in configuration.members if who.is_member(member)}
    if not groups:
        return NoPickup.NOT_MEMBER
    colleagues = [member for member in configuration.members if member.group_id in groups]
    if at:
        colleagues = [member for member in colleagues if configuration.plan.same(member.number, at)]
        if not colleagues:
            return NoPickup.NOT_COLLEAGUE
    found = [
        call
        for call in alerting
        if not is_hidden(call.vip)
        and not who.is_at(call.caller_number)
        and (_is_at(snapshot, call, colleagues) if at or not call.group_id else call.group_id in groups)
    ]
    return min(found, key=lambda call: call.since, default=NoPickup.NO_CALL)


def _is_at(snapshot: Snapshot, call: Alerting, members: Iterable[Member]) -> bool:
    configuration = snapshot.configuration
    rung = configuration.member_by_id.get(call.member_id)
    numbers = (call.number, rung.number) if rung else (call.number,)
    return any(configuration.plan.same(member.number, number) for member in members for number in numbers)
