"""Connections on a clock, for their tests."""

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, UserError
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.hop import Hop
from magroup.sip.limits import Limits
from magroup.sip.message import MessageError, Request, Response
from magroup.sip.transport import Transports

OURS = IPv4Address("TCP", "192.0.2.1", 5060)
PHONE = IPv4Address("TCP", "192.0.2.9", 40001)
FAR = Hop("tcp", "192.0.2.7", 5060)
LIMITS = Limits(message=4096, header=2048, connections=4, connections_per_address=2, unsent=1000, malformed=2)


class Link(StringTransport):
    """A transport that ends when told, in the next turn of the reactor as the real ones do."""

    def __init__(self, reactor: MemoryReactorClock, protocol: Any, peer: IPv4Address, stuck: bool = False) -> None:
        super().__init__(OURS, peer)
        self.reactor = reactor
        self.protocol = protocol
        self.stuck = stuck
        self.ended = False
        protocol.makeConnection(self)

    def loseConnection(self) -> None:
        super().loseConnection()
        if not self.stuck:
            self.reactor.callLater(0, self.end)

    def abortConnection(self) -> None:
        self.disconnected = self.disconnecting = True
        self.reactor.callLater(0, self.end)

    def end(self) -> None:
        if not self.ended:
            self.ended = True
            self.protocol.connectionLost(Failure(ConnectionDone()))


class Connector:
    """Gives up as the real one does: the factory hears of it."""

    def __init__(self, factory: Any) -> None:
        self.factory = factory

    def disconnect(self) -> None:
        self.factory.clientConnectionFailed(self, Failure(UserError()))


class Reactor(MemoryReactorClock):
    def connectTCP(self, host: str, port: int, factory: Any, timeout: float = 30, bindAddress: Any = None) -> Any:
        super().connectTCP(host, port, factory, timeout, bindAddress)
        return Connector(factory)


class ConnectionTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.reactor = Reactor()
        self.received: list[tuple[Request | Response, Hop]] = []
        self.errors: list[tuple[MessageError, Hop]] = []
        self.failures: list[str] = []
        self.transports = Transports(
            self.reactor,
            lambda message, hop: self.received.append((message, hop)),
            malformed=lambda error, hop: self.errors.append((error, hop)),
            limits=LIMITS,
        )
        self.connections = self.transports._connections
        self.factory = self.connections.factory("tcp", 5060)

    def tearDown(self) -> None:
        stopping = self.stop()
        for _ in range(4):
            self.reactor.advance(1)
        self.successResultOf(stopping)
        self.assertEqual(self.connections.all, set())
        self.assertEqual(
            (self.connections._flows, self.connections._peers, self.connections._from_address), ({}, {}, {})
        )
        self.assertEqual(self.reactor.getDelayedCalls(), [])

    def stop(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self.transports.stop())

    def accept(self, peer: IPv4Address = PHONE, stuck: bool = False) -> Link:
        return Link(self.reactor, self.factory.buildProtocol(peer), peer, stuck)

    def connect(self) -> Link:
        """The peer takes the newest connection that is being made."""
        host, port, factory, *_ = self.reactor.tcpClients[-1]
        peer = IPv4Address("TCP", host, port)
        return Link(self.reactor, factory.buildProtocol(peer), peer)

    def send(self, data: bytes = b"hello", hop: Hop = FAR) -> None:
        self.transports.send(data, hop, self.failures.append)
