"""Who of a group can be rung for a call now, and for everybody else why not (spec 1.2 steps 1 and 4)."""

from dataclasses import dataclass

from magroup.model.calls import Reason, ReasonCode
from magroup.model.groups import Member
from magroup.model.presence import Presence
from magroup.model.snapshot import Snapshot
from magroup.policy.plan import Callee


@dataclass(frozen=True)
class Candidate:
    """A member as one to be rung; ``why_not`` is None for those who can be."""

    callee: Callee
    why_not: Reason | None = None


def is_caller(snapshot: Snapshot, member: Member, caller_number: str) -> bool:
    """Whether the one who calls is ``member``: from the member's line, or from another line of the same user."""
    if not caller_number:
        return False
    if snapshot.configuration.plan.same(member.number, caller_number):
        return True
    user = snapshot.configuration.user_of_number(caller_number)
    return user is not None and user.key == member.user_name.casefold()


def callee_of(snapshot: Snapshot, member: Member) -> Callee:
    line = snapshot.configuration.line(member.number)
    return Callee(member.id, line.number if line else member.number, member.short_name, member.is_manager)


def candidates(snapshot: Snapshot, group_id: int, caller_number: str) -> tuple[Candidate, ...]:
    """All members of the group in ringing order, the manager first."""
    return tuple(_candidate(snapshot, member, caller_number) for member in snapshot.configuration.members_of(group_id))


def _candidate(snapshot: Snapshot, member: Member, caller_number: str) -> Candidate:
    callee = callee_of(snapshot, member)
    if is_caller(snapshot, member, caller_number):
        return Candidate(callee, Reason(ReasonCode.CALLER_IS_MEMBER, member.short_name))
    presence = snapshot.presence_of(member.user_name).value
    if presence is not Presence.AVAILABLE:
        code = ReasonCode.MANAGER_NOT_AVAILABLE if member.is_manager else ReasonCode.ASSISTANT_NOT_AVAILABLE
        return Candidate(callee, Reason(code, member.short_name, detail=presence.name.lower()))
    if callee.number not in snapshot.in_service:
        code = ReasonCode.MANAGER_OUT_OF_SERVICE if member.is_manager else ReasonCode.ASSISTANT_OUT_OF_SERVICE
        return Candidate(callee, Reason(code, member.short_name))
    return Candidate(callee)
