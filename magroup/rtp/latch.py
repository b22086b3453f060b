"""Where the other end really is: symmetric RTP (RFC 4961) for callers behind address translation."""

from typing import NamedTuple

from magroup.rtp.wire import Address

WINDOW_SECONDS = 3.0
SILENT_SECONDS = 0.2
OLD_SOURCE_SECONDS = 0.5


class _Candidate(NamedTuple):
    address: Address
    sequence: int


class Latch:
    """Decides from which address media is taken; answers go there.

    Signalling says one address, and packets from there are always believed. Until they come, the first other address
    that sends two packets in a row is the source. It may change within the first seconds only, and only once it has
    fallen silent: who comes later or sends in between is a stranger, whatever he sends.
    """

    def __init__(self) -> None:
        self.source: Address | None = None
        self._expected: Address = ("", 0)
        self._since = 0.0
        self._expected_since = 0.0
        self._former: Address | None = None
        self._candidate: _Candidate | None = None

    @property
    def target(self) -> Address:
        """Where packets are to be sent."""
        return self.source or self._expected

    def expect(self, address: Address, now: float) -> None:
        """Signalling says that the other end is there; another address than before lets the source change again."""
        if address == self._expected:
            return
        self._former = self.source
        self._expected = address
        self._expected_since = now
        self.source = None
        self._candidate = None

    def accept(self, address: Address, sequence: int, now: float, last_heard: float) -> bool:
        """Whether to take a packet from ``address``, which is not the source; the source may be another then.

        ``last_heard``: when the source sent last, in seconds as ``now``.
        """
        if address != self._expected and not self._believed(address, sequence, now, last_heard):
            return False
        if self.source is None:
            self._since = now
        self.source = address
        self._candidate = None
        return True

    def _believed(self, address: Address, sequence: int, now: float, last_heard: float) -> bool:
        if not self._expected[0]:
            return False
        if self.source is None:
            if address == self._former and now - self._expected_since < OLD_SOURCE_SECONDS:
                return False
        elif (
            self.source == self._expected
            or now - self._since > WINDOW_SECONDS
            or now - last_heard < SILENT_SECONDS
        ):
            return False
        candidate, self._candidate = self._candidate, _Candidate(address, sequence)
        return candidate is not None and candidate == (address, (sequence - 1) & 0xFFFF)
