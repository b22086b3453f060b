"""What is known of the packets of one source: loss and jitter (RFC 3550 sections 6.4.1, A.1, A.3, A.8)."""

from magroup.rtp.rtcp import Reception

MOST_DROPPED = 3000
MOST_MISORDERED = 100


class Arrivals:
    """Counts the packets of the source ``ssrc``. ``jitter`` is in timestamp units."""

    def __init__(self, ssrc: int, first_sequence: int) -> None:
        self.ssrc = ssrc
        self.received = 0
        self.jitter = 0.0
        self._base = first_sequence
        self._highest = first_sequence - 1
        self._jump = -1
        self._transit: int | None = None
        self._expected_before = 0
        self._received_before = 0
        self._sender_report = 0
        self._sender_report_at = 0.0

    @property
    def lost(self) -> int:
        """Packets that did not arrive, in all; negative where more came twice."""
        return self._highest - self._base + 1 - self.received

    def count(self, sequence: int) -> bool:
        """A packet came; False: its number is so far off that it counts, and is to be used, only if the next one
        follows it."""
        ahead = (sequence - self._highest) & 0xFFFF
        if ahead < MOST_DROPPED:
            self._highest += ahead
        elif ahead <= 0x10000 - MOST_MISORDERED:
            if sequence != self._jump:
                self._jump = (sequence + 1) & 0xFFFF
                return False
            self._base = sequence
            self._highest = sequence
            self.received = 0
            self._expected_before = self._received_before = 0
            self._transit = None
        self._jump = -1
        self.received += 1
        return True

    def time(self, timestamp: int, arrival: int) -> None:
        """A packet with that timestamp came at ``arrival``, in the same units."""
        transit = (arrival - timestamp) & 0xFFFFFFFF
        if self._transit is not None:
            difference = (transit - self._transit) & 0xFFFFFFFF
            if difference >= 0x80000000:
                difference = 0x1_0000_0000 - difference
            self.jitter += (difference - self.jitter) / 16
        self._transit = transit

    def heard_report(self, ntp: int, now: float) -> None:
        """The source's sender report with that time came."""
        self._sender_report = (ntp >> 16) & 0xFFFFFFFF
        self._sender_report_at = now

    def report(self, now: float) -> Reception:
        """The report block; the fraction lost is that since the one before."""
        expected = self._highest - self._base + 1
        expected_since = expected - self._expected_before
        lost_since = expected_since - (self.received - self._received_before)
        self._expected_before, self._received_before = expected, self.received
        fraction = min(255, lost_since * 256 // expected_since) if expected_since > 0 and lost_since > 0 else 0
        delay = int((now - self._sender_report_at) * 65536) if self._sender_report else 0
        return Reception(
            self.ssrc,
            fraction,
            self.lost,
            self._highest & 0xFFFFFFFF,
            min(int(self.jitter), 0xFFFFFFFF),
            self._sender_report,
            min(max(delay, 0), 0xFFFFFFFF),
        )
