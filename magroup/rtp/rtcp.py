"""RTCP packets: sender and receiver reports, source description, goodbye (RFC 3550 section 6)."""

from collections.abc import Iterable
from struct import Struct
from typing import NamedTuple

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, GOODBYE = 200, 201, 202, 203
NTP_EPOCH = 2_208_988_800
_CNAME = 1
_HEADER = Struct("!BBH")
_SENDER = Struct("!IQIII")
_BLOCK = Struct("!IIIIII")
_WORD = Struct("!I")
_LEAST_LOST, _MOST_LOST = -0x800000, 0x7FFFFF


class Reception(NamedTuple):
    """A report block: how the stream ``ssrc`` was received.

    ``fraction_lost`` in 1/256 since the last report, ``lost`` packets in all (duplicates make it negative),
    ``highest`` the extended sequence number, ``jitter`` in timestamp units, ``last_report`` the middle 32 bits of
    the NTP time of the last sender report seen (0: none) and ``delay`` since then in 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


class SenderReport(NamedTuple):
    """What ``ssrc`` sent until ``ntp`` (64 bit), which is ``timestamp`` on its RTP clock, and what it received."""

    ssrc: int
    ntp: int
    timestamp: int
    packets: int
    octets: int
    receptions: tuple[Reception, ...] = ()


class ReceiverReport(NamedTuple):
    """What ``ssrc``, which sends nothing, received."""

    ssrc: int
    receptions: tuple[Reception, ...] = ()


class SourceDescription(NamedTuple):
    """The canonical name of one source (the other items are not read)."""

    ssrc: int
    cname: str


class Goodbye(NamedTuple):
    """Sources that leave."""

    ssrcs: tuple[int, ...]


Report = SenderReport | ReceiverReport | SourceDescription | Goodbye


def ntp_time(seconds: float) -> int:
    """A 64 bit NTP time from seconds since 1970."""
    return int((seconds + NTP_EPOCH) * 4294967296) & 0xFFFFFFFFFFFFFFFF


def pack(reports: Iterable[Report]) -> bytes:
    """The compound datagram of ``reports``, in their order."""
    return b"".join(map(_pack_one, reports))


def unpack(data: bytes) -> list[Report]:
    """The reports of a compound datagram up to the first malformed packet; kinds that are not known are passed over."""
    reports: list[Report] = []
    at = 0
    while at + 4 <= len(data):
        first, kind, words = _HEADER.unpack_from(data, at)
        end = at + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            break
        body = data[at + 4 : end]
        if first & 0x20:
            padding = body[-1] if body else 0
            if not 0 < padding <= len(body):
                break
            body = body[:-padding]
        report = _unpack_one(kind, first & 0x1F, body)
        if report is not None:
            reports.append(report)
        at = end
    return reports


def _pack_one(report: Report) -> bytes:
    match report:
        case SenderReport():
            sent = (report.packets & 0xFFFFFFFF, report.octets & 0xFFFFFFFF)
            body = _SENDER.pack(report.ssrc, report.ntp, report.timestamp, *sent)
            return _framed(SENDER_REPORT, len(report.receptions), body + _blocks(report.receptions))
        case ReceiverReport():
            body = _WORD.pack(report.ssrc) + _blocks(report.receptions)
            return _framed(RECEIVER_REPORT, len(report.receptions), body)
        case SourceDescription():
            name = report.cname.encode()[:255]
            item = bytes((_CNAME, len(name))) + name
            return _framed(SOURCE_DESCRIPTION, 1, _WORD.pack(report.ssrc) + item + bytes(4 - len(item) % 4))
        case Goodbye():
            return _framed(GOODBYE, len(report.ssrcs), b"".join(map(_WORD.pack, report.ssrcs)))


def _framed(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _blocks(receptions: tuple[Reception, ...]) -> bytes:
    return b"".join(
        _BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | (min(max(block.lost, _LEAST_LOST), _MOST_LOST) & 0xFFFFFF),
            *block[3:],
        )
        for block in receptions
    )


def _unpack_one(kind: int, count: int, body: bytes) -> Report | None:
    if kind == SENDER_REPORT and len(body) >= _SENDER.size + count * _BLOCK.size:
        ssrc, ntp, timestamp, packets, octets = _SENDER.unpack_from(body)
        return SenderReport(ssrc, ntp, timestamp, packets, octets, _receptions(body, _SENDER.size, count))
    if kind == RECEIVER_REPORT and len(body) >= 4 + count * _BLOCK.size:
        return ReceiverReport(_word(body), _receptions(body, 4, count))
    if kind == SOURCE_DESCRIPTION and count and len(body) >= 6 and body[4] == _CNAME and 6 + body[5] <= len(body):
        return SourceDescription(_word(body), body[6 : 6 + body[5]].decode(errors="replace"))
    if kind == GOODBYE and len(body) >= 4 * count:
        return Goodbye(tuple(_word(body, 4 * index) for index in range(count)))
    return None


def _word(body: bytes, at: int = 0) -> int:
    return int.from_bytes(body[at : at + 4], "big")


def _receptions(body: bytes, start: int, count: int) -> tuple[Reception, ...]:
    receptions = []
    for index in range(count):
        ssrc, losses, *rest = _BLOCK.unpack_from(body, start + index * _BLOCK.size)
        lost = losses & 0xFFFFFF
        receptions.append(Reception(ssrc, losses >> 24, lost - 0x1000000 if lost > _MOST_LOST else lost, *rest))
    return tuple(receptions)
