"""What would become of a call if nobody answered: the group flow folded over (design rule 2)."""

from magroup.model.snapshot import Snapshot
from magroup.policy.flow import next_step
from magroup.policy.plan import CallView, ForwardGroup, Greeting, Outcome, OverflowGroup, RingStep, Step, begun, ended


def dry_run(snapshot: Snapshot, call: CallView, now: float) -> tuple[Step, ...]:
    """The steps until the call leaves the flow, stays where it is, or would begin again from the top.

    ``call`` is what ``enter`` gives, or one that has been through some steps already.
    """
    steps: list[Step] = []
    while True:
        step = next_step(snapshot, call, now)
        if isinstance(step, RingStep) and step.new_round:
            return tuple(steps)
        steps.append(step)
        call = begun(call, step)
        match step:
            case RingStep(seconds=int(seconds)):
                now += seconds
                for callee in step.callees:
                    call = ended(call, callee, Outcome.NO_ANSWER, now)
            case Greeting() | OverflowGroup() | ForwardGroup():
                pass
            case _:
                return tuple(steps)
