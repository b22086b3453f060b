"""Hold and retrieve by service: what each phone is told, and what phones do meanwhile."""

from magroup.cti.events import CallEvent, Held, Retrieved
from magroup.cti.types import ConnectionId, ConnectionState
from magroup.sip.sdp_relay import direction
from tests.switch.bench import BenchTest, Talk, run


class HoldingTest(BenchTest):
    """``raf`` called ``tijana``; ``ara`` is there too."""

    def setUp(self) -> None:
        super().setUp()
        self.tijana, self.raf, self.ara = (self.bench.phone(number) for number in ("1047", "1175", "1068"))
        self.bench.events.clear()
        self.switch = self.bench.switch
        self.raf_talk = self.raf.dial("1047")
        self.tijana.call.answer()
        self.bench.run()
        self.tijana_talk = self.tijana.call
        (call,) = self.switch.calls()
        self.mine = ConnectionId(call.id, "1047")

    def tearDown(self) -> None:
        for talk in (self.raf_talk, self.tijana_talk):
            talk.hang_up()
            self.bench.run()
        super().tearDown()

    def told_of(self, kind: type[CallEvent]) -> list[str]:
        return [event.device for event in self.bench.events if type(event) is kind]

    def hold(self) -> None:
        run(self.switch.hold_call(self.mine))
        self.bench.run(0.3)

    def retrieve(self) -> None:
        run(self.switch.retrieve_call(self.mine))
        self.bench.run(0.3)

    def ways(self) -> tuple[str, str]:
        """What Tijana's phone and Raf's were told last."""
        return str(direction(self.tijana_talk.heard_sdp)), str(direction(self.raf_talk.heard_sdp))

    def assert_joined(self, one: Talk, other: Talk) -> None:
        """Each was told to send to the other, both ways."""
        for here, there in ((one, other), (other, one)):
            self.assertIn(b"c=IN IP4 " + there.phone.host.encode(), here.heard_sdp)
            self.assertEqual(str(direction(here.heard_sdp)), "sendrecv")


class Directions(HoldingTest):
    def test_hold_and_retrieve(self) -> None:
        """Silence for the holding one, the other is held; then as before."""
        self.hold()
        self.assertEqual(self.ways(), ("inactive", "sendonly"))
        self.retrieve()
        self.assert_joined(self.tijana_talk, self.raf_talk)
        self.assertEqual((self.told_of(Held), self.told_of(Retrieved)), (["1047"], ["1047"]))

    def test_by_both(self) -> None:
        """Nobody is heard until both have taken it back."""
        self.hold()
        other = ConnectionId(self.mine.call_id, "1175")
        run(self.switch.hold_call(other))
        self.bench.run(0.3)
        self.assertEqual(self.ways(), ("inactive", "inactive"))
        self.retrieve()
        self.assertEqual(self.ways(), ("sendonly", "inactive"))
        run(self.switch.retrieve_call(other))
        self.bench.run(0.3)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_key_after_service(self) -> None:
        """The phone holds by its key too: from then on it is the key that retrieves."""
        self.hold()
        self.tijana_talk.hold()
        self.bench.run(0.3)
        self.assertEqual(self.told_of(Held), ["1047"])
        self.assertFalse(direction(self.raf_talk.heard_sdp).receives)
        self.tijana_talk.retrieve()
        self.bench.run(0.3)
        self.assertEqual(self.told_of(Retrieved), ["1047"])
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_service_after_key(self) -> None:
        """A phone that holds by its key answers that it still does: nothing is told."""
        self.tijana_talk.hold()
        self.bench.run(0.3)
        self.tijana_talk.answers_changes = False
        run(self.switch.retrieve_call(self.mine))
        self.bench.run(0.3)
        self.tijana_talk.offers[-1].accept(self.tijana.sdp("sendonly"))
        self.bench.run(0.3)
        self.assertEqual(self.told_of(Retrieved), [])
        self.assertEqual(str(direction(self.raf_talk.heard_sdp)), "sendonly")
        self.tijana_talk.answers_changes = True
        self.retrieve()
        self.assertEqual(self.told_of(Retrieved), ["1047"])

    def test_held_phone_refreshes(self) -> None:
        """Its re-INVITE that says sendrecv changes nothing; the holding phone's neither."""
        self.hold()
        for talk in (self.raf_talk, self.tijana_talk):
            talk.retrieve()
            self.bench.run(0.3)
            self.assertEqual(talk.log[-1], "changed 200")
            self.assertEqual(self.ways(), ("inactive", "sendonly"))
        self.assertEqual(self.told_of(Retrieved), [])

    def test_held_phone_holds(self) -> None:
        """By its key: it is nobody's turn to be heard, and each hold is its own."""
        self.hold()
        self.raf_talk.hold()
        self.bench.run(0.3)
        self.assertEqual(self.ways(), ("inactive", "inactive"))
        self.assertEqual(self.told_of(Held), ["1047", "1175"])
        self.retrieve()
        self.assertEqual(str(direction(self.tijana_talk.heard_sdp)), "sendonly")
        self.raf_talk.retrieve()
        self.bench.run(0.3)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_asked_for_an_offer(self) -> None:
        """A re-INVITE without a description while held."""
        self.hold()
        for talk in (self.raf_talk, self.tijana_talk):
            talk.session.modifier.change(b"", lambda status, sdp, talk=talk: self._answer(talk, sdp))  # type: ignore[misc]
            self.bench.run(0.3)
        self.assertEqual(self.offered, ["sendonly", "inactive"])

    def _answer(self, talk: Talk, sdp: bytes) -> None:
        self.offered = [*getattr(self, "offered", []), str(direction(sdp))]
        talk.session.modifier.acknowledge(talk.phone.sdp(str(direction(sdp).reversed)))


class Refused(HoldingTest):
    def refusing(self, talk: Talk, status: int, service: object) -> None:
        talk.answers_changes = False
        run(service)
        self.bench.run(0.3)
        talk.offers[-1].reject(status)
        talk.answers_changes = True

    def test_glare(self) -> None:
        """491 is tried again."""
        self.refusing(self.tijana_talk, 491, self.switch.hold_call(self.mine))
        self.bench.run(5.0)
        self.assertEqual(self.told_of(Held), ["1047"])
        self.assertEqual(self.ways(), ("inactive", "sendonly"))
        self.refusing(self.raf_talk, 491, self.switch.retrieve_call(self.mine))
        self.bench.run(5.0)
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_by_the_holding_phone(self) -> None:
        """The call goes on as it was, and may be held later."""
        self.refusing(self.tijana_talk, 488, self.switch.hold_call(self.mine))
        self.bench.run(0.3)
        self.assertEqual(self.told_of(Held), [])
        self.assertEqual(str(direction(self.raf_talk.heard_sdp)), "sendrecv")
        self.hold()
        self.refusing(self.tijana_talk, 488, self.switch.retrieve_call(self.mine))
        self.bench.run(0.3)
        self.assertEqual(self.told_of(Retrieved), [])
        self.retrieve()
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_by_the_held_phone(self) -> None:
        """It hears nothing all the same."""
        self.refusing(self.raf_talk, 488, self.switch.hold_call(self.mine))
        self.bench.run(0.3)
        self.assertEqual(self.told_of(Held), ["1047"])
        self.retrieve()
        self.assert_joined(self.tijana_talk, self.raf_talk)

    def test_phone_changes_meanwhile(self) -> None:
        """Its own change is refused with 491 until the hold is through."""
        self.tijana_talk.answers_changes = False
        run(self.switch.hold_call(self.mine))
        self.bench.run(0.3)
        self.raf_talk.hold()
        self.bench.run(0.3)
        self.tijana_talk.offers[-1].accept(self.tijana.sdp("inactive"))
        self.tijana_talk.answers_changes = True
        self.bench.run(6.0)
        self.assertEqual(self.raf_talk.log[-1], "changed 200")
        self.assertEqual(sorted(self.told_of(Held)), ["1047", "1175"])

    def test_phone_had_begun_to_change(self) -> None:
        """The hold waits for what is under way."""
        self.tijana_talk.answers_changes = False
        self.raf_talk.hold()
        self.bench.run(0.3)
        run(self.switch.hold_call(self.mine))
        self.bench.run(1.0)
        self.assertEqual(self.told_of(Held), ["1175"])
        self.tijana_talk.offers[-1].accept(self.tijana.sdp("recvonly"))
        self.tijana_talk.answers_changes = True
        self.bench.run(1.0)
        self.assertEqual(self.told_of(Held), ["1175", "1047"])

    def test_phone_never_answers(self) -> None:
        """The hold is given up when the phone's change is, and the call may be held again."""
        self.tijana_talk.answers_changes = False
        self.raf_talk.hold()
        self.bench.run(0.3)
        run(self.switch.hold_call(self.mine))
        self.bench.run(20.0)
        self.tijana_talk.offers[-1].accept(self.tijana.sdp("recvonly"))
        self.tijana_talk.answers_changes = True
        self.bench.run(0.3)
        self.assertEqual(self.told_of(Held), ["1175"])
        self.hold()
        self.assertEqual(self.told_of(Held), ["1175", "1047"])

    def test_hung_up_meanwhile(self) -> None:
        """By either end, at each step of a hold."""
        for silent, leaves in ((0, 0), (0, 1), (1, 0), (1, 1)):
            ends = self.tijana_talk, self.raf_talk
            ends[silent].answers_changes = False
            run(self.switch.hold_call(self.mine))
            self.bench.run(0.3)
            ends[leaves].hang_up()
            self.bench.run(0.3)
            self.assertEqual(self.switch.calls(), ())
            self.raf_talk = self.raf.dial("1047")
            self.tijana.call.answer()
            self.bench.run()
            self.tijana_talk = self.tijana.call
            (call,) = self.switch.calls()
            self.mine = ConnectionId(call.id, "1047")

    def test_transfer_by_key_meanwhile(self) -> None:
        """A REFER while the hold is under way is refused with 491, one of the held call is done."""
        self.tijana_talk.answers_changes = False
        run(self.switch.hold_call(self.mine))
        self.bench.run(0.3)
        self.tijana_talk.refer("<sip:1068@127.0.0.1>")
        self.bench.run(0.3)
        self.assertEqual(self.tijana_talk.log[-1], "refer 491")
        self.tijana_talk.offers[-1].accept(self.tijana.sdp("inactive"))
        self.tijana_talk.answers_changes = True
        self.bench.run(0.3)
        self.tijana_talk.refer("<sip:1068@127.0.0.1>")
        self.bench.run(0.3)
        self.ara.call.answer()
        self.bench.run(0.3)
        self.assert_joined(self.raf_talk, self.ara.call)
        (call,) = self.switch.calls()
        self.assertEqual([c.state for c in call.connections], [ConnectionState.CONNECTED] * 2)
