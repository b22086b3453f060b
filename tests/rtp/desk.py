"""What the tests of streams share: a clock, a network in memory, a caller who hears and speaks."""

import random
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp import rtcp
from magroup.rtp.codec import CODECS
from magroup.rtp.media import Media
from magroup.rtp.memory import MemoryWire, MemoryWires
from magroup.rtp.packet import Packet, pack, unpack
from magroup.rtp.ports import Ports
from magroup.rtp.sound import Sound
from magroup.rtp.stream import Stream
from magroup.rtp.wire import Address

SERVER, CALLER = "192.0.2.1", "192.0.2.9"
MS = 0.001
EPOCH = 1_700_000_000.0


def sound(name: str, frames: int) -> Sound:
    """A sound of which each frame says sound, codec and number."""
    return Sound(
        name,
        frames / 50,
        {codec: tuple(f"{name} {codec} {number}".encode() for number in range(frames)) for codec in CODECS},
    )


class Caller:
    """The other end of a stream: an RTP port, and the RTCP port above it."""

    def __init__(self, clock: Clock, wires: MemoryWires, host: str = CALLER, port: int = 4000) -> None:
        self._clock = clock
        self._start = clock.seconds()
        self.heard: list[tuple[int, Packet]] = []
        self.reports: list[rtcp.Report] = []
        self.rtp: MemoryWire = wires.open(host, port, self._hear)
        self.rtcp: MemoryWire = wires.open(host, port + 1, self._hear_report)
        self.sequence = 100

    def _hear(self, data: bytes, address: Address) -> None:
        if 200 <= data[1] <= 203:
            self.reports += rtcp.unpack(data)
            return
        packet = unpack(data)
        assert packet is not None
        self.heard.append((round((self._clock.seconds() - self._start) / MS), packet))

    def _hear_report(self, data: bytes, address: Address) -> None:
        self.reports += rtcp.unpack(data)

    @property
    def packets(self) -> list[Packet]:
        return [packet for _, packet in self.heard]

    @property
    def payloads(self) -> list[str]:
        """What was heard, as ``sound`` writes it."""
        return [packet.payload.decode() for packet in self.packets]

    def speak(self, stream: Stream, payload: bytes = b"hello", payload_type: int = 8, **fields: Any) -> None:
        """Sends one packet to the stream; sequence numbers count up."""
        self.sequence += 1
        fields = {"marker": False, "sequence": self.sequence, "timestamp": 160 * self.sequence, "ssrc": 77} | fields
        packet = Packet(payload_type=payload_type, payload=payload, **fields)
        self.rtp.send(pack(packet), (stream.local_host, stream.local_port))

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()


class DeskTest(SynchronousTestCase):
    """After each test everything is closed, and nothing may be left."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.wires = MemoryWires()
        self.ports = Ports(self.clock, self.wires, 20000, 20099, rng=random.Random(1))
        self.media = Media(
            self.clock, self.ports, wall_clock=lambda: EPOCH + self.clock.seconds(), rng=random.Random(2)
        )
        self.caller = Caller(self.clock, self.wires)
        self.done: list[str] = []

    def tearDown(self) -> None:
        self.media.close()
        self.caller.close()
        self.assertEqual(self.media.active, 0)
        self.assertEqual(self.media.describe(), [])
        self.assertEqual(self.ports.in_use, 0)
        self.assertEqual(self.wires.open_wires, {})
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def stream(self, codec: str = "PCMA", dtmf: int | None = 101) -> Stream:
        """A stream that is connected to the caller."""
        stream = self.media.open(SERVER)
        stream.connect(CALLER, 4000, CODECS[codec], dtmf)
        return stream

    def pass_ms(self, milliseconds: int) -> None:
        self.clock.pump([MS] * milliseconds)

    def said(self, text: str) -> Any:
        """A callback that notes that it was called."""
        return lambda: self.done.append(text)
