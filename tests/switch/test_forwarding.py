"""Forwarded lines: what the phones are told of the way (RFC 5806, RFC 7044), and ways that only phones take."""

from magroup.cti.events import CallCleared
from magroup.cti.switch import Ring
from magroup.cti.types import Cause, Party
from magroup.model.forwarding import Forwarded, Forwarding, ForwardTo
from magroup.model.lines import Trunk
from tests.switch.bench import BenchTest, Phone, Talk, company


class ForwardedLines(BenchTest):
    """Raf calls; Tijana's line is forwarded to Ara unless a test says otherwise."""

    configuration = company(trunks=(Trunk(1, "PBX", "127.0.0.99", prefix="0", ping_interval=0),))

    def setUp(self) -> None:
        super().setUp()
        self.tijana, self.raf, self.ara = (self.bench.phone(number) for number in ("1047", "1175", "1068"))
        self.bench.events.clear()
        self.ways: dict[str, Forwarded] = {}
        self.bench.switch.forwarded = lambda number: self.ways.get(number, Forwarded(number))
        self.forward("1047", "1068")

    def forward(self, number: str, to: str, *through: str, is_loop: bool = False) -> None:
        self.ways[number] = Forwarded(to, (number, *through), Forwarding(ForwardTo.NUMBER, to), is_loop)

    def talks(self, talk: Talk) -> None:
        """Ara answers, and the two hear each other."""
        self.ara.call.answer()
        self.bench.run()
        self.assertIn(self.ara.host.encode(), talk.heard_sdp)
        self.assertIn(talk.phone.host.encode(), self.ara.call.heard_sdp)

    def test_told_from_where(self) -> None:
        talk = self.raf.dial("1047")
        invite = self.ara.call.invite
        self.assertEqual(invite.items("Diversion"), ["<sip:1047@127.0.0.1>;reason=unconditional"])
        history = ["<sip:1047@127.0.0.1>;index=1", "<sip:1068@127.0.0.1>;index=1.1"]
        self.assertEqual(invite.items("History-Info"), history)
        self.assertIn("sip:1175@", invite.get("P-Asserted-Identity"))
        self.ara.call.ring()
        self.bench.run()
        self.talks(talk)
        self.assertEqual(talk.log, ["progress 180", "answered"])
        self.assertEqual(self.tijana.calls, [])
        talk.hang_up()

    def test_chain(self) -> None:
        """The last line that sent the call on comes first in Diversion, the first one in History-Info."""
        self.forward("1047", "1068", "1118")
        talk = self.raf.dial("1047")
        invite = self.ara.call.invite
        self.assertEqual([value.split("@")[0] for value in invite.items("Diversion")], ["<sip:1118", "<sip:1047"])
        self.assertEqual(
            [value.split("@")[0] for value in invite.items("History-Info")], ["<sip:1047", "<sip:1118", "<sip:1068"]
        )
        self.ara.call.ring()
        self.bench.run()
        talk.hang_up()
        self.bench.run()
        self.assertEqual(self.ara.call.log, ["cancelled"])

    def test_to_the_mobile(self) -> None:
        """Through the trunk; whoever calls is shown there, and what is wrong there is heard here."""
        self.forward("1047", "0791234567")
        pbx = self.bench.phone("pbx", "127.0.0.99", register=False)
        talk = self.raf.dial("1047")
        self.assertEqual(pbx.call.invite.uri.number, "0791234567")
        self.assertIn("sip:1047@", pbx.call.invite.get("Diversion"))
        self.assertIn("sip:1175@", pbx.call.invite.get("P-Asserted-Identity"))
        pbx.call.reject(404)
        self.bench.run()
        self.assertEqual(talk.log, ["rejected 404"])

    def test_in_a_circle(self) -> None:
        self.forward("1047", "1047", "1068", is_loop=True)
        self.assertEqual(self.raf.dial("1047").log, ["rejected 482"])
        self.assertEqual(self.bench.told(), [
            "Originated 1175", "Failed 1047", "ConnectionCleared 1175", "CallCleared 1047",
        ])  # fmt: skip

    def test_to_the_caller(self) -> None:
        """Nobody calls oneself."""
        self.assertEqual(self.ara.dial("1047").log, ["rejected 486"])
        event = self.bench.events[-1]
        assert isinstance(event, CallCleared)
        self.assertIs(event.cause, Cause.BUSY)

    def test_own_forwarded_line(self) -> None:
        """Whoever calls the own line gets where it is forwarded to, such as the own mailbox."""
        talk = self.tijana.dial("1047")
        self.talks(talk)
        talk.hang_up()

    def test_to_a_manager_number(self) -> None:
        """The application rings and sends on; everybody is told of the line, too."""
        self.bench.switch.route_register(["8973"])
        self.forward("1047", "8973")
        talk = self.raf.dial("1047")
        call = self.bench.switch.calls()[0]
        self.assertEqual(call.called.number, "1047")
        self.bench.switch.ring(call.id, [Ring("1118", Party("1175")), Ring("1068", Party("1175"))])
        self.bench.run()
        self.assertEqual(self.ara.call.invite.get("Diversion"), "<sip:1047@127.0.0.1>;reason=unconditional")
        self.bench.switch.deflect(call.id, Ring("1068", Party("1175"), ("8973",)))
        self.bench.run()
        self.assertEqual([value.split("@")[0] for value in self.ara.call.invite.items("Diversion")],
                         ["<sip:8973", "<sip:1047"])  # fmt: skip
        self.talks(talk)
        talk.hang_up()

    def test_redirected_to_it(self) -> None:
        """A phone sends the call to the forwarded line: in a plain call, and in one that the application rings."""
        self.bench.switch.route_register(["8973"])
        leo = self.bench.phone("1118")
        for number in ("1118", "8973"):
            talk = self.raf.dial(number)
            if number == "8973":
                self.bench.switch.ring(self.bench.switch.calls()[0].id, [Ring("1118", Party("1175"))])
                self.bench.run()
            leo.call.reject(302, {"Contact": "<sip:1047@127.0.0.1>"})
            self.bench.run()
            self.assertEqual([value.split("@")[0] for value in self.ara.call.invite.items("Diversion")],
                             ["<sip:1047", "<sip:1118"])  # fmt: skip
            self.talks(talk)
            talk.hang_up()
            self.bench.run()

    def test_redirected_in_circles(self) -> None:
        """Back to the line that it left, and round and round behind it."""
        for to, is_loop in (("1068", False), ("1118", True)):
            self.forward("1047", to, is_loop=is_loop)
            talk = self.raf.dial("1068")
            self.ara.call.reject(302, {"Contact": "<sip:1047@127.0.0.1>"})
            self.bench.run()
            self.assertEqual(talk.log, ["rejected 482"])

    def test_too_many_hops(self) -> None:
        """Forwardings and redirections count alike."""
        self.forward("1047", "1118", "21", "22", "23", "24")
        talk = self.raf.dial("1068")
        self.ara.call.reject(302, {"Contact": "<sip:1047@127.0.0.1>"})
        self.bench.run()
        self.assertEqual(talk.log, ["rejected 482"])

    def transferred(self, leo: Phone | None = None) -> tuple[Talk, Talk]:
        """Leo called Raf, who transfers him to Tijana's line; the talks of Leo and Raf."""
        talk = (leo or self.bench.phone("1118")).dial("1175")
        self.raf.call.answer()
        self.bench.run()
        self.raf.call.refer("<sip:1047@127.0.0.1>")
        self.bench.run()
        return talk, self.raf.call

    def test_blind_transfer(self) -> None:
        talk, rafs = self.transferred()
        self.assertIn("sip:1047@", self.ara.call.invite.get("Diversion"))
        self.talks(talk)
        self.assertEqual(rafs.notified[-1], "SIP/2.0 200 OK")
        talk.hang_up()

    def test_blind_transfer_in_a_circle(self) -> None:
        """The transferor is told and keeps the call; so where the way leads back to whom is transferred."""
        leo = self.bench.phone("1118")
        for to, is_loop, told in (("1047", True, "482 Loop Detected"), ("1118", False, "486 Busy Here")):
            self.forward("1047", to, is_loop=is_loop)
            talk, rafs = self.transferred(leo)
            self.assertEqual(rafs.notified[-1], f"SIP/2.0 {told}")
            self.assertEqual(self.bench.told("1047")[-1], "Failed 1047")
            self.assertTrue(rafs.is_up)
            rafs.hang_up()
            self.bench.run()
            self.assertEqual(talk.log[-1], "ended")

    def test_blind_transfer_to_a_group_by_forwarding(self) -> None:
        self.bench.switch.route_register(["8973"])
        self.forward("1047", "8973")
        talk, rafs = self.transferred()
        self.assertEqual(rafs.notified[-1], "SIP/2.0 200 OK")
        (call,) = self.bench.switch.calls()
        self.bench.switch.ring(call.id, [Ring("1068", Party("1118"))])
        self.bench.run()
        self.assertIn("sip:1047@", self.ara.call.invite.get("Diversion"))
        self.talks(talk)
        talk.hang_up()

    def test_consultation(self) -> None:
        """Raf asks at the forwarded line, and joins the two."""
        leo = self.bench.phone("1118")
        talk = leo.dial("1175")
        self.raf.call.answer()
        self.bench.run()
        consultation = self.raf.dial("1047")
        self.ara.call.answer()
        self.bench.run()
        self.raf.call.refer(f"<sip:1047@127.0.0.1?Replaces={consultation.replaces()}>")
        self.bench.run()
        self.assertEqual(self.raf.call.notified[-1], "SIP/2.0 200 OK")
        self.assertIn(self.ara.host.encode(), talk.heard_sdp)
        talk.hang_up()
