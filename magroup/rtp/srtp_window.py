"""Which packets of a source were there: their numbers beyond 16 bits, and none twice (RFC 3711 section 3.3)."""

WIDTH = 128
"""Packets that came later by more than this are refused."""

_ALL = (1 << WIDTH) - 1


class Window:
    """The packets up to ``highest``, the index of the newest one that was taken, -1 for none."""

    __slots__ = ("_taken", "highest")

    def __init__(self) -> None:
        self.highest = -1
        self._taken = 0

    def index(self, sequence: int) -> int:
        """The index of a packet by the 16 bits of it that are sent: the nearest one to the newest."""
        highest = self.highest
        return highest + ((sequence - highest + 0x8000) & 0xFFFF) - 0x8000

    def is_new(self, index: int) -> bool:
        """Whether the packet may be taken: it was not, and is not too old."""
        age = self.highest - index
        return age < 0 or (age < WIDTH and index >= 0 and not self._taken >> age & 1)

    def take(self, index: int) -> None:
        """The packet is authentic and was there."""
        ahead = index - self.highest
        if ahead > 0:
            self._taken = (self._taken << ahead | 1) & _ALL if ahead < WIDTH else 1
            self.highest = index
        else:
            self._taken |= 1 << -ahead
