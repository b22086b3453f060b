"""SIP messages as a capture file for packet analysers (libpcap format), with IP and UDP headers made for them.

What went over TCP or TLS is put into UDP too: the messages are to be read, not the transport.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from struct import pack

from magroup.model.trace import Address, SipMessage

LINKTYPE_RAW = 101
"""Each packet begins with its IPv4 or IPv6 header."""

LARGEST = 65_000
"""Bytes of a message: IP has no more room."""

UDP = 17
CONTENT_TYPE = "application/vnd.tcpdump.pcap"


def as_pcap(messages: Iterable[SipMessage]) -> bytes:
    """A file with a packet for each."""
    parts = [pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, LINKTYPE_RAW)]
    for message in messages:
        packet = packet_of(message.source, message.target, message.data[:LARGEST])
        microseconds = round(message.at * 1e6)
        parts.append(pack("<IIII", microseconds // 1_000_000, microseconds % 1_000_000, len(packet), len(packet)))
        parts.append(packet)
    return b"".join(parts)


def packet_of(source: Address, target: Address, data: bytes) -> bytes:
    """An IP packet with a UDP datagram (RFC 768, 791, 8200)."""
    ends = [_packed(host) for host, _ in (source, target)]
    if {len(end) for end in ends} != {4}:
        ends = [end if len(end) == 16 else bytes(10) + b"\xff\xff" + end for end in ends]
    one, other = ends
    length = 8 + len(data)
    datagram = pack(">HHHH", source[1] & 0xFFFF, target[1] & 0xFFFF, length, 0)
    if len(one) == 4:
        pseudo = one + other + pack(">BBH", 0, UDP, length)
        header = pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, UDP, 0) + one + other
        header = header[:10] + pack(">H", checksum(header)) + header[12:]
    else:
        pseudo = one + other + pack(">IHBB", length, 0, 0, UDP)
        header = pack(">IHBB", 6 << 28, length, UDP, 64) + one + other
    datagram = datagram[:6] + pack(">H", checksum(pseudo + datagram + data) or 0xFFFF)
    return header + datagram + data


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    # 2**16 is 1 modulo 2**16 - 1: the number that the bytes are has the remainder of the sum of its words.
    number = int.from_bytes(data + b"\0" * (len(data) % 2), "big")
    total = number % 0xFFFF or (0xFFFF if number else 0)
    return 0xFFFF - total


def _packed(host: str) -> bytes:
    try:
        return ip_address(host.partition("%")[0]).packed
    except ValueError:
        return bytes(4)
