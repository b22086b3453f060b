"""The transports over real sockets on loopback, IPv4 and IPv6: UDP and TCP; reuse, peers that go, ports in use."""

import socket
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.error import CannotListenError

from magroup.sip.hop import Hop
from magroup.sip.limits import Limits
from magroup.sip.message import Request, Response
from magroup.sip.stream import PING
from magroup.sip.wire import UdpNetwork
from tests.sip.test_stream import HEAD
from tests.sip.transporting import HOSTS, SocketTestCase, numbered


class UdpTests(SocketTestCase):
    async def test_both_ways(self) -> None:
        for host in HOSTS:
            anns = await self.ann.transports.listen_udp(host, 0)
            bobs = await self.bob.transports.listen_udp(host, 0)
            self.ann.send(numbered(1), Hop("udp", host, bobs))
            hop = await self.bob.got("1")
            self.assertEqual(hop, Hop("udp", host, anns, host, bobs))
            self.assertEqual(self.bob.transports.local(hop), (host, bobs))
            self.bob.send(numbered(2, b"x" * 30000), hop)
            self.assertEqual(await self.ann.got("2"), Hop("udp", host, bobs, host, anns))

    async def test_all_addresses(self) -> None:
        port = await self.ann.transports.listen_udp("", 0)
        self.assertEqual(await self.ann.transports.listen_udp("::", port), port)
        for host in HOSTS:
            bobs = await self.bob.transports.listen_udp(host, 0)
            self.bob.send(numbered(1), Hop("udp", host, port))
            hop = await self.ann.got("1")
            self.assertEqual(hop, Hop("udp", host, bobs, "", port))
            self.assertEqual(self.ann.transports.local(hop), (host, port))
            self.ann.send(numbered(2), hop)
            await self.bob.got("2")

    async def test_many_at_once(self) -> None:
        """More than one wake-up's share."""
        await self.ann.transports.listen_udp("127.0.0.1", 0)
        hop = Hop("udp", "127.0.0.1", await self.bob.transports.listen_udp("127.0.0.1", 0))
        for number in range(200):
            self.ann.send(numbered(number), hop)
        for number in range(200):
            await self.bob.got(str(number))
        self.assertEqual(self.bob.transports.counters.received, 200)

    async def test_what_cannot_be_sent(self) -> None:
        port = await self.ann.transports.listen_udp("127.0.0.1", 0)
        table = {
            Hop("udp", "127.0.0.1", 9): b"x" * 66000,
            Hop("udp", "example.com", 5060): b"x",
            Hop("udp", "192.0.2.1", 5060, "127.0.0.1", port): b"x",
            Hop("udp", "::1", 5060, "127.0.0.1", port): b"x",
            Hop("udp", "::ffff:127.0.0.1", 5060): b"x",
            Hop("udp", "127.0.0.1", 0): b"x",
            Hop("udp", "127.0.0.1", 70000): b"x",
        }
        for hop, data in table.items():
            self.ann.send(data, hop)
            self.assertTrue(await self.ann.failures.get(), hop)
        self.assertEqual(self.ann.transports.counters.dropped, len(table))

    async def test_a_wire_of_its_own(self) -> None:
        heard: DeferredQueue[tuple[bytes, str, int]] = DeferredQueue()
        wire = UdpNetwork(reactor).open("::1", 0, lambda *datagram: heard.put(datagram))
        self.assertEqual(wire.send(b"x", "127.0.0.1", 5060), "127.0.0.1 is not an IPv6 address")
        self.assertEqual(wire.send(b"x", "::1", wire.port), "")
        self.assertEqual(await heard.get(), (b"x", "::1", wire.port))
        wire.close()
        wire.close()
        self.assertTrue(wire.send(b"x", "::1", wire.port))

    async def test_a_port_nobody_listens_at(self) -> None:
        """The error that the system reports of it later disturbs nothing."""
        anns = await self.ann.transports.listen_udp("127.0.0.1", 0)
        bobs = await self.bob.transports.listen_udp("127.0.0.1", 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = closed.getsockname()[1]
        for _ in range(3):
            self.ann.send(numbered(0), Hop("udp", "127.0.0.1", nobody))
        self.bob.send(numbered(1), Hop("udp", "127.0.0.1", anns))
        hop = await self.ann.got("1")
        self.ann.send(numbered(2), hop)
        self.assertEqual((await self.bob.got("2")).local_port, bobs)

    async def test_stop_in_the_middle(self) -> None:
        port = await self.ann.transports.listen_udp("127.0.0.1", 0)
        await self.bob.transports.listen_udp("127.0.0.1", 0)
        stopped: Deferred[None] = Deferred()

        def receive(message: Request | Response, hop: Hop) -> None:
            Deferred.fromCoroutine(self.ann.transports.stop()).chainDeferred(stopped)

        self.ann.transports.receive = receive
        for number in range(5):
            self.bob.send(numbered(number), Hop("udp", "127.0.0.1", port))
        await stopped
        self.assertEqual(self.ann.transports.counters.received, 1)


class TcpTests(SocketTestCase):
    async def test_both_ways_over_one_connection(self) -> None:
        for host in HOSTS:
            ann, bob = self.element(), self.element()
            anns = await ann.transports.listen_tcp(host, 0)
            bobs = await bob.transports.listen_tcp(host, 0)
            for number in range(3):
                ann.send(numbered(number), Hop("tcp", host, bobs))
            for number in range(3):
                hop = await bob.got(str(number))
            self.assertEqual((hop.host, hop.local_host, hop.local_port), (host, host, bobs))
            self.assertEqual(bob.transports.local(hop), (host, bobs))
            bob.send(numbered(3, b"x" * 60000), hop)
            answered = await ann.got("3")
            self.assertEqual((answered.port, answered.local_port), (bobs, anns))
            self.assertEqual(ann.transports.local(answered), (host, anns))
            bob.send(numbered(4), Hop("tcp", host, hop.port))
            await ann.got("4")
            self.assertEqual((bob.transports.counters.accepted, bob.transports.counters.connected), (1, 0))

    async def test_the_peer_closes_and_is_connected_to_again(self) -> None:
        port = await self.bob.transports.listen_tcp("127.0.0.1", 0)
        self.ann.send(numbered(1), Hop("tcp", "127.0.0.1", port))
        hop = await self.bob.got("1")
        self.bob.send(numbered(2), hop)
        back = await self.ann.got("2")
        await self.bob.transports.stop()
        other = self.element()
        await other.transports.listen_tcp("127.0.0.1", port)
        await self.until(lambda: not self.ann.transports._connections.all)
        self.ann.send(numbered(3), back)
        await other.got("3")
        self.assertEqual(self.ann.transports.counters.connected, 2)

    async def until(self, true: Any) -> None:
        """Let the reactor turn until it is so."""
        while not true():
            turn: Deferred[None] = Deferred()
            reactor.callLater(0, turn.callback, None)
            await turn

    async def test_nobody_listens(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nobody = closed.getsockname()[1]
        self.ann.send(numbered(1), Hop("tcp", "127.0.0.1", nobody))
        self.assertIn("refused", await self.ann.failures.get())
        self.ann.send(numbered(1), Hop("tcp", "127.0.0.1", nobody, local_host="192.0.2.1", local_port=5060))
        self.assertTrue(await self.ann.failures.get())

    async def test_the_peer_goes_without_an_answer(self) -> None:
        port = await self.bob.transports.listen_tcp("127.0.0.1", 0)
        self.ann.send(numbered(1), Hop("tcp", "127.0.0.1", port))
        await self.bob.got("1")
        await self.bob.transports.stop()
        self.assertIn("closed", await self.ann.failures.get())

    async def test_chunks_pings_and_errors(self) -> None:
        port = await self.bob.transports.listen_tcp("127.0.0.1", 0)
        peer = await self.peer("127.0.0.1", port)
        transport: Any = peer.transport
        for byte in PING + numbered(1):
            transport.write(bytes([byte]))
        self.assertEqual(await peer.chunks.get(), b"\r\n")
        hop = await self.bob.got("1")
        self.bob.transports.malformed = lambda error, hop: self.bob.send(b"%d" % error.status, hop)
        transport.write(numbered(2) + HEAD + b"\r\n" + numbered(3))
        self.assertEqual((await self.bob.got("2")).flow, hop.flow)
        self.assertEqual(await peer.chunks.get(), b"400")
        await peer.lost

    async def test_a_peer_that_does_not_read(self) -> None:
        """What waits for it is bounded, then the connection ends."""
        bob = self.element(limits=Limits(unsent=200_000))
        port = await bob.transports.listen_tcp("127.0.0.1", 0)
        peer = await self.peer("127.0.0.1", port)
        transport: Any = peer.transport
        transport.write(numbered(1))
        hop = await bob.got("1")
        transport.pauseProducing()
        connection = bob.transports._connections._flows[hop.flow]
        while connection.open:
            bob.send(b"x" * 50_000, hop)
        self.assertEqual(await bob.failures.get(), "too much waits to be sent")
        transport.resumeProducing()
        await peer.lost

    async def test_a_peer_that_reads_at_last(self) -> None:
        """Data over the limit gets through as long as the peer reads."""
        bob = self.element(limits=Limits(unsent=200_000))
        port = await bob.transports.listen_tcp("127.0.0.1", 0)
        peer = await self.peer("127.0.0.1", port)
        transport: Any = peer.transport
        transport.write(numbered(1))
        hop = await bob.got("1")
        received = 0
        for number in range(1, 41):
            bob.send(b"x" * 50_000, hop)
            while received < number * 50_000:
                received += len(await peer.chunks.get())
        self.assertEqual(received, 40 * 50_000)

    async def test_stop_while_connecting_and_while_messages_come(self) -> None:
        port = await self.bob.transports.listen_tcp("127.0.0.1", 0)
        self.ann.send(numbered(1), Hop("tcp", "127.0.0.1", port))
        await self.ann.transports.stop()
        peer = await self.peer("127.0.0.1", port)
        transport: Any = peer.transport
        transport.write(numbered(2) * 50)
        await self.bob.messages.get()
        await self.bob.transports.stop()
        await peer.lost

    async def test_limits_of_one_address(self) -> None:
        bob = self.element(limits=Limits(connections_per_address=2))
        port = await bob.transports.listen_tcp("127.0.0.1", 0)
        peers = [await self.peer("127.0.0.1", port) for _ in range(2)]
        third = await self.peer("127.0.0.1", port)
        await third.lost
        transport: Any = peers[0].transport
        transport.write(numbered(1))
        await bob.got("1")
        self.assertEqual(bob.transports.counters.refused, 1)

    async def test_other_limits(self) -> None:
        """They hold for what comes from then on: more connections, and larger datagrams."""
        bob = self.element(limits=Limits(connections_per_address=1, message=1500))
        port = await bob.transports.listen_tcp("127.0.0.1", 0)
        await self.peer("127.0.0.1", port)
        await (await self.peer("127.0.0.1", port)).lost
        udp = await bob.transports.listen_udp("127.0.0.1", 0)
        bob.transports.limit(Limits(connections_per_address=2, message=100_000))
        transport: Any = (await self.peer("127.0.0.1", port)).transport
        transport.write(numbered(1))
        await bob.got("1")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(numbered(2, b"x" * 2000), ("127.0.0.1", udp))
        await bob.got("2")


class PortTests(SocketTestCase):
    async def test_in_use(self) -> None:
        transports = self.ann.transports
        for host in ("", *HOSTS):
            for listen in (transports.listen_udp, transports.listen_tcp):
                port = await listen(host, 0)
                with self.assertRaises(CannotListenError) as raised:
                    await listen(host, port)
                self.assertEqual((raised.exception.port, raised.exception.socketError.errno), (port, 98))
        self.assertEqual(len(transports.listening()), 6)

    async def test_no_address_of_this_machine(self) -> None:
        for host in ("192.0.2.1", "example.com", "2001:db8::1"):
            with self.assertRaises(CannotListenError):
                await self.ann.transports.listen_udp(host, 0)
            with self.assertRaises(CannotListenError):
                await self.ann.transports.listen_tcp(host, 0)
