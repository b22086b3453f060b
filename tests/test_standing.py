"""How telephony stands, on the bench: registrations, trunks, sound, layers, ways to numbers."""

from dataclasses import replace

from magroup.cti.switch import Accept
from magroup.model.groups import Group
from magroup.model.lines import Line, Trunk
from magroup.model.settings import Settings
from magroup.model.standing import Answers, LineStanding, MonitorStanding, TrunkCondition, Way, WayKind
from magroup.standing import Standing, versions
from tests.switch.bench import BenchTest, company, run

START = 1_700_000_000
PBX = Trunk(1, "PBX", "127.0.0.99", is_default=True, ping_interval=60)
SILENT = Trunk(2, "Carrier", "127.0.0.98", prefix="9", strip=1, ping_interval=60)
UNASKED = Trunk(3, "Old", "127.0.0.97", prefix="8", ping_interval=0)
HOME = company(trunks=(PBX, SILENT, UNASKED), groups=(Group(1, "Board", number="8973"),))


class StandingTest(BenchTest):
    """Phones are asked each minute."""

    configuration = replace(HOME, lines=(*HOME.lines, Line("1300", on_pbx=True)))
    settings = replace(Settings(), sip=replace(Settings().sip, options_ping_interval=60, session_expires=0))

    def setUp(self) -> None:
        super().setUp()
        self.pbx = self.bench.phone("pbx", "127.0.0.99", register=False)
        self.standing = Standing(self.bench.telephony, lambda: self.bench.configuration)

    def tearDown(self) -> None:
        """Nobody is asked any more."""
        self.bench.telephony.registrar.ping_every(0)
        self.bench.telephony.trunks.stop()
        super().tearDown()


class Registrations(StandingTest):
    """Phones, and whether they answer."""

    def test_answers(self) -> None:
        phone = self.bench.phone("1047")
        (one,) = self.standing.registrations()
        known = self.standing.registered(one)
        self.assertEqual((known.since, known.answers, known.answered_at), (START, Answers.NOT_ASKED, 0.0))
        self.bench.run(70, 0.5)
        (one,) = self.standing.registrations()
        known = self.standing.registered(one)
        self.assertEqual((known.since, known.answers), (START, Answers.YES))
        self.assertTrue(START < known.answered_at < START + 70)
        self.assertEqual(self.standing.line("1047"), LineStanding(1))
        phone.unplug()
        self.bench.run(240, 0.5)
        last = self.standing.registered(one)
        self.assertEqual((last.answers, last.answered_at), (Answers.NO, known.answered_at))
        self.assertEqual(self.standing.line("1047"), LineStanding(1, 1))
        self.assertEqual((self.standing.figures().silent, self.standing.figures().registered), (1, 1))
        self.bench.telephony.registrar.ping_every(0)
        self.assertEqual(self.standing.registered(one).answers, Answers.NEVER_ASKED)

    def test_since_before_a_restart(self) -> None:
        self.bench.phone("1047")
        telephony = self.bench.telephony
        (one,) = self.standing.registrations()
        telephony.bindings.forget("1047")
        telephony.bindings.restore([one])
        self.assertEqual(self.standing.registered(one).since, 0.0)

    def test_ended(self) -> None:
        """The line is out of service until the phone registers again."""
        phone = self.bench.phone("1047")
        (one,) = self.standing.registrations()
        for number, contact in (("1047", "sip:other@x"), ("1175", one.contact), ("", "")):
            self.assertFalse(self.standing.end(number, contact))
        self.assertTrue(self.standing.end("1047", one.contact))
        self.assertFalse(self.standing.end("1047", one.contact))
        self.assertEqual((self.standing.registrations(), self.bench.store.registrations), ([], {}))
        self.assertFalse(self.bench.switch.in_service("1047"))
        self.bench.run(70, 0.5)
        phone.register()
        self.assertTrue(self.bench.switch.in_service("1047"))
        self.bench.run(4000, 10)
        self.assertEqual(len(self.standing.registrations()), 1)

    def test_lines(self) -> None:
        self.assertEqual(self.standing.line("1300"), LineStanding(on_pbx=True))
        self.assertEqual(self.standing.line("nobody"), LineStanding())
        self.assertEqual(self.standing.of_line("1047"), ())


class TrunksAndCalls(StandingTest):
    """What goes over trunks, and what is played."""

    def test_conditions(self) -> None:
        self.bench.run(40, 0.5)
        found = {one.trunk.name: one for one in self.standing.trunks()}
        self.assertEqual([found[name].condition for name in ("PBX", "Carrier", "Old")], [
            TrunkCondition.UP, TrunkCondition.DOWN, TrunkCondition.NOT_ASKED,
        ])  # fmt: skip
        self.assertEqual([found[name].answer for name in ("PBX", "Carrier", "Old")], ["200 OK", "no answer", ""])
        self.assertEqual(found["PBX"].address, "udp:127.0.0.99:5060")
        self.assertIsNone(found["PBX"].is_registered)
        self.assertTrue(START <= found["PBX"].answered_at <= START + 40)
        one = self.standing.trunk(1)
        assert one is not None
        self.assertEqual(one, replace(found["PBX"], calls=0))
        self.assertIsNone(self.standing.trunk(99))

    def test_takes_no_calls(self) -> None:
        """One that is not asked shows it by a call that it does not take, until it takes one."""
        trunks = self.bench.telephony.trunks
        old = next(one.trunk.id for one in self.standing.trunks() if one.trunk.name == "Old")
        for is_taken, condition in ((False, TrunkCondition.TAKES_NONE), (True, TrunkCondition.NOT_ASKED)):
            if is_taken:
                trunks.has_taken(old)
            else:
                trunks.doubt(old, "503 " + 1000 * "x")
            found = self.standing.trunk(old)
            assert found is not None
            self.assertEqual(found.condition, condition)
            self.assertEqual(len(found.answer), 11 if is_taken else 100)

    def test_calls(self) -> None:
        """A call in and one out count for the trunk, one between lines does not."""
        raf, tij = self.bench.phone("1175"), self.bench.phone("1047")
        into, out = self.pbx.dial("1175"), tij.dial("0443334444")
        inside = raf.dial("1047")
        self.assertEqual([one.calls for one in self.standing.trunks()], [2, 0, 0])
        self.assertEqual(self.standing.figures().calls, 3)
        for talk in (into, out, inside):
            talk.session.bye()
        self.bench.run(1)
        self.assertEqual([one.calls for one in self.standing.trunks()], [0, 0, 0])

    def test_streams(self) -> None:
        phone = self.bench.phone("1047")
        self.bench.switch.route_register(["8973"])
        talk = phone.dial("8973")
        (call,) = self.bench.switch.calls()
        self.bench.switch.accept_call(call.id, Accept.EARLY_MEDIA)
        self.bench.switch.play_message(call.id, ["Waiting1.wav"], True)
        self.bench.run(1, 0.02)
        (one,) = self.standing.streams(10)
        self.assertEqual((one.call_id, one.device, one.sounds), (call.id, "1047", ("Waiting1.wav",)))
        self.assertTrue(one.sent > 40 and one.remote.startswith("127.0.0.12 "), one)
        figures = self.standing.figures()
        self.assertEqual((figures.streams, figures.pairs), (1, 1))
        self.assertEqual(self.standing.streams(0), [])
        self.assertEqual(self.standing.seconds_of("Waiting1.wav"), 1.0)
        self.assertEqual(self.standing.seconds_of("none.wav"), 0.0)
        talk.session.bye()
        self.bench.run(1)

    def test_a_call_whose_own_phone_rings(self) -> None:
        """It has no caller yet."""
        self.bench.phone("1047")
        run(self.bench.switch.make_call("1047", "1175"))
        self.bench.run()
        self.assertEqual([one.calls for one in self.standing.trunks()], [0, 0, 0])
        self.assertEqual((self.standing.streams(10), self.standing.figures().calls), ([], 1))
        self.bench.switch.end_calls()
        self.bench.run(1)

    def test_layers(self) -> None:
        """Counts, and as many lines as are wanted."""
        phones = [self.bench.phone(number) for number in ("1047", "1175", "1068")]
        talks = [phones[at].dial("0443334444") for at in range(3)]
        counts = {one.name: one.count for one in self.standing.layers()}
        self.assertEqual((counts["calls"], counts["streams"], counts["subscriptions"]), (3, 0, 0))
        for name, count in counts.items():
            whole, some = self.standing.layer(name, 1000), self.standing.layer(name, 2)
            assert whole is not None and some is not None
            self.assertEqual((whole.count, some.count), (count, count))
            if name != "transports":
                self.assertEqual((len(whole.lines), len(some.lines)), (count, min(count, 2)))
                self.assertEqual(some.lines, whole.lines[:2])
        self.assertIsNone(self.standing.layer("secrets", 10))
        for talk in talks:
            talk.session.bye()
        self.bench.run(1)

    def test_monitors(self) -> None:
        self.bench.switch.monitor_start(lambda event: None, "1047")
        self.assertEqual(self.standing.monitors(), [MonitorStanding("", 1), MonitorStanding("1047", 1)])
        self.assertEqual(self.standing.listening(), ["udp 127.0.0.1:5060"])

    def test_versions(self) -> None:
        self.assertEqual([name for name, _ in versions()][:3], ["magroup", "Python", "Twisted"])


class Ways(StandingTest):
    """What is at a number."""

    def test_ways(self) -> None:
        self.bench.phone("1047")
        self.bench.phone("1175")
        self.bench.switch.undisturbed.add("1175")
        self.bench.switch.route_register(["8973", "8888"])
        self.bench.run(40, 0.5)
        for number, way in (
            ("1047", Way(WayKind.LINE, "1047", 1, seconds=180)),
            ("1175", Way(WayKind.LINE, "1175", 1, True, 180)),
            ("1068", Way(WayKind.LINE, "1068", 0, seconds=180)),
            ("1300", Way(WayKind.TRUNK, "1300", seconds=180, trunk="PBX")),
            ("0443334444", Way(WayKind.TRUNK, "0443334444", seconds=180, trunk="PBX")),
            ("9123", Way(WayKind.TRUNK, "123", seconds=180, trunk="Carrier", is_up=False)),
            ("8973", Way(WayKind.GROUP, "8973")), ("8888", Way(WayKind.VOICEMAIL, "8888")),
            ("*8", Way(WayKind.PICKUP, "*8")), ("*81047", Way(WayKind.PICKUP, "*81047")),
        ):  # fmt: skip
            self.assertEqual(self.standing.way(number), way)
        reached = [number for number in ("1047", "1175", "1068", "1300", "9123", "8888") if
                   self.standing.way(number).is_reached]  # fmt: skip
        self.assertEqual(reached, ["1047", "1300", "8888"])

    def test_no_trunk(self) -> None:
        old = self.bench.configuration
        self.bench.configuration = old.changed(trunks=())
        self.bench.telephony.configure(old, self.bench.configuration)
        way = self.standing.way("0443334444")
        self.assertEqual((way.kind, way.is_reached), (WayKind.NOBODY, False))
