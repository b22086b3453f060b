"""Trunks on the bench: who may call in and as whom, which trunk a number takes, and what happens when one is down."""

from dataclasses import replace
from typing import Any

from twisted.logger import LogEvent, globalLogPublisher

from magroup.cti.events import CallCleared
from magroup.cti.types import Cause
from magroup.model.lines import Line, Trunk
from magroup.model.people import User
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from tests.switch.bench import BenchTest, Phone, company

PBX = Trunk(1, "PBX", "127.0.0.99", is_default=True, ping_interval=0)


class TrunkTest(BenchTest):
    """Two phones, and ``pbx`` at the address of the trunk."""

    configuration = company(trunks=(PBX,))

    def setUp(self) -> None:
        self.logged: list[LogEvent] = []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)
        super().setUp()
        self.pbx = self.outside("127.0.0.99")
        self.tijana, self.raf = self.bench.phone("1047"), self.bench.phone("1175")
        self.bench.events.clear()

    def outside(self, host: str, name: str = "pbx") -> Phone:
        """A switch or a phone that registers nowhere."""
        return self.bench.phone(name, host, register=False)

    def lines(self, words: str) -> int:
        """How many log lines have these words."""
        return sum(words in str(event.get("log_format")).format_map(Blank(event)) for event in self.logged)

    def reconfigure(self, *trunks: Trunk) -> None:
        old = self.bench.configuration
        self.bench.configuration = replace(old, trunks=trunks)
        self.bench.telephony.configure(old, self.bench.configuration)
        self.bench.run()


class Blank(dict[str, Any]):
    """An event's fields; missing ones are empty."""

    def __missing__(self, name: str) -> str:
        return ""


class Inbound(TrunkTest):
    """Calls from the PBX."""

    def test_to_a_line(self) -> None:
        """Without a password, hung up by either."""
        for by_the_caller in (True, False):
            talk = self.pbx.dial("1047")
            self.tijana.call.answer()
            self.bench.run()
            self.assertEqual(talk.log, ["answered"])
            (talk if by_the_caller else self.tijana.call).hang_up()
            self.bench.run()
            self.assertFalse(talk.is_up or self.tijana.call.is_up)

    def test_to_a_manager_number(self) -> None:
        self.bench.switch.route_register(["8973"])
        talk = self.pbx.dial("8973")
        self.assertEqual(self.bench.told(), ["Originated pbx", "Offered 8973"])
        talk.hang_up()

    def test_unknown_numbers(self) -> None:
        """They do not go back to where they come from; nobody is called without a number."""
        self.assertEqual(self.pbx.dial("4711").log, ["rejected 404"])
        self.assertEqual(self.lines("asks for 4711"), 1)
        self.assertEqual(self.pbx.calls, [])
        self.assertEqual(self.pbx.dial("").log, ["rejected 484"])

    def test_strangers(self) -> None:
        """Another address is a phone that has to say who it is."""
        self.assertEqual(self.outside("127.0.0.98", "nobody").dial("1047").log, ["rejected 407"])

    def test_networks(self) -> None:
        """All addresses of inbound_addresses, and no others."""
        self.reconfigure(replace(PBX, inbound_addresses=("127.0.0.64/27", "127.0.0.10")))
        for host, admitted in (("127.0.0.70", True), ("127.0.0.10", True), ("127.0.0.120", False)):
            talk = self.outside(host, "stranger").dial("1047")
            self.assertEqual(talk.log == [], admitted, (host, talk.log))
            if admitted:
                talk.hang_up()
                self.bench.run()
                self.tijana.call.reject(487)

    def shown(self, **headers: list[str]) -> tuple[str, str]:
        """The caller as the called phone sees it."""
        talk = self.pbx.dial("1047", headers={name.replace("_", "-"): value for name, value in headers.items()})
        shown = self.tijana.call.invite.from_
        self.tijana.call.reject(486)
        self.bench.run()
        self.assertEqual(talk.log, ["rejected 486"])
        return shown.uri.number, shown.name

    def test_identity(self) -> None:
        """What the PBX asserts goes before From; a number of ours has the name that we know."""
        self.assertEqual(self.shown(), ("pbx", "Phone pbx"))
        self.assertEqual(self.shown(P_Asserted_Identity=['"Öner" <sip:0315551234@pbx>']), ("0315551234", "Öner"))
        self.assertEqual(self.shown(P_Asserted_Identity=["<tel:+41-31-555.12.34;x=y>"]), ("+41315551234", ""))
        self.assertEqual(self.shown(P_Asserted_Identity=["<mailto:a@b.c>", "<sip:7@x>"]), ("7", ""))
        self.assertEqual(self.shown(P_Asserted_Identity=["<mailto:a@b.c>"]), ("pbx", "Phone pbx"))
        self.assertEqual(self.shown(Remote_Party_ID=['"X" <sip:88@pbx>;party=calling']), ("88", "X"))
        users = (*self.bench.configuration.users, User(50, "ann", "Ann", "Outside", mobile="0791234567"))
        self.bench.configuration = replace(self.bench.configuration, users=users)
        self.assertEqual(self.shown(P_Asserted_Identity=["<sip:1175@pbx>"])[1], "First1175 Last1175")

    def test_withheld(self) -> None:
        """An identity that is for switches only is not shown; From is."""
        asserted = ['"Secret" <sip:0315551234@pbx>']
        self.assertEqual(self.shown(P_Asserted_Identity=asserted, Privacy=["user;id"]), ("pbx", "Phone pbx"))
        self.assertEqual(self.shown(P_Asserted_Identity=asserted, Privacy=["none"])[0], "0315551234")
        self.assertEqual(self.shown(Remote_Party_ID=["<sip:88@pbx>;privacy=full"]), ("pbx", "Phone pbx"))

    def test_anonymous(self) -> None:
        number, name = self.shown(P_Asserted_Identity=["<sip:anonymous@anonymous.invalid>"])
        self.assertEqual((number, name), ("anonymous", "Anonymous"))
        self.assertNotIn("P-Asserted-Identity", self.tijana.call.invite.headers)

    def test_bad_identity(self) -> None:
        """It is refused, or left out; never half believed."""
        talk = self.pbx.dial("1047", headers={"P-Asserted-Identity": ["<<rubbish"]})
        self.assertIn(talk.log, (["rejected 400"], []))
        talk.hang_up()


class Outbound(TrunkTest):
    """Calls to numbers that nobody here has."""

    def test_default(self) -> None:
        talk = self.raf.dial("0315551234")
        invite = self.pbx.call.invite
        self.assertEqual(invite.uri.text, "sip:0315551234@127.0.0.99")
        self.assertEqual(invite.to.uri.text, "sip:0315551234@127.0.0.99")
        self.assertEqual(invite.get("P-Asserted-Identity"), '"First1175 Last1175" <sip:1175@127.0.0.1>')
        self.assertEqual(invite.get("Max-Forwards"), "69")
        self.pbx.call.ring()
        self.bench.run()
        self.pbx.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["progress 180", "answered"])
        self.assertIn(b"127.0.0.99", talk.heard_sdp)
        talk.hang_up()

    def test_refused_there(self) -> None:
        """The caller gets what the other switch says."""
        for status in (404, 486, 503, 603, 484):
            talk = self.raf.dial("0315551234")
            self.pbx.call.reject(status)
            self.bench.run()
            self.assertEqual(talk.log, [f"rejected {status}"])

    def test_prefixes(self) -> None:
        """The longest one that fits; strip removes leading digits."""
        mobile, own = self.outside("127.0.0.98"), self.outside("127.0.0.97")
        self.reconfigure(
            PBX, Trunk(2, "mobile", "127.0.0.98", prefix="079", strip=1, ping_interval=0),
            Trunk(3, "own", "127.0.0.97", prefix="07", ping_interval=0),
        )  # fmt: skip
        for number, where, sent in (
            ("0791234567", mobile, "791234567"), ("0781234567", own, "0781234567"),
            ("0315551234", self.pbx, "0315551234"),
        ):  # fmt: skip
            talk = self.raf.dial(number)
            self.assertEqual(where.call.invite.uri.number, sent)
            where.call.reject(486)
            self.bench.run()
            self.assertEqual(talk.log, ["rejected 486"])

    def test_no_trunk(self) -> None:
        self.reconfigure(replace(PBX, is_default=False, prefix="9"))
        self.assertEqual(self.raf.dial("0315551234").log, ["rejected 404"])
        self.assertEqual(self.lines("Nobody knows the number 0315551234"), 1)

    def test_line_on_the_pbx(self) -> None:
        """It is called there, and no phone registers for it here."""
        lines = (*self.bench.configuration.lines, Line("2000", "secret", on_pbx=True))
        self.bench.configuration = replace(self.bench.configuration, lines=lines)
        self.assertTrue(self.bench.switch.in_service("2000"))
        talk = self.raf.dial("2000")
        self.assertEqual(self.pbx.call.invite.uri.number, "2000")
        self.pbx.call.answer()
        self.bench.run()
        talk.hang_up()
        self.bench.run()
        self.assertFalse(self.bench.phone("2000").is_registered)

    def test_removed_during_a_call(self) -> None:
        """The call goes on and ends well; the next one finds no way."""
        talk = self.raf.dial("0315551234")
        self.pbx.call.answer()
        self.bench.run()
        self.reconfigure()
        self.assertEqual(self.raf.dial("0315551234").log, ["rejected 404"])
        talk.hang_up()
        self.bench.run()
        self.assertEqual(self.pbx.call.log[-1], "ended")

    def test_unreachable(self) -> None:
        """Without pings it takes the INVITE's own time."""
        self.pbx.unplug()
        talk = self.raf.dial("0315551234")
        self.bench.run(33, 0.5)
        self.assertEqual(talk.log, ["rejected 408"])


class Monitored(TrunkTest):
    """OPTIONS every 30 seconds."""

    configuration = company(trunks=(replace(PBX, ping_interval=30),))

    def tearDown(self) -> None:
        self.bench.telephony.trunks.stop()
        super().tearDown()

    def test_down_and_up(self) -> None:
        self.bench.run(40, 0.5)
        self.assertGreaterEqual(self.pbx.pings, 1)
        self.pbx.unplug()
        self.bench.run(70, 0.5)
        self.assertEqual(self.lines("Trunk PBX does not answer"), 1)
        talk = self.raf.dial("0315551234")
        self.assertEqual(talk.log, ["rejected 503"])
        cleared = self.bench.events[-1]
        assert isinstance(cleared, CallCleared)
        self.assertEqual(cleared.cause, Cause.NETWORK_CONGESTION)
        again = self.outside("127.0.0.99")
        self.bench.run(70, 0.5)
        self.assertEqual(self.lines("Trunk PBX answers again"), 1)
        talk = self.raf.dial("0315551234")
        again.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()

    def test_gone_while_it_rings(self) -> None:
        """The call ends, or goes to whoever is next, long before anybody would have answered."""
        talk = self.raf.dial("0315551234")
        self.pbx.call.ring()
        self.bench.run()
        self.assertEqual(talk.log, ["progress 180"])
        self.pbx.unplug()
        self.bench.run(65, 0.5)
        self.assertEqual(talk.log, ["progress 180", "rejected 503"])

    def test_wants_no_more_calls_while_it_rings(self) -> None:
        """By 503 to OPTIONS: what rings there rings on."""
        talk = self.raf.dial("0315551234")
        self.pbx.call.ring()
        self.pbx.endpoint.methods["OPTIONS"] = refusing(503)
        self.bench.run(40, 0.5)
        self.assertEqual(self.lines("Trunk PBX does not answer"), 1)
        self.pbx.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["progress 180", "answered"])
        talk.hang_up()

    def test_calls_in_while_it_is_down(self) -> None:
        """Whoever calls is there, whatever it says to OPTIONS."""
        self.pbx.endpoint.methods["OPTIONS"] = refusing(503)
        self.bench.run(40, 0.5)
        self.assertEqual(self.lines("Trunk PBX does not answer"), 1)
        talk = self.pbx.dial("1047")
        self.tijana.call.answer()
        self.bench.run()
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()

    def test_a_refusal_is_an_answer(self) -> None:
        for status in (401, 403, 404, 405, 501):
            self.pbx.endpoint.methods["OPTIONS"] = refusing(status)
            self.bench.run(40, 0.5)
            self.assertEqual(self.lines("does not answer"), 0)


def refusing(status: int) -> Any:
    def refuse(transaction: Any, request: Request, hop: Hop) -> None:
        transaction.reject(status)

    return refuse


class RegisteredOut(TrunkTest):
    """The switch is a phone of the PBX."""

    account = replace(PBX, user_name="8973", password="other secret", registers=True, expires=600)
    configuration = company(trunks=(account,))

    def setUp(self) -> None:
        self.registers: list[Request] = []
        self.answer = 200
        super().setUp()
        self.pbx.endpoint.methods["REGISTER"] = self._registered
        self.bench.run(5)

    def tearDown(self) -> None:
        self.bench.telephony.trunks.stop()
        super().tearDown()

    def _registered(self, transaction: Any, request: Request, hop: Hop) -> None:
        self.registers.append(request)
        response = request.respond(self.answer, to_tag="r")
        if self.answer == 200:
            response.headers["Contact"] = request.headers["Contact"]
        transaction.respond(response)

    def test_stays_registered(self) -> None:
        (first,) = self.registers
        self.assertEqual(first.to.uri.number, "8973")
        self.assertEqual(first.contact.uri.number if first.contact else "", "8973")
        self.bench.run(1000, 1.0)
        self.assertEqual(len(self.registers), 3)
        self.assertEqual(self.lines("Trunk PBX: registered"), 1)

    def test_removed(self) -> None:
        """It unregisters."""
        self.reconfigure()
        self.assertEqual(self.registers[-1].get("Expires"), "0")

    def test_refused(self) -> None:
        """Told once, tried again and again at growing intervals, and told when it works."""
        self.answer = 403
        self.bench.run(1000, 1.0)
        self.assertEqual(self.lines("Trunk PBX: not registered: 403"), 1)
        tries = len(self.registers)
        self.assertTrue(5 < tries < 20, tries)
        self.answer = 200
        self.bench.run(400, 1.0)
        self.assertEqual(self.lines("Trunk PBX: registered"), 2)

    def test_called_at_its_contact(self) -> None:
        """The account's own number where we have it, else the one that was dialled."""
        for points, to, reached in (
            (["8973"], "8973", "Offered 8973"), (["8973"], "1047", "Offered 8973"), (["7000"], "7000", "Offered 7000"),
            ([], "1047", "Delivered 1047"),
        ):  # fmt: skip
            self.bench.switch.route_register(points)
            talk = self.pbx.dial("8973", to=to)
            if reached.startswith("Delivered"):
                self.tijana.call.ring()
                self.bench.run()
            self.assertEqual(self.bench.told()[-1], reached)
            talk.hang_up()
            self.bench.run()
        self.assertEqual(self.pbx.dial("8973", to="4711").log, ["rejected 404"])
