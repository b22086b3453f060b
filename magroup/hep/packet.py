"""A HEP 3 packet: "HEP3", the length of all of it, and chunks of vendor, type, length and value (HEP3 rev. 32)."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from struct import pack
from typing import Final

from magroup.model.trace import Address

GENERIC: Final = 0
"""The vendor of the chunks that all know."""

FAMILY, PROTOCOL, IPV4_SOURCE, IPV4_TARGET, IPV6_SOURCE, IPV6_TARGET = 1, 2, 3, 4, 5, 6
SOURCE_PORT, TARGET_PORT, SECONDS, MICROSECONDS, KIND, AGENT = 7, 8, 9, 10, 11, 12
PAYLOAD, CORRELATION, NODE = 15, 17, 19

AF_INET, AF_INET6 = 2, 10
TCP, UDP = 6, 17
SIP: Final = 1
LARGEST: Final = 65_000
"""Bytes of a packet, which goes into one datagram."""


def packet(
    data: bytes, at: float, transport: str, source: Address, target: Address, correlation: bytes, agent: int,
    node: str,
) -> bytes:  # fmt: skip
    """One message: ``at`` in UTC seconds, ``correlation`` is common to those that belong together.

    The end of a message is cut off that has no room in a datagram.
    """
    ends = [_address(host) for host, _ in (source, target)]
    if any(isinstance(end, IPv6Address) for end in ends):
        ends = [end if isinstance(end, IPv6Address) else IPv6Address(f"::ffff:{end}") for end in ends]
        family, kinds = AF_INET6, (IPV6_SOURCE, IPV6_TARGET)
    else:
        family, kinds = AF_INET, (IPV4_SOURCE, IPV4_TARGET)
    microseconds = round(at * 1e6)
    chunks = [
        _chunk(FAMILY, pack(">B", family)),
        _chunk(PROTOCOL, pack(">B", UDP if transport == "udp" else TCP)),
        *(_chunk(kind, end.packed) for kind, end in zip(kinds, ends, strict=True)),
        _chunk(SOURCE_PORT, pack(">H", source[1] & 0xFFFF)),
        _chunk(TARGET_PORT, pack(">H", target[1] & 0xFFFF)),
        _chunk(SECONDS, pack(">I", microseconds // 1_000_000)),
        _chunk(MICROSECONDS, pack(">I", microseconds % 1_000_000)),
        _chunk(KIND, pack(">B", SIP)),
        _chunk(AGENT, pack(">I", agent)),
        _chunk(NODE, node.encode("utf-8", "replace")[:255]),
        _chunk(CORRELATION, correlation[:512]),
    ]
    room = LARGEST - sum(map(len, chunks)) - 12
    chunks.append(_chunk(PAYLOAD, data[:room]))
    body = b"".join(chunks)
    return pack(">4sH", b"HEP3", 6 + len(body)) + body


def _chunk(kind: int, value: bytes) -> bytes:
    return pack(">HHH", GENERIC, kind, 6 + len(value)) + value


def _address(host: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return IPv4Address(0)
