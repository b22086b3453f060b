"""A phone that answers 302: where the call goes, who is told, and that it goes in no circles."""

from itertools import pairwise

from magroup.cti.events import CallCleared, Diverted
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, Party
from magroup.model.lines import Trunk
from tests.switch.bench import BenchTest, Phone, company


def to(number: str) -> dict[str, str]:
    return {"Contact": f"<sip:{number}@127.0.0.1>"}


class Redirected(BenchTest):
    """Raf calls Tijana, whose phone sends the call on."""

    configuration = company(trunks=(Trunk(1, "PBX", "127.0.0.99", prefix="0", ping_interval=0),))

    def setUp(self) -> None:
        super().setUp()
        self.tijana, self.raf, self.ara = (self.bench.phone(number) for number in ("1047", "1175", "1068"))
        self.bench.events.clear()

    def cause(self) -> Cause:
        event = self.bench.events[-1]
        assert isinstance(event, CallCleared)
        return event.cause

    def test_followed(self) -> None:
        """The call leaves the first line, and the target's phone is told from where it comes."""
        talk = self.raf.dial("1047")
        self.tijana.call.reject(302, to("1068"))
        self.bench.run()
        self.ara.call.ring()
        self.bench.run()
        invite = self.ara.call.invite
        self.assertEqual(invite.items("Diversion"), ["<sip:1047@127.0.0.1>;reason=unconditional"])
        history = ["<sip:1047@127.0.0.1>;index=1", "<sip:1068@127.0.0.1>;index=1.1"]
        self.assertEqual(invite.items("History-Info"), history)
        self.ara.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["progress 180", "answered"])
        self.assertEqual(self.bench.told(), [
            "Originated 1175", "Diverted 1047", "Delivered 1068", "Established 1068",
        ])  # fmt: skip
        diverted = self.bench.events[1]
        assert isinstance(diverted, Diverted)
        self.assertEqual((diverted.cause, diverted.new_destination), (Cause.CALL_FORWARD, "1068"))
        self.assertEqual(len(self.bench.switch.snapshot_device("1068")), 1)
        self.assertEqual(self.bench.switch.snapshot_device("1047"), ())
        talk.hang_up()

    def test_after_ringing(self) -> None:
        """No answer there: then it is sent on."""
        talk = self.raf.dial("1047")
        self.tijana.call.ring()
        self.bench.run()
        self.tijana.call.reject(302, to("1068"))
        self.bench.run()
        self.assertIsNone(self.bench.switch.calls()[0].connection("1047"))
        self.ara.call.reject(486)
        self.bench.run()
        self.assertEqual(talk.log, ["progress 180", "rejected 486"])

    def test_several_times(self) -> None:
        """All it came by are in its history; the sixth redirection is not followed."""
        self.bench.configuration = company([str(number) for number in range(1, 9)] + ["1047", "1175"])
        phones = [self.bench.phone(str(number)) for number in range(1, 9)]
        talk = self.raf.dial("1047")
        hops: list[Phone] = [self.tijana, *phones]
        for here, there in pairwise(hops[:7]):
            here.call.reject(302, to(there.number))
            self.bench.run()
        self.assertEqual(talk.log, ["rejected 482"])
        self.assertEqual(len(hops[5].call.invite.items("Diversion")), 5)
        self.assertEqual(hops[6].calls, [])

    def test_circles(self) -> None:
        """Back to the first line, to itself, and to the caller."""
        for first, second in (("1068", "1047"), ("1047", ""), ("1175", ""), ("1068", "1175")):
            talk = self.raf.dial("1047")
            self.tijana.call.reject(302, to(first))
            self.bench.run()
            if second:
                self.ara.call.reject(302, to(second))
                self.bench.run()
            self.assertEqual(talk.log, ["rejected 482"])
            self.assertEqual(self.cause(), Cause.LOOP)

    def test_to_nobody(self) -> None:
        """Unknown, unregistered, unusable."""
        for headers, status in (
            (to("4711"), 404), (to("1118"), 480), ({"Contact": "<sip:127.0.0.1>"}, 480), ({}, 480),
            ({"Contact": "nonsense <"}, 480), ({"Contact": "*"}, 480), ({"Contact": "<mailto:a@b.c>"}, 480),
        ):  # fmt: skip
            talk = self.raf.dial("1047")
            self.tijana.call.reject(302, headers)
            self.bench.run()
            self.assertEqual(talk.log, [f"rejected {status}"], headers)

    def test_second_contact(self) -> None:
        """When the first one was tried already."""
        talk = self.raf.dial("1047")
        self.tijana.call.reject(302, {"Contact": "<sip:1047@127.0.0.1>, <sip:1068@127.0.0.1>"})
        self.bench.run()
        self.ara.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()

    def test_to_an_outside_number(self) -> None:
        """Through the trunk, with the Diversion that carriers ask for."""
        pbx = self.bench.phone("pbx", "127.0.0.99", register=False)
        talk = self.raf.dial("1047")
        self.tijana.call.reject(302, to("0315551234"))
        self.bench.run()
        self.assertEqual(pbx.call.invite.uri.number, "0315551234")
        self.assertIn("sip:1047@", pbx.call.invite.get("Diversion"))
        self.assertIn("sip:1175@", pbx.call.invite.get("P-Asserted-Identity"))
        pbx.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()

    def test_to_a_manager_number(self) -> None:
        """The application has the call then."""
        self.bench.switch.route_register(["8973"])
        talk = self.raf.dial("1047")
        self.tijana.call.reject(302, to("8973"))
        self.bench.run()
        self.assertEqual(self.bench.told(), ["Originated 1175", "Diverted 1047", "Offered 8973"])
        call = self.bench.switch.calls()[0].id
        self.bench.switch.ring(call, [Ring("1068", Party("1175"))])
        self.bench.run()
        self.ara.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()

    def test_between_manager_number_and_line(self) -> None:
        """The group sends the call to a line whose phone sends it to the group: that ends."""
        self.bench.switch.route_register(["8973"])
        talk = self.raf.dial("8973")
        call = self.bench.switch.calls()[0].id
        self.bench.switch.deflect(call, Ring("1047", Party("1175")))
        self.bench.run()
        self.tijana.call.reject(302, to("8973"))
        self.bench.run()
        self.assertEqual(talk.log, ["rejected 482"])

    def test_while_the_application_rings(self) -> None:
        """Whoever answers then does so for the device that the application knows."""
        self.bench.switch.route_register(["8973"])
        talk = self.raf.dial("8973")
        call = self.bench.switch.calls()[0].id
        self.bench.switch.accept_call(call, Accept.RINGING)
        self.bench.switch.ring(call, [Ring("1047", Party("1175"))])
        self.bench.run()
        self.tijana.call.reject(302, to("1068"))
        self.bench.run()
        self.ara.call.answer()
        self.bench.run()
        self.assertEqual(self.bench.told("1047"), ["Established 1047"])
        talk.hang_up()

    def test_one_of_two_phones(self) -> None:
        """The other phone goes on ringing, and either may answer for the line."""
        for answers in ("mobile", "ara"):
            mobile = self.bench.phone("1047")
            talk = self.raf.dial("1047")
            mobile.call.ring()
            self.tijana.call.reject(302, to("1068"))
            self.bench.run()
            self.ara.call.ring()
            self.bench.run()
            winner, loser = (mobile, self.ara) if answers == "mobile" else (self.ara, mobile)
            winner.call.answer()
            self.bench.run()
            self.assertEqual(loser.call.log, ['cancelled SIP;cause=200;text="Call completed elsewhere"'])
            self.assertEqual(self.bench.told("1047")[-1], "Established 1047")
            talk.hang_up()
            self.bench.run()
            mobile.unregister()
