"""Rubbish over UDP, TCP and TLS: the server answers what deserves it, logs little, keeps nothing, and goes on."""

from tests.live.log_watch import LogWatch
from tests.live.raw_caller import RawCaller
from tests.live.requests import ask, read, request
from tests.live.rubbish import examples, mutants, noise
from tests.live.server import Live, company
from tests.live.serving import Serving, short_limits, trunk
from tests.live.tls import connect_tls, with_tls
from tests.peers import RawTcp, RawUdp, address, until

QUICK = {"t1": 0.05}
"""Transactions that nobody acknowledges are over in 3 s."""


class Datagrams(Serving):
    """One socket takes everything."""

    async def throw(self, server: Live, peer: RawUdp, rubbish: list[bytes]) -> None:
        """Send all of it, in portions between which the server is asked whether it is still there."""
        where = (str(server.address), 5060)
        for start in range(0, len(rubbish), 50):
            for data in rubbish[start : start + 50]:
                peer.send(data, where)
            answer = await ask(peer, request("OPTIONS", server.uri("1047"), f"{peer.ip}:{peer.port}"), where)
            self.assertEqual(answer.status, 200)

    async def test_noise(self) -> None:
        """What is no message at all is not answered, or refused."""
        log = LogWatch(self)
        server = await Live(self, company()).start()
        peer = RawUdp(self).open()
        await self.throw(server, peer, examples(noise, 300))
        statuses = {read(one.data).status for one in peer.received if one.data[:4] == b"SIP/"}
        self.assertEqual(statuses - {200, 400, 505}, set())
        await self.serves(server)
        log.check(self, most=15)

    async def test_mutants_of_a_stranger(self) -> None:
        """Nobody gets in by chance: no call and no registration comes of it."""
        log = LogWatch(self)
        server = await Live(self, company(), sip=QUICK).start()
        peer = RawUdp(self).open()
        target = server.uri("8973")
        made = examples(mutants, 300)
        await self.throw(server, peer, [one.message(target, f"{peer.ip}:5060") for one in made])
        self.check_answers(peer)
        self.assertEqual(len(server.assembly.telephony.bindings), 0)
        self.assertEqual(await server.records(), [])
        await self.serves(server)
        await self.forgotten(server)
        log.check(self, most=60)

    async def test_mutants_of_a_trunk(self) -> None:
        """Those that are good enough become calls to the group, which end because nobody acknowledges them."""
        log = LogWatch(self)
        outside = str(address(self))
        server = await Live(self, company('welcome = "Welcome.wav"', more=trunk(outside)), sip=QUICK).start()
        peer = RawUdp(self, outside).open()
        target = server.uri("8973")
        await self.throw(server, peer, [one.message(target, f"{outside}:5060") for one in examples(mutants, 250)])
        self.check_answers(peer)
        self.assertGreater(len(server.assembly.telephony.switch.calls_by_id), 10)
        await server.quiet(timeout=15.0)
        await self.forgotten(server)
        await self.serves(server)
        log.check(self, most=200)

    async def test_mutants_in_a_call(self) -> None:
        """Whatever a caller sends in the call, it can be hung up, and nothing of it is left."""
        log = LogWatch(self)
        outside = str(address(self))
        server = await Live(self, company('welcome = "Welcome.wav"', more=trunk(outside)), sip=QUICK).start()
        peer = RawUdp(self, outside).open()
        made = examples(mutants, 300)
        for start in range(0, len(made), 30):
            caller = RawCaller(peer, server, "8973")
            self.assertEqual((await caller.call()).status, 200)
            await self.throw(server, peer, [one.changed(caller.within(one.method, one.body, one.extra))
                                            for one in made[start : start + 30]])  # fmt: skip
            await caller.hang_up()
        self.check_answers(peer)
        await server.quiet(timeout=15.0)
        await self.forgotten(server)
        await self.serves(server)
        log.check(self, most=100)

    def check_answers(self, peer: RawUdp) -> None:
        """Whatever came, each answer is one that can be read."""
        for one in peer.received:
            answer = read(one.data)
            if answer.status:
                self.assertTrue(answer.header("Via") and answer.header("CSeq"), one.data)
                self.assertIn(answer.status // 100, (1, 2, 4, 5), one.data)
                # RFC 3261 section 14.2: an offer that comes while another is open may be tried again later.
                self.assertEqual(answer.status == 500, bool(answer.header("Retry-After")), one.data)


class Streams(Serving):
    """TCP and TLS connections, each with its rubbish."""

    async def test_tcp(self) -> None:
        log = LogWatch(self)
        server = await Live(self, company(), sip=QUICK).start()
        short_limits(server, incomplete=0.5)
        await self.pour(server, TcpRubbish(self))
        await self.serves(server)
        log.check(self, most=30)

    async def test_tls(self) -> None:
        """Within TLS, and in its place."""
        log = LogWatch(self)
        server = Live(self, company(), sip=QUICK)
        with_tls(server)
        await server.start()
        short_limits(server, incomplete=0.5)
        await self.pour(server, TlsRubbish(self))
        await self.pour(server, TcpRubbish(self, 5061))
        await self.serves(server)
        log.check(self, most=30)

    async def pour(self, server: Live, peers: "TcpRubbish") -> None:
        """A connection for each piece of rubbish: the server ends it, or is asked there whether all is well."""
        ip = str(address(self))
        made = [one.message(server.uri("8973"), f"{ip}:5060", peers.transport) for one in examples(mutants, 80)]
        connections = [await peers.connect(server, ip) for _ in range(len(made) + 40)]
        for peer, data in zip(connections, [*made, *examples(noise, 40)], strict=False):
            peer.send(data)
        good = await peers.connect(server, ip)
        if peers.speaks_sip:
            good.send(request("OPTIONS", server.uri("1047"), f"{ip}:5060", transport=peers.transport))
            await good.receive(b"SIP/2.0 200 ")
        for peer in connections:
            await peer.close()
        await good.close()
        open_now = server.assembly.telephony.transports._connections.all
        await until(lambda: not open_now, what="no connection", seen=lambda: str(server.dump()["transports"]))


class TcpRubbish:
    """Connections to the server's TCP port, or to another one where SIP is not understood."""

    transport = "TCP"

    def __init__(self, test: Serving, port: int = 5060) -> None:
        self.test = test
        self.port = port
        self.speaks_sip = port == 5060

    async def connect(self, server: Live, ip: str) -> RawTcp:
        return await RawTcp(self.test, ip).connect((str(server.address), self.port))


class TlsRubbish(TcpRubbish):
    """The same with TLS around it."""

    transport = "TLS"

    def __init__(self, test: Serving) -> None:
        super().__init__(test, 5061)
        self.speaks_sip = True

    async def connect(self, server: Live, ip: str) -> RawTcp:
        return await connect_tls(self.test, (str(server.address), self.port), ip)
