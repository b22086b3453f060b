"""Reads capture files (libpcap, raw IP with UDP), and says what is wrong with them."""

from ipaddress import ip_address
from struct import unpack, unpack_from
from typing import NamedTuple


class Packet(NamedTuple):
    """A datagram with the time of its capture."""

    at: float
    source: tuple[str, int]
    target: tuple[str, int]
    data: bytes


def packets(file: bytes) -> list[Packet]:
    """All of them; every length and checksum must be right."""
    magic, major, minor, zone, _, longest, link = unpack_from("<IHHiIII", file)
    assert (magic, major, minor, zone, link) == (0xA1B2C3D4, 2, 4, 0, 101)
    found, place = [], 24
    while place < len(file):
        seconds, microseconds, kept, length = unpack_from("<IIII", file, place)
        assert kept == length <= longest and microseconds < 1_000_000
        found.append(_packet(seconds + microseconds / 1e6, file[place + 16 : place + 16 + kept]))
        place += 16 + kept
    assert place == len(file)
    return found


def _packet(at: float, packet: bytes) -> Packet:
    version = packet[0] >> 4
    if version == 4:
        (total,) = unpack_from(">H", packet, 2)
        assert packet[0] == 0x45 and total == len(packet) and packet[9] == 17
        assert _sum(packet[:20]) == 0xFFFF
        source, target, rest = packet[12:16], packet[16:20], packet[20:]
        pseudo = source + target + bytes((0, 17)) + len(rest).to_bytes(2, "big")
    else:
        (payload,) = unpack_from(">H", packet, 4)
        assert version == 6 and packet[6] == 17 and payload == len(packet) - 40
        source, target, rest = packet[8:24], packet[24:40], packet[40:]
        pseudo = source + target + len(rest).to_bytes(4, "big") + bytes((0, 0, 0, 17))
    one, other, length, _ = unpack_from(">HHHH", rest)
    assert length == len(rest)
    assert _sum(pseudo + rest) == 0xFFFF
    return Packet(at, (str(ip_address(source)), one), (str(ip_address(target)), other), rest[8:])


def _sum(data: bytes) -> int:
    """The ones' complement sum of the words."""
    data += b"\0" * (len(data) % 2)
    total = sum(unpack(f">{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total
