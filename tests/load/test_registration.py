"""Registrations of virtual lines, on a task.Clock, at a registrar in memory."""

from pathlib import Path
from random import Random

from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from magroup.load.call_times import CallTimes
from magroup.load.chance import Chance
from magroup.load.measures import Measures
from magroup.load.registration import Registration
from magroup.load.scenario import Media
from magroup.load.station import Station
from magroup.load.surroundings import Surroundings
from magroup.rtp.media import Media as Streams
from magroup.rtp.memory import MemoryWires
from magroup.rtp.ports import Ports
from magroup.sip.auth import Authenticator
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.hop import Hop
from magroup.sip.memory import MemoryNetwork
from magroup.sip.message import Request
from magroup.sip.server_transaction import ServerTransaction
from magroup.sip.timers import Timers
from magroup.sip.tls import ClientTls

PHONE, SERVER = "192.0.2.1", "192.0.2.2"


class Registrations(TestCase):
    """One line."""

    async def begin(self, password: str = "right", again: float = 0.0, granted: str = "") -> None:
        clock = self.clock = Clock()
        clock.advance(1000.0)
        self.network = MemoryNetwork(clock)
        self.timers = Timers(clock)
        self.measures = Measures()
        path = Path(self.mktemp())
        CallTimes.prepare(path, 0)
        times = CallTimes(path, [])
        self.addCleanup(times.close)
        streams = Streams(clock, Ports(clock, MemoryWires(), 20000, 20099, rng=Random(1)), rng=Random(1))
        around = Surroundings(
            self.timers, self.measures, Chance(1, 0), times, streams, Media(), {PHONE, SERVER}, {}, SERVER
        )  # fmt: skip
        self.stations = [
            Station(clock, self.timers, host, Hop("udp", other, 5060), {PHONE, SERVER}, ClientTls(), "load",
                    lambda: self.measures.count("repeated"), 5060, self.network)
            for host, other in ((PHONE, SERVER), (SERVER, PHONE))
        ]  # fmt: skip
        for station in self.stations:
            await station.open()
        self.seen: list[tuple[int, int]] = []
        authenticator = Authenticator("realm", {"200": "right"}.get, bytes(16))

        def registered(transaction: ServerTransaction, request: Request, hop: Hop) -> None:
            authenticator.check(request, clock.seconds())
            expires = request.number("Expires") or 0
            self.seen.append((round(clock.seconds() - 1000), expires))
            response = request.respond(200, to_tag="x")
            response.headers["Expires"] = [granted or str(expires)]
            transaction.respond(response)

        self.stations[1].endpoint.methods["REGISTER"] = registered
        answers = Answers(Credentials("200", password))
        self.line = Registration(around, self.stations[0], "200", "200", answers, 600, again)

    def pass_time(self, seconds: float) -> None:
        self.clock.pump([0.05] * round(seconds * 20))

    async def over(self) -> None:
        self.line.stop()
        self.pass_time(40)
        self.assertFalse(self.line.is_registered)
        for station in self.stations:
            await station.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_stays_registered(self) -> None:
        """With a challenge, then with the nonce that is known; at four fifths of what was granted."""
        await self.begin(granted="100")
        self.line.start()
        self.pass_time(1)
        self.assertTrue(self.line.is_registered)
        self.pass_time(170)
        self.assertEqual(self.seen, [(0, 600), (80, 600), (160, 600)])
        self.assertEqual(self.measures.counts, {"registrations": 3})
        self.assertEqual(self.measures.values["register_time"].count, 3)
        await self.over()
        self.assertEqual(self.seen[3:], [(171, 0)])
        self.assertEqual(self.measures.counts, {"registrations": 3}, "unregistering is none")

    async def test_again_and_again(self) -> None:
        """What began late goes on in time."""
        await self.begin(again=10)
        self.line.start(self.clock.seconds() - 4)
        self.pass_time(30)
        self.assertEqual([time for time, _ in self.seen], [0, 6, 16, 26])
        await self.over()

    async def test_wrong_password(self) -> None:
        await self.begin("wrong")
        self.line.start()
        self.pass_time(12)
        self.assertEqual((self.line.is_registered, self.line.problem), (False, "401 User name or password refused"))
        self.assertEqual(self.measures.number("registrations_failed"), 3)
        await self.over()

    async def test_server_is_gone_for_a_while(self) -> None:
        await self.begin(again=10)
        self.line.start()
        self.pass_time(5)
        self.network.loss = 1.0
        self.pass_time(40)
        self.assertFalse(self.line.is_registered)
        self.assertEqual(self.line.problem, "408 Request Timeout (no answer)")
        self.assertGreater(self.measures.number("repeated"), 5)
        self.network.loss = 0.0
        self.pass_time(40)
        self.assertTrue(self.line.is_registered)
        await self.over()

    async def test_stopped_under_way(self) -> None:
        """Who is answered after having been given up unregisters."""
        await self.begin()
        self.network.delay = 1.0
        self.line.start()
        self.pass_time(0.5)
        self.line.stop()
        self.pass_time(20)
        self.assertEqual([expires for _, expires in self.seen], [600, 0])
        await self.over()
