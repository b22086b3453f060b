"""A call that nobody answers, walked through the group flow: the rows of the tables of tests say what is to be seen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import Reason
from magroup.policy import (
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
    begun,
    ended,
    enter,
    next_step,
    reason_of,
    trail_in_words,
)
from tests.policy.company import CALLER, snapshot


@dataclass
class Row:
    """Where it comes from, the world, who calls, what rang in vain (in order), and what is to be seen of the steps."""

    source: str
    sees: list[str]
    world: dict[str, Any] = field(default_factory=dict)
    caller: str = CALLER
    outcomes: list[Outcome] = field(default_factory=list)


def seen(step: Step) -> str:
    """A step as the rows write it."""
    match step:
        case Direct(callee=callee):
            return f"direct {callee.number}"
        case Greeting(sound=sound):
            return f"greeting {sound}"
        case RingStep(callees=callees, seconds=seconds, new_round=new_round):
            who = "+".join(callee.number for callee in callees)
            return f"{'again ' if new_round else ''}ring {who} {'on' if seconds is None else seconds}"
        case Wait(until=until):
            return "wait" if until is None else f"wait until {until:g}"
        case OverflowBusy():
            return "busy"
        case OverflowNumber(number=number, diverted_from=numbers):
            return f"number {number} from {','.join(numbers)}"
        case OverflowVoicemail(box=box, diverted_from=numbers):
            return f"voicemail {box} from {','.join(numbers)}"
        case OverflowGroup(group_id=group_id) | ForwardGroup(group_id=group_id):
            return f"group {group_id}"


def walk(row: Row, most: int = 12) -> tuple[list[Step], list[Reason]]:
    """The steps, at most ``most``, and the trail of a call that nobody answers; timeouts beyond the row's outcomes."""
    world, outcomes = snapshot(**row.world), list(row.outcomes)
    call, now = enter(world, 1, row.caller), 0.0
    steps: list[Step] = []
    trail: list[Reason] = []
    while len(steps) < most:
        step = next_step(world, call, now)
        steps.append(step)
        trail += step.reasons
        call = begun(call, step)
        match step:
            case RingStep(seconds=seconds):
                rung = [outcomes.pop(0) if outcomes else Outcome.NO_ANSWER for _ in step.callees]
                lasted = (seconds or 60) if Outcome.NO_ANSWER in rung else 0
                now += lasted
                for callee, outcome in zip(step.callees, rung, strict=True):
                    call = ended(call, callee, outcome, now)
                    trail.append(reason_of(callee, outcome, lasted))
            case Greeting() | OverflowGroup() | ForwardGroup():
                pass
            case Wait(until=float(until)):
                now = until
            case _:
                break
    return steps, trail


def told(most: int = 12, outcomes: Iterable[Outcome] = (), caller: str = CALLER, **world: Any) -> str:
    """The trail of a call in words."""
    _, trail = walk(Row("", [], world, caller, list(outcomes)), most)
    return trail_in_words(trail)


def look(test: SynchronousTestCase, rows: Iterable[Row]) -> None:
    """Each row sees what it is to see."""
    for row in rows:
        steps, _ = walk(row, len(row.sees))
        test.assertEqual([seen(step) for step in steps], row.sees, row.source)
