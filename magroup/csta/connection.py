"""The TCP and TLS connections of clients: limits, what is cut, and an end in good order."""

from collections.abc import Callable
from typing import Any
from typing import Protocol as Form

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IPushProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from magroup.csta.framing import FrameError
from magroup.csta.limits import CLOSING_SECONDS, INCOMPLETE_SECONDS, LOGIN_SECONDS, MOST_UNREADABLE, Limits
from magroup.model.clock import Clock

log = Logger(__name__)
CHECK_EVERY = 1.0


class Client(Form):
    """What a connection belongs to."""

    association: Any
    session: Any

    def received(self, data: bytes) -> None: ...


class Server(Form):
    """Who has the clients."""

    limits: Limits

    def admits(self, address: str) -> bool: ...

    def connected(self, address: str, write: Callable[[bytes], None], close: Callable[[str], None]) -> Any: ...

    def over(self, client: Any, why: str) -> None: ...


@implementer(IPushProducer)
class Connection(Protocol):
    """Of one client. What is written while the peer does not read is counted: too much of it ends the connection."""

    def __init__(self, connections: "Connections", address: str) -> None:
        self._connections = connections
        self._server = connections.server
        self._address = address
        self._client: Any = None
        self._why = ""
        self._is_full = False
        self._unsent = 0
        self._since = connections.clock.seconds()
        self._frame_since: float | None = None
        self._closing_since: float | None = None

    def connectionMade(self) -> None:
        transport: Any = self.transport
        if hasattr(transport, "setTcpNoDelay"):
            transport.setTcpNoDelay(True)
            transport.setTcpKeepAlive(True)
        transport.registerProducer(self, True)
        self._client = self._server.connected(self._address, self._write, self.close)
        self._connections.entered(self)

    def dataReceived(self, data: bytes) -> None:
        if self._closing_since is not None:
            return
        association = self._client.association
        try:
            self._client.received(data)
        except FrameError as error:
            log.info("CSTA connection from {address} is closed: {reason}", address=self._address, reason=str(error))
            self.close(str(error))
            return
        if association.unreadable > MOST_UNREADABLE:
            self.close("too much that cannot be read")
        if not association.is_within:
            self._frame_since = None
        elif self._frame_since is None:
            self._frame_since = self._connections.clock.seconds()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._connections.left(self)
        if self._client is not None:
            why = self._why or " ".join(reason.getErrorMessage().split())
            self._server.over(self._client, why)

    def close(self, why: str) -> None:
        """Send what is written, then end."""
        if self._closing_since is None and self.connected:
            self._why = why
            self._closing_since = self._connections.clock.seconds()
            transport: Any = self.transport
            transport.unregisterProducer()
            transport.loseConnection()

    def abort(self, why: str) -> None:
        """End at once."""
        self._why = self._why or why
        if self.connected:
            transport: Any = self.transport
            transport.abortConnection()

    def check(self, now: float) -> None:
        """Called every second: what lasts too long ends."""
        if self._closing_since is not None:
            if now - self._closing_since > CLOSING_SECONDS:
                self.abort("closing took too long")
        elif self._frame_since is not None and now - self._frame_since > INCOMPLETE_SECONDS:
            self.close("a frame did not come to its end")
        elif not self._client.session.is_open and now - self._since > LOGIN_SECONDS:
            self.close("no session in time")

    def _write(self, data: bytes) -> None:
        if self._closing_since is not None or not self.connected:
            return
        if self._is_full:
            self._unsent += len(data)
            if self._unsent > self._server.limits.unsent:
                log.warn("CSTA client at {address} does not read: cut off", address=self._address)
                self.abort("it does not read what it is told")
                return
        transport: Any = self.transport
        transport.write(data)

    # IPushProducer: the transport says whether the peer reads.

    def pauseProducing(self) -> None:
        self._is_full = True

    def resumeProducing(self) -> None:
        self._is_full = False
        self._unsent = 0

    def stopProducing(self) -> None:
        """The connection is going; connectionLost says so too."""


class Connections(Factory):
    """All connections of clients, on every port."""

    noisy = False

    def __init__(self, clock: Clock, server: Server) -> None:
        self.clock = clock
        self.server = server
        self._open: set[Connection] = set()
        self._checking: Any = None
        self._empty: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        address = getattr(addr, "host", "")
        return Connection(self, address) if self.server.admits(address) else None

    def entered(self, connection: Connection) -> None:
        self._open.add(connection)
        if self._checking is None:
            self._checking = self.clock.callLater(CHECK_EVERY, self._check)

    def left(self, connection: Connection) -> None:
        self._open.discard(connection)
        if not self._open:
            if self._checking is not None:
                self._checking.cancel()
                self._checking = None
            if self._empty is not None:
                self._empty.callback(None)
                self._empty = None

    async def stop(self) -> None:
        """Wait for the connections, which are closed already, to end."""
        if self._open:
            self._empty = Deferred()
            await self._empty

    def _check(self) -> None:
        self._checking = self.clock.callLater(CHECK_EVERY, self._check)
        now = self.clock.seconds()
        for connection in tuple(self._open):
            connection.check(now)
