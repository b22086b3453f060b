"""Who is banned, for what, and who never is; lines whose password is guessed."""

from dataclasses import replace
from typing import Any

from twisted.logger import capturedLogs, formatEvent

from magroup.model.lines import Trunk
from magroup.model.settings_protection import ProtectionSettings
from magroup.switch import guard
from magroup.switch.guard import LINE_WINDOW, WINDOW, Offence
from tests.switch.attacker import Attacker
from tests.switch.bench import BenchTest, company

STRICT = ProtectionSettings(wrong_passwords=5, unknown_lines=4, malformed=3, wrong_passwords_per_line=10, ban=600)
PBX = Trunk(1, "PBX", "192.0.2.99", is_default=True, ping_interval=0)
RUBBISH = b"INVITE sip:1047@127.0.0.1 SIP/2.0\r\nthis is no header\r\n\r\n"


class GuardTest(BenchTest):
    configuration = company(trunks=(PBX,))
    settings = replace(BenchTest.settings, protection=STRICT)

    def setUp(self) -> None:
        super().setUp()
        self.guard = self.bench.telephony.guard
        self.attacker = Attacker(self.bench)

    def banned(self) -> dict[str, str]:
        return {ban.place: ban.why for ban in self.guard.bans()}

    def settle(self, **changes: Any) -> None:
        self.guard.limit(replace(STRICT, **changes))


class Banned(GuardTest):
    def test_guessed_passwords(self) -> None:
        """From the fifth on nothing is answered, until the time is over."""
        self.assertEqual([self.attacker.guess() for _ in range(5)], [401] * 5)
        self.assertEqual(self.banned(), {"192.0.2.66": "wrong passwords"})
        self.assertEqual(self.attacker.status("OPTIONS", "1047"), 0)
        self.assertEqual((self.guard.dropped, self.guard.banned), (1, {Offence.WRONG_PASSWORDS: 1}))
        self.bench.run(601, 10)
        self.assertEqual(self.banned(), {})
        self.assertEqual(self.attacker.status("OPTIONS", "1047"), 200)

    def test_a_few_wrong_ones_are_nothing(self) -> None:
        """They are forgotten after ten minutes."""
        for _ in range(4):
            self.attacker.guess()
        self.bench.run(WINDOW, 60)
        for _ in range(4):
            self.attacker.guess()
        self.assertEqual(self.banned(), {})

    def test_unknown_lines(self) -> None:
        """Asked for by whatever method; one and the same again and again is a phone that was set up wrongly."""
        for method in ("REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "PUBLISH"):
            for _ in range(10):
                self.attacker.ask(method, "9000", "Event: presence\r\n")
            for user in ("1047", "9001", "9002", "9003"):
                self.attacker.ask(method, user, "Event: presence\r\n")
            self.assertEqual(self.banned(), {"192.0.2.66": "unknown lines"}, method)
            self.guard.lift("192.0.2.66")

    def test_known_ones_alone_are_nothing(self) -> None:
        for user in ("1047", "1175", "1068", "1118") * 5:
            self.assertEqual(self.attacker.status("REGISTER", user), 401)
        self.assertEqual(self.banned(), {})

    def test_scanners(self) -> None:
        """By their names, at once and without an answer."""
        for agent in ("friendly-scanner", "sipvicious/0.3", "SIPCLI/v1.8", "VaxSIPUserAgent/3.5"):
            self.assertEqual(self.attacker.status("OPTIONS", "100", f"User-Agent: {agent}\r\n"), 0, agent)
            self.assertEqual(self.banned(), {"192.0.2.66": "scanner"}, agent)
            self.guard.lift("192.0.2.66")
        for agent in ("Cisco-CP8861/12.5", "not a sipvicious", "x" * 5000):
            self.assertEqual(self.attacker.status("OPTIONS", "1047", f"User-Agent: {agent}\r\n"), 200, agent)

    def test_rubbish(self) -> None:
        self.attacker.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        self.attacker.send(b"\xff" * 40)
        self.attacker.send(RUBBISH)
        self.assertEqual(self.banned(), {"192.0.2.66": "malformed messages"})
        self.assertEqual(self.attacker.received, [])

    def test_nobody_is_banned_where_that_is_off(self) -> None:
        self.settle(ban=0)
        for _ in range(20):
            self.attacker.guess()
        self.assertEqual(self.attacker.status("OPTIONS", "100", "User-Agent: sipcli\r\n"), 200)
        self.assertEqual(self.banned(), {})

    def test_told_once(self) -> None:
        with capturedLogs() as events:
            for at in range(30):
                self.attacker.status("OPTIONS", "100", "User-Agent: sipcli\r\n")
                Attacker(self.bench, f"198.51.100.{at}").status("OPTIONS", "100", "User-Agent: sipcli\r\n")
            self.bench.run(61, 1)
        lines = [formatEvent(event) for event in events if "banned" in event["log_format"]]
        self.assertEqual(lines[0], "192.0.2.66 is banned for 600 s: scanner")
        self.assertEqual((len(lines), lines[-1]), (21, "11 more addresses were banned in a minute"))

    def test_lifted_with_nothing_held_against_it(self) -> None:
        for _ in range(5):
            self.attacker.guess()
        self.assertEqual([self.guard.lift("192.0.2.66"), self.guard.lift("192.0.2.66")], [True, False])
        for _ in range(4):
            self.attacker.guess()
        self.assertEqual(self.banned(), {})


class Spared(GuardTest):
    def test_trunks(self) -> None:
        """Their addresses, their networks, and callers outside whom nobody knows."""
        pbx = Attacker(self.bench, "192.0.2.99")
        for at in range(20):
            pbx.ask("INVITE", f"555{at}", target="sip:4711@127.0.0.1")
            pbx.send(RUBBISH)
        self.assertEqual(self.banned(), {})

    def test_networks(self) -> None:
        self.settle(never_banned=("192.0.2.64/26",))
        for _ in range(20):
            self.attacker.guess()
        self.assertEqual(self.attacker.status("OPTIONS", "100", "User-Agent: sipcli\r\n"), 200)
        self.assertEqual(self.banned(), {})

    def test_whoever_becomes_a_trunk(self) -> None:
        """Or is named in the settings: the ban is over."""
        for change in (self.name, self.make_trunk):
            for _ in range(3):
                self.attacker.send(RUBBISH)
            self.assertEqual(list(self.banned()), ["192.0.2.66"])
            change()
            self.assertEqual(self.banned(), {})
            self.settle()

    def name(self) -> None:
        self.settle(never_banned=("192.0.2.66",))

    def make_trunk(self) -> None:
        old = self.bench.configuration
        self.bench.configuration = replace(old, trunks=(replace(PBX, id=2, name="New", address="192.0.2.66"),))
        self.bench.telephony.configure(old, self.bench.configuration)
        self.bench.run()

    def test_a_trunk_in_a_network_of_ipv6(self) -> None:
        """Not for what its neighbours do."""
        self.settle(never_banned=("2001:db8::99",))
        self.bench.telephony.guard._note("2001:db8::1", True, Offence.SCANNER)
        self.bench.telephony.guard._note("2001:db8:0:1::1", True, Offence.SCANNER)
        self.assertEqual(list(self.banned()), ["2001:db8:0:1::"])

    def test_phones_against_what_others_send_in_their_name(self) -> None:
        """Datagrams from there prove nothing, but for wrong passwords with a nonce that was sent there."""
        phone = self.bench.phone("1047", "192.0.2.7")
        forged = Attacker.__new__(Attacker)
        forged.bench, forged.host, forged.received = self.bench, "192.0.2.7", []
        forged._wire = next(iter(phone.transports._wires.values()))  # type: ignore[assignment]
        self.bench.run(11, 1)
        for at in range(50):
            forged.send(RUBBISH)
            forged.ask("REGISTER", f"90{at}")
            forged.guess(nonce="A" * 40)
            forged.ask("OPTIONS", "100", "User-Agent: sipcli\r\n")
        self.assertEqual(self.banned(), {})
        talk = phone.dial("1175")
        self.assertEqual(talk.log, ["rejected 480"])

    def test_ten_times_as_many_where_phones_are(self) -> None:
        """A phone with an old password does not cut its neighbours off."""
        self.bench.phone("1047", "192.0.2.7")
        self.bench.run(11, 1)
        for _ in range(49):
            self.guard.failed("192.0.2.7", "9999")
        self.assertEqual(self.banned(), {})
        self.guard.failed("192.0.2.7", "9999")
        self.assertEqual(self.banned(), {"192.0.2.7": "wrong passwords"})


class Guessed(GuardTest):
    """One line's password, tried from many addresses."""

    def guess(self, count: int) -> None:
        for at in range(count):
            Attacker(self.bench, f"198.51.100.{at}").guess()

    def test_no_new_addresses(self) -> None:
        """Phones go on where they are; the right password from elsewhere gets what a wrong one gets."""
        phone = self.bench.phone("1047", "192.0.2.7")
        self.guess(10)
        self.assertEqual(list(self.guard.locked()), ["1047"])
        self.assertEqual(phone.dial("1175").log, ["rejected 480"])
        self.assertTrue(self.bench.phone("1175", "192.0.2.9").is_registered)
        stranger = self.bench.phone("1047", "192.0.2.8")
        self.assertEqual((stranger.is_registered, {answer.status for answer in stranger.heard}), (False, {401}))
        self.assertTrue(self.guard.unlock("1047"))
        self.assertFalse(self.guard.unlock("1047"))
        self.assertTrue(stranger.register().is_registered)

    def test_until_the_hour_is_over(self) -> None:
        self.guess(10)
        self.bench.run(LINE_WINDOW, 60)
        self.assertEqual(self.guard.locked(), {})
        self.assertTrue(self.bench.phone("1047", "192.0.2.8").is_registered)

    def test_slowly_is_nothing(self) -> None:
        self.guess(9)
        self.bench.run(LINE_WINDOW, 60)
        self.attacker.guess()
        self.assertEqual(self.guard.locked(), {})


class Bounded(GuardTest):
    def test_sources(self) -> None:
        """However many there are."""
        self.patch(guard, "MOST_SOURCES", 10)
        for at in range(50):
            self.guard.failed(f"198.51.100.{at}", "nobody")
        self.assertEqual(len(self.guard._sources), 10)
        self.assertLessEqual(len(self.guard._exempt), 10)
