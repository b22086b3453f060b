"""The transports over real sockets on loopback, IPv4 and IPv6: UDP, TCP, TLS; reuse, peers that go, ports in use."""

import socket
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.internet.ssl import CertificateOptions, TLSVersion
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase, TestCase

from magroup.sip.hop import Hop
from magroup.sip.limits import Limits
from magroup.sip.message import MessageError, Request, Response
from magroup.sip.stream import PING
from magroup.sip.tls import ClientTls, TlsError, server_context
from magroup.sip.transport import Transports
from magroup.sip.wire import UdpNetwork
from tests.sip.certificates import Authority
from tests.sip.test_stream import HEAD, whole

HOSTS = ("127.0.0.1", "::1")


def numbered(number: int, body: bytes = b"") -> bytes:
    return whole(body).replace(b"Call-ID: x", b"Call-ID: %d" % number)


class Element:
    """Transports whose messages, errors and failures are awaited one by one."""

    def __init__(self, **settings: Any) -> None:
        self.messages: DeferredQueue[tuple[Request | Response, Hop]] = DeferredQueue()
        self.errors: DeferredQueue[tuple[MessageError, Hop]] = DeferredQueue()
        self.failures: DeferredQueue[str] = DeferredQueue()
        self.transports = Transports(
            reactor,
            lambda message, hop: self.messages.put((message, hop)),
            malformed=lambda error, hop: self.errors.put((error, hop)),
            **settings,
        )

    def send(self, data: bytes, hop: Hop) -> None:
        self.transports.send(data, hop, self.failures.put)

    async def got(self, call_id: str) -> Hop:
        """Where the next message came from; it must be this one."""
        message, hop = await self.messages.get()
        assert message.call_id == call_id, (message.call_id, call_id)
        return hop


class Peer(Protocol):
    """A bare TCP or TLS client; ``lost`` fires with the reason."""

    def __init__(self) -> None:
        self.chunks: DeferredQueue[bytes] = DeferredQueue()
        self.made: Deferred[None] = Deferred()
        self.lost: Deferred[Failure] = Deferred()

    def connectionMade(self) -> None:
        self.made.callback(None)

    def dataReceived(self, data: bytes) -> None:
        self.chunks.put(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.callback(reason.value)


class SocketTestCase(TestCase):
    timeout = 30

    def setUp(self) -> None:
        self.elements: list[Element] = []
        self.ann, self.bob = self.element(), self.element()

    def element(self, **settings: Any) -> Element:
        made = Element(**settings)
        self.elements.append(made)
        return made

    async def tearDown(self) -> None:
        for element in self.elements:
            await element.transports.stop()
            self.assertEqual(element.transports.listening(), [])
            self.assertEqual(element.transports._connections.all, set())
        self.assertEqual([call for call in reactor.getDelayedCalls() if "magroup" in repr(call)], [])

    async def peer(self, host: str, port: int, context: Any = None) -> Peer:
        made = Peer()
        factory: Any = ClientFactory.forProtocol(lambda: made)
        factory.noisy = False
        if context is not None:
            factory = TLSMemoryBIOFactory(context, True, factory, reactor)
        reactor.connectTCP(host, port, factory)
        await made.made
        return made


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


class TlsTests(SocketTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.authority = Authority(self.folder)
        self.trust = ClientTls(self.authority.file)

    async def listen(self, element: Element, host: str, *names: str) -> int:
        return await element.transports.listen_tls(host, 0, server_context(*self.authority.issue("server", *names)))

    async def test_both_ways_over_one_connection(self) -> None:
        for host in HOSTS:
            ann, bob = self.element(client_tls=self.trust), self.element(client_tls=self.trust)
            bobs = await self.listen(bob, host, "bob.example.com", host)
            for name in ("bob.example.com", host):
                hop = Hop("tls", host, bobs, name=name)
                ann.send(numbered(1), hop)
                ann.send(numbered(2), hop)
                first, second = await bob.got("1"), await bob.got("2")
                self.assertEqual((first.flow, first.transport, first.name), (second.flow, "tls", ""))
                bob.send(numbered(3, b"x" * 60000), first)
                answered = await ann.got("3")
                self.assertEqual((answered.name, answered.port), (name, bobs))
                ann.send(numbered(4), answered)
                self.assertEqual((await bob.got("4")).flow, first.flow)
            self.assertEqual(bob.transports.counters.accepted, 2)

    async def test_names_and_authorities_that_are_not_believed(self) -> None:
        port = await self.listen(self.bob, "127.0.0.1", "bob.example.com")
        stranger = ClientTls(Authority(self.folder, "stranger").file)
        for trust, name in ((self.trust, "eve.example.com"), (self.trust, "127.0.0.1"), (stranger, "bob.example.com")):
            ann = self.element(client_tls=trust)
            ann.send(numbered(1), Hop("tls", "127.0.0.1", port, name=name))
            self.assertTrue(await ann.failures.get())
        self.assertEqual(self.bob.transports.counters.received, 0)

    async def test_not_verified(self) -> None:
        port = await self.listen(self.bob, "127.0.0.1", "bob.example.com")
        for trust, name in ((ClientTls(verify=False), "eve.example.com"), (self.trust, "")):
            ann = self.element(client_tls=trust)
            ann.send(numbered(1), Hop("tls", "127.0.0.1", port, name=name))
            await self.bob.got("1")

    async def test_no_tls_on_the_other_side(self) -> None:
        port = await self.bob.transports.listen_tcp("127.0.0.1", 0)
        ann = self.element(client_tls=self.trust)
        ann.send(numbered(1), Hop("tls", "127.0.0.1", port, name="bob.example.com"))
        self.bob.transports.malformed = None
        peer = await self.peer("127.0.0.1", await self.listen(self.bob, "127.0.0.1", "bob.example.com"))
        transport: Any = peer.transport
        transport.write(numbered(1))
        await peer.lost
        await ann.transports.stop()

    async def test_old_versions(self) -> None:
        port = await self.listen(self.bob, "127.0.0.1", "bob.example.com")
        old = CertificateOptions(
            verify=False, insecurelyLowerMinimumTo=TLSVersion.TLSv1_0, lowerMaximumSecurityTo=TLSVersion.TLSv1_1
        )
        old.getContext().set_cipher_list(b"ALL:@SECLEVEL=0")
        peer = await self.peer("127.0.0.1", port, old)
        reason: Any = await peer.lost
        self.assertIsInstance(reason, SSL.Error)
        self.assertEqual(self.bob.transports.counters.accepted, 1)

    async def test_stop_during_the_handshake(self) -> None:
        peer = await self.peer("127.0.0.1", await self.listen(self.bob, "127.0.0.1", "bob.example.com"))
        transport: Any = peer.transport
        transport.write(b"\x16\x03\x01")
        while not self.bob.transports._connections.all:
            turn: Deferred[None] = Deferred()
            reactor.callLater(0, turn.callback, None)
            await turn
        await self.bob.transports.stop()
        await peer.lost

    async def test_stop_with_a_peer_that_does_not_close(self) -> None:
        """A TLS peer that never answers the end of the connection does not hold up ours."""
        port = await self.listen(self.bob, "127.0.0.1", "bob.example.com")
        ann = self.element(client_tls=self.trust)
        ann.send(numbered(1), Hop("tls", "127.0.0.1", port, name="bob.example.com"))
        await self.bob.got("1")
        next(iter(ann.transports._connections.all)).transport.transport.pauseProducing()
        await self.bob.transports.stop()


class TlsFileTests(SynchronousTestCase):
    """Wrong files: one line that names the file."""

    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        authority = Authority(self.folder)
        self.certificate, self.key = authority.issue("one", "one.example.com")
        self.other = authority.issue("two", "two.example.com")[1]
        self.text = str(self.folder / "text")
        Path(self.text).write_text("hello")

    def refused(self, certificate: str, key: str) -> str:
        error = self.assertRaises(TlsError, server_context, certificate, key)
        self.assertNotIn("\n", str(error))
        return str(error)

    def test_good(self) -> None:
        context = server_context(self.certificate, self.key).getContext()
        self.assertTrue(context)

    def test_chain(self) -> None:
        chain = self.folder / "chain.pem"
        chain.write_bytes(Path(self.certificate).read_bytes() + (self.folder / "authority.pem").read_bytes())
        self.assertEqual(len(server_context(str(chain), self.key).extraCertChain), 1)

    def test_wrong(self) -> None:
        missing = str(self.folder / "missing.pem")
        table = {
            (missing, self.key): f"cannot read {missing}: No such file or directory",
            (self.certificate, missing): f"cannot read {missing}: No such file or directory",
            (self.text, self.key): f"{self.text} holds no certificate in PEM form",
            (self.key, self.key): f"{self.key} holds no certificate in PEM form",
            (self.certificate, self.text): f"{self.text} holds no private key in PEM form without a password",
            (self.certificate, self.other): (
                f"the private key in {self.other} is not that of the certificate in {self.certificate}"
            ),
        }
        for files, said in table.items():
            self.assertEqual(self.refused(*files), said)

    def test_authorities(self) -> None:
        for file in (self.text, str(self.folder / "missing")):
            self.assertRaises(TlsError, ClientTls, file)

    def test_contexts_are_kept_but_not_without_end(self) -> None:
        client = ClientTls(verify=True)
        self.assertIs(client.context("a.example.com"), client.context("a.example.com"))
        anything = ClientTls(verify=False)
        self.assertIs(anything.context("a"), anything.context("b"))

    def test_versions(self) -> None:
        for context in (server_context(self.certificate, self.key), ClientTls().context("")):
            options = context.getContext().set_options(0)
            for old in (SSL.OP_NO_SSLv3, SSL.OP_NO_TLSv1, SSL.OP_NO_TLSv1_1):
                self.assertTrue(options & old)
