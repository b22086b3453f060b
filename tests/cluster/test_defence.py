"""Who is banned at one node is at all; calls to the outside count wherever they are made."""

from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.memory import MemoryBus
from magroup.cluster.shared import Shared
from magroup.cti.types import Party
from magroup.model.forwarding import Forwarded
from magroup.model.settings_outside import OutsideSettings
from magroup.model.settings_protection import ProtectionSettings
from magroup.nodes_defence import SharedOutsideCalls, share_bans
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.timers import Timers
from magroup.sip.transport import Transports
from magroup.switch.calling import Calling, Reach
from magroup.switch.guard import Guard, Offence, Surroundings
from magroup.switch.leg import Route
from magroup.switch.outside import DAY, HOUR, OutsideCalls
from magroup.switch.ringing import Ringing
from tests.cluster.kit import Bench
from tests.switch.bench import company, run

EVIL = "192.0.2.66"
SENT = "0791112233"
TRUNK = Route("sip:0791112233@192.0.2.1", Hop("udp", "192.0.2.1", 5060), (), 1)
LIMITS = OutsideSettings(at_once=2, per_hour=4, per_day=6)


class Part:
    """The defence of one node."""

    def __init__(self, bench: Bench, bus: MemoryBus, never_banned: tuple[str, ...] = ()) -> None:
        timers = Timers(bench.clock)
        self.bus = bus
        self.transports = Transports(bench.clock, lambda message, hop: None)
        around = Surroundings(lambda user: user, lambda number: True, lambda line: (), tuple)
        settings = ProtectionSettings(ban=600, malformed=2, never_banned=never_banned)
        self.guard = Guard(timers, self.transports, around, settings)
        self.endpoint = Endpoint()
        self.calling = Calling(
            self.endpoint, timers, lambda device, ringing: Reach((TRUNK,), sent=SENT), lambda trunk: None,
            Forwarded,
        )  # fmt: skip
        self.outside = OutsideCalls(timers, self.endpoint, company, lambda line: True, LIMITS, "")
        self.calling.outside = self.outside.admits
        self.shared = Shared(bus, bench.clock)
        share_bans(self.shared, self.guard)
        SharedOutsideCalls(self.shared, bus, self.outside)
        bus.start()

    def banned(self) -> list[tuple[str, str]]:
        return [(ban.place, ban.why) for ban in self.guard.bans()]

    def attack(self, host: str = EVIL) -> None:
        for _ in range(2):
            self.guard.malformed(Hop("tcp", host, 5060))

    def call(self, id: str, line: str = "1047") -> object:
        """A call that the line causes; what is up then, None where it is refused."""
        owner: Any = SimpleNamespace(id=id)
        ringing = Ringing(owner, self.calling, f"0{SENT}", Party(line), b"", (line,))
        legs, _ = self.calling.legs_to(ringing, ringing.device)
        if not legs:
            return None
        self.endpoint.sessions.add(legs[0].session)
        return legs[0].session


class Defence(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.a, self.b = (Part(self.bench, bus) for bus in self.bench.ends("a", "b"))
        self.bench.run()

    def test_banned_everywhere(self) -> None:
        """Counted where it happened; over at all nodes, and then nobody is told any more."""
        self.a.attack()
        self.bench.run()
        self.assertEqual(self.b.banned(), [(EVIL, "malformed messages")])
        self.assertTrue(self.b.transports.bans.drops(EVIL))
        self.assertEqual((self.a.guard.banned, self.b.guard.banned), ({Offence.MALFORMED: 1}, {}))
        self.assertAlmostEqual(self.b.guard.bans()[0].until, self.a.guard.bans()[0].until)
        self.bench.clock.pump([10.0] * 61)
        self.assertEqual((self.a.banned(), self.b.banned()), ([], []))
        self.assertEqual((len(self.a.shared), len(self.b.shared)), (0, 0))

    def test_lifted_everywhere(self) -> None:
        """At whatever node; nothing is held against it afterwards."""
        self.a.attack()
        self.bench.run()
        self.assertTrue(self.b.guard.lift(EVIL))
        self.assertFalse(self.b.guard.lift(EVIL))
        self.bench.run()
        self.assertEqual((self.a.banned(), self.b.banned()), ([], []))
        self.a.attack()
        self.bench.run()
        self.assertEqual(self.b.banned(), [(EVIL, "malformed messages")])

    def test_never_banned(self) -> None:
        """Each node holds to its own settings, and takes nothing that is over or makes no sense."""
        (bus,) = self.bench.ends("c")
        c = Part(self.bench, bus, (f"{EVIL}/32",))
        self.a.attack()
        self.a.attack("2001:db8::1:2:3:4")
        self.a.shared.put("ban", "192.0.2.7", [self.bench.clock.seconds() - 1, "scanner"])
        self.a.shared.put("ban", "192.0.2.8", [self.bench.clock.seconds() + 60, "ugliness"])
        self.bench.run()
        self.assertEqual(c.banned(), [("2001:db8::", "malformed messages")])
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 2)

    def test_who_comes_later(self) -> None:
        self.a.attack()
        (bus,) = self.bench.ends("c")
        c = Part(self.bench, bus)
        self.bench.run()
        self.assertEqual(len(c.banned()), 1)

    def test_at_once(self) -> None:
        """The calls of both nodes; those of one that is gone are not known to be up."""
        first, second = self.a.call("a-1"), self.b.call("b-1")
        self.bench.run()
        self.assertIsNone(self.a.call("a-2"))
        self.assertIsNone(self.b.call("b-2"))
        self.assertIsNotNone(self.b.call("b-3", "1175"))
        self.b.endpoint.sessions.discard(second)
        self.bench.run(3.0)
        self.assertIsNotNone(self.a.call("a-2"))
        self.bench.run()
        self.assertIsNone(self.b.call("b-4"))
        self.assertEqual(self.b.outside.refused, {"too many at once": 2})
        self.assertIsNotNone(first)
        run(self.a.bus.stop())
        self.bench.run()
        self.b.endpoint.sessions.discard(self.b.call("b-4"))
        self.assertIsNone(self.b.call("b-5"))
        self.assertEqual(self.b.outside.refused["too many in this hour"], 1)

    def test_in_an_hour_and_on_a_day(self) -> None:
        """What is over counts, whoever made it, until the hour or the day is over; then nothing is kept."""
        for number, part in enumerate((self.a, self.b, self.a, self.b)):
            part.endpoint.sessions.discard(part.call(f"{part.bus.node}-{number}"))
            self.bench.run(3.0)
        self.assertIsNone(self.b.call("b-9"))
        self.assertEqual(self.b.outside.refused, {"too many in this hour": 1})
        self.bench.clock.pump([60.0] * 60)
        for number in (10, 11):
            self.b.endpoint.sessions.discard(self.b.call(f"b-{number}"))
            self.bench.run(3.0)
        self.assertIsNone(self.a.call("a-12"))
        self.assertEqual(self.a.outside.refused, {"too many on this day": 1})
        self.bench.clock.pump([HOUR] * round(DAY / HOUR))
        self.assertIsNotNone(self.a.call("a-13"))
