"""What holds for every company and every call: nobody is rung in vain, in circles or against the own will."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.groups import Overflow, OverflowTo
from magroup.model.presence import Presence
from magroup.model.snapshot import Snapshot
from magroup.policy import (
    ROUND_PAUSE,
    CallView,
    Direct,
    Greeting,
    Outcome,
    OverflowBusy,
    OverflowGroup,
    OverflowNumber,
    OverflowVoicemail,
    RingStep,
    Wait,
    begun,
    dry_run,
    ended,
    next_step,
)
from tests.policy.company import CALLER, LINES, NUMBER, OTHER_NUMBER, SALES, USERS, company, members, snapshot

names = st.sampled_from(sorted(LINES))
teams = st.lists(names, unique=True, max_size=5)
managers = st.sampled_from(["", *LINES])
timeouts = st.sampled_from([0, 1, 15])
overflows = st.sampled_from(
    [
        Overflow(),
        Overflow(OverflowTo.BUSY),
        Overflow(OverflowTo.NUMBER, "4321"),
        Overflow(OverflowTo.NUMBER, NUMBER),
        Overflow(OverflowTo.NUMBER, OTHER_NUMBER),
        Overflow(OverflowTo.VOICEMAIL, "1047"),
        Overflow(OverflowTo.GROUP, "1"),
        Overflow(OverflowTo.GROUP, "2"),
        Overflow(OverflowTo.GROUP, "3"),
    ]
)
callers = st.sampled_from(["", CALLER, *LINES.values()])
outcomes = st.sampled_from(list(Outcome))
welcomes = st.sampled_from(["", "Welcome.wav"])


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    other = replace(
        SALES,
        overflow=draw(overflows),
        manager_timeout=draw(timeouts),
        assistant_timeout=draw(timeouts),
        welcome=draw(welcomes),
        assistant_to_manager=draw(st.booleans()),
    )
    configuration = company(
        team=members(*draw(teams), manager=draw(managers)),
        other=other,
        other_team=members(*draw(teams), manager=draw(managers), group_id=2, first_id=11),
        welcome=draw(welcomes),
        overflow=draw(overflows),
        manager_timeout=draw(timeouts),
        assistant_timeout=draw(timeouts),
        ring_parallel=draw(st.booleans()),
        assistant_to_manager=draw(st.booleans()),
    )
    presence = draw(st.dictionaries(names, st.sampled_from(list(Presence))))
    return snapshot(configuration, presence, draw(st.lists(st.sampled_from(list(LINES.values())))))


def may_ring(world: Snapshot, number: str, caller: str) -> bool:
    """Eligibility in other words than the policy's."""
    name = next(name for name, line in LINES.items() if line == number)
    return (
        number != caller and world.presence_of(USERS[name]).value == Presence.AVAILABLE and number in world.in_service
    )


class FlowProperties(SynchronousTestCase):
    @given(snapshots(), callers, st.lists(outcomes, min_size=60, max_size=60))
    @settings(max_examples=300, deadline=None)
    def test_every_call(self, world: Snapshot, caller: str, results: list[Outcome]) -> None:
        """Rings somebody, waits for somebody, or ends with its reason; only the eligible ring; no spinning."""
        call, now, round_began, ringing = CallView(1, caller), 0.0, -1.0, 0
        for _ in range(60):
            step = next_step(world, call, now)
            self.assertEqual(step, next_step(world, call, now))
            call = begun(call, step)
            match step:
                case RingStep():
                    self.assertTrue(step.callees)
                    if step.new_round or not call.attempts:
                        self.assertGreater(now, round_began, "two rounds at the same moment")
                        round_began = now if step.new_round else round_began
                    self.assertEqual(len({callee.number for callee in step.callees}), len(step.callees))
                    for callee in step.callees:
                        self.assertTrue(may_ring(world, callee.number, caller))
                    rung = [results.pop(0) for _ in step.callees if results]
                    now += (step.seconds or 1) if Outcome.NO_ANSWER in rung else 0
                    for callee, outcome in zip(step.callees, rung, strict=False):
                        self.assertFalse(call.tried(callee))
                        call = ended(call, callee, outcome, now)
                    if len(rung) < len(step.callees):
                        return
                    ringing += 1
                case Greeting():
                    self.assertFalse(ringing and not call.passed)
                case OverflowGroup():
                    self.assertLess(len(call.passed), 3)
                case Wait(until=None):
                    self.assertFalse(any(may_ring(world, n, caller) for n in self.lines(world, call.group_id)))
                    return
                case Wait(until=float(until)):
                    self.assertGreater(until, now)
                    self.assertLessEqual(until, now + ROUND_PAUSE)
                    now = until
                case Direct():
                    self.assertNotEqual(step.callee.number, caller)
                    self.assertTrue(step.reasons)
                    return
                case OverflowBusy() | OverflowNumber() | OverflowVoicemail():
                    self.assertTrue(step.reasons)
                    return

    def lines(self, world: Snapshot, group_id: int) -> list[str]:
        return [member.number for member in world.configuration.members_of(group_id)]

    @given(snapshots(), callers)
    @settings(max_examples=300, deadline=None)
    def test_dry_run_ends(self, world: Snapshot, caller: str) -> None:
        """Nobody answers: the flow ends, stays with somebody, waits, or begins again only with overflow none."""
        steps = dry_run(world, CallView(1, caller), 0.0)
        match steps[-1]:
            case RingStep(seconds=int()):
                reached = [step.group_id for step in steps if isinstance(step, OverflowGroup)] or [1]
                group = world.configuration.group_by_id[reached[-1]]
                self.assertIs(group.overflow.to, OverflowTo.NONE)
            case Greeting() | OverflowGroup():
                self.fail("ends in the middle")
        rung = [callee.member_id for step in steps if isinstance(step, RingStep) for callee in step.callees]
        self.assertEqual(len(rung), len(set(rung)))
