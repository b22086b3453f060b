"""STUN keep-alives on a SIP port (RFC 5626 section 4.4.2; binding requests of RFC 5389, no authentication)."""

import struct
from ipaddress import ip_address

BINDING_REQUEST = 0x0001
BINDING_SUCCESS = 0x0101
XOR_MAPPED_ADDRESS = 0x0020
COOKIE = 0x2112A442
HEADER = struct.Struct("!HHI12s")


def is_stun(data: bytes) -> bool:
    """Whether a datagram on a SIP port is STUN, whole or not: SIP is text and begins with no such byte."""
    return data[:1] in (b"\x00", b"\x01")


def binding_response(data: bytes, host: str, port: int) -> bytes | None:
    """The answer to a binding request from numeric ``host``; None for every other STUN message, which has none."""
    if len(data) < HEADER.size:
        return None
    kind, length, cookie, transaction = HEADER.unpack_from(data)
    if kind != BINDING_REQUEST or cookie != COOKIE or length % 4 or length + HEADER.size != len(data):
        return None
    packed = ip_address(host.partition("%")[0]).packed
    mask = COOKIE.to_bytes(4, "big") + transaction
    address = bytes(a ^ b for a, b in zip(packed, mask, strict=False))
    value = struct.pack("!BBH", 0, 1 if len(packed) == 4 else 2, port ^ COOKIE >> 16) + address
    attribute = struct.pack("!HH", XOR_MAPPED_ADDRESS, len(value)) + value
    return HEADER.pack(BINDING_SUCCESS, len(attribute), cookie, transaction) + attribute
