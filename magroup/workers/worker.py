"""One of several processes of a server: what it is told at its start, and how it speaks to who has started it."""

import os
import socket
from dataclasses import dataclass
from typing import Any, Final, Self

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.clock import Clock
from magroup.process import Process
from magroup.workers.frames import ALIVE, READY, Frames
from magroup.workers.handing import SECRET
from magroup.workers.hub_bus import HubBus
from magroup.workers.kept_memory import KeptMemory
from magroup.workers.link import Link
from magroup.workers.marks import mark
from magroup.workers.sockets import WorkerNetwork

SIGN_OF_LIFE: Final = 1.0
FIRST_LIFE: Final = "1"
NONCE_SECRET: Final = 32
END_FD: Final = 3
LOCK_FD: Final = 4
MEMORY_FD: Final = 5
SOCKETS_FD: Final = 6
"""Where a worker finds its end of the connection, the lock of the data folder, which it holds too, the memory in which
its calls are kept, and the sockets.
"""


@dataclass(frozen=True)
class Begin:
    """What a worker is told: its number from 1 and how many there are, its name as a node, which life of it this is,
    what all workers know and nobody else (the secrets of handing over and of nonces), and the places, as host and port,
    whose sockets it has got: from ``SOCKETS_FD`` on, at each place one for each worker.
    """

    number: int
    count: int
    node: str
    life: str
    secret: bytes
    places: tuple[str, ...]

    def packed(self) -> bytes:
        head = "\n".join(
            [str(self.number), str(self.count), self.node, self.life, self.secret.hex(), *self.places]
        ).encode("ascii")  # fmt: skip
        return len(head).to_bytes(2, "big") + head

    @classmethod
    def read(cls, end: socket.socket) -> Self:
        """The first that comes; it is there already."""
        size = int.from_bytes(_exactly(end, 2), "big")
        number, count, node, life, secret, *places = _exactly(end, size).decode("ascii").split("\n")
        return cls(int(number), int(count), node, life, bytes.fromhex(secret), tuple(places))

    def sockets(self) -> dict[tuple[str, int], list[int]]:
        """Their numbers in this process, by host and port."""
        found = {}
        for at, place in enumerate(self.places):
            host, port = place.split(" ")
            first = SOCKETS_FD + at * self.count
            found[host, int(port)] = list(range(first, first + self.count))
        return found


def new_secret() -> bytes:
    return os.urandom(SECRET + NONCE_SECRET)


class Worker:
    """``lost`` is called when the process that has started this one is gone."""

    log = Logger()

    def __init__(
        self, reactor: Any, begin: Begin, end: socket.socket, memory: KeptMemory, lost: Any = None
    ) -> None:  # fmt: skip
        self.begin = begin
        self.number = begin.number
        self.count = begin.count
        self.mark = mark(begin.number)
        self.hands_by = begin.secret[:SECRET]
        self.nonces_by = begin.secret[SECRET:]
        self.lost = lost
        self.network = WorkerNetwork(reactor, begin.number, begin.sockets())
        self._clock: Clock = reactor
        self._frames = Frames(self._received, self._gone)
        self.bus = HubBus(reactor, begin.node, begin.life, self._frames, memory)
        self._timer: Any = None
        Link(reactor, end, self._frames)

    @property
    def is_first(self) -> bool:
        """The first one has all that there is once: web pages, the PBX, registrations at trunks, the demo."""
        return self.number == 1

    @property
    def is_new(self) -> bool:
        """Whether it is the first life."""
        return self.begin.life == FIRST_LIFE

    @property
    def first(self) -> str:
        """The first one's name as a node."""
        return f"{self.begin.node.removesuffix(str(self.number))}1"

    @property
    def process(self) -> Process:
        return Process(self.number, self.count, self.mark, self.nonces_by, self.network)

    def start(self) -> None:
        """Say from now on that this process lives."""
        self._timer = self._clock.callLater(SIGN_OF_LIFE, self.start)
        self._frames.send(ALIVE)

    def ready(self) -> None:
        """All parts have started."""
        self._frames.send(READY)

    def stop(self) -> Deferred[None]:
        """Fires when the others can hear what was said last: that this one has stopped."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.lost = None
        self._frames.close()
        return self._frames.closed

    def _received(self, kind: bytes, body: bytes) -> None:
        self.bus.received(kind, body)

    def _gone(self) -> None:
        self.bus.lose()
        if self.lost is not None:
            self.log.critical("The process that has started this one is gone: it ends too")
            self.lost()


def _exactly(end: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = end.recv(size - len(data))
        if not more:
            raise EOFError("the process that has started this one is gone")
        data += more
    return data
