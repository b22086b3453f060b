"""The words of the group flow: a call as the policy sees it, the steps it may take, and what follows from each."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from functools import cached_property

from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.fixed import fixed
from magroup.model.forwarding import ForwardTo


class Outcome(StrEnum):
    """What came of ringing somebody who did not answer."""

    NO_ANSWER = "no_answer"
    """Rang until the step's time was over."""
    BUSY = "busy"
    DECLINED = "declined"
    FAILED = "failed"
    LOOP = "loop"
    """The call came back to where it is."""
    LEFT = "left"
    """Is no member of the group any more."""


_REASON_OF_OUTCOME = {
    Outcome.NO_ANSWER: ReasonCode.NO_ANSWER,
    Outcome.BUSY: ReasonCode.LINE_BUSY,
    Outcome.DECLINED: ReasonCode.DECLINED,
    Outcome.FAILED: ReasonCode.FAILED,
    Outcome.LOOP: ReasonCode.FORWARD_LOOP,
    Outcome.LEFT: ReasonCode.MEMBER_LEFT,
}


@fixed
class Callee:
    """A member to be rung: the membership, whether as the group's manager, and the number that rings.

    That is the own line as stored or what it is forwarded to, ``through`` then being the numbers that sent the call on;
    with ``instead`` it is what the manager has set by application forwarding, and ``short_name`` is the one there.
    """

    member_id: int
    number: str
    short_name: str
    is_manager: bool = False
    through: tuple[str, ...] = ()
    instead: ForwardTo = ForwardTo.NONE
    is_line: bool = True
    """One of our lines, so that it is known whether it can be rung."""
    is_voicemail: bool = False


@fixed
class Attempt:
    """A member who was rung in this round, at which phone, what came of it, and when that ended (clock seconds)."""

    member_id: int
    number: str
    outcome: Outcome
    ended_at: float


@fixed
class CallView:
    """A call in a group's flow: the group it is in, who calls, and what has been done for it so far.

    ``vip`` is decided when the call enters the group. ``attempts`` are those of this round through the list. ``passed``
    are the ids of the groups that the call left for another, the first one first. ``told`` holds the last reason given
    about each one, so that none is given twice.
    """

    group_id: int
    caller_number: str
    caller_name: str = ""
    vip: Vip | None = None
    greeted: bool = False
    attempts: tuple[Attempt, ...] = ()
    passed: tuple[int, ...] = ()
    told: tuple[Reason, ...] = ()

    def tried(self, callee: Callee) -> bool:
        """Whether the member, or the phone that would ring, has been rung in this round."""
        members, numbers = self._tried
        return callee.member_id in members or (callee.number in numbers and not callee.is_voicemail)

    @cached_property
    def _tried(self) -> tuple[frozenset[int], frozenset[str]]:
        """Members and numbers; it is asked about each member at each step."""
        return (
            frozenset(attempt.member_id for attempt in self.attempts),
            frozenset(attempt.number for attempt in self.attempts),
        )

    def news(self, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
        """``reasons``, each once, without those that were the last word about the one they concern."""
        return tuple(reason for reason in dict.fromkeys(reasons) if reason not in self.told)


@fixed
class Direct:
    """To the manager's line as if it had been dialled; the group's flow ends."""

    callee: Callee
    reasons: tuple[Reason, ...] = ()


@fixed
class Greeting:
    """Play ``sound`` once, in full, before anything rings."""

    sound: str
    reasons: tuple[Reason, ...] = ()


@fixed
class RingStep:
    """Ring all of ``callees`` together for ``seconds``, None = until answered or given up; begins a round or not."""

    callees: tuple[Callee, ...]
    seconds: int | None
    new_round: bool = False
    reasons: tuple[Reason, ...] = ()


@fixed
class Wait:
    """Nothing to ring now: ask again when the snapshot changes, and at ``until`` (clock seconds) where that is set."""

    until: float | None = None
    reasons: tuple[Reason, ...] = ()


@fixed
class OverflowBusy:
    """The call ends with the busy signal."""

    reasons: tuple[Reason, ...] = ()


@fixed
class OverflowNumber:
    """The call goes to ``number``; ``diverted_from`` are the manager numbers it came through, the first one first."""

    number: str
    diverted_from: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@fixed
class OverflowVoicemail:
    """The call goes to the mailbox ``box``, for which ``number`` is called; ``diverted_from`` as for a number."""

    box: str
    number: str
    diverted_from: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@fixed
class OverflowGroup:
    """The call enters another group's flow, from its greeting on; ``vip`` is what it is there."""

    group_id: int
    vip: Vip | None = None
    reasons: tuple[Reason, ...] = ()


@fixed
class ForwardGroup:
    """The call follows a forwarding into another group's flow, as for an overflow."""

    group_id: int
    vip: Vip | None = None
    reasons: tuple[Reason, ...] = ()


Overflowing = OverflowBusy | OverflowNumber | OverflowVoicemail | OverflowGroup
Step = Direct | Greeting | RingStep | Wait | ForwardGroup | Overflowing


def begun(call: CallView, step: Step) -> CallView:
    """``call`` when ``step`` has begun."""
    last = {reason.who: reason for reason in (*call.told, *step.reasons)}
    told = tuple(last.values())
    match step:
        case OverflowGroup(group_id=group_id, vip=vip) | ForwardGroup(group_id=group_id, vip=vip):
            passed = (*call.passed, call.group_id)
            return CallView(group_id, call.caller_number, call.caller_name, vip, passed=passed)
        case Greeting():
            return replace(call, greeted=True, told=told)
        case RingStep(new_round=True):
            return replace(call, attempts=(), told=told)
        case _:
            return replace(call, told=told)


def ended(call: CallView, callee: Callee, outcome: Outcome, at: float) -> CallView:
    """``call`` when ``callee`` rings no more."""
    return replace(call, attempts=(*call.attempts, Attempt(callee.member_id, callee.number, outcome, at)))


def reason_of(callee: Callee, outcome: Outcome, seconds: int) -> Reason:
    """Why ``callee`` rings no more; ``seconds`` is how long it rang."""
    return Reason(_REASON_OF_OUTCOME[outcome], callee.short_name, seconds if outcome is Outcome.NO_ANSWER else 0)
