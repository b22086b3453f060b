"""The connections of WebSockets, by autobahn (RFC 6455); nobody else here knows of autobahn."""

from typing import Any, cast

from autobahn.twisted.resource import WebSocketResource
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet.interfaces import IPushProducer
from twisted.web.resource import IResource
from zope.interface import implementer

from magroup.web.gadget.websocket import Talker

NORMAL = 1000


class Sockets:
    """Those with one subprotocol."""

    def __init__(self, subprotocol: str, clock: Any) -> None:
        new: Any = WebSocketServerFactory
        self._factory = new(server="magroup", protocols=[subprotocol], reactor=clock)
        self._factory.protocol = _Connection

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
