"""VIP calls: a row for each sentence of the manual's "VIP Calls", "VIP List", call flow examples, and of spec 1.5."""

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.groups import ShowVipCalls, VipEntry, VipRouting
from magroup.model.numbers import NumberPlan
from magroup.model.people import Contact
from magroup.model.presence import Presence
from magroup.policy import (
    CallView,
    ForwardGroup,
    Outcome,
    OverflowGroup,
    RingStep,
    begun,
    ended,
    enter,
    is_hidden,
    next_step,
    shown_name,
    visible_to,
)
from tests.policy.company import (
    ARA,
    CALLER,
    GROUP,
    LEO,
    RAF,
    SALES,
    SAN,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    TO_VOICEMAIL,
    company,
    members,
    snapshot,
    to_member,
    to_number,
)
from tests.policy.test_flow import TO_SALES
from tests.policy.walking import Row, look, seen, told

AWAY, BUSY, DND, GONE = Presence.AWAY, Presence.BUSY, Presence.DND, Presence.UNAVAILABLE
NOBODY = {"Tij": AWAY, "Raf": DND, "Ara": GONE}
LISTED = {"vips": [CALLER]}
ALL = {"vip_routing": VipRouting.ALL}
MANAGER_ONLY = {"vip_routing": VipRouting.MANAGER_ONLY}
AVAILABLE = {"vip_routing": VipRouting.AVAILABLE}

ROWS = [
    # The manual, "VIP Calls"
    *(
        Row(
            f"unlike regular calls, always directed to the manager, whatever the presence ({presence.name})",
            [f"ring {TIJ} 30"],
            {**LISTED, "presence": {"Tij": presence}},
        )
        for presence in Presence
    ),
    Row("regular calls follow the presence", [f"ring {RAF} 15"], {"vips": ["0999"], "presence": {"Tij": AWAY}}),
    Row(
        "VIP to all: to all assistants one after the other, whatever their presence",
        [f"ring {TIJ} 30", f"ring {RAF} 15", f"ring {ARA} 15", "busy"],
        {**LISTED, **ALL, "presence": NOBODY},
    ),
    Row(
        "VIP to manager only: no assistant",
        [f"ring {TIJ} 30", "busy"],
        {**LISTED, **MANAGER_ONLY},
    ),
    Row(
        "VIP to manager only: parallel calling is disabled",
        [f"ring {TIJ} 30", "busy"],
        {**LISTED, **MANAGER_ONLY, "ring_parallel": True},
    ),
    Row(
        "VIP to manager and available members: assistants whose presence is available",
        [f"ring {TIJ} 30", f"ring {ARA} 15", "busy"],
        {**LISTED, **AVAILABLE, "presence": {"Tij": AWAY, "Raf": BUSY}},
    ),
    Row(
        "VIP to manager and available members: line forwarding alone does not make available",
        [f"ring {TIJ} 30", "ring 4321 15", "busy"],
        {
            **LISTED,
            **AVAILABLE,
            "presence": {"Raf": BUSY},
            "forwards": {"Raf": to_number("4711"), "Ara": to_number("4321")},
        },
    ),
    # The manual, VIP threshold
    *(
        Row(
            f"threshold {threshold}: a user with {stars} stars {'is VIP' if is_vip else 'is none'}",
            [f"ring {TIJ if is_vip else RAF} {30 if is_vip else 15}"],
            {"vip_threshold": threshold, "presence": {"Tij": AWAY}},
            caller=caller,
        )
        for threshold, stars, caller, is_vip in (
            (5, 5, SAN, True),
            (5, 4, LEO, False),
            (4, 4, LEO, True),
            (4, 5, SAN, True),
            (1, 4, LEO, True),
            (6, 5, SAN, False),
            (9, 5, SAN, False),
        )
    ),
    Row(
        "threshold unchecked: nobody by stars, the list still counts",
        [f"ring {TIJ} 30"],
        {"vip_threshold": 6, "presence": {"Tij": AWAY}, "vips": [SAN]},
        caller=SAN,
    ),
    Row(
        "threshold: users only, a contact with stars is none",
        [f"ring {RAF} 15"],
        {"presence": {"Tij": AWAY}, "vip_threshold": 1, "contacts": (Contact(1, CALLER, "Bob", stars=5),)},
    ),
    Row(
        "threshold 0: every caller is VIP",
        [f"ring {TIJ} 30"],
        {"vip_threshold": 0, "presence": {"Tij": AWAY}},
    ),
    Row(
        "threshold 0: one without a number too",
        [f"ring {TIJ} 30"],
        {"vip_threshold": 0, "presence": {"Tij": AWAY}},
        caller="",
    ),
    # The manual, "VIP List"
    *(
        Row(
            f"list entry {entry}, caller {caller}",
            [f"ring {TIJ if is_vip else RAF} {30 if is_vip else 15}"],
            {"vips": ["0999", entry], "presence": {"Tij": AWAY}},
            caller=caller,
        )
        for entry, caller, is_vip in (
            ("1076", "1076", True),
            ("1076", "10761", False),
            ("+1509XXXXXXX", "+15091234567", True),
            ("+1509XXXXXXX", "0015091234567", True),
            ("+1509XXXXXXX", "+1509123456", False),
            ("0800XXXXXX", "0800 12 34 56", True),
            ("(0800) XXX-XXX", "0800.12.34.56", True),
            ("10 76", "1076", True),
            ("0800!", "0800123", True),
            ("0800!", "0801123", False),
            ("!", "0800123", True),
            ("!", "", False),
            ("X", "", False),
        )
    ),
    # The manual, call flow examples
    Row(
        "VIP calls override application forwarding (group)",
        [f"ring {TIJ} 30"],
        {**LISTED, "instead": {1: TO_ASSISTANTS}},
    ),
    *(
        Row(
            f"VIP calls override application forwarding ({forwarding.to.value})",
            [f"ring {TIJ} 30"],
            {**LISTED, "instead": {1: forwarding}},
        )
        for forwarding in (TO_MOBILE, TO_VOICEMAIL, to_number("4321"), to_member(2))
    ),
    Row(
        "VIP calls do not bypass forwarding of the phone line",
        ["ring 4321 30"],
        {**LISTED, "forwards": {"Tij": to_number("4321")}},
    ),
    Row(
        "VIP calls with both forwardings: the line's",
        ["ring 4321 30"],
        {**LISTED, "instead": {1: TO_MOBILE}, "forwards": {"Tij": to_number("4321")}, "presence": {"Tij": AWAY}},
    ),
    Row(
        "direct calls override the rules: an assistant on the list is no VIP",
        [f"direct {TIJ}"],
        {"vips": [RAF], "assistant_to_manager": True},
        caller=RAF,
    ),
    # The specification, 1.5 and 8
    Row(
        "1.5 unanswered after the manager timeout",
        [f"ring {TIJ} 7", f"ring {RAF} 15"],
        {**LISTED, **ALL, "manager_timeout": 7, "presence": NOBODY},
    ),
    Row("1.5 manager timeout 0: stays with the manager", [f"ring {TIJ} on"], {**LISTED, "manager_timeout": 0}),
    Row(
        "1.5 manager busy: on at once, by the routing",
        [f"ring {TIJ} 30", f"ring {RAF} 15"],
        {**LISTED, **ALL, "presence": NOBODY},
        outcomes=[Outcome.BUSY],
    ),
    Row(
        "1.5 the greeting is played to VIPs too",
        ["greeting Welcome.wav", f"ring {TIJ} 30"],
        {**LISTED, "welcome": "Welcome.wav", "presence": NOBODY},
    ),
    Row(
        "1.5 a line out of service cannot be rung for VIPs either",
        [f"ring {ARA} 15", "busy"],
        {**LISTED, **ALL, "out_of_service": [TIJ, RAF], "presence": NOBODY},
    ),
    Row(
        "8 parallel ringing with VIP to all: the first assistant, whatever the presence",
        [f"ring {TIJ}+{RAF} 30", f"ring {ARA} 15", "busy"],
        {**LISTED, **ALL, "ring_parallel": True, "presence": NOBODY},
    ),
    Row(
        "8 parallel ringing with VIP to available members: the first available one",
        [f"ring {TIJ}+{ARA} 30", "busy"],
        {**LISTED, **AVAILABLE, "ring_parallel": True, "presence": {"Tij": AWAY, "Raf": AWAY}},
    ),
    Row(
        "8 a group without manager: no VIP handling",
        [f"ring {ARA} 15", "busy"],
        {**LISTED, **MANAGER_ONLY, "team": members("Raf", "Ara"), "vip_threshold": 0, "presence": {"Raf": AWAY}},
    ),
    Row(
        "8 the list of somebody who only assists here does not count",
        [f"ring {ARA} 15"],
        {**LISTED, "team": members("Raf", "Ara", "Tij", manager="Tij"), "presence": {"Tij": AWAY, "Raf": AWAY}},
    ),
    Row(
        "VIP to manager only, manager out of service, overflow none: waits for the manager",
        ["wait"],
        {**LISTED, **MANAGER_ONLY, "out_of_service": [TIJ], "overflow": replace(GROUP).overflow.parse("-1")},
    ),
    Row(
        "the manager calling the own number is no VIP: else nobody would be rung",
        [f"ring {RAF} 15"],
        {**MANAGER_ONLY, "vip_threshold": 0},
        caller=TIJ,
    ),
    Row(
        "an assistant who is a VIP is not rung",
        [f"ring {TIJ} 30", f"ring {ARA} 15", "busy"],
        {**ALL, "vip_threshold": 0, "presence": NOBODY},
        caller=RAF,
    ),
]


class VipTests(SynchronousTestCase):
    def test_rows(self) -> None:
        look(self, ROWS)

    def test_one_caller_in_all_spellings(self) -> None:
        """Spec 1.4: +41315311111, 0315311111 and 0041315311111 are the same."""
        plan = NumberPlan(country_code="41", area_code="31")
        spellings = ("+41315311111", "031 531 11 11", "0041315311111", "5311111")
        for entry in spellings:
            world = snapshot(replace(company(vips=[entry]), plan=plan), {"Tij": AWAY})
            for caller in spellings:
                self.assertIsNotNone(enter(world, 1, caller).vip, f"{entry} {caller}")

    def test_somebody_with_two_groups(self) -> None:
        """San manages Sales and assists in the other group: her list counts in Sales only."""
        configuration = company(
            team=members("Tij", "San"),
            other=SALES,
            other_team=members("San", "Leo", manager="San", group_id=2, first_id=11),
        )
        configuration = replace(configuration, vips=(VipEntry(1, 11, CALLER),))
        world = snapshot(configuration, {"San": AWAY})
        self.assertIsNone(enter(world, 1, CALLER).vip)
        self.assertEqual(seen(next_step(world, enter(world, 2, CALLER), 0.0)), f"ring {SAN} 20")


class DecisionTests(SynchronousTestCase):
    """It is decided once, when the call enters a group."""

    def test_kept(self) -> None:
        """The list, the stars and the display may change; the routing counts as it is."""
        before = snapshot(**LISTED, **MANAGER_ONLY, show_vip_calls=ShowVipCalls.MANAGER)
        call = enter(before, 1, CALLER)
        self.assertEqual(call.vip, Vip(Reason(ReasonCode.VIP_LISTED, detail=CALLER), ShowVipCalls.MANAGER))
        step = next_step(before, call, 0.0)
        assert isinstance(step, RingStep)
        call = ended(begun(call, step), step.callees[0], Outcome.BUSY, 0.0)
        self.assertEqual(seen(next_step(before, call, 0.0)), "busy")
        after = snapshot(**ALL, presence=NOBODY, show_vip_calls=ShowVipCalls.MARKED)
        self.assertEqual(seen(next_step(after, call, 0.0)), f"ring {RAF} 15")
        self.assertEqual(begun(call, next_step(after, call, 0.0)).vip, call.vip)

    def test_manager_goes_in_mid_call(self) -> None:
        """A group without manager knows no VIPs: the call is not lost with the routing to the manager only."""
        call = enter(snapshot(**LISTED, **MANAGER_ONLY), 1, CALLER)
        without = snapshot(**LISTED, **MANAGER_ONLY, team=members("Raf", "Ara", first_id=2), presence={"Raf": AWAY})
        self.assertEqual(seen(next_step(without, call, 0.0)), f"ring {ARA} 15")

    def test_anew_in_the_next_group(self) -> None:
        """VIP of one manager need not be VIP of the next, and the other way round."""
        team = members("San", "Leo", manager="San", group_id=2, first_id=11)
        for threshold, in_sales in ((6, False), (0, True)):
            other = replace(SALES, vip_threshold=threshold)
            world = snapshot(**LISTED, **MANAGER_ONLY, overflow=TO_SALES, other=other, other_team=team)
            call = enter(world, 1, CALLER)
            step = next_step(world, call, 0.0)
            assert isinstance(step, RingStep)
            call = ended(begun(call, step), step.callees[0], Outcome.NO_ANSWER, 30.0)
            overflow = next_step(world, call, 30.0)
            assert isinstance(overflow, OverflowGroup)
            self.assertEqual(overflow.vip is not None, in_sales)
            self.assertEqual(begun(call, overflow).vip, overflow.vip)

    def test_anew_where_a_forwarding_leads(self) -> None:
        team = members("San", "Leo", manager="San", group_id=2, first_id=11)
        for threshold, in_sales in ((6, False), (0, True)):
            other = replace(SALES, vip_threshold=threshold)
            world = snapshot(other=other, other_team=team, instead={1: to_number(SALES.number)})
            step = next_step(world, enter(world, 1, CALLER), 0.0)
            assert isinstance(step, ForwardGroup)
            self.assertEqual(step.vip is not None, in_sales)
            self.assertEqual(begun(CallView(1, CALLER), step), CallView(2, CALLER, vip=step.vip, passed=(1,)))

    def test_unknown_group(self) -> None:
        self.assertEqual(enter(snapshot(), 99, CALLER), CallView(99, CALLER))


class TrailTests(SynchronousTestCase):
    def test_listed(self) -> None:
        self.assertEqual(
            told(vips=["031!"], welcome="Welcome.wav", presence={"Tij": AWAY}, **MANAGER_ONLY),
            "VIP by list entry 031!; greeting; manager rang 30 s; VIP to manager only; overflow busy",
        )

    def test_by_stars(self) -> None:
        self.assertEqual(
            told(caller=SAN, presence=NOBODY, **ALL),
            "VIP by stars: 5; manager rang 30 s; assistant Raf rang 15 s; assistant Ara rang 15 s; overflow busy",
        )

    def test_every_caller(self) -> None:
        self.assertEqual(
            told(vip_threshold=0, **AVAILABLE, team=members("Tij", "Raf"), presence={"Raf": DND}),
            "VIP like every caller; manager rang 30 s; Raf Do Not Disturb; overflow busy",
        )

    def test_said_once(self) -> None:
        """Rounds do not repeat that the caller is a VIP."""
        trail = told(6, **LISTED, **MANAGER_ONLY, overflow=replace(GROUP).overflow.parse("-1"))
        self.assertEqual(trail.count("VIP by list"), 1)


class ShownTests(SynchronousTestCase):
    """Show VIP calls: who sees what of a VIP call."""

    REASON = Reason(ReasonCode.VIP_EVERYBODY)

    def test_visible(self) -> None:
        rows: list[tuple[str, ShowVipCalls | None, list[str], bool]] = [
            ("no VIP call: everybody", None, [ARA], True),
            ("show to all: like a regular call", ShowVipCalls.ALL, [ARA], True),
            ("show marked: everybody", ShowVipCalls.MARKED, [ARA], True),
            ("manager only: the phone that rings", ShowVipCalls.MANAGER, [TIJ], True),
            ("manager only: another line of the same person", ShowVipCalls.MANAGER, ["2047", TIJ], True),
            ("manager only: hidden from all others", ShowVipCalls.MANAGER, [ARA], False),
            ("manager only: hidden from who has no line", ShowVipCalls.MANAGER, [], False),
        ]
        for source, show, numbers, is_seen in rows:
            vip = Vip(self.REASON, show) if show is not None else None
            self.assertEqual(visible_to(vip, {TIJ}, numbers), is_seen, source)

    def test_hidden_from_pickup(self) -> None:
        hidden = [show for show in ShowVipCalls if is_hidden(Vip(self.REASON, show))]
        self.assertEqual(hidden, [ShowVipCalls.MANAGER])
        self.assertFalse(is_hidden(None))

    def test_marked(self) -> None:
        rows = [
            (ShowVipCalls.MARKED, "Bob", "Bob <VIP>"),
            (ShowVipCalls.MARKED, "Léonard ☎", "Léonard ☎ <VIP>"),
            (ShowVipCalls.MARKED, "", "031 <VIP>"),
            (ShowVipCalls.ALL, "Bob", "Bob"),
            (ShowVipCalls.MANAGER, "", ""),
        ]
        for show, name, shown in rows:
            self.assertEqual(shown_name(Vip(self.REASON, show), name, "031"), shown)
        self.assertEqual(shown_name(Vip(self.REASON, ShowVipCalls.MARKED), "", ""), "<VIP>")
        self.assertEqual(shown_name(None, "Bob", "031"), "Bob")
