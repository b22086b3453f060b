"""The transports: UDP, TCP and TLS under one ``send`` and one ``receive`` (RFC 3261 section 18)."""

from collections.abc import Callable
from dataclasses import dataclass
from socket import SOCK_STREAM
from typing import Any, Final

from twisted.internet.defer import maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from magroup.sip.addresses import family, is_loopback, is_wildcard, place_of, source_address
from magroup.sip.bans import Bans
from magroup.sip.connection import Failed
from magroup.sip.connections import Connections
from magroup.sip.datagrams import Datagrams
from magroup.sip.hop import Hop
from magroup.sip.limits import Counters, Limits
from magroup.sip.message import MessageError, Request, Response, parse_message
from magroup.sip.sockets import bound_socket
from magroup.sip.timers import Timers
from magroup.sip.tls import ClientTls
from magroup.sip.trace import Trace
from magroup.sip.wire import Network, UdpNetwork, Wire

log: Final = Logger(__name__)
BACKLOG: Final = 512
MOST_LOCAL: Final = 4096
LOCAL_LASTS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Listener:
    """An end that is open for messages; ``close`` may return a Deferred."""

    transport: str
    host: str
    port: int
    close: Callable[[], Any]
    wire: Wire | None = None
    is_inner: bool = False


class Transports:
    """All transports of one SIP element.

    ``clock`` is the reactor (with a task.Clock, UDP over a ``MemoryNetwork`` works). ``receive(message, hop)`` gets
    every message, ``malformed(error, hop)`` what is none; ``advertised`` is the host for Via and Contact when peers
    see another one than the system does ("": the bound address, or the one the system uses towards a peer). ``trace``
    keeps what comes and goes; None: nothing is kept. ``sheds`` and ``registers``, where they are set, may serve what
    comes before it is read, and say whether they did; the latter gets what begins as a REGISTER does, and tells
    ``heard`` of what it serves. ``steers`` says before whether it is another process's. ``bans`` are those of whom
    nothing is taken. ``is_shared``: other processes listen at the same ports.
    """

    def __init__(
        self,
        clock: Any,
        receive: Callable[[Request | Response, Hop], None],
        *,
        malformed: Callable[[MessageError, Hop], None] | None = None,
        limits: Limits | None = None,
        network: Network | None = None,
        advertised: str = "",
        client_tls: ClientTls | None = None,
        bans: Bans | None = None,
        is_shared: bool = False,
    ) -> None:
        self.receive = receive
        self.malformed = malformed
        self.limits = limits or Limits()
        self.counters = Counters()
        self.trace: Trace | None = None
        self.sheds: Callable[[bytes, Hop], bool] | None = None
        self.steers: Callable[[bytes, Hop], bool] | None = None
        self.registers: Callable[[bytes, Hop], bool] | None = None
        self.bans = bans or Bans(Timers(clock))
        self.advertised = advertised
        self._clock = clock
        self._network = network or UdpNetwork(clock)
        self._is_shared = is_shared
        self._is_serving = False
        self._afterwards: list[Callable[[], None]] = []
        self._inner = ""
        self._listeners: list[Listener] = []
        self._wires: dict[tuple[bool, str, int], Wire] = {}
        self._wires_to: dict[str, Wire] = {}
        self._datagrams: list[Datagrams] = []
        self._local: dict[tuple[str, str, str, int], tuple[str, int]] = {}
        self._local_until = 0.0
        self._reports: list[tuple[Failed, str]] = []
        self._reporting: Any = None
        self._connections = Connections(
            clock,
            self.deliver,
            self._refuse,
            self._report,
            self.limits,
            self.counters,
            client_tls or ClientTls(),
            self._listening_port,
            self.bans,
        )

    async def listen_udp(self, host: str, port: int) -> int:
        """Listen at a numeric address ("" all IPv4 ones) and return the port. Raises CannotListenError."""
        return self._listen_udp(host, port, False)

    def listen_inside(self, host: str) -> int:
        """A UDP port for other processes of this server, whose addresses have the first three numbers of ``host``."""
        self._inner = host[: host.rindex(".") + 1]
        return self._listen_udp(host, 0, True)

    def _listen_udp(self, host: str, port: int, is_inner: bool) -> int:
        end = Datagrams(
            self._network, host, port, self.deliver, self._refuse_early, self.limits, self.counters, self.bans
        )  # fmt: skip
        wire = end.wire
        self._datagrams.append(end)
        self._wires[":" in wire.host, end.host, end.port] = wire
        self._add(Listener("udp", wire.host, wire.port, wire.close, wire, is_inner))
        return wire.port

    async def listen_tcp(self, host: str, port: int) -> int:
        """The same for TCP."""
        return self._listen_stream("tcp", host, port)

    async def listen_tls(self, host: str, port: int, context: Any) -> int:
        """The same for TLS; ``context`` from ``tls.server_context``."""
        return self._listen_stream("tls", host, port, context)

    def limit(self, limits: Limits) -> None:
        """Other limits hold from now on; connections that are open keep their largest message."""
        self.limits = self._connections.limits = limits
        for end in self._datagrams:
            end.largest = limits.message

    def ban(self, host: str, seconds: float, why: str) -> None:
        """Read nothing from ``host`` for so long; its connections end."""
        self.bans.ban(host, seconds, why)
        self._connections.abort_from(place_of(host))

    def listening(self) -> list[tuple[str, str, int]]:
        """Transport, host and port of each end that is open."""
        return [(one.transport, one.host, one.port) for one in self._listeners if not one.is_inner]

    async def stop(self) -> None:
        """Close everything: no socket and no delayed call is left, no ``failed`` is called any more."""
        listeners, self._listeners = self._listeners, []
        self._wires.clear()
        self._datagrams.clear()
        self._wires_to.clear()
        self._local.clear()
        for listener in listeners:
            await maybeDeferred(listener.close)
        await self._connections.stop()
        if self._reporting is not None:
            self._reporting.cancel()
            self._reporting = None
        self._reports.clear()

    def send(self, data: bytes, hop: Hop, failed: Failed | None = None) -> None:
        """Send a message; never raises.

        ``failed(reason)`` is called in a later turn of the reactor when it is known that the message did not arrive:
        the system refuses it, no connection can be made, or it breaks before the peer has sent anything after it.
        """
        if hop.transport != "udp":
            if self.trace is not None:
                self.trace.sent(data, hop)
            self._connections.send(data, hop, failed)
            return
        wire = self._wires.get((":" in hop.host, hop.local_host, hop.local_port)) or self._wire_to(hop.host)
        why = wire.send(data, hop.host, hop.port) if wire is not None else f"no UDP transport to {hop.host}"
        if why:
            self.counters.dropped += 1
            log.debug("Cannot send to {hop}: {why}", hop=str(hop), why=why)
            if failed is not None:
                self._report(failed, why)
        else:
            self.counters.sent += 1
            if self.trace is not None:
                self.trace.sent(data, hop)

    def local(self, hop: Hop) -> tuple[str, int]:
        """Host and port by which the peer at ``hop`` reaches us, for Via and Contact; IPv6 without brackets."""
        now = self._clock.seconds()
        if now >= self._local_until or len(self._local) >= MOST_LOCAL:
            self._local.clear()
            self._local_until = now + LOCAL_LASTS
        key = (hop.transport, hop.host, hop.local_host, hop.local_port)
        found = self._local.get(key)
        if found is None:
            found = self._local[key] = self._find_local(hop)
        return found

    def shown(self, hop: Hop) -> tuple[str, int]:
        """The same for Contact and what people read: who is reached by another process of this server sees our outer
        address, as others do.
        """
        if not self._inner or not (hop.local_host or hop.host).startswith(self._inner):
            return self.local(hop)
        outer = next((one for one in self._listeners if not one.is_inner), None)
        host, port = (outer.host, outer.port) if outer is not None else ("", 5060)
        return self.advertised or self.own_address(host), port

    def own_address(self, host: str) -> str:
        """Where an end bound to ``host`` is reached; of one bound to all addresses, that which most leave by."""
        if host and not is_wildcard(host):
            return host
        return self.advertised or source_address("2001:db8::1" if ":" in host else "192.0.2.1")

    def hop_of(self, flow: int) -> Hop | None:
        """The peer of the open connection with this number; None where it is closed."""
        return self._connections.hop_of(flow)

    def waited(self) -> float:
        """For how many seconds datagrams had waited at most, since this was asked last."""
        return max((end.wire.waited() for end in self._datagrams), default=0.0)

    def lost(self) -> int:
        """Datagrams that came and for which there was no room, since the start."""
        return sum(end.wire.lost() for end in self._datagrams)

    @property
    def open(self) -> int:
        """Connections that are open."""
        return len(self._connections.all)

    def describe(self, most: int | None = None) -> list[str]:
        """Listening ends, counters and connections, for the debug dump; no more than ``most`` of the connections."""
        ends = [f"listening {Hop(*end)}" for end in self.listening()]
        connections = sorted(self._connections.all, key=lambda connection: connection.hop.flow)[:most]
        return [*ends, str(self.counters), *(f"connection {connection}" for connection in connections)]

    def deliver(self, data: bytes, hop: Hop, framed: bool = True) -> bool:
        """Take a whole message; False when it is none."""
        if self.steers is not None and self.steers(data, hop):
            return True
        if self.sheds is not None and self._shed(data, hop):
            return True
        if self.registers is not None and data.startswith(b"REGISTER ") and self._register(data, hop):
            return True
        try:
            message = parse_message(data, framed)
        except MessageError as error:
            if self.trace is not None and error.request is not None:
                self.trace.received(data, hop, error.request.call_id)
            self._refuse(error, hop)
            return False
        self.heard(data, hop, message.call_id)
        self._is_serving = True
        try:
            self.receive(message, hop)
        except Exception:
            log.failure("A message from {hop} broke its receiver", hop=str(hop))
        self._is_serving = False
        if self._afterwards:
            self._do_afterwards()
        return True

    def when_served(self, work: Callable[[], None]) -> bool:
        """Do it as soon as the message which is being served is through; False: none is, it is not done."""
        if self._is_serving:
            self._afterwards.append(work)
        return self._is_serving

    def _do_afterwards(self) -> None:
        afterwards, self._afterwards = self._afterwards, []
        for work in afterwards:
            try:
                work()
            except Exception:
                log.failure("What was to be done after a message failed")

    def heard(self, data: bytes, hop: Hop, call_id: str) -> None:
        """A message has come."""
        self.counters.received += 1
        if self.trace is not None:
            self.trace.received(data, hop, call_id)

    def _register(self, data: bytes, hop: Hop) -> bool:
        try:
            return self.registers is not None and self.registers(data, hop)
        except Exception:
            log.failure("A REGISTER from {hop} failed", hop=str(hop))
            return False

    def _shed(self, data: bytes, hop: Hop) -> bool:
        try:
            if self.sheds is None or not self.sheds(data, hop):
                return False
        except Exception:
            log.failure("A message from {hop} could not be refused", hop=str(hop))
            return False
        self.counters.received += 1
        return True

    def _refuse_early(self, data: bytes, hop: Hop) -> bool:
        """Whether what would have to wait for its turn is refused already, or another process's."""
        if self.sheds is None:
            return False
        return (self.steers is not None and self.steers(data, hop)) or self._shed(data, hop)

    def _refuse(self, error: MessageError, hop: Hop) -> None:
        self.counters.malformed += 1
        log.debug("Malformed message from {hop}: {error}", hop=str(hop), error=str(error))
        if self.malformed is not None:
            try:
                self.malformed(error, hop)
            except Exception:
                log.failure("A malformed message from {hop} broke its receiver", hop=str(hop))

    def _listen_stream(self, transport: str, host: str, port: int, context: Any = None) -> int:
        made = bound_socket(SOCK_STREAM, host, port, self._is_shared)
        try:
            made.listen(BACKLOG)
            bound_host, bound_port = made.getsockname()[:2]
            factory = self._connections.factory(transport, bound_port, context)
            listening = self._clock.adoptStreamPort(made.fileno(), made.family, factory)
        except OSError as error:
            raise CannotListenError(host, port, error) from None
        finally:
            made.close()
        self._add(Listener(transport, bound_host, bound_port, listening.stopListening))
        return int(bound_port)

    def _add(self, listener: Listener) -> None:
        self._listeners.append(listener)
        self._local.clear()
        self._wires_to.clear()
        if not listener.is_inner:
            log.info("SIP listens at {end}", end=str(Hop(listener.transport, listener.host, listener.port)))

    def _listener_to(self, transport: str, host: str) -> Listener | None:
        """The first one of the same family that is bound to all addresses, or to loopback as the peer is."""
        kind = family(host)
        if self._inner and host.startswith(self._inner):
            return next((one for one in self._listeners if one.is_inner), None)
        of_family = [one for one in self._listeners if one.transport == transport and family(one.host) is kind]
        for listener in of_family:
            if is_wildcard(listener.host) or is_loopback(listener.host) == is_loopback(host):
                return listener
        return of_family[0] if of_family else None

    def _wire_to(self, host: str) -> Wire | None:
        wire = self._wires_to.get(host)
        if wire is None:
            listener = self._listener_to("udp", host)
            if listener is None or listener.wire is None:
                return None
            if len(self._wires_to) >= MOST_LOCAL:
                self._wires_to.clear()
            wire = self._wires_to[host] = listener.wire
        return wire

    def _listening_port(self, transport: str, host: str) -> int:
        listener = self._listener_to(transport, host)
        return listener.port if listener is not None else 0

    def _find_local(self, hop: Hop) -> tuple[str, int]:
        host, port = hop.local_host, hop.local_port
        if self._inner and (host or hop.host).startswith(self._inner):
            inner = next(one for one in self._listeners if one.is_inner)
            return inner.host, inner.port
        if not port:
            listener = self._listener_to(hop.transport, hop.host)
            if listener is not None:
                port = listener.port
                if not host and not is_wildcard(listener.host):
                    host = listener.host
        return (
            self.advertised or host or source_address(hop.host),
            port or (5061 if hop.transport == "tls" else 5060),
        )

    def _report(self, failed: Failed, why: str) -> None:
        self._reports.append((failed, why))
        if self._reporting is None:
            self._reporting = self._clock.callLater(0, self._tell)

    def _tell(self) -> None:
        self._reporting = None
        reports, self._reports = self._reports, []
        for failed, why in reports:
            try:
                failed(why)
            except Exception:
                log.failure("Who sent a message broke on hearing that it failed")
