"""Picking up by code in the groups: who gets what, and what the journal says of it."""

from magroup.model.calls import LegOutcome
from magroup.model.configuration import Configuration
from magroup.model.groups import ShowVipCalls
from magroup.model.presence import Presence
from tests.groups.world import WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, RAF, TIJ, TO_MOBILE, company


class PickupTests(WorldTestCase):
    def configuration(self) -> Configuration:
        return company(ring_parallel=True, show_vip_calls=ShowVipCalls.MANAGER, vips=["0999"])

    def talks(self, call_id: str, device: str) -> None:
        (call,) = self.switch.calls()
        self.assertEqual(call.id, call_id)
        self.assertEqual({connection.id.device for connection in call.connections}, {CALLER, device})

    def test_group_call(self) -> None:
        """Answered by who picked up, missed by nobody; the flow has ended."""
        call_id = self.dial()
        self.clock.advance(10)
        self.assertEqual(self.switch.arrive(ARA, "*8"), call_id)
        self.talks(call_id, ARA)
        self.assertEqual(len(self.application), 0)
        self.assertEqual(self.trail(call_id), "manager rang; assistant Raf rang; picked up by Ara")
        self.clock.advance(100)
        self.switch.caller_hangs_up(call_id)
        record, legs = self.record(), self.legs()
        self.assertEqual(record.answered_at, legs[ARA].answered_at)
        self.assertEqual(legs[ARA].outcome, LegOutcome.ANSWERED)
        self.assertEqual([legs[number].outcome for number in (TIJ, RAF)], [LegOutcome.ELSEWHERE] * 2)

    def test_by_one_who_rings(self) -> None:
        call_id = self.dial()
        self.clock.advance(4)
        self.switch.arrive(RAF, "*8" + TIJ)
        self.talks(call_id, RAF)
        self.assertEqual(self.trail(call_id), "manager rang; picked up by Raf after 4 s")
        self.switch.caller_hangs_up(call_id)
        self.assertEqual((self.legs()[RAF].outcome, self.legs()[RAF].member_id), (LegOutcome.ANSWERED, 2))

    def test_call_to_the_line(self) -> None:
        """Of the longest-ringing calls it comes first."""
        call_id = self.switch.arrive(CALLER, TIJ)
        self.clock.advance(1)
        later = self.dial("0444")
        self.assertEqual(self.switch.arrive(RAF, "*8"), call_id)
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.finished_trail(), "picked up by Raf")
        self.assertEqual(self.legs()[TIJ].outcome, LegOutcome.ELSEWHERE)
        self.switch.caller_hangs_up(later)

    def test_at_a_forwarded_line(self) -> None:
        """The member is meant, wherever the call rings."""
        self.reconfigure()
        self.instead(TO_MOBILE)
        call_id = self.dial()
        self.assertEqual(self.switch.arrive(RAF, "*8" + TIJ), call_id)
        self.assertEqual(self.trail(call_id), "manager forwards to mobile; Tij rang; picked up by Raf")

    def test_before_anything_rings(self) -> None:
        for name in ("Tij", "Raf", "Ara"):
            self.sets(name, Presence.AWAY)
        self.reconfigure(welcome="Welcome.wav")
        self.dial()
        self.assertEqual(self.switch.arrive(RAF, "*8"), "")

    def test_hidden_vip(self) -> None:
        """VIP to manager only: the call rings on for the manager; others go on as ever."""
        hidden = self.dial("0999")
        self.assertEqual([self.switch.arrive(RAF, "*8" + at) for at in ("", TIJ, RAF)], ["", "", ""])
        call_id = self.dial()
        self.assertEqual(self.switch.arrive(ARA, "*8"), call_id)
        self.switch.device_answers(hidden, TIJ)
        self.assertTrue(self.trail(hidden).endswith("answered by Tij"))

    def test_strangers(self) -> None:
        """Leo is in no group, and nobody reaches a number outside of the own ones."""
        self.dial()
        self.switch.arrive("0444", LEO)
        self.assertEqual(self.switch.arrive(LEO, "*8"), "")
        self.assertEqual(self.switch.arrive(RAF, "*8" + LEO), "")

    def test_reconfigured(self) -> None:
        """Whoever has left the group picks up no more."""
        self.dial()
        tij, raf, _ = self.configuration().members
        self.reconfigure(team=(tij, raf))
        self.assertEqual(self.switch.arrive(ARA, "*8"), "")
