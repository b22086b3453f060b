"""Who listens to a stream: whether packets come in order and without long gaps, and whether they are sound."""

from collections.abc import Callable

from magroup.rtp.codec import PCMA, PCMU

LOOK_EVERY = 25
"""Packets: twice a second."""
QUIET = 300
"""Of 32767: about -40 dBm0, above the noise of a line."""
LEAST_VALUES = 12
"""Different octets in a payload that is not silence, in codecs that are not looked into."""
TIMELINE = 16_000
"""RTP ticks, 2 s: a timestamp that is further off begins another stream."""

_DECODERS = {codec.payload_type: codec.new_decoder() for codec in (PCMU, PCMA)}


class Ear:
    """``heard`` takes what ``Stream.on_payload`` gives. ``gap`` is in seconds."""

    __slots__ = ("_first", "_last", "_newest", "_seconds", "gap", "is_sound", "misordered", "packets")

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.packets = 0
        self.misordered = 0
        self.gap = 0.0
        self.is_sound = False
        self._seconds = seconds
        self._first: Callable[[float], None] | None = None
        self._last: float | None = None
        self._newest: int | None = None

    def heard(self, payload: bytes, payload_type: int, timestamp: int) -> None:
        """A packet came."""
        now = self._seconds()
        if self._last is not None and now - self._last > self.gap:
            self.gap = now - self._last
        self._last = now
        if self._newest is None:
            self._newest = timestamp
        else:
            ahead = (timestamp - self._newest) & 0xFFFFFFFF
            if ahead > 0x100000000 - TIMELINE:
                self.misordered += 1
            elif ahead:
                self._newest = timestamp
        if not self.is_sound and not self.packets % LOOK_EVERY:
            self.is_sound = sounds(payload, payload_type)
        self.packets += 1
        if self._first is not None:
            first, self._first = self._first, None
            first(now)

    def when_heard(self, first: Callable[[float], None]) -> None:
        """Call this once, with the time of the next packet."""
        self._first = first

    def pause(self) -> None:
        """Nothing is expected for a while: that is no gap."""
        self._last = None


def sounds(payload: bytes, payload_type: int) -> bool:
    """Whether a payload is more than silence or the noise of a line."""
    decode = _DECODERS.get(payload_type)
    if decode is None:
        return len(set(payload)) >= LEAST_VALUES
    # As 32 bit numbers: -32768 has no opposite in 16.
    return bool(payload) and int(abs(decode(payload).astype("int32")).max()) > QUIET
