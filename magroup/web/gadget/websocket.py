"""WebSockets on the site's own connections, by autobahn (RFC 6455); nobody else here knows of autobahn."""

from typing import Any, Protocol, cast

from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet.interfaces import IPushProducer
from twisted.web.http import Request
from twisted.web.resource import IResource
from zope.interface import implementer

NORMAL = 1000


class Socket(Protocol):
    """An open WebSocket."""

    def send(self, text: bytes) -> None:
        """Send a message, UTF-8; nothing happens where the socket is closed."""
        ...

    def ping(self) -> None: ...

    def close(self) -> None:
        """Send what is to be sent, then close."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Talker(Protocol):
    """Who speaks on a WebSocket. ``paused`` says that the client does not read what was sent, or does again.

    ``lost`` says whether the client broke the rules: what it sent was no message, or too large a one.
    """

    def opened(self, socket: Socket) -> None: ...

    def received(self, text: bytes) -> None: ...

    def pong(self) -> None: ...

    def paused(self, is_paused: bool) -> None: ...

    def lost(self, broke_rules: bool) -> None: ...


class WebSockets:
    """Those of one address with one subprotocol. Who connects has been admitted before."""

    def __init__(self, subprotocol: str, clock: Any) -> None:
        self.subprotocol = subprotocol
        new: Any = WebSocketServerFactory
        self._factory = new(server="magroup", protocols=[subprotocol], reactor=clock)
        self._factory.protocol = _Connection

    def is_wanted(self, request: Request) -> bool:
        """Whether the request is the handshake of a WebSocket that speaks the subprotocol."""
        offered = b",".join(request.requestHeaders.getRawHeaders(b"sec-websocket-protocol") or [])
        names = [name.strip() for name in offered.split(b",")]
        upgrade = (request.requestHeaders.getRawHeaders(b"upgrade") or [b""])[0]
        return upgrade.strip().lower() == b"websocket" and self.subprotocol.encode() in names

    def resource(self, talker: Talker, longest_message: int) -> IResource:
        """What takes the request's connection over."""
        # Timers of its own would be nobody's to stop: whoever talks pings, and closes what does not close itself.
        self._factory.setProtocolOptions(
            webStatus=False, failByDrop=True, tcpNoDelay=True, openHandshakeTimeout=0, closeHandshakeTimeout=0,
            maxFramePayloadSize=longest_message, maxMessagePayloadSize=longest_message,
        )  # fmt: skip
        upgrade: Any = _Upgrade
        return cast(IResource, upgrade(_For(self._factory, talker)))


class _Upgrade(WebSocketResource):
    """The connection is the HTTP channel's no more: it is not told to pause either."""

    def render(self, request: Any) -> Any:
        transport = request.channel.transport
        if transport is not None:
            transport.unregisterProducer()
        return super().render(request)  # type: ignore[no-untyped-call]


class _For:
    """A factory of the connection of ``talker``."""

    def __init__(self, factory: Any, talker: Talker) -> None:
        self._factory = factory
        self._talker = talker

    def buildProtocol(self, address: object) -> Any:
        connection = self._factory.buildProtocol(address)
        connection.talker = self._talker
        return connection


@implementer(IPushProducer)
class _Connection(WebSocketServerProtocol):
    """Between autobahn and who talks."""

    talker: Talker

    def onConnect(self, request: Any) -> str:
        subprotocol: str = self.factory.protocols[0]
        return subprotocol

    def onOpen(self) -> None:
        self.registerProducer(self, True)
        self.talker.opened(self)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.talker.received(b"" if isBinary else payload)

    def onPong(self, payload: bytes) -> None:
        self.talker.pong()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self.talker.lost(bool(self.failedByMe))

    def send(self, text: bytes) -> None:
        if self.state == self.STATE_OPEN:
            # Not sendMessage, for which the limit of what a browser may send would hold too.
            self.sendPreparedMessage(self.factory.prepareMessage(text, doNotCompress=True))

    def ping(self) -> None:
        if self.state == self.STATE_OPEN:
            self.sendPing()

    def close(self) -> None:
        if self.state == self.STATE_OPEN:
            self.sendClose(NORMAL)
            self.unregisterProducer()
            transport: Any = self.transport
            transport.loseConnection()

    def abort(self) -> None:
        transport: Any = self.transport
        transport.abortConnection()

    def pauseProducing(self) -> None:
        self.talker.paused(True)

    def resumeProducing(self) -> None:
        self.talker.paused(False)

    def stopProducing(self) -> None:
        """The connection is lost, which ``onClose`` tells as well."""
