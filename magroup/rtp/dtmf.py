"""DTMF digits as telephone events: recognised in what arrives, spelled for what is sent (RFC 4733 section 2.5)."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from magroup.rtp import telephone_event
from magroup.rtp.codec import FRAME_TICKS
from magroup.rtp.telephone_event import DIGITS, LONGEST, TelephoneEvent

TONE_FRAMES = 5
GAP_FRAMES = 3
END_REPEATS = 3
VOLUME = 10
LATE_TICKS = 40_000
"""A report whose event began this much (5 s) before the present one or less comes late; more: a new timeline."""


class DtmfDetector:
    """Tells each event once, at the first report of it that arrives: it needs neither its begin nor its end."""

    __slots__ = ("_event", "_timestamp")

    def __init__(self) -> None:
        self._timestamp = -1
        self._event = -1

    def digit(self, payload: bytes, marker: bool, timestamp: int) -> str:
        """The digit that begins with this payload; empty: none does."""
        report = telephone_event.unpack(payload)
        if report is None:
            return ""
        if self._timestamp >= 0:
            ahead = (timestamp - self._timestamp) & 0xFFFFFFFF
            if ahead == 0 or ahead >= 0x1_0000_0000 - LATE_TICKS:
                return ""
            # Section 2.5.1.3: an event too long for its duration field goes on in a further segment.
            goes_on = ahead == LONGEST and report.event == self._event and not marker
        else:
            goes_on = False
        self._timestamp, self._event = timestamp, report.event
        return "" if goes_on else report.digit


class EventFrame(NamedTuple):
    """What is sent of an event in one tick; ``begins``: its timestamp is that of this tick."""

    begins: bool
    payload: bytes


def spell(digits: Iterable[str]) -> Iterator[EventFrame | None]:
    """For each tick what is to be sent so that the other end gets ``digits``; None: nothing, a gap.

    A digit sounds for 100 ms, its end is sent three times, and 100 ms pass before the next.
    """
    for digit in digits:
        event = DIGITS.index(digit.upper())
        for frame in range(1, TONE_FRAMES + END_REPEATS):
            duration = FRAME_TICKS * min(frame, TONE_FRAMES)
            report = TelephoneEvent(event, frame >= TONE_FRAMES, VOLUME, duration)
            yield EventFrame(frame == 1, telephone_event.pack(report))
        for _ in range(GAP_FRAMES):
            yield None
