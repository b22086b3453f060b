"""Picking up by code at the phones: what they are told, whom they see, and that the two hear each other."""


from magroup.cti.errors import Failure, ServiceError
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import ConnectionId, ConnectionState, Party
from magroup.model.lines import Trunk
from tests.switch.bench import BenchTest, Talk, company

ELSEWHERE = 'cancelled SIP;cause=200;text="Call completed elsewhere"'


class PickedUp(BenchTest):
    """Raf calls Tijana; Ara picks up with *8 what rings first."""

    configuration = company(trunks=(Trunk(1, "PBX", "127.0.0.99", prefix="0", ping_interval=0),))

    def setUp(self) -> None:
        super().setUp()
        self.tijana, self.raf, self.ara = (self.bench.phone(number) for number in ("1047", "1175", "1068"))
        self.bench.switch.pickup_code = "*8"
        self.bench.switch.pickup = self.first
        self.bench.events.clear()

    def first(self, by: str, number: str) -> ConnectionId:
        for call in self.bench.switch.calls():
            for connection in call.connections:
                if connection.state is ConnectionState.ALERTING:
                    return connection.id
        raise ServiceError(Failure.NO_ACTIVE_CALL, "No call to pick up")

    def rings(self, offer: bytes | None = None) -> Talk:
        talk = self.raf.dial("1047", offer)
        self.tijana.call.ring()
        self.bench.run()
        return talk

    def at_manager_number(self, how: Accept) -> Talk:
        """Raf's call at a route point, for which Tijana's phone rings and shows another name."""
        switch = self.bench.switch
        switch.route_register(["8973"])
        talk = self.raf.dial("8973")
        call = switch.calls()[0].id
        switch.accept_call(call, how)
        if how is not Accept.RINGING:
            switch.play_message(call, ["Waiting1.wav"], True)
        switch.ring(call, [Ring("1047", Party("1175", "for \"Tij\" <VIP>"))])
        self.bench.run()
        self.tijana.call.ring()
        self.bench.run()
        return talk

    def joined(self, talk: Talk, picker: Talk) -> None:
        self.assertEqual(self.tijana.call.log, [ELSEWHERE])
        self.assertTrue(talk.is_up and picker.is_up)
        self.assertIn(talk.phone.host.encode(), picker.heard_sdp)
        self.assertIn(picker.phone.host.encode(), talk.heard_sdp)
        self.assertEqual(len(self.bench.switch.calls()), 1)
        self.assertEqual(self.bench.packets(), 0)

    def test_plain_call(self) -> None:
        talk = self.rings()
        picker = self.ara.dial("*8")
        self.joined(talk, picker)
        picker.hang_up()
        self.bench.run()
        self.assertEqual(talk.log[-1], "ended")

    def test_code_and_number(self) -> None:
        """Also escaped, as a phone may send it."""
        for dialled in ("*81047", "%2A81047"):
            talk = self.rings()
            picker = self.ara.dial(dialled)
            self.joined(talk, picker)
            talk.hang_up()
            self.bench.run()

    def test_other_codes(self) -> None:
        """With #, which is escaped in a URI; none."""
        self.bench.switch.pickup_code = "#55"
        talk = self.rings()
        self.assertEqual(self.ara.dial("*8").log, ["rejected 404"])
        picker = self.ara.dial("%2355")
        self.joined(talk, picker)
        talk.hang_up()
        self.bench.run()
        self.bench.switch.pickup_code = ""
        self.assertEqual(self.ara.dial("*8").log, ["rejected 404"])

    def test_without_offers(self) -> None:
        """Of the one who picks up, or of the caller."""
        for mine, theirs in ((b"", None), (None, b"")):
            talk = self.rings(theirs)
            picker = self.ara.dial("*8", mine)
            self.joined(talk, picker)
            talk.hang_up()
            self.bench.run()

    def test_no_offer_at_all(self) -> None:
        """Nobody could answer: refused, and the phone rings on."""
        talk = self.rings(b"")
        self.assertEqual(self.ara.dial("*8", b"").log, ["rejected 488"])
        self.assertEqual(self.tijana.call.log, [])
        talk.hang_up()

    def test_before_the_prack(self) -> None:
        """The caller's 200 waits until it has acknowledged the announcement's 183; then both agree."""
        self.bench.network.lose = lambda datagram: datagram.data.startswith(b"PRACK")
        talk = self.at_manager_number(Accept.EARLY_MEDIA)
        picker = self.ara.dial("*8")
        self.bench.run(0.3)
        self.assertFalse(talk.is_up)
        self.bench.network.lose = lambda datagram: False
        self.bench.run(1.0)
        self.joined(talk, picker)
        self.assertEqual(self.bench.telephony.media.active, 0)
        picker.hang_up()
        self.bench.run()

    def test_manager_number(self) -> None:
        for how in Accept:
            talk = self.at_manager_number(how)
            picker = self.ara.dial("*8")
            self.joined(talk, picker)
            picker.hang_up()
            self.bench.run()
            self.assertEqual(talk.log[-1], "ended")

    def test_caller_is_shown(self) -> None:
        """As on the phone that rang."""
        self.at_manager_number(Accept.RINGING)
        sent: list[str] = []
        self.ara.transports.receive = watching(self.ara.transports.receive, sent)
        picker = self.ara.dial("*8")
        self.assertIn(r'"for \"Tij\" <VIP>" <sip:1175@127.0.0.1>', sent)
        picker.hang_up()

    def test_withheld_number(self) -> None:
        pbx = self.bench.phone("pbx", "127.0.0.99", register=False)
        talk = pbx.dial("1047", headers={"Privacy": ["id"], "P-Asserted-Identity": ["<sip:anonymous@x.invalid>"]})
        self.tijana.call.ring()
        self.bench.run()
        sent: list[str] = []
        self.ara.transports.receive = watching(self.ara.transports.receive, sent)
        picker = self.ara.dial("*8")
        self.assertTrue(picker.is_up)
        self.assertEqual([identity for identity in sent if "anonymous" in identity], [])
        talk.hang_up()

    def test_nothing_to_pick_up(self) -> None:
        """The reason is in the answer for phones to show."""
        for failure, status in ((Failure.NO_ACTIVE_CALL, 480), (Failure.PRIVILEGE_VIOLATION, 403)):

            def pickup(by: str, number: str, failure: Failure = failure) -> ConnectionId:
                raise ServiceError(failure, "Because of a test")

            self.bench.switch.pickup = pickup
            self.assertEqual(self.ara.dial("*8").log, [f"rejected {status}"])
        self.assertEqual(self.bench.events, [])

    def test_not_from_outside(self) -> None:
        """For a trunk it is a number like any other."""
        pbx = self.bench.phone("pbx", "127.0.0.99", register=False)
        talk = self.rings()
        self.assertEqual(pbx.dial("*8").log, ["rejected 404"])
        self.assertEqual(self.tijana.call.log, [])
        talk.hang_up()

    def test_answered_in_the_meantime(self) -> None:
        """The answer arrives after the pickup: that phone is hung up."""
        talk = self.rings()
        picker = self.ara.dial("*8")
        self.tijana.calls[0].answer()
        self.bench.run()
        self.joined(talk, picker)
        talk.hang_up()

    def test_blind_transfer(self) -> None:
        """What is transferred can be picked up where it rings."""
        leo = self.bench.phone("1118")
        talk = leo.dial("1175")
        self.raf.call.answer()
        self.bench.run()
        self.raf.call.hold()
        self.bench.run()
        self.raf.call.refer("<sip:1047@127.0.0.1>")
        self.bench.run()
        self.tijana.call.ring()
        self.bench.run()
        picker = self.ara.dial("*8")
        self.assertEqual(self.raf.call.notified[-1], "SIP/2.0 200 OK")
        self.assertFalse(self.raf.call.is_up)
        self.joined(talk, picker)
        self.assertIn(b"a=sendrecv", talk.heard_sdp)
        self.assertIn(b"a=sendrecv", picker.heard_sdp)
        talk.hang_up()


def watching(receive, identities):  # type: ignore[no-untyped-def]
    """``receive``, and the P-Asserted-Identity of each message."""

    def watched(message, hop):  # type: ignore[no-untyped-def]
        identities.extend(message.items("P-Asserted-Identity"))
        receive(message, hop)

    return watched
