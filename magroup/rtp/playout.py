"""Packets of one stream put into their order, with the pauses between them (RFC 3550 section 5.1)."""

from typing import NamedTuple

from magroup.rtp.codec import CLOCK_RATE, FRAME_TICKS

DELAY_TICKS = CLOCK_RATE // 5
"""How long a packet is waited for (200 ms) before the sound goes on without it."""

LATE_TICKS = CLOCK_RATE * 2
"""A packet that is older by more than this begins a new timeline."""

SLACK_TICKS = CLOCK_RATE
"""How much further than the time that has passed timestamps may have gone on."""

LARGEST_PAYLOAD = 1500


class Piece(NamedTuple):
    """The payload that follows after ``pause`` RTP ticks without one."""

    pause: int
    payload_type: int
    payload: bytes


class Playout:
    """Takes packets as they arrive, gives them in the order of their timestamps.

    What comes twice, or too late, is left out. A timestamp that is nowhere near the ones before belongs to another
    timeline (the caller's switch has begun a new stream); the pause before it is then the time that has passed.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._waiting: dict[int, tuple[int, bytes]] = {}
        self._ready: list[Piece] = []
        self._origin = 0
        self._newest = 0
        self._next: int | None = None
        self._heard_at = 0.0

    def put(self, payload: bytes, payload_type: int, timestamp: int, now: float) -> None:
        """A packet came at ``now`` (seconds)."""
        if not payload or len(payload) > LARGEST_PAYLOAD:
            self.dropped += 1
            return
        at = self._place(timestamp, now)
        self._heard_at = now
        if at < (self._next or 0) or at in self._waiting:
            self.dropped += 1
            return
        self._waiting[at] = (payload_type, payload)
        self._newest = max(self._newest, at)
        self._release(self._newest - DELAY_TICKS)

    def take(self) -> list[Piece]:
        """What is in order since the last time."""
        ready, self._ready = self._ready, []
        return ready

    def finish(self) -> list[Piece]:
        """All the rest: no packet is waited for any longer."""
        self._release(self._newest)
        return self.take()

    def _place(self, timestamp: int, now: float) -> int:
        """Where the packet stands, in ticks since the first one."""
        if self._next is None:
            self._origin, self._next = timestamp, 0
            return 0
        at = self._newest + _signed(timestamp - self._origin - self._newest)
        passed = int((now - self._heard_at) * CLOCK_RATE)
        if self._newest - LATE_TICKS <= at <= self._newest + passed + SLACK_TICKS:
            return at
        self._release(self._newest)
        at = (self._next or 0) + max(0, passed - FRAME_TICKS)
        self._origin = timestamp - at
        self._newest = at
        return at

    def _release(self, until: int) -> None:
        """Everything up to ``until`` is in order now."""
        if self._next is None:
            return
        for at in sorted(at for at in self._waiting if at <= until):
            payload_type, payload = self._waiting.pop(at)
            if at < self._next:
                self.dropped += 1
                continue
            self._ready.append(Piece(at - self._next, payload_type, payload))
            # G.711 has an octet for each tick; so has G.722, whose clock counts half its samples.
            self._next = at + len(payload)


def _signed(difference: int) -> int:
    """A difference of timestamps, which are counted modulo 2**32."""
    difference &= 0xFFFFFFFF
    return difference - 0x1_0000_0000 if difference >= 0x80000000 else difference
