"""All TCP and TLS connections: accepted, made, found again for the same peer (RFC 5923), and counted."""

from collections.abc import Callable
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import ClientFactory, Factory, Protocol
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure

from magroup.sip.addresses import family, place_of
from magroup.sip.bans import Bans
from magroup.sip.connection import Connection, Failed
from magroup.sip.hop import Hop
from magroup.sip.limits import Counters, Limits
from magroup.sip.message import MessageError
from magroup.sip.tls import ClientTls, TlsError

log = Logger(__name__)
CHECK_EVERY = 1.0
Peer = tuple[str, str, int, str]


class Connections:
    """The table of connections.

    ``reactor`` gives the time and makes connections; ``deliver(data, hop)`` takes a whole message and says whether it
    was one, ``refused`` the error that ends a stream, ``report(failed, why)`` calls ``failed(why)`` in another turn.
    """

    def __init__(
        self,
        reactor: Any,
        deliver: Callable[[bytes, Hop], bool],
        refused: Callable[[MessageError, Hop], None],
        report: Callable[[Failed, str], None],
        limits: Limits,
        counters: Counters,
        client_tls: ClientTls,
        listening_port: Callable[[str, str], int],
        bans: Bans,
    ) -> None:
        self.clock = reactor
        self.deliver = deliver
        self.refused = refused
        self.report = report
        self.limits = limits
        self.client_tls = client_tls
        self.all: set[Connection] = set()
        self._listening_port = listening_port
        self._counters = counters
        self._bans = bans
        self._flows: dict[int, Connection] = {}
        self._peers: dict[Peer, Connection] = {}
        self._from_address: dict[str, int] = {}
        self._number = 0
        self._checking: Any = None
        self._stopping = False
        self._empty: Deferred[None] = Deferred()

    def send(self, data: bytes, hop: Hop, failed: Failed | None) -> None:
        """Over the flow of ``hop`` if that is open, else any connection to its peer, else a new one."""
        found = self._find(hop)
        if found is None and hop.anew is not None:
            hop = hop._replace(host=hop.anew[0], port=hop.anew[1], flow=0)
            found = self._find(hop)
        connection = found or self._connect(hop)
        if isinstance(connection, str):
            self._counters.dropped += 1
            if failed is not None:
                self.report(failed, connection)
            return
        self._counters.sent += 1
        connection.send(data, failed)

    def hop_of(self, flow: int) -> Hop | None:
        """The peer of an open connection."""
        connection = self._flows.get(flow)
        return connection.hop if connection is not None else None

    def factory(self, transport: str, port: int, context: Any = None) -> Any:
        """What accepts connections at one listening port."""
        plain: Any = _Accepted(self, transport, port)
        return _TlsAccepted(self, context, plain) if context is not None else plain

    def admits(self, host: str) -> bool:
        """Whether one more connection from ``host``, which is not banned, is within the limits."""
        if self._bans.drops(host):
            return False
        limits = self.limits
        if (
            not self._stopping
            and len(self.all) < limits.connections
            and self._from_address.get(host, 0) < limits.connections_per_address
        ):
            return True
        self._counters.refused += 1
        log.debug("Connection from {host} refused: over the limit", host=host)
        return False

    def accepted(self, transport: str, address: IPv4Address | IPv6Address, port: int) -> Connection:
        """A connection that a peer is making to our ``port``."""
        host = address.host
        self._from_address[host] = self._from_address.get(host, 0) + 1
        self._counters.accepted += 1
        self._number += 1
        return self._enter(Connection(self, Hop(transport, host, address.port, "", port, self._number), made=False))

    def abort_from(self, place: str) -> None:
        """End all connections to a source (see ``place_of``) at once."""
        for connection in tuple(self.all):
            if place_of(connection.hop.host) == place:
                connection.abort("it is banned")

    # From the connections

    def opened(self, connection: Connection) -> None:
        transport: Any = connection.transport
        connection.hop = hop = connection.hop._replace(local_host=transport.getHost().host)
        self._flows[hop.flow] = connection
        self._peers[_peer(hop)] = connection

    def leaving(self, connection: Connection) -> None:
        hop = connection.hop
        self._flows.pop(hop.flow, None)
        if self._peers.get(_peer(hop)) is connection:
            del self._peers[_peer(hop)]

    def gone(self, connection: Connection) -> None:
        if connection not in self.all:
            return
        self.all.remove(connection)
        if not connection.made:
            host = connection.hop.host
            left = self._from_address[host] - 1
            if left:
                self._from_address[host] = left
            else:
                del self._from_address[host]
        if not self.all:
            if self._checking is not None:
                self._checking.cancel()
                self._checking = None
            if self._stopping:
                self._empty.callback(None)

    def pinged(self) -> None:
        self._counters.keepalives += 1

    # The end

    async def stop(self) -> None:
        """End every connection: in good order, and at once those that take longer than the limit."""
        self._stopping = True
        if not self.all:
            return
        for connection in tuple(self.all):
            if connection.ready:
                connection.close()
            else:
                connection.abort("magroup stops")
        await self._empty

    def _find(self, hop: Hop) -> Connection | None:
        if hop.flow:
            connection = self._flows.get(hop.flow)
            if connection is not None:
                theirs = connection.hop
                if theirs.host == hop.host and theirs.transport == hop.transport:
                    return connection
        return self._peers.get(_peer(hop))

    def _connect(self, hop: Hop) -> Connection | str:
        """A connection that is being made, or why there will be none."""
        if self._stopping:
            return "magroup stops"
        if family(hop.host) is None or not 0 < hop.port < 65536:
            return f"{hop} is no numeric address"
        if len(self.all) >= self.limits.connections:
            self._counters.refused += 1
            return "too many connections"
        self._number += 1
        port = self._listening_port(hop.transport, hop.host) or hop.local_port
        ours = hop._replace(flow=self._number, local_port=port)
        connection = Connection(self, ours, made=True)
        factory: Any = _Made(connection)
        if hop.transport == "tls":
            try:
                factory = TLSMemoryBIOFactory(self.client_tls.context(hop.name), True, factory, self.clock)
            except TlsError as error:
                return str(error)
        elif hop.transport != "tcp":
            return f"no transport {hop.transport}"
        self._counters.connected += 1
        self._enter(connection)
        self._peers[_peer(ours)] = connection
        bind = (hop.local_host, 0) if family(hop.local_host) is family(hop.host) else None
        connector = self.clock.connectTCP(hop.host, hop.port, factory, self.limits.connect, bind)
        if connection in self.all and connection.transport is None:
            connection.cancel_with(connector.disconnect)
        return connection

    def _enter(self, connection: Connection) -> Connection:
        self.all.add(connection)
        if self._checking is None:
            self._checking = self.clock.callLater(CHECK_EVERY, self._check)
        return connection

    def _check(self) -> None:
        self._checking = self.clock.callLater(CHECK_EVERY, self._check)
        now = self.clock.seconds()
        for connection in tuple(self.all):
            connection.check(now)


class _Accepted(Factory):
    noisy = False

    def __init__(self, connections: Connections, transport: str, port: int) -> None:
        self._connections = connections
        self._transport = transport
        self._port = port

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        if not isinstance(addr, IPv4Address | IPv6Address):
            return None
        if self._transport == "tcp" and not self._connections.admits(addr.host):
            return None
        return self._connections.accepted(self._transport, addr, self._port)


class _TlsAccepted(TLSMemoryBIOFactory):
    """Asks for admission before there is a TLS side to it."""

    def __init__(self, connections: Connections, context: Any, plain: Any) -> None:
        super().__init__(context, False, plain, connections.clock)
        self._connections = connections

    def buildProtocol(self, addr: IAddress | None) -> Any:
        host = getattr(addr, "host", "")
        return super().buildProtocol(addr) if self._connections.admits(host) else None


class _Made(ClientFactory):
    noisy = False

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def buildProtocol(self, addr: IAddress | None) -> Connection:
        return self._connection

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self._connection.failed(reason)


def _peer(hop: Hop) -> Peer:
    return hop.transport, hop.host, hop.port, hop.name
