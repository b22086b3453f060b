"""Transports over real sockets, for their tests."""

from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from magroup.sip.hop import Hop
from magroup.sip.message import MessageError, Request, Response
from magroup.sip.transport import Transports
from tests.sip.test_stream import whole

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
