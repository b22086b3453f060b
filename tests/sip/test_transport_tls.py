"""TLS over real sockets on loopback, and its files."""

from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.ssl import CertificateOptions, TLSVersion
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.hop import Hop
from magroup.sip.tls import ClientTls, TlsError, server_context
from tests.sip.certificates import Authority
from tests.sip.transporting import HOSTS, Element, SocketTestCase, numbered


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
