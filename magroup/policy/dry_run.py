"""What would become of a call if nobody answered: the group flow folded over (design rule 2)."""

from collections.abc import Callable, Iterator

from magroup.model.snapshot import Snapshot
from magroup.policy.flow import next_step
from magroup.policy.plan import (
    Callee,
    CallView,
    ForwardGroup,
    Greeting,
    Outcome,
    OverflowGroup,
    RingStep,
    Step,
    begun,
    ended,
)


def nobody_answers(callee: Callee) -> Outcome:
    """Everybody rings until the step's time is over."""
    return Outcome.NO_ANSWER


def dry_run(
    snapshot: Snapshot, call: CallView, now: float, outcome: Callable[[Callee], Outcome] = nobody_answers
) -> tuple[Step, ...]:  # fmt: skip
    """The steps until the call leaves the flow, stays where it is, or would begin again from the top.

    ``call`` is what ``enter`` gives, or one that has been through some steps already. ``outcome`` says what comes of
    ringing somebody; a step in which nobody rings takes no time.
    """
    return tuple(dry_steps(snapshot, call, now, outcome))


def dry_steps(
    snapshot: Snapshot, call: CallView, now: float, outcome: Callable[[Callee], Outcome]
) -> Iterator[Step]:  # fmt: skip
    """The same one after another: in a group of hundreds all together take longer than a call may wait."""
    while True:
        step = next_step(snapshot, call, now)
        if isinstance(step, RingStep) and step.new_round:
            return
        yield step
        call = begun(call, step)
        match step:
            case RingStep(seconds=seconds, callees=callees):
                outcomes = [(callee, outcome(callee)) for callee in callees]
                if any(what is Outcome.NO_ANSWER for _, what in outcomes):
                    if seconds is None:
                        return
                    now += seconds
                for callee, what in outcomes:
                    call = ended(call, callee, what, now)
            case Greeting() | OverflowGroup() | ForwardGroup():
                pass
            case _:
                return
