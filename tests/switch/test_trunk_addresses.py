"""A trunk with a name that has several addresses, or another one than before."""

from dataclasses import replace

from tests.switch.bench import company
from tests.switch.test_trunks import PBX, TrunkTest

NAMED = replace(PBX, address="sbc.example.com", ping_interval=30, inbound_addresses=("127.0.0.98", "127.0.0.97"))


class Addresses(TrunkTest):
    """The first one dies."""

    configuration = company(trunks=())

    def setUp(self) -> None:
        super().setUp()
        self.bench.names["sbc.example.com"] = ["127.0.0.98", "127.0.0.97"]
        self.first, self.second = self.outside("127.0.0.98"), self.outside("127.0.0.97")

    def tearDown(self) -> None:
        self.bench.telephony.trunks.stop()
        super().tearDown()

    def goes_to_the_second(self) -> None:
        talk = self.raf.dial("0315551234")
        self.second.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()
        self.assertEqual(self.lines("Trunk PBX is tried at udp:127.0.0.97:5060"), 1)

    def test_asked(self) -> None:
        """The next one is used as soon as it answers, and what rang behind the first is over."""
        self.reconfigure(NAMED)
        talk = self.raf.dial("0315551234")
        self.first.call.ring()
        self.bench.run()
        self.first.unplug()
        self.bench.run(65, 0.5)
        self.assertEqual(talk.log, ["progress 180", "rejected 503"])
        self.assertEqual((self.lines("Trunk PBX does not answer"), self.lines("Trunk PBX answers again")), (1, 1))
        self.goes_to_the_second()

    def test_not_asked(self) -> None:
        """One caller finds out."""
        self.reconfigure(replace(NAMED, ping_interval=0))
        self.first.unplug()
        talk = self.raf.dial("0315551234")
        self.bench.run(33, 0.5)
        self.assertEqual(talk.log, ["rejected 408"])
        self.goes_to_the_second()

    def test_all_are_dead(self) -> None:
        """They are tried in turn, one at a time, until one answers."""
        self.reconfigure(NAMED)
        self.first.unplug()
        self.second.unplug()
        self.bench.run(300, 0.5)
        tried = self.lines("Trunk PBX is tried at")
        self.assertTrue(3 <= tried <= 12, tried)
        self.second = self.outside("127.0.0.97")
        self.bench.run(90, 0.5)
        talk = self.raf.dial("0315551234")
        self.second.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()

    def test_it_has_moved(self) -> None:
        """Its name leads elsewhere; as long as it answers where it was, it stays there."""
        self.reconfigure(NAMED)
        self.bench.names["sbc.example.com"] = ["127.0.0.97"]
        self.bench.run(100, 0.5)
        self.raf.dial("0315551234").hang_up()
        self.assertEqual(len(self.first.calls), 1)
        self.first.unplug()
        self.bench.run(65, 0.5)
        self.goes_to_the_second()

    def test_registered(self) -> None:
        """It registers at the new address at once."""
        registered: list[str] = []
        for phone in (self.first, self.second):
            def register(transaction: object, request: object, hop: object, host: str = phone.host) -> None:
                registered.append(host)
                transaction.respond(request.respond(200, to_tag="r"))  # type: ignore[attr-defined]
            phone.endpoint.methods["REGISTER"] = register
        self.reconfigure(replace(NAMED, user_name="8973", password="secret", registers=True))
        self.bench.run(2)
        self.assertEqual(registered, ["127.0.0.98"])
        self.first.unplug()
        self.bench.run(65, 0.5)
        self.assertEqual(set(registered[1:]), {"127.0.0.97"})
        self.goes_to_the_second()

    def test_no_address_any_more(self) -> None:
        """Who answers no question for names does not matter: the one that is known is tried again."""
        self.reconfigure(NAMED)
        self.bench.names["sbc.example.com"] = []
        self.first.unplug()
        self.bench.run(65, 0.5)
        self.first = self.outside("127.0.0.98")
        self.bench.run(65, 0.5)
        self.assertEqual((self.lines("Trunk PBX is tried at"), self.lines("Trunk PBX answers again")), (0, 1))
