"""Workers and the process that has started them, joined by pipes in memory, on a clock."""

from typing import Any

from twisted.internet.task import Clock

from magroup.workers.frames import Frames
from magroup.workers.hub import Hub
from magroup.workers.hub_bus import HubBus
from magroup.workers.kept_memory import KeptMemory


class Pipe:
    """One direction of a connection: what ``frames`` send comes to the ``other`` end in the next turn."""

    def __init__(self, clock: Clock, frames: Frames) -> None:
        self.clock = clock
        self.frames = frames
        self.other: Pipe
        self.is_open = True
        self.is_stuck = False
        self.waiting: list[bytes] = []
        self.disconnecting = False

    def write(self, data: bytes) -> None:
        if not self.is_open:
            return
        self.waiting.append(data)
        self.clock.callLater(0, self.flow)
        if self.is_stuck:
            self.frames.pauseProducing()

    def flow(self) -> None:
        """What waits comes, unless the other end does not read."""
        while self.waiting and not self.is_stuck:
            self.other.frames.dataReceived(self.waiting.pop(0))

    def stick(self, is_stuck: bool) -> None:
        """Let the other end not read, or read again."""
        self.is_stuck = is_stuck
        if not is_stuck:
            self.frames.resumeProducing()
            self.flow()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Told by ``stick``."""

    def unregisterProducer(self) -> None:
        """No more."""

    def loseConnection(self) -> None:
        self.clock.callLater(0, self.close)

    def close(self) -> None:
        for end in (self, self.other):
            if end.is_open:
                end.is_open = False
                end.frames.connected = 0
                end.frames.connectionLost()


def join(clock: Clock, one: Frames, other: Frames) -> tuple[Pipe, Pipe]:
    """Both are connected; the pipes lead away from each."""
    there, back = Pipe(clock, one), Pipe(clock, other)
    there.other, back.other = back, there
    one.makeConnection(there)  # type: ignore[arg-type, no-untyped-call]
    other.makeConnection(back)  # type: ignore[arg-type, no-untyped-call]
    return there, back


class Workers:
    """A hub, and an ``end`` of the bus for each worker."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.hub = Hub(clock)
        self.told: list[tuple[str, bytes]] = []
        self.pipes: dict[str, tuple[Pipe, Pipe]] = {}
        """By node: to the worker, and from it."""

    def end(self, node: str, life: str) -> HubBus:
        memory, file = KeptMemory.made()
        end = self.hub.end(node, life, memory, lambda kind: self.told.append((node, kind)))
        frames = Frames(lambda kind, body: bus.received(kind, body), lambda: bus.lose())
        bus = HubBus(self.clock, node, life, frames, KeptMemory(file))
        self.pipes[node] = join(self.clock, end.frames, frames)
        return bus
