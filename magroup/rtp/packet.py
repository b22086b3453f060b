"""The RTP header, packed and unpacked (RFC 3550 section 5.1)."""

from struct import Struct
from typing import NamedTuple

HEADER = Struct("!BBHII")
HEADER_BYTES = HEADER.size
VERSION_BITS = 0x80
MARKER_BIT = 0x80


class Packet(NamedTuple):
    """An RTP packet without what magroup has no use for: contributing sources, header extension and padding."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def pack(packet: Packet) -> bytes:
    """The datagram of ``packet``."""
    second = packet.payload_type | (MARKER_BIT if packet.marker else 0)
    return HEADER.pack(VERSION_BITS, second, packet.sequence, packet.timestamp, packet.ssrc) + packet.payload


def unpack(data: bytes) -> Packet | None:
    """The packet in a datagram; None where it is not RTP of version 2 or its lengths contradict each other."""
    if len(data) < HEADER_BYTES:
        return None
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first == VERSION_BITS:
        payload = data[HEADER_BYTES:]
    else:
        start, end = payload_place(data)
        if start < 0:
            return None
        payload = data[start:end]
    return Packet(second & 0x7F, second >= MARKER_BIT, sequence, timestamp, ssrc, payload)


def payload_start(data: bytes) -> int:
    """Where the payload begins, behind contributing sources and extension; -1: malformed."""
    if len(data) < HEADER_BYTES or data[0] >> 6 != 2:
        return -1
    first = data[0]
    start = HEADER_BYTES + 4 * (first & 0x0F)
    if first & 0x10:
        if start + 4 > len(data):
            return -1
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    return start if start <= len(data) else -1


def payload_place(data: bytes) -> tuple[int, int]:
    """Start and end of the payload, without padding; (-1, -1): malformed."""
    start, end = payload_start(data), len(data)
    if start < 0:
        return -1, -1
    if data[0] & 0x20:
        padding = data[-1]
        if not padding:
            return -1, -1
        end -= padding
    return (start, end) if start <= end else (-1, -1)


def is_rtcp(data: bytes) -> bool:
    """Whether a datagram on a port shared by both is RTCP (RFC 5761 section 4)."""
    return len(data) >= 8 and 192 <= data[1] <= 223
