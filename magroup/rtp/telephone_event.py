"""The payload of DTMF in RTP (RFC 4733 section 2.3)."""

from struct import Struct
from typing import NamedTuple

DIGITS = "0123456789*#ABCD"
LONGEST = 0xFFFF
_PAYLOAD = Struct("!BBH")


class TelephoneEvent(NamedTuple):
    """One report about an event: ``volume`` in -dBm0 (0-63), ``duration`` so far in units of the RTP clock."""

    event: int
    end: bool
    volume: int
    duration: int

    @property
    def digit(self) -> str:
        """One of 0-9 * # A-D; empty where the event is another than DTMF."""
        return DIGITS[self.event] if self.event < len(DIGITS) else ""


def pack(report: TelephoneEvent) -> bytes:
    """The four octets of ``report``."""
    return _PAYLOAD.pack(report.event, (0x80 if report.end else 0) | report.volume, report.duration)


def unpack(payload: bytes) -> TelephoneEvent | None:
    """The first report in ``payload``; None where it is too short to be one."""
    if len(payload) < _PAYLOAD.size:
        return None
    event, flags, duration = _PAYLOAD.unpack_from(payload)
    return TelephoneEvent(event, flags >= 0x80, flags & 0x3F, duration)
