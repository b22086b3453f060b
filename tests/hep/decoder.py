"""HEP 3 read strictly, from the draft's tables: what does not fit raises ValueError."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

SIZES = {1: 1, 2: 1, 3: 4, 4: 4, 5: 16, 6: 16, 7: 2, 8: 2, 9: 4, 10: 4, 11: 1, 12: 4, 13: 2}
"""Bytes of the values of the generic chunks that have a fixed length; the others have any."""

NAMES = {
    1: "family", 2: "protocol", 3: "source", 4: "target", 5: "source", 6: "target", 7: "source_port", 8: "target_port",
    9: "seconds", 10: "microseconds", 11: "kind", 12: "agent", 15: "payload", 17: "correlation", 19: "node",
}  # fmt: skip


@dataclass(frozen=True)
class Hep:
    """A packet, taken apart; addresses as texts."""

    family: int
    protocol: int
    source: str
    target: str
    source_port: int
    target_port: int
    seconds: int
    microseconds: int
    kind: int
    agent: int
    payload: bytes
    correlation: bytes = b""
    node: bytes = b""


def decode(packet: bytes) -> Hep:
    """One packet, all of it."""
    if packet[:4] != b"HEP3" or int.from_bytes(packet[4:6], "big") != len(packet):
        raise ValueError("no HEP3, or another length than it says")
    found: dict[str, Any] = {}
    rest = packet[6:]
    families = set()
    while rest:
        vendor, kind, length = (int.from_bytes(rest[at : at + 2], "big") for at in (0, 2, 4))
        if vendor != 0 or length < 6 or length > len(rest) or kind not in NAMES:
            raise ValueError(f"chunk {vendor} {kind} of {length}")
        value = rest[6:length]
        if kind in SIZES and len(value) != SIZES[kind]:
            raise ValueError(f"chunk {kind} has {len(value)} bytes")
        if NAMES[kind] in found:
            raise ValueError(f"chunk {kind} twice")
        if kind in (3, 4, 5, 6):
            families.add(2 if kind < 5 else 10)
            found[NAMES[kind]] = str(ip_address(value))
        else:
            found[NAMES[kind]] = int.from_bytes(value, "big") if kind in SIZES else value
        rest = rest[length:]
    if families != {found.get("family")} or found.get("microseconds", 0) >= 1_000_000:
        raise ValueError("addresses of another family, or no time")
    try:
        return Hep(**found)
    except TypeError as error:
        raise ValueError(str(error)) from None
