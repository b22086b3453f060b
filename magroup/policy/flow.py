"""The group flow: what happens next to a call at a manager number, and why (spec 1.2).

A step is computed from the snapshot of its moment alone. Who comes next is the first in list order who can be rung and
was not rung in this round: somebody who becomes available in the meantime is thus rung before the call overflows, and a
list that is reordered in mid-call does no harm.
"""

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from magroup.model.calls import Reason, ReasonCode
from magroup.model.fixed import fixed
from magroup.model.forwarding import ForwardTo
from magroup.model.groups import Group, OverflowTo
from magroup.model.snapshot import Snapshot
from magroup.policy.caller import Caller
from magroup.policy.eligibility import Candidate, callee_of, candidates
from magroup.policy.forwarding import forwarded, to_mailbox
from magroup.policy.plan import (
    Callee,
    CallView,
    Direct,
    ForwardGroup,
    Greeting,
    Outcome,
    OverflowBusy,
    OverflowGroup,
    OverflowNumber,
    OverflowVoicemail,
    RingStep,
    Step,
    Wait,
)
from magroup.policy.vip import vip_of

ROUND_PAUSE = 5.0
"""Seconds between the end of a round in which nobody rang until the own timeout and the next round (overflow none)."""

_CLOCK_ERROR = 0.001


def enter(snapshot: Snapshot, group_id: int, caller_number: str, caller_name: str = "") -> CallView:
    """A call that arrives at the group's number: whether it is a VIP call is decided here and kept."""
    call = CallView(group_id, caller_number, caller_name)
    group = snapshot.configuration.group_by_id.get(group_id)
    if group is None or _direct(snapshot, group, call):
        return call
    return replace(call, vip=vip_of(snapshot, group, caller_number))


def next_step(snapshot: Snapshot, call: CallView, now: float) -> Step:
    """The step after all that ``call`` has been through; ``now`` in clock seconds, as in its attempts."""
    step = _next(snapshot, call, now)
    if call.vip and not call.told:
        return replace(step, reasons=(call.vip.reason, *step.reasons))
    return step


def _next(snapshot: Snapshot, call: CallView, now: float) -> Step:
    group = snapshot.configuration.group_by_id.get(call.group_id)
    if group is None:
        return OverflowBusy((Reason(ReasonCode.GROUP_DELETED, detail=str(call.group_id)),))
    if direct := _direct(snapshot, group, call):
        return direct
    if group.welcome and not call.greeted:
        return Greeting(group.welcome, (Reason(ReasonCode.GREETING, detail=group.welcome),))
    chosen = _choose(group, (member for member in candidates(snapshot, call) if not call.tried(member.callee)))
    if chosen.rung:
        return _ring(snapshot, group, call, chosen)
    passed_over = call.news(chosen.why_not)
    if group.overflow.to is not OverflowTo.NONE:
        return _overflow(snapshot, group, call, passed_over)
    chosen = _choose(group, candidates(snapshot, call))
    if not chosen.rung:
        return Wait(None, (*passed_over, *call.news([Reason(ReasonCode.NOBODY_ELIGIBLE)])))
    if (until := _pause(call)) - now > _CLOCK_ERROR:
        return Wait(until, (*passed_over, *call.news([Reason(ReasonCode.NOBODY_REACHED)])))
    return _ring(snapshot, group, call, chosen, new_round=True)


def _direct(snapshot: Snapshot, group: Group, call: CallView) -> Direct | None:
    """Step 1: assistants go straight to the manager's line. A call that came from another group is past that.

    Not where the line is forwarded back to the group or to the caller: that would be a circle.
    """
    if not group.assistant_to_manager or call.passed or call.greeted or call.attempts:
        return None
    manager = snapshot.configuration.manager_of(group.id)
    caller = Caller.of(snapshot.configuration, call.caller_number)
    if manager is None or caller.is_member(manager):
        return None
    to = forwarded(snapshot, manager.number)
    if to.is_loop or to.number == group.number or caller.is_at(to.number):
        return None
    for member in snapshot.configuration.members_of(group.id):
        if caller.is_member(member):
            return Direct(callee_of(snapshot, manager), (Reason(ReasonCode.DIRECT, member.short_name),))
    return None


@fixed
class _Chosen:
    """Whom to ring, together, and why those before them in the list are not rung."""

    rung: tuple[Candidate, ...]
    why_not: tuple[Reason, ...]


def _choose(group: Group, members: Iterable[Candidate]) -> _Chosen:
    """The first who can be rung, and beside the manager the first assistant where the group wants it."""
    rung: tuple[Candidate, ...] = ()
    before: list[Reason] = []
    told: tuple[Reason, ...] = ()
    for candidate in members:
        if candidate.why_not:
            before.append(candidate.why_not)
        elif not rung or _is_beside(rung[0], candidate):
            rung, told = (*rung, candidate), tuple(before)
            if len(rung) == 2 or not _wants_another(group, candidate):
                break
    return _Chosen(rung, told if rung else tuple(before))


def _wants_another(group: Group, first: Candidate) -> bool:
    """With the manager only, not with who is rung instead."""
    callee = first.callee
    return group.ring_parallel and callee.is_manager and callee.instead is ForwardTo.NONE and not first.group_id


def _is_beside(manager: Candidate, candidate: Candidate) -> bool:
    return not candidate.group_id and candidate.callee.number != manager.callee.number


def _ring(
    snapshot: Snapshot, group: Group, call: CallView, chosen: _Chosen, new_round: bool = False
) -> RingStep | ForwardGroup:
    first = chosen.rung[0]
    reasons = [Reason(ReasonCode.OVERFLOW_AGAIN)] if new_round else []
    reasons += call.news(chosen.why_not)
    if first.group_id:
        other = snapshot.configuration.group_by_id[first.group_id]
        vip = vip_of(snapshot, other, call.caller_number)
        return ForwardGroup(other.id, vip, (*reasons, *first.detour))
    seconds = group.manager_timeout if first.callee.is_manager else group.assistant_timeout
    for candidate in chosen.rung:
        reasons += [*candidate.detour, _rings(candidate.callee, seconds)]
    return RingStep(tuple(candidate.callee for candidate in chosen.rung), seconds or None, new_round, tuple(reasons))


def _rings(callee: Callee, seconds: int) -> Reason:
    code = ReasonCode.MANAGER_RINGS if callee.is_manager else ReasonCode.ASSISTANT_RINGS
    if callee.instead is not ForwardTo.NONE:
        code = ReasonCode.FORWARD_RINGS
    return Reason(code, callee.short_name, seconds)


def _overflow(snapshot: Snapshot, group: Group, call: CallView, passed_over: tuple[Reason, ...]) -> Step:
    """Step 6, except for overflow none."""
    target = group.overflow.target
    match group.overflow.to:
        case OverflowTo.NUMBER:
            return _to_number(snapshot, target, call, passed_over)
        case OverflowTo.VOICEMAIL:
            return _to_voicemail(snapshot, target, call, passed_over)
        case OverflowTo.GROUP:
            return _to_group(snapshot, int(target), call, passed_over)
        case _:
            return OverflowBusy((*passed_over, Reason(ReasonCode.OVERFLOW_BUSY)))


def _to_number(snapshot: Snapshot, number: str, call: CallView, passed_over: tuple[Reason, ...]) -> Step:
    """A number that is another group's, or a line forwarded to one, is that group: else a loop would go unseen."""
    to = forwarded(snapshot, number)
    if other := snapshot.configuration.group_of_number(to.number):
        return _to_group(snapshot, other.id, call, passed_over)
    if to.is_loop:
        return OverflowBusy((*passed_over, Reason(ReasonCode.FORWARD_LOOP, number)))
    if Caller.of(snapshot.configuration, call.caller_number).is_at(to.number):
        return OverflowBusy((*passed_over, Reason(ReasonCode.FORWARD_TO_CALLER, number)))
    reason = Reason(ReasonCode.OVERFLOW_NUMBER, number)
    return OverflowNumber(number, _numbers(snapshot, call), (*passed_over, reason))


def _to_voicemail(snapshot: Snapshot, box: str, call: CallView, passed_over: tuple[Reason, ...]) -> Step:
    """To the pilot; without one the mailbox's own number is called, which may be anybody's, and forwarded."""
    to = to_mailbox(snapshot, box, _numbers(snapshot, call))
    if not snapshot.voicemail:
        reached = forwarded(snapshot, to.number)
        if other := snapshot.configuration.group_of_number(reached.number):
            return _to_group(snapshot, other.id, call, passed_over)
        if reached.is_loop:
            return OverflowBusy((*passed_over, Reason(ReasonCode.FORWARD_LOOP, box)))
        if Caller.of(snapshot.configuration, call.caller_number).is_at(reached.number):
            return OverflowBusy((*passed_over, Reason(ReasonCode.FORWARD_TO_CALLER, box)))
    reason = Reason(ReasonCode.OVERFLOW_VOICEMAIL, box)
    return OverflowVoicemail(box, to.number, to.through, (*passed_over, reason))


def _to_group(snapshot: Snapshot, group_id: int, call: CallView, passed_over: tuple[Reason, ...]) -> Step:
    other = snapshot.configuration.group_by_id.get(group_id)
    if other is None:
        return OverflowBusy((*passed_over, Reason(ReasonCode.GROUP_DELETED, detail=str(group_id))))
    if other.id in (call.group_id, *call.passed):
        return OverflowBusy((*passed_over, Reason(ReasonCode.OVERFLOW_LOOP, detail=other.name)))
    vip = vip_of(snapshot, other, call.caller_number)
    return OverflowGroup(other.id, vip, (*passed_over, Reason(ReasonCode.OVERFLOW_GROUP, detail=other.name)))


def _numbers(snapshot: Snapshot, call: CallView) -> tuple[str, ...]:
    groups = (snapshot.configuration.group_by_id.get(at) for at in (*call.passed, call.group_id))
    return tuple(group.number for group in groups if group and group.number)


def _pause(call: CallView) -> float:
    """When the next round may begin: at once after one in which somebody rang in full, else after a pause."""
    if any(attempt.outcome is Outcome.NO_ANSWER for attempt in call.attempts):
        return -inf
    return max((attempt.ended_at for attempt in call.attempts), default=-inf) + ROUND_PAUSE
