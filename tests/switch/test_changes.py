"""Changes in a call that cross, are refused, or come at the wrong moment."""

from magroup.cti.events import Held, Retrieved
from magroup.cti.types import ConnectionState
from magroup.sip.modify import Offer
from tests.switch.bench import BenchTest, Talk


class Changes(BenchTest):
    """Raf and Tijana talk."""

    def setUp(self) -> None:
        super().setUp()
        self.tijana, self.raf = self.bench.phone("1047"), self.bench.phone("1175")
        self.talk = self.raf.dial("1047")
        self.tijana.call.answer()
        self.bench.run()
        self.there = self.tijana.call

    def tearDown(self) -> None:
        self.talk.hang_up()
        self.bench.run()
        self.assertFalse(self.there.is_up)
        super().tearDown()

    def state(self, number: str) -> ConnectionState | None:
        connection = self.bench.switch.calls()[0].connection(number)
        return connection.state if connection else None

    def assert_talking(self) -> None:
        """Both hear each other, as far as their last descriptions say."""
        for here, phone in ((self.talk, self.tijana), (self.there, self.raf)):
            self.assertIn(b"c=IN IP4 " + phone.host.encode(), here.heard_sdp)
            self.assertIn(b"a=sendrecv", here.heard_sdp)

    def test_reported(self) -> None:
        self.talk.hold()
        self.bench.run()
        self.assertEqual(self.state("1175"), ConnectionState.HOLD)
        self.there.hold()
        self.bench.run()
        self.assertEqual(self.state("1047"), ConnectionState.HOLD)
        self.talk.retrieve()
        self.there.retrieve()
        self.bench.run(10)
        self.assertEqual((self.state("1175"), self.state("1047")), (ConnectionState.CONNECTED,) * 2)
        told = [(type(event), event.device) for event in self.bench.events if isinstance(event, Held | Retrieved)]
        self.assertEqual(told[:2], [(Held, "1175"), (Held, "1047")])
        self.assertEqual(sorted(told[2:], key=str), [(Retrieved, "1047"), (Retrieved, "1175")])
        self.assert_talking()

    def test_glare(self) -> None:
        """Two re-INVITEs at once: both come through in the end, time and again."""
        for _ in range(5):
            self.talk.log.clear()
            self.there.log.clear()
            for change in (Talk.hold, Talk.retrieve):
                change(self.talk)
                change(self.there)
                self.bench.run(15)
            for one in (self.talk, self.there):
                self.assertEqual([line for line in one.log if line.startswith("changed")], ["changed 200"] * 2)
            self.assert_talking()

    def test_refused(self) -> None:
        """The refusal goes back; the call stays as it was."""
        self.there.answers_changes = False
        for status in (488, 500, 415):
            self.talk.hold()
            self.bench.run()
            self.there.offers[-1].reject(status)
            self.bench.run()
            self.assertEqual(self.talk.log[-1], f"changed {status}")
        self.assertTrue(self.talk.is_up and self.there.is_up)
        self.there.answers_changes = True
        self.talk.retrieve()
        self.bench.run()
        self.assert_talking()

    def test_hung_up_while_it_is_asked(self) -> None:
        self.there.answers_changes = False
        self.talk.hold()
        self.bench.run()
        self.there.hang_up()
        self.bench.run()
        self.assertTrue(self.talk.log[-1].startswith("ended"))

    def test_never_answered(self) -> None:
        """A phone that rings for ever over a hold, as it were: the asker is not left waiting."""
        self.there.answers_changes = False
        self.talk.hold()
        self.bench.run(130, 0.5)
        self.assertTrue(self.talk.log[-1].startswith(("changed", "ended")), self.talk.log)

    def test_without_an_offer(self) -> None:
        """One asks what the other has, and answers it."""
        heard: list[bytes] = []

        def asked(status: int, offer: bytes) -> None:
            heard.append(offer)
            self.talk.session.modifier.acknowledge(self.raf.sdp("sendonly"))

        self.talk.session.modifier.change(b"", asked)
        self.bench.run()
        self.assertEqual(self.there.log[-2:], ["offered nothing", "acknowledged"])
        self.assertIn(self.tijana.host.encode(), heard[0])
        self.assertIn(b"a=sendonly", self.there.heard_sdp)
        self.assertEqual(self.state("1175"), ConnectionState.HOLD)

    def test_update(self) -> None:
        """An UPDATE with an offer is answered with what the other end says to a re-INVITE."""
        self.talk.session.send("UPDATE", self.raf.sdp("sendonly"), {"Content-Type": "application/sdp"},
                               lambda response: self.talk.log.append(f"update {response.status}"))  # fmt: skip
        self.bench.run()
        self.assertEqual(self.talk.log[-1], "update 200")
        self.assertEqual(self.there.log[-2:], ["offered sendonly", "acknowledged"])

    def test_new_address(self) -> None:
        """A phone that moves its sound to another port."""
        self.raf.media_port = 6000
        self.talk.retrieve()
        self.bench.run()
        self.assertIn(b"m=audio 6000 ", self.there.heard_sdp)
        self.assertNotIn("Held 1175", self.bench.told())

    def test_rubbish(self) -> None:
        """What is no session description is refused by who gets it; nothing breaks."""
        self.there.answers_changes = False
        self.talk.session.modifier.change(b"v=0\r\nrubbish", lambda status, sdp: self.talk.log.append(f"got {status}"))
        self.bench.run()
        offers: list[Offer] = self.there.offers
        if offers:
            offers[-1].reject(488)
        self.bench.run()
        self.assertRegex(self.talk.log[-1], "got (400|488)")
        self.there.answers_changes = True
        self.talk.retrieve()
        self.bench.run()
        self.assert_talking()
