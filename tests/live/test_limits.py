"""Sizes, counts and times that a peer may not exceed, and what it is told when it does."""

from struct import pack

from tests.live.log_watch import LogWatch
from tests.live.raw_caller import RawCaller
from tests.live.requests import ask, read, request
from tests.live.server import Live, company
from tests.live.serving import Serving, short_limits, trunk
from tests.peers import RawTcp, RawUdp, address, until

LIMIT = 64 << 10


def filled(server: Live, sent_by: str, size: int, transport: str = "TCP") -> bytes:
    """A good OPTIONS of exactly so many octets; the last header takes up what is missing."""
    made = request("OPTIONS", server.uri("1047"), sent_by, transport=transport, extra="X: \r\n")
    return made[:-4] + b"a" * (size - len(made)) + made[-4:]


class Sizes(Serving):
    """As large as allowed is served, an octet more is not."""

    async def test_stream(self) -> None:
        log = LogWatch(self)
        server = await Live(self, company()).start()
        peer = await RawTcp(self).connect((str(server.address), 5060))
        peer.send(filled(server, f"{peer.ip}:5060", LIMIT))
        await peer.receive(b"SIP/2.0 200 ")
        peer.send(filled(server, f"{peer.ip}:5060", LIMIT + 1))
        await peer.wait_closed()
        self.assertIn(b"SIP/2.0 513 ", peer.received)
        await self.serves(server)
        log.check(self, most=15)

    async def test_body_on_a_stream(self) -> None:
        """A body that would be too large is refused before it comes."""
        server = await Live(self, company()).start()
        peer = await RawTcp(self).connect((str(server.address), 5060))
        peer.send(request("OPTIONS", server.uri("1047"), peer.ip, transport="TCP", length=LIMIT))
        await peer.wait_closed()
        self.assertIn(b"SIP/2.0 513 ", peer.received)

    async def test_endless_header(self) -> None:
        """No line end ever: refused as soon as the limit is reached."""
        server = await Live(self, company()).start()
        peer = await RawTcp(self).connect((str(server.address), 5060))
        peer.send(request("OPTIONS", server.uri("1047"), peer.ip, transport="TCP")[:-2] + b"X: " + b"a" * LIMIT)
        await peer.wait_closed()
        self.assertIn(b"SIP/2.0 513 ", peer.received)

    async def test_datagram(self) -> None:
        """Longer datagrams are dropped; the largest that IPv4 carries is below the usual limit, and served."""
        server = await Live(self, company(), sip={"message_limit": 8192}).start()
        other = await Live(self, company()).start()
        async with RawUdp(self) as peer:
            sent_by = f"{peer.ip}:5060"
            where = (str(server.address), 5060)
            self.assertEqual((await ask(peer, filled(server, sent_by, 8192, "UDP"), where)).status, 200)
            peer.send(filled(server, sent_by, 8193, "UDP"), where)
            self.assertEqual((await ask(peer, request("OPTIONS", server.uri("1"), sent_by), where)).status, 200)
            self.assertEqual(len([one for one in peer.received if read(one.data).status == 200]), 2)
            largest = filled(other, sent_by, 65507, "UDP")
            self.assertEqual((await ask(peer, largest, (str(other.address), 5060))).status, 200)


class Counts(Serving):
    """Many of one thing."""

    async def answered(self, server: Live, extra: str, method: str = "OPTIONS") -> int:
        """The status that answers a request with these headers on a connection of its own."""
        async with await RawTcp(self).connect((str(server.address), 5060)) as peer:
            peer.send(request(method, server.uri("1047"), peer.ip, transport="TCP", extra=extra))
            await until(lambda: b"\r\n\r\n" in peer.received, what="an answer", seen=peer.report)
            return read(bytes(peer.received)).status

    async def test_headers(self) -> None:
        log = LogWatch(self)
        server = await Live(self, company()).start()
        self.assertEqual(await self.answered(server, "X: 1\r\n" * 10_000), 200)
        self.assertEqual(await self.answered(server, "".join(f"X{n}: 1\r\n" for n in range(5_000))), 200)
        self.assertEqual(await self.answered(server, "X: 1" + "\r\n\t" * 20_000 + "\r\n"), 200)
        self.assertEqual(await self.answered(server, "To: <sip:1@x>\r\n" * 1_000), 400)
        self.assertEqual(await self.answered(server, "Require: " + ", ".join("a" * 20_000) + "\r\n"), 420)
        self.assertEqual(await self.answered(server, "X: " + '"' * 60_000 + "\r\n"), 200)
        await self.serves(server)
        log.check(self, most=15)

    async def test_values(self) -> None:
        """100,000 values of Via, Route, Record-Route, Contact: refused by size, or read once it is allowed."""
        log = LogWatch(self)
        for limit, expected in ((LIMIT, 513), (1 << 20, 200)):
            server = await Live(self, company(), sip={"message_limit": limit}).start()
            vias = "Via: " + ",".join(["SIP/2.0/TCP a"] * (70_000 if limit > LIMIT else 100_000)) + "\r\n"
            self.assertEqual(await self.answered(server, vias), expected)
            for name in ("Route", "Record-Route", "Contact"):
                values = ",".join(["<sip:a>"] * 100_000)
                self.assertEqual(await self.answered(server, f"{name}: {values}\r\n"), expected)
        values = ",".join(["<sip:a>"] * 100_000)
        self.assertEqual(await self.answered(server, f"Record-Route: {values}\r\n", "INVITE"), 407)
        self.assertEqual(await self.answered(server, f"Contact: {values}\r\n", "REGISTER"), 401)
        await self.serves(server)
        log.check(self, most=30)

    async def test_call_with_a_long_route(self) -> None:
        """A call whose every request goes through 1,500 proxies is served, and ended."""
        outside = str(address(self))
        server = await Live(self, company('welcome = "Welcome.wav"', more=trunk(outside))).start()
        async with RawUdp(self, outside) as peer:
            route = ",".join([f"<sip:{outside};lr>"] * 1_500)
            caller = RawCaller(peer, server, "8973", headers=f"Record-Route: {route}\r\n")
            self.assertEqual((await caller.call()).status, 200)
            self.assertEqual((await caller.hang_up()).status, 200)
            await server.quiet()


class Connections(Serving):
    """Streams that hang, and more of them than there may be."""

    async def test_slow_loris(self) -> None:
        """Who sends an octet now and then has only so long for a message, and so does who sends none of a handshake."""
        server = await Live(self, company()).start()
        short_limits(server, incomplete=0.5)
        peer = await RawTcp(self).connect((str(server.address), 5060))
        peer.send(b"OPTIONS sip:1047@x SIP/2.0\r\nX: ")
        await until(lambda: peer.closed or peer.send(b"a"), what="the end of the slow one", seen=peer.report)
        await self.serves(server)

    async def test_idle(self) -> None:
        """A connection on which nothing comes is closed; keep-alives keep it, and are answered."""
        server = await Live(self, company()).start()
        where = (str(server.address), 5060)
        silent = await RawTcp(self).connect(where)
        alive = await RawTcp(self).connect(where)
        short_limits(server, idle=0.5)
        await until(lambda: silent.closed or alive.send(b"\r\n\r\n"), what="the end of the silent one")
        self.assertFalse(alive.closed)
        await alive.receive(b"\r\n")
        self.assertEqual(set(alive.received), set(b"\r\n"))

    async def test_limit(self) -> None:
        """As many connections as allowed; one more is closed at once, and phones over UDP do not notice."""
        log = LogWatch(self)
        server = await Live(self, company(), sip={"max_connections": 30}).start()
        where = (str(server.address), 5060)
        ip = str(address(self))
        peers = [await RawTcp(self, ip).connect(where) for _ in range(30)]
        for peer in peers:
            peer.send(b"INVITE sip:")
        one_more = await RawTcp(self, ip).connect(where)
        await one_more.wait_closed()
        await self.serves(server)
        await peers.pop().close()
        again = await RawTcp(self, ip).connect(where)
        again.send(request("OPTIONS", server.uri("1047"), ip, transport="TCP"))
        await again.receive(b"SIP/2.0 200 ")
        self.assertEqual([peer for peer in peers if peer.closed], [])
        log.check(self, most=15)

    async def test_limit_of_an_address(self) -> None:
        """One address cannot take all of them."""
        server = await Live(self, company()).start()
        short_limits(server, connections_per_address=10)
        where = (str(server.address), 5060)
        ip = str(address(self))
        peers = [await RawTcp(self, ip).connect(where) for _ in range(11)]
        await peers[10].wait_closed()
        other = await RawTcp(self).connect(where)
        other.send(request("OPTIONS", server.uri("1047"), other.ip, transport="TCP"))
        await other.receive(b"SIP/2.0 200 ")
        self.assertEqual([peer for peer in peers[:10] if peer.closed], [])

    async def test_peer_that_does_not_read(self) -> None:
        """Answers to somebody who takes none are kept up to a limit."""
        server = await Live(self, company()).start()
        short_limits(server, unsent=100_000)
        peer = await RawTcp(self).connect((str(server.address), 5060))
        peer.transport.pauseProducing()
        vias = "Via: " + ",".join(["SIP/2.0/TCP a"] * 3_000) + "\r\n"
        open_now = server.assembly.telephony.transports._connections.all

        def ended() -> bool:
            if open_now:
                peer.send(request("OPTIONS", server.uri("1047"), peer.ip, transport="TCP", extra=vias))
            return not open_now

        await until(ended, what="the end of the connection", seen=lambda: str(server.dump()["transports"]))
        await self.serves(server)


class KeepAlives(Serving):
    """Datagrams that are no SIP but mean something (RFC 5626)."""

    async def test_datagrams(self) -> None:
        """Line ends, a NUL, what some phones send; STUN is answered."""
        log = LogWatch(self)
        server = await Live(self, company()).start()
        where = (str(server.address), 5060)
        async with RawUdp(self) as peer:
            for data in (b"\r\n\r\n", b"\r\n", b"\0", b"\0\0\0\0", b"jaK", b"  ", b""):
                peer.send(data, where)
            peer.send(pack("!HHI12s", 1, 0, 0x2112A442, b"transaction!"), where)
            answer = await peer.receive()
            self.assertEqual(answer.data[:2] + answer.data[8:20], b"\x01\x01transaction!")
            for data in (pack("!HHI12s", 1, 8, 0x2112A442, b"too short!!!"), b"\0\1\0\0", b"\1\1" + bytes(18)):
                peer.send(data, where)
            peer.send(b"\r\n\r\n" + request("OPTIONS", server.uri("1047"), f"{peer.ip}:5060"), where)
            await peer.receive(b"SIP/2.0 200 ")
            self.assertEqual(len(peer.received), 2)
        await self.serves(server)
        log.check(self, most=15)
