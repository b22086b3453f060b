"""A minimal RTP endpoint (RFC 3550) that records what comes and sends what it is given."""

import socket
import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import LoopingCall
from twisted.trial.unittest import TestCase

from tests.peers.addresses import Address, address
from tests.peers.audio import Samples, g711_decode
from tests.peers.waiting import reactor, until

PTIME = 0.02
NAMES = {0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000", 101: "telephone-event/8000"}


@dataclass(frozen=True)
class RtpPacket:
    """One RTP packet; `timestamp` in sampling units of the payload's clock."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False
    source: tuple[str, int] = ("", 0)
    seconds: float = field(default=0.0, compare=False)
    """Arrival on the reactor's clock."""

    def encode(self) -> bytes:
        """The packet on the wire: version 2, no padding, no extension, no contributing sources."""
        second = self.payload_type | (0x80 if self.marker else 0)
        return struct.pack("!BBHII", 0x80, second, self.sequence, self.timestamp, self.ssrc) + self.payload


def parse(data: bytes, source: tuple[str, int] = ("", 0), seconds: float = 0.0) -> RtpPacket:
    """Read a datagram as RTP; ValueError when it is none."""
    if len(data) < 12 or data[0] >> 6 != 2:
        raise ValueError(f"not RTP: {data[:16]!r}")
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    start, end = 12 + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if len(data) < start + 4:
            raise ValueError("RTP extension cut off")
        start += 4 + 4 * int(struct.unpack_from("!H", data, start + 2)[0])
    if first & 0x20:
        end -= data[-1]
    if start > end:
        raise ValueError("RTP header longer than the packet")
    return RtpPacket(
        second & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(second & 0x80), source, seconds
    )


class _Port(DatagramProtocol):
    transport: Any

    def __init__(self, received: Any) -> None:
        self.received = received

    def datagramReceived(self, data: bytes, source: Any) -> None:
        self.received(data, (source[0], source[1]))


def _free_pair(ip: str) -> int:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    for _ in range(50):
        with (
            socket.socket(family, socket.SOCK_DGRAM) as low,
            socket.socket(family, socket.SOCK_DGRAM) as high,
        ):
            low.bind((ip, 0))
            port = int(low.getsockname()[1])
            if port % 2:
                continue
            try:
                high.bind((ip, port + 1))
            except OSError:
                continue
            return port
    raise OSError(f"no free port pair on {ip}")


class RtpSink:
    """A port pair on the peer's address: RTP on the even port, RTCP above it.

    `packets` are the RTP packets in the order of arrival, `reports` the RTCP datagrams, `strays` the rest.
    """

    def __init__(self, test: TestCase, ip: str | None = None, port: int | None = None) -> None:
        """Without `ip` it leases an address; without `port` it takes the first RTP port of that address.

        With `ip` and no port, any free pair.
        """
        leased: Address | None = None if ip else address(test)
        self.test = test
        self.ip = ip or str(leased)
        self.port = port if port is not None else leased.rtp_first if leased else 0
        self.packets: list[RtpPacket] = []
        self.reports: list[bytes] = []
        self.strays: list[bytes] = []
        self.ssrc = 0x5EED0000 | int(self.ip.rpartition(".")[2] or 0)
        self.sequence = 1000
        self.timestamp = 16000
        self._ports: list[Any] = []
        self._rtp = _Port(self._got_rtp)
        self._sending: LoopingCall | None = None

    def open(self) -> "RtpSink":
        """Bind the pair; the test closes it."""
        self.test.addCleanup(self.close)
        self.port = self.port or _free_pair(self.ip)
        rtcp = _Port(lambda data, source: self.reports.append(data))
        self._ports.append(reactor.listenUDP(self.port, self._rtp, interface=self.ip))
        self._ports.append(reactor.listenUDP(self.port + 1, rtcp, interface=self.ip))
        return self

    async def close(self) -> None:
        """Stop sending and close both ports; a second time does nothing."""
        self.stop_sending()
        ports, self._ports = self._ports, []
        for port in ports:
            await port.stopListening()

    async def __aenter__(self) -> "RtpSink":
        return self if self._ports else self.open()

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    def sdp(self, *payload_types: int, direction: str = "sendrecv") -> bytes:
        """A session description that offers this endpoint; PCMU and PCMA when nothing is given."""
        offered = payload_types or (0, 8, 101)
        family = "IP6" if ":" in self.ip else "IP4"
        lines = ["v=0", f"o=- 1 1 IN {family} {self.ip}", "s=-", f"c=IN {family} {self.ip}", "t=0 0"]
        lines.append(f"m=audio {self.port} RTP/AVP {' '.join(map(str, offered))}")
        lines += [f"a=rtpmap:{number} {NAMES[number]}" for number in offered]
        lines += ["a=fmtp:101 0-15"] if 101 in offered else []
        return "".join(f"{line}\r\n" for line in [*lines, "a=ptime:20", f"a={direction}"]).encode()

    def _got_rtp(self, data: bytes, source: tuple[str, int]) -> None:
        try:
            self.packets.append(parse(data, source, reactor.seconds()))
        except ValueError:
            self.strays.append(data)

    def send(
        self,
        payload: bytes,
        destination: tuple[str, int],
        payload_type: int = 0,
        *,
        marker: bool = False,
        samples: int = 160,
    ) -> RtpPacket:
        """Send one packet and move sequence and timestamp on."""
        packet = RtpPacket(payload_type, self.sequence, self.timestamp, self.ssrc, payload, marker)
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + samples) & 0xFFFFFFFF
        self.send_raw(packet.encode(), destination)
        return packet

    def send_raw(self, data: bytes, destination: tuple[str, int]) -> None:
        """Send octets as they are from the RTP port."""
        self._rtp.transport.write(data, destination)

    def start_sending(self, encoded: bytes, destination: tuple[str, int], payload_type: int = 0) -> None:
        """Send one octet a sample in packets of 20 ms, over and over, until `stop_sending`."""
        frames = [encoded[at : at + 160] for at in range(0, len(encoded) - 159, 160)]
        self.stop_sending()
        turn = iter(range(1 << 30))
        self._sending = LoopingCall.withCount(
            lambda count: [
                self.send(frames[next(turn) % len(frames)], destination, payload_type) for _ in range(count)
            ]
        )
        self._sending.clock = reactor
        self._sending.start(PTIME)

    def stop_sending(self) -> None:
        """Stop what `start_sending` began."""
        if self._sending is not None and self._sending.running:
            self._sending.stop()

    async def receive(self, count: int = 1, timeout: float = 15.0) -> list[RtpPacket]:
        """Wait for `count` packets more than there are now, and give those."""
        before = len(self.packets)
        await until(
            lambda: len(self.packets) >= before + count,
            timeout,
            what=f"rtp {self.ip}:{self.port}: {count} packets",
            seen=self.report,
        )
        return self.packets[before:]

    def heard(self, payload_type: int | None = None) -> Samples:
        """The G.711 audio received, in order of arrival; of one payload type or of all."""
        parts = [
            g711_decode(p.payload, p.payload_type)
            for p in self.packets
            if p.payload_type in (0, 8) and payload_type in (None, p.payload_type)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)

    def sources(self) -> set[tuple[str, int]]:
        """Every address that RTP came from."""
        return {packet.source for packet in self.packets}

    def report(self) -> str:
        """What was received, in short."""
        types = sorted({p.payload_type for p in self.packets})
        return (
            f"  {len(self.packets)} packets of types {types} from {sorted(self.sources())},"
            f" {len(self.reports)} RTCP, {len(self.strays)} strays"
        )
