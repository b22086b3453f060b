"""What holds for every company and every call: nobody is rung in vain, in circles or against the own will."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import ReasonCode
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Member, Overflow, OverflowTo, VipRouting
from magroup.model.presence import Presence
from magroup.model.snapshot import Snapshot
from magroup.policy import (
    ROUND_PAUSE,
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
    begun,
    candidates,
    dry_run,
    ended,
    enter,
    forwarded,
    next_step,
)
from tests.policy.company import GROUP, LINES, MAILBOXES, MOBILES, snapshot
from tests.policy.worlds import callers, snapshots

NAMES = {line: name for name, line in LINES.items()}
GROUP_NUMBERS = {"8973", "8974"}
outcomes = st.sampled_from(list(Outcome))


def works(world: Snapshot, forwarding: Forwarding, name: str) -> bool:
    """Whether a forwarding of ``name`` names a number, in other words than the policy's."""
    return {
        ForwardTo.NUMBER: True,
        ForwardTo.MOBILE: name in MOBILES,
        ForwardTo.VOICEMAIL: name in MAILBOXES,
        ForwardTo.MEMBER: forwarding.member_id in {member.id for member in world.configuration.members},
    }.get(forwarding.to, False)


def wants(world: Snapshot, call: CallView, member: Member) -> bool:
    """Whether the member is to be rung for the call, at whatever phone; in other words than the policy's."""
    is_available = world.presence_of(member.user_name).value == Presence.AVAILABLE
    if member.is_manager:
        instead = world.forwarding_of_member(member.id)
        if call.vip:
            return True
        if instead.to is ForwardTo.GROUP:
            return False
        return is_available or works(world, instead, member.short_name)
    is_forwarded = works(world, world.forwarding_of_line(member.number), member.short_name)
    if call.vip and world.configuration.manager_of(call.group_id):
        routing = world.configuration.group_by_id[call.group_id].vip_routing
        return {VipRouting.ALL: True, VipRouting.MANAGER_ONLY: False, VipRouting.AVAILABLE: is_available}[routing]
    return is_available or is_forwarded


class FlowProperties(SynchronousTestCase):
    @given(snapshots(), callers, st.lists(outcomes, min_size=60, max_size=60))
    @settings(max_examples=80, deadline=None)
    def test_every_call(self, world: Snapshot, caller: str, results: list[Outcome]) -> None:
        """Rings somebody, waits for somebody, or ends with its reason; only those who want it ring; no spinning."""
        call, now, round_began, ringing = enter(world, 1, caller), 0.0, -1.0, 0
        for _ in range(60):
            step = next_step(world, call, now)
            self.assertEqual(step, next_step(world, call, now))
            before, call = call, begun(call, step)
            match step:
                case RingStep():
                    self.assertTrue(step.callees)
                    if step.new_round or not call.attempts:
                        self.assertGreater(now, round_began, "two rounds at the same moment")
                        round_began = now if step.new_round else round_began
                    self.assertEqual(len({callee.number for callee in step.callees}), len(step.callees))
                    for callee in step.callees:
                        self.look_at(world, call, callee)
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
                case OverflowGroup() | ForwardGroup():
                    self.assertTrue(step.reasons)
                    self.assertNotIn(step.group_id, (before.group_id, *before.passed))
                case Wait(until=None):
                    for candidate in candidates(world, call):
                        member = world.configuration.member_by_id[candidate.callee.member_id]
                        self.assertFalse(wants(world, call, member) and self.is_reached(world, call, member))
                    return
                case Wait(until=float(until)):
                    self.assertGreater(until, now)
                    self.assertLessEqual(until, now + ROUND_PAUSE)
                    now = until
                case Direct():
                    self.assertTrue(step.reasons)
                    self.assertNotEqual(forwarded(world, step.callee.number).number, caller)
                    return
                case OverflowBusy():
                    self.assertTrue(step.reasons)
                    return
                case OverflowNumber(number=number) | OverflowVoicemail(number=number):
                    self.assertTrue(step.reasons)
                    self.assertNotIn(number, GROUP_NUMBERS)
                    self.assertNotEqual(forwarded(world, number).number, caller.replace(" ", "") or "nobody")
                    return

    def look_at(self, world: Snapshot, call: CallView, callee: Callee) -> None:
        """The one who rings wants it, is not the caller, and does not pass a line that is forwarded."""
        member = world.configuration.member_by_id[callee.member_id]
        self.assertTrue(wants(world, call, member), member.short_name)
        if callee.is_voicemail:
            return
        self.assertNotIn(callee.number, GROUP_NUMBERS)
        self.assertNotEqual(callee.number, call.caller_number.replace(" ", "") or "nobody")
        self.assertEqual(callee.is_line, callee.number in NAMES)
        if callee.is_line:
            self.assertIn(callee.number, world.in_service)
            forwarding = world.forwarding_of_line(callee.number)
            self.assertFalse(works(world, forwarding, NAMES[callee.number]))

    def is_reached(self, world: Snapshot, call: CallView, member: Member) -> bool:
        """Whether the member could be rung at the own line or where that leads to."""
        if member.number == call.caller_number:
            return False
        instead = world.forwarding_of_member(member.id)
        if member.is_manager and not call.vip and works(world, instead, member.short_name):
            return instead.to in (ForwardTo.VOICEMAIL, ForwardTo.NUMBER) and instead.number == "4321"
        to = forwarded(world, member.number)
        if to.is_loop or to.number in (*GROUP_NUMBERS, call.caller_number.replace(" ", "")):
            return False
        return to.number in world.in_service if to.number in NAMES else True

    @given(snapshots(), callers)
    @settings(max_examples=120, deadline=None)
    def test_dry_run_ends(self, world: Snapshot, caller: str) -> None:
        """Nobody answers: the flow ends, stays with somebody, waits, or begins again only with overflow none."""
        steps = dry_run(world, enter(world, 1, caller), 0.0)
        entered = [step.group_id for step in steps if isinstance(step, OverflowGroup | ForwardGroup)]
        match steps[-1]:
            case RingStep(seconds=int()):
                group = world.configuration.group_by_id[[1, *entered][-1]]
                self.assertIs(group.overflow.to, OverflowTo.NONE)
            case Greeting() | OverflowGroup() | ForwardGroup():
                self.fail("ends in the middle")
        self.assertLessEqual(len(entered), 1)
        self.assertEqual(len(rung(steps)), len(set(rung(steps))))

    @given(st.lists(st.integers(1, 7), min_size=7, max_size=7), st.booleans(), callers)
    @settings(max_examples=80, deadline=None)
    def test_chains_of_groups_end(self, targets: list[int], by_number: bool, caller: str) -> None:
        """Seven groups of nobody, each of which overflows to some group: none is entered twice, then busy."""
        groups = tuple(
            replace(
                GROUP,
                id=at,
                number=f"897{at}",
                overflow=Overflow(OverflowTo.NUMBER, f"897{to}") if by_number else Overflow(OverflowTo.GROUP, str(to)),
            )
            for at, to in enumerate(targets, 1)
        )
        world = Snapshot(Configuration(groups=groups))
        steps = dry_run(world, enter(world, 1, caller), 0.0)
        *entered, last = steps
        seen = [1, *(step.group_id for step in entered if isinstance(step, OverflowGroup))]
        self.assertEqual(len(seen), len(entered) + 1)
        self.assertEqual(len(seen), len(set(seen)))
        assert isinstance(last, OverflowBusy)
        self.assertIs(last.reasons[-1].code, ReasonCode.OVERFLOW_LOOP)

    @given(snapshots(), callers)
    @settings(max_examples=80, deadline=None)
    def test_nothing_but_the_input_counts(self, world: Snapshot, caller: str) -> None:
        """A snapshot that says the same gives the same steps, asked again or by way of others."""
        same = replace(world, configuration=replace(world.configuration), presence=dict(world.presence))
        steps = dry_run(world, enter(world, 1, caller), 0.0)
        dry_run(snapshot(), enter(snapshot(), 1, caller), 0.0)
        self.assertEqual(dry_run(same, enter(same, 1, caller), 0.0), steps)

    @given(snapshots())
    @settings(max_examples=120, deadline=None)
    def test_ways_of_forwarded_calls_end(self, world: Snapshot) -> None:
        """At most five lines send a call on, none of them twice."""
        for number in (*LINES.values(), "4321", "8973"):
            to = forwarded(world, number)
            lines = [line for line in to.through if line in NAMES]
            self.assertLessEqual(len(lines), 5)
            self.assertEqual(len(lines), len(set(lines)))
            self.assertEqual(to.is_loop, to.number in to.through)
            self.assertEqual(bool(to.by), bool(to.through))
            self.assertEqual(to.through[:1], (number,) if to.through else ())


def rung(steps: tuple[Step, ...]) -> list[int]:
    return [callee.member_id for step in steps if isinstance(step, RingStep) for callee in step.callees]
