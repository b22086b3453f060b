"""Calls between lines: who rings, what the caller gets, and that nothing is left of any call."""

import gc

from magroup.cti.events import CallCleared, Established
from magroup.cti.types import Cause
from magroup.switch.call import SwitchCall
from magroup.switch.leg import Leg
from tests.switch.bench import BenchTest


class Plain(BenchTest):
    """One line calls another."""

    def test_call_and_hang_up(self) -> None:
        """Ringing, answer, media between the phones, hang-up by the caller."""
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        self.bench.events.clear()
        talk = raf.dial("1047")
        self.assertEqual(len(tijana.calls), 1)
        tijana.call.ring()
        self.bench.run()
        tijana.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["progress 180", "answered"])
        self.assertEqual(tijana.call.log, ["acknowledged"])
        self.assertIn(b"c=IN IP4 " + tijana.host.encode(), talk.heard_sdp)
        self.assertIn(b"c=IN IP4 " + raf.host.encode(), tijana.call.heard_sdp)
        self.assertEqual(self.bench.telephony.media.active, 0)
        talk.hang_up()
        self.bench.run()
        self.assertEqual(tijana.call.log[-1], "ended")
        told = [event for event in self.bench.told() if "Service" not in event]
        self.assertEqual(told, [
            "Originated 1175", "Delivered 1047", "Established 1047", "ConnectionCleared 1175",
            "ConnectionCleared 1047", "CallCleared 1175",
        ])  # fmt: skip
        established = next(event for event in self.bench.events if isinstance(event, Established))
        self.assertEqual(established.call.calling.name, "First1175 Last1175")

    def test_what_is_over_leaves_no_garbage(self) -> None:
        """No cycle keeps a call: the collector would stop everything for it, for longer than sound may wait."""
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        gc.collect()
        before = self.kept()
        gc.disable()
        self.addCleanup(gc.enable)
        answered = raf.dial("1047")
        tijana.call.answer()
        self.bench.run()
        tijana.call.hang_up()
        refused = raf.dial("1047")
        tijana.call.reject(486)
        self.bench.run()
        raf.dial("1047").hang_up()
        self.bench.run(40)
        self.assertEqual([talk.log[-1] for talk in (answered, refused)], ["ended", "rejected 486"])
        self.assertEqual(self.kept() - before, 0)

    def kept(self) -> int:
        """How many calls and legs there are, those of other tests included."""
        return sum(type(one) in (SwitchCall, Leg) for one in gc.get_objects())

    def test_callee_hangs_up(self) -> None:
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        talk = raf.dial("1047")
        tijana.call.answer()
        self.bench.run()
        tijana.call.hang_up()
        self.bench.run()
        self.assertEqual(talk.log, ["answered", "ended"])

    def test_caller_gives_up(self) -> None:
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        talk = raf.dial("1047")
        tijana.call.ring()
        self.bench.run()
        talk.hang_up()
        self.bench.run()
        self.assertEqual(tijana.call.log, ["cancelled"])

    def test_refusals_reach_the_caller(self) -> None:
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        for status in (486, 603, 480, 503, 488):
            talk = raf.dial("1047")
            tijana.call.reject(status)
            self.bench.run()
            self.assertEqual(talk.log, [f"rejected {status}"])

    def test_unknown_number(self) -> None:
        raf = self.bench.phone("1175")
        self.assertEqual(raf.dial("9999").log, ["rejected 404"])

    def test_nobody_registered(self) -> None:
        raf = self.bench.phone("1175")
        self.assertEqual(raf.dial("1047").log, ["rejected 480"])
        cleared = self.bench.events[-1]
        assert isinstance(cleared, CallCleared)
        self.assertEqual(cleared.cause, Cause.DESTINATION_OUT_OF_ORDER)

    def test_wrong_password(self) -> None:
        stranger = self.bench.phone("1047", secret="guess")
        self.assertFalse(stranger.is_registered)
        self.assertEqual(stranger.dial("1175").log, ["rejected 407"])

    def test_two_contacts_ring_and_one_wins(self) -> None:
        desk, mobile, raf = self.bench.phone("1047"), self.bench.phone("1047"), self.bench.phone("1175")
        talk = raf.dial("1047")
        for phone in (desk, mobile):
            phone.call.ring()
        self.bench.run()
        mobile.call.answer()
        self.bench.run()
        self.assertEqual(desk.call.log, ['cancelled SIP;cause=200;text="Call completed elsewhere"'])
        self.assertEqual(talk.log[-1], "answered")
        talk.hang_up()

    def test_offerless_invite(self) -> None:
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        talk = raf.dial("1047", offer=b"")
        tijana.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        self.assertIn(tijana.host.encode(), talk.heard_sdp)
        self.assertIn(raf.host.encode(), tijana.call.heard_sdp)
        talk.hang_up()

    def test_ring_limit(self) -> None:
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        talk = raf.dial("1047")
        tijana.call.ring()
        self.bench.run(181)
        self.assertEqual(talk.log, ["progress 180", "rejected 408"])
        self.assertEqual(tijana.call.log, ["cancelled"])

    def test_unplugged_phone(self) -> None:
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        tijana.unplug()
        talk = raf.dial("1047")
        self.bench.run(33)
        self.assertEqual(talk.log, ["rejected 408"])

    def test_hold_and_retrieve(self) -> None:
        tijana, raf = self.bench.phone("1047"), self.bench.phone("1175")
        talk = raf.dial("1047")
        tijana.call.answer()
        self.bench.run()
        talk.hold()
        self.bench.run()
        self.assertEqual(tijana.call.log[-2:], ["offered sendonly", "acknowledged"][-2:])
        talk.retrieve()
        self.bench.run()
        self.assertIn("Held 1175", self.bench.told())
        self.assertIn("Retrieved 1175", self.bench.told())
        talk.hang_up()
