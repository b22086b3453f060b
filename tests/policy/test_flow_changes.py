"""The group flow when the world changes between two steps, who counts as the caller, and the trail in words."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.numbers import NumberPlan
from magroup.model.presence import Presence
from magroup.model.snapshot import Snapshot
from magroup.policy import ROUND_PAUSE, CallView, Outcome, RingStep, begun, ended, next_step
from tests.policy.company import ARA, CALLER, RAF, SALES, TIJ, company, members, snapshot
from tests.policy.test_flow import NONE, TO_SALES
from tests.policy.walking import seen, told

AWAY, BUSY, DND, GONE = Presence.AWAY, Presence.BUSY, Presence.DND, Presence.UNAVAILABLE


class ChangesTests(SynchronousTestCase):
    """What changes between two steps counts from the next step on (spec 1.2, end)."""

    def after(self, first: Snapshot, then: Snapshot, *outcomes: Outcome) -> str:
        """The step in ``then`` after one attempt for each of ``outcomes`` in ``first``."""
        call, now = CallView(1, CALLER), 0.0
        for outcome in outcomes:
            step = next_step(first, call, now)
            assert isinstance(step, RingStep)
            call = begun(call, step)
            now += step.seconds or 0
            call = ended(call, step.callees[0], outcome, now)
        return seen(next_step(then, call, now))

    def test_manager_comes_back_while_assistant_rings(self) -> None:
        away = snapshot(presence={"Tij": AWAY})
        self.assertEqual(self.after(away, snapshot(), Outcome.NO_ANSWER), f"ring {TIJ} 30")

    def test_next_assistant_goes_away(self) -> None:
        away = snapshot(presence={"Raf": AWAY})
        self.assertEqual(self.after(snapshot(), away, Outcome.NO_ANSWER), f"ring {ARA} 15")

    def test_list_reordered(self) -> None:
        tij, raf, ara = members("Tij", "Raf", "Ara")
        turned = snapshot(team=(tij, replace(raf, position=3), replace(ara, position=2)))
        self.assertEqual(self.after(snapshot(), turned, Outcome.NO_ANSWER), f"ring {ARA} 15")
        self.assertEqual(self.after(snapshot(), turned, *[Outcome.NO_ANSWER] * 2), f"ring {ARA} 15")

    def test_group_deleted(self) -> None:
        gone = snapshot(Configuration())
        self.assertEqual(self.after(snapshot(), gone, Outcome.NO_ANSWER), "busy")

    def test_somebody_else_during_the_pause(self) -> None:
        few = snapshot(overflow=NONE, presence={"Raf": AWAY, "Ara": AWAY})
        more = snapshot(overflow=NONE, presence={"Raf": AWAY})
        self.assertEqual(self.after(few, few, Outcome.BUSY), f"wait until {30 + ROUND_PAUSE:g}")
        self.assertEqual(self.after(few, more, Outcome.BUSY), f"ring {ARA} 15")

    def test_pause_ends_by_a_clock_that_is_not_exact(self) -> None:
        world = snapshot(overflow=NONE, team=members("Tij"))
        call = CallView(1, CALLER)
        step = next_step(world, call, 0.1)
        assert isinstance(step, RingStep)
        call = ended(begun(call, step), step.callees[0], Outcome.BUSY, 0.1)
        self.assertEqual(seen(next_step(world, call, 0.1 + ROUND_PAUSE - 1e-9)), f"again ring {TIJ} 30")

    def test_connecting_directly_is_switched_on(self) -> None:
        """Too late for a call that is in the flow."""
        direct = snapshot(assistant_to_manager=True)
        call = CallView(1, RAF)
        step = next_step(snapshot(), call, 0.0)
        assert isinstance(step, RingStep)
        call = ended(begun(call, step), step.callees[0], Outcome.BUSY, 0.0)
        self.assertEqual(seen(next_step(direct, call, 0.0)), f"ring {ARA} 15")
        self.assertEqual(seen(next_step(direct, CallView(1, RAF, greeted=True), 0.0)), f"ring {TIJ} 30")

    def test_everybody_leaves_after_a_round(self) -> None:
        """Overflow none: no round without anybody, nor a time to wait for."""
        world = snapshot(overflow=NONE, team=members("Tij"))
        gone = snapshot(overflow=NONE, team=members("Tij"), presence={"Tij": AWAY})
        self.assertEqual(self.after(world, gone, Outcome.NO_ANSWER), "wait")

    def test_overflow_changed(self) -> None:
        there = snapshot(overflow=Overflow(OverflowTo.NUMBER, "4321"))
        outcomes = [Outcome.NO_ANSWER] * 3
        self.assertEqual(self.after(snapshot(), there, *outcomes), "number 4321 from 8973")


class CallerTests(SynchronousTestCase):
    """Who is the caller: by number in any spelling, and by the user's other lines."""

    def test_other_spelling(self) -> None:
        tij, raf, ara = members("Tij", "Raf", "Ara")
        configuration = company(team=(tij, replace(raf, number="+41315311175"), ara), assistant_to_manager=True)
        world = snapshot(replace(configuration, plan=NumberPlan(country_code="41", area_code="31")))
        self.assertEqual(seen(next_step(world, CallView(1, "031 531 11 75"), 0.0)), f"direct {TIJ}")

    def test_second_line_of_the_same_user(self) -> None:
        configuration = company(team=members("Raf", "Ara"))
        users = tuple(
            replace(user, lines=(*user.lines, "2175")) if user.name == "rafael" else user
            for user in configuration.users
        )
        step = next_step(snapshot(replace(configuration, users=users)), CallView(1, "2175"), 0.0)
        self.assertEqual(seen(step), f"ring {ARA} 15")

    def test_anonymous_is_nobody(self) -> None:
        self.assertEqual(seen(next_step(snapshot(), CallView(1, ""), 0.0)), f"ring {TIJ} 30")

    def test_rings_the_line_as_stored(self) -> None:
        (raf,) = members("Raf")
        world = snapshot(team=(replace(raf, number="11-75"),))
        self.assertEqual(seen(next_step(world, CallView(1, CALLER), 0.0)), f"ring {RAF} 15")


class TrailTests(SynchronousTestCase):
    """The reasons that the steps of a call give, in words."""

    def test_the_design_example(self) -> None:
        self.assertEqual(
            told(
                outcomes=(Outcome.NO_ANSWER, Outcome.BUSY),
                presence={"Tij": AWAY},
                overflow=Overflow(OverflowTo.NUMBER, "4321"),
            ),
            "manager Away; assistant Raf rang 15 s; Ara busy; overflow to 4321",
        )

    def test_those_passed_over_are_named_in_list_order(self) -> None:
        self.assertEqual(
            told(team=members("Tij", "Raf", "Ara", "Leo"), presence={"Raf": BUSY, "Leo": DND}),
            "manager rang 30 s; Raf status Busy; assistant Ara rang 15 s; Leo Do Not Disturb; overflow busy",
        )

    def test_nobody(self) -> None:
        self.assertEqual(
            told(overflow=NONE, presence={"Tij": AWAY, "Raf": GONE}, out_of_service=[ARA]),
            "manager Away; Raf Unavailable; Ara's line out of service; nobody available, waiting",
        )

    def test_rounds_do_not_repeat_who_is_away(self) -> None:
        self.assertEqual(
            told(most=4, overflow=NONE, presence={"Tij": AWAY}, team=members("Tij", "Raf")),
            "manager Away; assistant Raf rang 15 s; again from the top; assistant Raf rang 15 s; "
            "again from the top; assistant Raf rang 15 s; again from the top; assistant Raf rang 15 s",
        )

    def test_parallel(self) -> None:
        self.assertEqual(
            told(ring_parallel=True, outcomes=(Outcome.NO_ANSWER, Outcome.DECLINED)),
            "manager rang 30 s; Raf declined; assistant Ara rang 15 s; overflow busy",
        )

    def test_caller_is_member(self) -> None:
        self.assertEqual(
            told(caller=RAF, welcome="Welcome.wav"),
            "greeting; manager rang 30 s; Raf is calling; assistant Ara rang 15 s; overflow busy",
        )

    def test_direct(self) -> None:
        self.assertEqual(told(caller=RAF, assistant_to_manager=True), "Raf directly to the manager")

    def test_chain_of_groups(self) -> None:
        back = replace(SALES, overflow=Overflow(OverflowTo.GROUP, "1"))
        self.assertEqual(
            told(team=(), overflow=TO_SALES, other=back),
            "overflow to group Sales; overflow back to group MA Group, ended busy",
        )

    def test_nobody_reached(self) -> None:
        self.assertEqual(
            told(most=2, team=members("Tij"), overflow=NONE, outcomes=(Outcome.FAILED,)),
            "Tij not reached; nobody reached, waiting",
        )
