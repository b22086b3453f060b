"""The group flow: a row for each sentence of the manual's chapter on groups and of the specification of calls."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow, OverflowTo
from magroup.model.numbers import NumberPlan
from magroup.model.presence import Presence
from magroup.model.snapshot import Snapshot
from magroup.policy import (
    ROUND_PAUSE,
    CallView,
    Outcome,
    RingStep,
    begun,
    ended,
    next_step,
)
from tests.policy.company import ARA, CALLER, LEO, NUMBER, RAF, SALES, SAN, TIJ, company, members, snapshot
from tests.policy.walking import Row, look, seen, told

AWAY, BUSY, DND, GONE = Presence.AWAY, Presence.BUSY, Presence.DND, Presence.UNAVAILABLE
NONE = Overflow()
TO_SALES = Overflow(OverflowTo.GROUP, "2")


ROWS = [
    # The manual, "Groups"
    Row("manager number: it is used to call the manager", [f"ring {TIJ} 30"]),
    Row(
        "manager number: or an available assistant if the manager is not available",
        [f"ring {RAF} 15"],
        {"presence": {"Tij": AWAY}},
    ),
    Row(
        "announcement: is played before the call reaches the manager",
        ["greeting Welcome.wav", f"ring {TIJ} 30"],
        {"welcome": "Welcome.wav"},
    ),
    Row(
        "timeout: how long a phone rings before the call goes to the next",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
    ),
    Row(
        "timeout: follows the member list order",
        [f"ring {TIJ} 30", f"ring {ARA} 15", f"ring {LEO} 15", f"ring {RAF} 15"],
        {"team": members("Tij", "Ara", "Leo", "Raf")},
    ),
    Row(
        "timeout: to the next member in the list who is online",
        [f"ring {TIJ} 30", f"ring {LEO} 15", "busy"],
        {"team": members("Tij", "Raf", "Ara", "Leo"), "presence": {"Raf": BUSY, "Ara": DND}},
    ),
    Row("timeout: zero, the call is not transferred (manager)", [f"ring {TIJ} on"], {"manager_timeout": 0}),
    Row(
        "timeout: zero, the call is not transferred (assistant)",
        [f"ring {TIJ} 30", f"ring {RAF} on"],
        {"assistant_timeout": 0},
    ),
    Row(
        "timeout: or back to the manager",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", f"again ring {TIJ} 30"],
        {"overflow": NONE},
    ),
    Row(
        "overflow: executed if no assistants or managers are available",
        ["busy"],
        {"presence": {"Tij": AWAY, "Raf": AWAY, "Ara": GONE}},
    ),
    Row(
        "overflow: executed if no one in the group answered",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "number 4321 from 8973"],
        {"overflow": Overflow(OverflowTo.NUMBER, "4321")},
    ),
    Row(
        "no overflow: again to the first available assistant or manager",
        [f"ring {RAF} 15", f"ring {ARA} 15", f"again ring {RAF} 15", f"ring {ARA} 15", f"again ring {RAF} 15"],
        {"overflow": NONE, "presence": {"Tij": AWAY}},
    ),
    Row(
        "to number: redirected to the number",
        ["number 4321 from 8973"],
        {"overflow": Overflow(OverflowTo.NUMBER, "4321"), "team": ()},
    ),
    Row("busy: the caller receives a busy signal", ["busy"], {"team": ()}),
    Row(
        "voicemail: a message for the number in the box field",
        [f"voicemail {TIJ} from 8973"],
        {"overflow": Overflow(OverflowTo.VOICEMAIL, TIJ), "team": ()},
    ),
    Row(
        "another group: redirected to the selected group",
        ["group 2", f"ring {LEO} 20", f"ring {SAN} 10", "busy"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": SALES,
            "other_team": members("Leo", "San", manager="Leo", group_id=2, first_id=11),
        },
    ),
    Row(
        "connect assistants directly: calls from an assistant are directed to the manager only",
        [f"direct {TIJ}"],
        {"assistant_to_manager": True},
        caller=RAF,
    ),
    Row(
        "connect assistants directly: overrides presence",
        [f"direct {TIJ}"],
        {"assistant_to_manager": True, "presence": {"Tij": DND}, "welcome": "Welcome.wav"},
        caller=ARA,
    ),
    Row(
        "connect assistants directly: others are not assistants",
        [f"ring {TIJ} 30"],
        {"assistant_to_manager": True},
        caller=LEO,
    ),
    Row(
        "ring parallel: the first available assistant rings with the manager",
        [f"ring {TIJ}+{ARA} 30"],
        {"ring_parallel": True, "presence": {"Raf": AWAY}},
    ),
    Row(
        "ring parallel unchecked: an assistant only after the manager timeout",
        [f"ring {TIJ} 30", f"ring {RAF} 15"],
        {"ring_parallel": False},
    ),
    # The manual, call flow examples
    Row(
        "manager unavailable: any presence but Available (Busy)",
        [f"ring {RAF} 15"],
        {"presence": {"Tij": BUSY}},
    ),
    Row("manager unavailable: any presence but Available (DND)", [f"ring {RAF} 15"], {"presence": {"Tij": DND}}),
    Row(
        "manager unavailable: any presence but Available (Unavailable)",
        [f"ring {RAF} 15"],
        {"presence": {"Tij": GONE}},
    ),
    Row(
        "manager unavailable: A away, B, then C, end of the list: overflow",
        [f"ring {ARA} 15", f"ring {LEO} 15", "busy"],
        {"team": members("Tij", "Raf", "Ara", "Leo"), "presence": {"Tij": AWAY, "Raf": AWAY}},
    ),
    # The specification, 1.2
    Row(
        "1.2.1 direct off: the normal flow, the caller's own line is never rung",
        [f"ring {TIJ} 30", f"ring {ARA} 15", "busy"],
        caller=RAF,
    ),
    Row(
        "1.2.1 the manager calling the own number: the normal flow without the manager",
        ["greeting Welcome.wav", f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"assistant_to_manager": True, "welcome": "Welcome.wav"},
        caller=TIJ,
    ),
    Row("1.2.3 greeting not set: skipped", [f"ring {TIJ} 30"], {"welcome": ""}),
    Row(
        "1.2.3 greeting played once",
        ["greeting Welcome.wav", f"ring {RAF} 15", f"again ring {RAF} 15"],
        {"welcome": "Welcome.wav", "team": members("Raf"), "overflow": NONE},
    ),
    Row(
        "1.2.4 manager available: line in service",
        [f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"out_of_service": [TIJ]},
    ),
    Row(
        "1.2.4 assistants eligible: line in service",
        [f"ring {TIJ} 30", f"ring {ARA} 15", "busy"],
        {"out_of_service": [RAF]},
    ),
    Row(
        "1.2.4 busy, declined or failed: left at once for the next",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        outcomes=[Outcome.BUSY, Outcome.DECLINED, Outcome.FAILED],
    ),
    Row(
        "1.2.6 nobody eligible, overflow none: wait",
        ["wait"],
        {"overflow": NONE, "presence": {"Tij": AWAY, "Raf": AWAY, "Ara": AWAY}},
    ),
    Row("1.2.6 a group of nobody, overflow none: wait", ["wait"], {"overflow": NONE, "team": ()}),
    Row(
        "1.2.6 never a busy loop: a pause after a round in which all failed at once",
        [
            f"ring {TIJ} 30",
            f"ring {RAF} 15",
            f"ring {ARA} 15",
            f"wait until {ROUND_PAUSE:g}",
            f"again ring {TIJ} 30",
        ],
        {"overflow": NONE},
        outcomes=[Outcome.BUSY, Outcome.DECLINED, Outcome.FAILED],
    ),
    Row(
        "1.2.6 no pause where somebody rang in full",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", f"again ring {TIJ} 30"],
        {"overflow": NONE},
        outcomes=[Outcome.BUSY, Outcome.NO_ANSWER, Outcome.FAILED],
    ),
    Row(
        "1.2.6 number: one that is another group's number is that group",
        ["group 2", "busy"],
        {"overflow": Overflow(OverflowTo.NUMBER, SALES.number), "team": (), "other": SALES},
    ),
    Row(
        "1.2.6 number: the own manager number would go round in circles",
        ["busy"],
        {"overflow": Overflow(OverflowTo.NUMBER, NUMBER), "team": ()},
    ),
    Row(
        "1.2.6 another group: from its greeting on",
        ["greeting Welcome.wav", "group 2", "greeting Sales.wav", "busy"],
        {
            "overflow": TO_SALES,
            "welcome": "Welcome.wav",
            "team": (),
            "other": replace(SALES, welcome="Sales.wav"),
        },
    ),
    Row(
        "1.2.6 a chain that comes back to a group already passed ends busy",
        ["group 2", "busy"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": replace(SALES, overflow=Overflow(OverflowTo.GROUP, "1")),
        },
    ),
    Row(
        "1.2.6 a chain of groups to a number: diverted from both",
        ["group 2", "number 4321 from 8973,8974"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": replace(SALES, overflow=Overflow(OverflowTo.NUMBER, "4321")),
        },
    ),
    Row("1.2.6 another group that is not there: busy", ["busy"], {"overflow": TO_SALES, "team": ()}),
    Row(
        "1.2.6 another group, from its greeting on: connecting directly comes before",
        ["group 2", f"ring {SAN} 20", "busy"],
        {
            "overflow": TO_SALES,
            "team": (),
            "other": replace(SALES, assistant_to_manager=True),
            "other_team": members("San", "Leo", manager="San", group_id=2, first_id=11),
        },
        caller=LEO,
    ),
    # The specification, 8
    Row(
        "8 parallel ringing: the manager timeout governs; who rang in it is not rung again",
        [f"ring {TIJ}+{RAF} 30", f"ring {ARA} 15", "busy"],
        {"ring_parallel": True},
    ),
    Row(
        "8 parallel ringing: alone where no assistant can be rung",
        [f"ring {TIJ} 30", "busy"],
        {"ring_parallel": True, "presence": {"Raf": AWAY, "Ara": AWAY}},
    ),
    Row(
        "8 parallel ringing: with the manager only",
        [f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"ring_parallel": True, "presence": {"Tij": AWAY}},
    ),
    Row(
        "8 parallel ringing: in the next round again",
        [f"ring {TIJ}+{RAF} 30", f"ring {ARA} 15", f"again ring {TIJ}+{RAF} 30"],
        {"ring_parallel": True, "overflow": NONE},
    ),
    Row(
        "8 the manager is always first, whatever the place in the list",
        [f"ring {TIJ} 30", f"ring {RAF} 15"],
        {"team": members("Raf", "Tij")},
    ),
    Row(
        "8 a group without manager: straight to the members",
        [f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {"team": members("Raf", "Ara"), "assistant_to_manager": True},
        caller=LEO,
    ),
    Row(
        "8 a group without manager: a member who calls is not rung",
        [f"ring {ARA} 15", "busy"],
        {"team": members("Raf", "Ara"), "assistant_to_manager": True},
        caller=RAF,
    ),
]


class FlowTests(SynchronousTestCase):
    def test_rows(self) -> None:
        look(self, ROWS)


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
