"""A network in memory for tests: datagrams between any number of ends, lost, repeated and reordered as asked."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from twisted.internet.error import CannotListenError

from magroup.model.clock import Clock, DelayedCall
from magroup.sip.wire import LARGEST, Received, Refuses

FIRST_FREE_PORT = 40000


class Datagram(NamedTuple):
    """What was sent: ``time`` in seconds of the clock, the two ends as (host, port)."""

    time: float
    source: tuple[str, int]
    target: tuple[str, int]
    data: bytes


class MemoryNetwork:
    """Delivers on ``clock`` after ``delay`` seconds, in order and without loss unless told otherwise.

    ``loss``, ``duplicate`` and ``reorder`` are probabilities 0-1 drawn from ``rng``; a reordered datagram comes up to
    ``late`` seconds later. ``lose`` decides about single datagrams: it returns True for those that are to be lost.
    All may be changed at any time. ``sent`` holds every datagram in order when ``record`` is set. With no delay,
    ``clock.advance(0)`` delivers everything, what is sent in answer included.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        delay: float = 0.0,
        loss: float = 0.0,
        duplicate: float = 0.0,
        reorder: float = 0.0,
        late: float = 0.2,
        rng: Random | None = None,
        record: bool = False,
    ) -> None:
        self.delay = delay
        self.loss = loss
        self.duplicate = duplicate
        self.reorder = reorder
        self.late = late
        self.lose: Callable[[Datagram], bool] = lambda datagram: False
        self.record = record
        self.sent: list[Datagram] = []
        self.wires: dict[tuple[str, int], MemoryWire] = {}
        self._clock = clock
        self._rng = rng or Random(0)
        self._flying: dict[int, DelayedCall] = {}
        self._number = 0

    @property
    def flying(self) -> int:
        """Datagrams under way."""
        return len(self._flying)

    def open(self, host: str, port: int, received: Received, refuses: Refuses | None = None) -> "MemoryWire":
        """A wire at this address; "" is 127.0.0.1, port 0 a free one. Nothing waits. Raises CannotListenError."""
        host = host or "127.0.0.1"
        if not port:
            port = next(p for p in range(FIRST_FREE_PORT, 65536) if (host, p) not in self.wires)
        if (host, port) in self.wires:
            raise CannotListenError(host, port, OSError(98, "Address already in use"))
        wire = self.wires[host, port] = MemoryWire(self, host, port, received)
        return wire

    def stop(self) -> None:
        """Forget what is under way and close every wire."""
        for call in self._flying.values():
            call.cancel()
        self._flying.clear()
        for wire in tuple(self.wires.values()):
            wire.close()

    def carry(self, datagram: Datagram) -> None:
        """Take a datagram from a wire."""
        if self.record:
            self.sent.append(datagram)
        draw = self._rng.random
        if self.lose(datagram) or (self.loss and draw() < self.loss):
            return
        self._launch(datagram)
        if self.duplicate and draw() < self.duplicate:
            self._launch(datagram)

    def now(self) -> float:
        return self._clock.seconds()

    def _launch(self, datagram: Datagram) -> None:
        delay = self.delay
        if self.reorder and self._rng.random() < self.reorder:
            delay += self._rng.random() * self.late
        self._number += 1
        self._flying[self._number] = self._clock.callLater(delay, self._land, self._number, datagram)

    def _land(self, number: int, datagram: Datagram) -> None:
        del self._flying[number]
        wire = self.wires.get(datagram.target)
        if wire is not None:
            wire.received(datagram.data, *datagram.source)


class MemoryWire:
    """One end of a memory network."""

    def __init__(self, network: MemoryNetwork, host: str, port: int, received: Received) -> None:
        self.host = host
        self.port = port
        self.received = received
        self._network = network

    def send(self, data: bytes, host: str, port: int) -> str:
        if len(data) >= LARGEST - 28:
            return "Message too long"
        network = self._network
        network.carry(Datagram(network.now(), (self.host, self.port), (host, port), data))
        return ""

    def lost(self) -> int:
        return 0

    def waited(self) -> float:
        return 0.0

    def close(self) -> None:
        self._network.wires.pop((self.host, self.port), None)
