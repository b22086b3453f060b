"""When each caller has sent its INVITE: shared by all workers, so that a phone of another worker knows it."""

import mmap
from collections.abc import Sequence
from pathlib import Path
from struct import Struct

_TIME = Struct("=d")


class CallTimes:
    """``numbers`` are all callers of the scenario, in an order that all workers have; ``path`` a file for all of them.

    Times are of the clock that all processes of a machine share.
    """

    def __init__(self, path: Path, numbers: Sequence[str]) -> None:
        self._places = {number: at * _TIME.size for at, number in enumerate(numbers)}
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), max(len(numbers), 1) * _TIME.size)

    @staticmethod
    def prepare(path: Path, count: int) -> None:
        """Make the file."""
        path.write_bytes(bytes(max(count, 1) * _TIME.size))

    def sent(self, number: str, now: float) -> None:
        """A caller sends its INVITE."""
        place = self._places.get(number)
        if place is not None:
            _TIME.pack_into(self._memory, place, now)

    def take(self, number: str, now: float) -> float | None:
        """Seconds since the caller's INVITE, for the first who asks; None for all others, and for nobody who calls."""
        place = self._places.get(number)
        if place is None:
            return None
        (sent,) = _TIME.unpack_from(self._memory, place)
        if sent <= 0:
            return None
        _TIME.pack_into(self._memory, place, -sent)
        return float(max(now - sent, 0.0))

    def sent_at(self, number: str) -> float | None:
        """When the caller has sent its INVITE, None for nobody who calls."""
        place = self._places.get(number)
        if place is None:
            return None
        (sent,) = _TIME.unpack_from(self._memory, place)
        return abs(float(sent)) or None

    def close(self) -> None:
        self._memory.close()
