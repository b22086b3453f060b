"""Bare UDP and TCP peers: octets out, octets in, nothing understood."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, connectProtocol
from twisted.internet.protocol import DatagramProtocol, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.peers.addresses import address
from tests.peers.events import Events
from tests.peers.waiting import reactor, until, within

Wanted = bytes | Callable[[bytes], bool]
"""What to wait for: octets the message contains, or a test of it."""


def _fits(wanted: Wanted, data: bytes) -> bool:
    return wanted in data if isinstance(wanted, bytes) else wanted(data)


@dataclass(frozen=True)
class Datagram:
    """One datagram as it came, and from where."""

    data: bytes
    source: tuple[str, int]
    seconds: float = field(compare=False)
    """Arrival on the reactor's clock."""


class RawUdp(DatagramProtocol):
    """A UDP socket: `async with RawUdp(self) as peer: peer.send(b"x", server); await peer.receive(b" 200 ")`.

    Without the context manager: `peer = RawUdp(self).open()`; the test closes it in any case. ``answer`` may be set to
    what gives the answer to a datagram, b"" for none.
    """

    transport: Any

    def __init__(self, test: TestCase, ip: str | None = None, port: int = 5060) -> None:
        """Without `ip` it leases an address of its own; port 0 takes any free one."""
        self.test = test
        self.ip = ip or address(test).ip
        self.port = port
        self.received: list[Datagram] = []
        self.answer: Callable[[bytes], bytes] = lambda data: b""
        self._events = Events(f"udp {self.ip}:{port}", self.report)
        self._listening: Any = None

    def open(self) -> "RawUdp":
        """Bind the socket."""
        self._listening = reactor.listenUDP(self.port, self, interface=self.ip, maxPacketSize=65536)
        self.port = self._listening.getHost().port
        self.test.addCleanup(self.close)
        return self

    async def close(self) -> None:
        """Close the socket; a second time does nothing."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.stopListening()

    async def __aenter__(self) -> "RawUdp":
        return self if self._listening else self.open()

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.ip, self.port

    def send(self, data: bytes, destination: tuple[str, int]) -> None:
        """Send one datagram to an IP address and port."""
        self.transport.write(data, destination)

    def datagramReceived(self, data: bytes, source: Any) -> None:
        """Keep it, answer it where there is something to say, and wake who waits for it."""
        if answer := self.answer(data):
            self.send(answer, (source[0], source[1]))
        datagram = Datagram(data, (source[0], source[1]), reactor.seconds())
        self.received.append(datagram)
        self._events.add({"datagram": datagram})

    async def receive(self, wanted: Wanted = b"", timeout: float = 15.0) -> Datagram:
        """The next datagram that fits and was not handed out; others are left for later calls."""
        name = repr(wanted) if isinstance(wanted, bytes) else getattr(wanted, "__name__", "datagram")
        event = await self._events.wait(lambda e: _fits(wanted, e["datagram"].data), name, timeout)
        datagram: Datagram = event["datagram"]
        return datagram

    def mark(self) -> None:
        """Forget the datagrams that were not handed out."""
        self._events.mark()

    def report(self) -> str:
        """Everything received so far."""
        lines = [f"  {d.source[0]}:{d.source[1]} {d.data[:400]!r}" for d in self.received[-20:]]
        return "\n".join([f"  {len(self.received)} datagrams received", *lines])


class RawTcp(Protocol):
    """A TCP connection: `tcp = await RawTcp(self).connect(server)`; `tcp.received` are all octets so far."""

    transport: Any

    def __init__(self, test: TestCase, ip: str | None = None) -> None:
        """Without `ip` it leases an address of its own."""
        self.test = test
        self.ip = ip or address(test).ip
        self.received = bytearray()
        self.closed = False
        self.reason: BaseException | None = None
        self._consumed = 0
        self._end: Deferred[None] = Deferred()

    async def connect(self, server: tuple[str, int], timeout: float = 15.0) -> "RawTcp":
        """Connect from this peer's address and any port."""
        kind = TCP6ClientEndpoint if ":" in server[0] else TCP4ClientEndpoint
        endpoint = kind(reactor, server[0], server[1], timeout=int(timeout) + 1, bindAddress=(self.ip, 0))
        await within(connectProtocol(endpoint, self), timeout, what=f"tcp {self.ip}: connection to {server}")
        self.test.addCleanup(self.close)
        return self

    async def __aenter__(self) -> "RawTcp":
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    @property
    def port(self) -> int:
        """The local port."""
        return int(self.transport.getHost().port)

    def send(self, data: bytes) -> None:
        """Write octets; however they are split, TCP may split them anew."""
        self.transport.write(data)

    def dataReceived(self, data: bytes) -> None:
        """Keep the octets."""
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Note that the other side, or this one, closed."""
        self.closed, self.reason = True, reason.value
        self._end.callback(None)

    async def receive(self, wanted: Wanted, timeout: float = 15.0) -> bytes:
        """Wait until the octets since the last `receive` fit, and take them all."""
        await until(
            lambda: _fits(wanted, bytes(self.received[self._consumed :])),
            timeout,
            what=f"tcp {self.ip}: {wanted!r}",
            seen=self.report,
        )
        taken, self._consumed = bytes(self.received[self._consumed :]), len(self.received)
        return taken

    async def wait_closed(self, timeout: float = 15.0) -> None:
        """Wait until the connection is gone."""
        await until(lambda: self.closed, timeout, what=f"tcp {self.ip}: end", seen=self.report)

    def half_close(self) -> None:
        """Say that nothing more will be sent, and go on receiving."""
        self.transport.loseWriteConnection()

    async def close(self) -> None:
        """Close at once; a second time does nothing."""
        if not self.closed:
            self.transport.abortConnection()
            await within(self._end, 5.0, what=f"tcp {self.ip}: end")

    def report(self) -> str:
        """The last octets received."""
        state = f"closed: {self.reason}" if self.closed else "open"
        return f"  {state}; {len(self.received)} octets received, the last {bytes(self.received[-800:])!r}"
