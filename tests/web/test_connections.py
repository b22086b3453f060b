"""So many connections, and no more; they count until their end."""

from dataclasses import replace
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.ssl import CertificateOptions
from twisted.internet.testing import StringTransport
from twisted.logger import capturedLogs
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.settings import HttpSettings
from magroup.web.connections import RESERVED
from tests.web.connection import Web

FAR, PROXY = "198.51.100.7", "10.0.0.1"
DONE = Failure(ConnectionDone())
ASKED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Transport(StringTransport):
    """Knows how it was closed."""

    def __init__(self, peer: Any) -> None:
        super().__init__(peerAddress=peer)
        self.aborted = False

    def abortConnection(self) -> None:
        self.aborted = True

    def setTcpNoDelay(self, enabled: bool) -> None: ...


class ConnectionsCase(SynchronousTestCase):
    """Ten in all, three of one address."""

    def setUp(self) -> None:
        self.web = Web(
            http=HttpSettings(max_connections=10, connections_per_address=3, trusted_proxies=(PROXY,)), address=FAR
        )
        self.connections = self.web.site.connections

    def connect(self, address: str = FAR, factory: Any = None) -> tuple[Any, Transport]:
        peer = (IPv6Address if ":" in address else IPv4Address)("TCP", address, 40000)
        protocol = (factory or self.web.factory).buildProtocol(peer)
        transport = Transport(peer)
        protocol.makeConnection(transport)
        return protocol, transport

    def open(self, count: int, address: str = FAR) -> list[Any]:
        """Connections that are all admitted."""
        opened = [self.connect(address) for _ in range(count)]
        self.assertFalse(any(transport.aborted for _, transport in opened))
        return [protocol for protocol, _ in opened]

    def assertRefused(self, address: str = FAR) -> None:
        protocol, transport = self.connect(address)
        self.assertTrue(transport.aborted)
        protocol.dataReceived(ASKED)
        protocol.connectionLost(DONE)
        self.assertEqual(transport.value(), b"")


class Limits(ConnectionsCase):
    """Who is refused."""

    def test_of_one_address(self) -> None:
        first, *_ = self.open(3)
        self.assertRefused()
        self.open(1, "198.51.100.8")
        first.connectionLost(DONE)
        self.assertEqual(len(self.connections), 3)
        self.open(1)
        self.assertRefused()

    def test_of_one_network(self) -> None:
        for host in range(3):
            self.open(1, f"2001:db8::{host}:1")
        self.assertRefused("2001:db8::9:1")
        self.open(1, "2001:db8:0:1::1")

    def test_many_come_by_these(self) -> None:
        for address in (PROXY, "127.0.0.1", "::1"):
            self.open(3, address)
        self.open(1, PROXY)
        self.assertRefused(PROXY)

    def test_in_all(self) -> None:
        for host in range(10):
            self.open(1, f"192.0.2.{host}")
        for address in ("192.0.2.99", PROXY):
            self.assertRefused(address)
        self.open(RESERVED, "127.0.0.1")
        self.assertRefused("127.0.0.1")

    def test_changed_settings(self) -> None:
        self.open(3)
        http = replace(self.web.settings.http, connections_per_address=4)
        self.web.admission.apply(replace(self.web.settings, http=http))
        self.open(1)
        self.assertRefused()

    def test_over_tls(self) -> None:
        factory = TLSMemoryBIOFactory(CertificateOptions(), False, self.web.factory)
        opened = [self.connect(factory=factory) for _ in range(3)]
        self.assertEqual(len(self.connections), 3)
        _, transport = self.connect(factory=factory)
        self.assertTrue(transport.aborted)
        for protocol, _ in opened:
            protocol.connectionLost(DONE)
        self.assertEqual(len(self.connections), 0)


class Counting(ConnectionsCase):
    """From the first to the last."""

    def test_it_works_meanwhile(self) -> None:
        protocol, transport = self.connect()
        protocol.dataReceived(ASKED + ASKED)
        self.assertEqual(transport.value().count(b"ok\n"), 2)
        self.assertEqual(len(self.connections), 1)

    def test_taken_over(self) -> None:
        """As a WebSocket does it."""
        (protocol,) = self.open(1)
        heard: list[bytes] = []

        class Other(Protocol):
            def dataReceived(self, data: bytes) -> None:
                heard.append(data)

        protocol.wrappedProtocol = Other()
        protocol.dataReceived(b"x")
        self.assertEqual((heard, len(self.connections)), ([b"x"], 1))
        protocol.connectionLost(DONE)
        self.assertEqual(len(self.connections), 0)

    def test_nothing_is_left(self) -> None:
        for protocol in self.open(3):
            protocol.connectionLost(DONE)
        self.assertEqual(self.connections._by_place, {})


class Told(ConnectionsCase):
    """One line a minute."""

    def test_lines(self) -> None:
        self.open(3)
        with capturedLogs() as events:
            for _ in range(50):
                self.assertRefused()
            self.web.clock.advance(59)
            self.assertRefused()
            self.web.clock.advance(1)
            self.assertRefused()
        told = [(event["address"], event["reason"], event["count"]) for event in events if "reason" in event]
        self.assertEqual(told, [(FAR, "3 are open from there", 1), (FAR, "3 are open from there", 51)])
        self.assertEqual(self.connections.refused, 52)
        self.web.address = "127.0.0.1"
        lines = self.web.ask("/metrics").text.splitlines()
        for line in ("magroup_http_connections 4.0", "magroup_http_connections_refused_total 52.0"):
            self.assertIn(line, lines)
