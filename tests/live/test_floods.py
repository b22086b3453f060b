"""Floods from strangers while people talk: nobody who has a call notices."""

from itertools import pairwise

from tests.live.case import FIRST, GREETING, LiveCase
from tests.live.log_watch import LogWatch
from tests.live.phones import Caller, Desk, desks, finished, together
from tests.live.requests import read, request
from tests.live.server import Live, company
from tests.peers import RawTcp, RawUdp, Sipp, audio, until
from tests.peers.waiting import next_look

COUNT = 1_000
PORTION = 50
"""Sent at a time: fewer than a socket can hold."""
GROUP = f'welcome = "{GREETING}"\nannouncements = ["{FIRST}"]\nmanager_timeout = 30\n'


class Floods(LiveCase):
    """A caller hears greeting and announcements, the manager answers, both talk: all of it within the flood."""

    async def flooded(self, server: Live, flood: "Flood") -> None:
        """A call while ``flood`` is sent."""
        (manager,) = await desks(Desk(server, "1047", "uas", ring=0.5))
        caller = Caller(server, "uac", stay=5.0)
        _, result = await together(flood.send(), self.call(caller))
        await finished(manager)
        self.assertEqual(result.retransmissions, 0)
        expected = self.spoken(server, GREETING)
        start, score = audio.correlate(caller.sink.heard(), 8000, expected, 8000)
        self.assertEqual(start, 0.0)
        self.assertGreater(score, 0.98)
        self.assertEqual({(b.sequence - a.sequence) & 0xFFFF for a, b in pairwise(caller.sink.packets)}, {1})
        await self.over(server, "greeting; answered by S1047")

    async def call(self, caller: Caller) -> "object":
        return await (await caller.call()).finished()

    async def test_without_credentials(self) -> None:
        """SUBSCRIBE, REGISTER, INVITE, MESSAGE, OPTIONS: each is answered, and none gets anywhere."""
        log = LogWatch(self)
        server = await self.serve(company(GROUP))
        flood = Flood(server, RawUdp(self).open(), ("SUBSCRIBE", "REGISTER", "INVITE", "MESSAGE"))
        await self.flooded(server, flood)
        # On a slow machine it may be an overload, too.
        self.assertEqual(flood.statuses() - {503}, {405, 401, 407, 489})
        self.assertEqual(len(server.assembly.telephony.bindings), 1)
        log.check(self, most=25)

    async def test_wrong_passwords(self) -> None:
        """Somebody tries passwords, as fast as they are refused."""
        log = LogWatch(self)
        server = await self.serve(company(GROUP))
        guesses = Sipp(
            self, "register_refused", server.sip, caller="1201", password="guess", calls=500, rate=400, limit=100
        )  # fmt: skip
        await self.flooded(server, Guesses(guesses))
        self.assertEqual(guesses.result().successful, 500)
        self.assertEqual(len(log.having("Wrong SIP password")), 1)
        log.check(self, most=25)

    async def test_connections(self) -> None:
        """Connections that come and go."""
        log = LogWatch(self)
        server = await self.serve(company(GROUP))
        await self.flooded(server, Comers(server))
        log.check(self, most=25)


class Flood:
    """Requests of these methods in turn, each of a caller of its own."""

    def __init__(self, server: Live, peer: RawUdp, methods: tuple[str, ...]) -> None:
        self.server = server
        self.peer = peer
        self.methods = methods
        self._ids: set[str] = set()
        self._read = 0

    async def send(self) -> None:
        """Send all, a portion when the one before is answered."""
        where = (str(self.server.address), 5060)
        sent_by = f"{self.peer.ip}:{self.peer.port}"
        for start in range(0, COUNT, PORTION):
            for number in range(start, start + PORTION):
                method = self.methods[number % len(self.methods)]
                self.peer.send(request(method, self.server.uri("1201"), sent_by), where)
            end = start + PORTION
            await until(lambda end=end: len(self.answered()) == end, 30.0, what="answers", seen=self.peer.report)

    def answered(self) -> set[str]:
        # Refused INVITEs that nobody acknowledges are refused again and again: each answer is read once.
        for one in self.peer.received[self._read :]:
            self._ids.add(read(one.data).header("Call-ID"))
        self._read = len(self.peer.received)
        return self._ids

    def statuses(self) -> set[int]:
        return {read(one.data).status for one in self.peer.received}


class Guesses:
    """What SIPp does, seen through."""

    def __init__(self, sipp: Sipp) -> None:
        self.sipp = sipp

    async def send(self) -> None:
        await self.sipp.run()


class Comers:
    """Connections, each with the beginning of a request; a tenth of them at a time."""

    def __init__(self, server: Live) -> None:
        self.server = server

    async def send(self) -> None:
        where = (str(self.server.address), 5060)
        for _ in range(10):
            peers = [await RawTcp(self.server.test, str(self.server.address)).connect(where) for _ in range(50)]
            for peer in peers:
                peer.send(b"REGISTER sip:x SIP/2.0\r\n")
            await next_look()
            for peer in peers:
                await peer.close()
