"""VIP calls live: who rings, as whom the caller is shown, and what is kept for those who look at calls."""

from dataclasses import replace
from typing import Any

from magroup.cti.events import Transferred
from magroup.cti.switch import Ring
from magroup.cti.types import Cause, ConnectionId, Party
from magroup.groups import GroupSettings
from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow, OverflowTo, ShowVipCalls, VipRouting
from magroup.model.presence import Presence
from magroup.policy import is_hidden, visible_to
from tests.groups.world import NAME, WorldTestCase
from tests.policy.company import (
    ARA,
    CALLER,
    LEO,
    NUMBER,
    RAF,
    SALES,
    SAN,
    TIJ,
    TO_ASSISTANTS,
    TO_MOBILE,
    company,
    members,
    to_number,
)

NOT_ANSWERED = Cause.CALL_NOT_ANSWERED
MARKED: dict[str, Any] = {"vips": [CALLER], "show_vip_calls": ShowVipCalls.MARKED}
SALES_TEAM = members("San", "Leo", manager="San", group_id=2, first_id=11)


class RoutingTests(WorldTestCase):
    """Everybody is away, and the manager's calls go to the group."""

    presence_before = {"Tij": Presence.AWAY, "Raf": Presence.DND, "Ara": Presence.BUSY}

    def configuration(self) -> Configuration:
        return company(vips=[CALLER])

    def setUp(self) -> None:
        super().setUp()
        self.instead(TO_ASSISTANTS)

    def route(self, routing: VipRouting, **options: Any) -> list[object]:
        self.reconfigure(vips=[CALLER], vip_routing=routing, **options)
        self.says()
        call_id = self.dial()
        self.clock.pump([30, 15, 15])
        if call_id in (call.id for call in self.switch.calls()):
            self.switch.caller_hangs_up(call_id)
        return [effect for effect in self.says() if effect[0] not in ("accept", "cancel")]

    def test_to_all(self) -> None:
        self.assertEqual(
            self.route(VipRouting.ALL), [("ring", TIJ), ("ring", RAF), ("ring", ARA), ("clear", Cause.BUSY)]
        )
        self.assertTrue(self.record().is_vip)

    def test_to_manager_only(self) -> None:
        self.assertEqual(
            self.route(VipRouting.MANAGER_ONLY, ring_parallel=True), [("ring", TIJ), ("clear", Cause.BUSY)]
        )
        self.assertEqual(
            self.finished_trail(),
            f"VIP by list entry {CALLER}; manager rang 30 s; VIP to manager only; overflow busy",
        )

    def test_to_available(self) -> None:
        self.sets("Ara", Presence.AVAILABLE)
        self.assertEqual(self.route(VipRouting.AVAILABLE), [("ring", TIJ), ("ring", ARA), ("clear", Cause.BUSY)])

    def test_parallel(self) -> None:
        self.assertEqual(self.route(VipRouting.ALL, ring_parallel=True)[0], ("ring", TIJ, RAF))

    def test_others_are_no_vips(self) -> None:
        self.dial("0999")
        self.assertEqual(self.says(), [("clear", Cause.BUSY)])
        self.assertFalse(self.record().is_vip)

    def test_line_forwarding_holds(self) -> None:
        self.instead(TO_MOBILE)
        self.forwards("Tij", to_number("4321"))
        self.assertEqual(self.route(VipRouting.ALL)[0], ("ring", "4321"))

    def test_changes_in_mid_call(self) -> None:
        """Off the list, but the call is still the VIP's; who is on it now is none for this call."""
        self.dial()
        self.reconfigure(vips=["0999"], vip_routing=VipRouting.ALL)
        self.says()
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)])
        self.dial()
        self.assertEqual(self.says(), [("clear", Cause.BUSY)])

    def test_on_the_list_while_waiting(self) -> None:
        """Decided when the call entered the group."""
        self.reconfigure(overflow=Overflow())
        self.dial()
        self.says()
        self.reconfigure(overflow=Overflow(), vips=[CALLER])
        self.assertEqual(self.says(), [])


class IdentificationTests(WorldTestCase):
    """The word <VIP> with the name or the number."""

    def shown(self, name: str = NAME, caller: str = CALLER, **options: Any) -> list[Party]:
        """On the manager's phone and on the first assistant's."""
        self.reconfigure(**{**MARKED, **options})
        call_id = self.dial(caller, name=name)
        self.clock.advance(30)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual([ring.device for ring in self.switch.rings], [TIJ, RAF])
        return [ring.shown_as for ring in self.switch.rings]

    def test_name(self) -> None:
        self.assertEqual(self.shown(), [Party(CALLER, f"{NAME} <VIP>", True)] * 2)

    def test_number(self) -> None:
        self.assertEqual(self.shown(name=""), [Party(CALLER, f"{CALLER} <VIP>", True)] * 2)

    def test_nothing_at_all(self) -> None:
        self.assertEqual(self.shown(name="", caller="", vip_threshold=0), [Party("", "<VIP>", True)] * 2)

    def test_masks(self) -> None:
        """The mark comes after the masks."""
        masks = {"caller_name": "%managerShortName%: %callerName%", "caller_number": "%managerNumber%*"}
        manager, assistant = self.shown(**masks)
        self.assertEqual(manager, Party(CALLER, f"{NAME} <VIP>", True))
        self.assertEqual(assistant, Party(f"{NUMBER}*", f"Tij: {NAME} <VIP>", True))

    def test_number_mask_as_name(self) -> None:
        _, assistant = self.shown(caller_number="%managerNumber%*")
        self.assertEqual(assistant, Party(f"{NUMBER}*", f"{NUMBER}* <VIP>", True))

    def test_names_of_people(self) -> None:
        for name, shown in (
            ("Léonard Ŝaligny ☎", "Léonard Ŝaligny ☎ <VIP>"),
            ('A\r\nVia: "x"', 'AVia: "x" <VIP>'),
            ("<VIP>", "<VIP> <VIP>"),
        ):
            self.switch.rings = []
            self.assertEqual({party.name for party in self.shown(name=name)}, {shown})

    def test_only_where_it_is_wanted(self) -> None:
        for show in (ShowVipCalls.ALL, ShowVipCalls.MANAGER):
            self.switch.rings = []
            self.assertEqual({party.name for party in self.shown(show_vip_calls=show)}, {NAME})

    def test_others(self) -> None:
        self.assertEqual({party.name for party in self.shown(caller="0999")}, {NAME})

    def test_as_it_was_decided(self) -> None:
        """Show VIP calls changes while the first phone rings."""
        self.reconfigure(**MARKED)
        self.dial()
        self.reconfigure(vips=[CALLER], show_vip_calls=ShowVipCalls.ALL)
        self.clock.advance(30)
        self.assertEqual(self.switch.rings[1].shown_as.name, f"{NAME} <VIP>")

    def test_manager_s_mobile_and_who_is_rung_instead(self) -> None:
        """VIPs pass application forwarding; the line's is followed, with the mark."""
        self.reconfigure(**MARKED)
        self.forwards("Tij", TO_MOBILE)
        self.dial()
        self.assertEqual(self.switch.rings, [Ring("0791111111", Party(CALLER, f"{NAME} <VIP>", True), (TIJ,))])

    def test_overflow_is_not_marked(self) -> None:
        """It is no phone of a member."""
        self.reconfigure(**MARKED, vip_routing=VipRouting.MANAGER_ONLY, overflow=Overflow(OverflowTo.NUMBER, "4321"))
        self.dial()
        self.clock.advance(30)
        self.assertEqual(self.switch.rings[1], Ring("4321", Party(CALLER, NAME, True), (NUMBER,)))


class KeptTests(WorldTestCase):
    """What later views ask: whether a call is a VIP call, and who may see it."""

    def configuration(self) -> Configuration:
        return company(vips=[CALLER], show_vip_calls=ShowVipCalls.MANAGER)

    def sees(self, call_id: str, number: str) -> bool:
        (call,) = (call for call in self.switch.calls() if call.id == call_id)
        devices = {connection.id.device for connection in call.connections}
        return visible_to(self.application.vip(call_id), devices, [number])

    def test_from_the_beginning_to_the_end(self) -> None:
        call_id = self.dial()
        self.assertEqual((self.sees(call_id, TIJ), self.sees(call_id, RAF)), (True, False))
        self.clock.advance(30)
        self.assertEqual((self.sees(call_id, TIJ), self.sees(call_id, RAF)), (False, True))
        self.assertTrue(is_hidden(self.application.vip(call_id)))
        self.switch.device_answers(call_id, RAF)
        self.assertEqual(len(self.application), 0)
        self.assertEqual((self.sees(call_id, RAF), self.sees(call_id, ARA)), (True, False))
        self.switch.caller_hangs_up(call_id)
        self.assertIsNone(self.application.vip(call_id))

    def test_other_calls(self) -> None:
        group_call, plain = self.dial("0999"), self.switch.arrive(CALLER, TIJ)
        for call_id in (group_call, plain, "unknown"):
            self.assertIsNone(self.application.vip(call_id))
        self.assertTrue(self.sees(group_call, ARA))

    def test_in_the_next_group(self) -> None:
        """No VIP there: seen by everybody; the record says that the call was one."""
        self.reconfigure(
            vips=[CALLER],
            show_vip_calls=ShowVipCalls.MANAGER,
            vip_routing=VipRouting.MANAGER_ONLY,
            overflow=Overflow(OverflowTo.GROUP, "2"),
            other=SALES,
            other_team=SALES_TEAM,
        )
        call_id = self.dial()
        self.assertIsNotNone(self.application.vip(call_id))
        self.clock.advance(30)
        self.assertIsNone(self.application.vip(call_id))
        self.assertTrue(self.sees(call_id, LEO))
        self.switch.device_answers(call_id, SAN)
        self.switch.caller_hangs_up(call_id)
        self.assertTrue(self.record().is_vip)

    def test_vip_of_the_next_group_only(self) -> None:
        """By the stars that count there."""
        self.reconfigure(
            team=(),
            overflow=Overflow(OverflowTo.GROUP, "2"),
            other=SALES,
            other_team=members("Leo", "Raf", manager="Leo", group_id=2, first_id=11),
        )
        self.sets("Leo", Presence.AWAY)
        self.says()
        call_id = self.dial(SAN)
        self.assertEqual(self.says()[-1], ("ring", LEO))
        self.assertEqual(self.trail(call_id), "overflow to group Sales; VIP by stars: 5; manager rings 20 s")
        self.switch.caller_hangs_up(call_id)
        self.assertTrue(self.record().is_vip)

    def test_sent_on_to_the_group_again(self) -> None:
        """It enters anew."""
        call_id = self.dial()
        self.reconfigure()
        self.switch._divert(call_id, TIJ, NUMBER, Cause.REDIRECTED)
        self.assertIsNone(self.application.vip(call_id))

    def test_direct_is_no_vip_call(self) -> None:
        self.reconfigure(vips=[RAF], assistant_to_manager=True)
        call_id = self.dial(RAF)
        self.assertIsNone(self.application.vip(call_id))
        self.switch.caller_hangs_up(call_id)
        self.assertFalse(self.record().is_vip)

    def test_merged_by_an_attended_transfer(self) -> None:
        """The call that goes on has the VIP in it."""
        call_id = self.dial()
        self.switch.device_answers(call_id, TIJ)
        other = self.switch.arrive(TIJ, LEO)
        self.switch.device_answers(other, LEO)
        (joined,) = (call for call in self.switch.calls() if call.id == other)
        event = Transferred(joined, joined, TIJ, 0.0, transferred_to=Party(CALLER), other_call_id=call_id)
        self.switch._table.tell(event)
        self.assertEqual(self.application.vip(other), self.application.vip(call_id))
        self.assertIsNotNone(self.application.vip(other))

    def test_after_a_blind_transfer(self) -> None:
        call_id = self.dial()
        self.switch.device_answers(call_id, TIJ)
        with self.assertRaises(StopIteration):
            self.switch.single_step_transfer_call(ConnectionId(call_id, TIJ), LEO).send(None)
        self.switch.device_answers(call_id, LEO)
        self.assertEqual((self.sees(call_id, LEO), self.sees(call_id, TIJ)), (True, False))

    def test_line_without_records(self) -> None:
        """It is a VIP call all the same."""
        made = company(vips=[LEO])
        lines = tuple(replace(line, no_records=line.number == LEO) for line in made.lines)
        self.application.configure(replace(made, lines=lines))
        call_id = self.dial(LEO)
        self.assertIsNotNone(self.application.vip(call_id))
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.records.finished, [])

    def test_stop(self) -> None:
        self.dial()
        self.application.stop()
        self.assertEqual(self.application.describe()["known"], 0)


class SettingsTests(WorldTestCase):
    def test_voicemail_pilot_is_taken_up(self) -> None:
        self.assertEqual(self.application.snapshot.voicemail, "")
        self.application.settings = GroupSettings(voicemail="80000")
        self.assertEqual(self.application.snapshot.voicemail, "80000")
        self.assertIs(self.application.snapshot, self.application.snapshot)
