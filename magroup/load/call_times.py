"""When each caller has sent its INVITE, and the first phone rang: shared by all workers, for phones and gadgets."""

import mmap
from collections.abc import Sequence
from pathlib import Path
from struct import Struct

_TIMES = Struct("=dd")
"""Of the INVITE, negative where somebody has asked for it, and of the first phone; 0 for none."""


class CallTimes:
    """``numbers`` are all callers of the scenario, in an order that all workers have; ``path`` a file for all of them.

    Times are of the clock that all processes of a machine share.
    """

    def __init__(self, path: Path, numbers: Sequence[str]) -> None:
        self._places = {number: at * _TIMES.size for at, number in enumerate(numbers)}
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), max(len(numbers), 1) * _TIMES.size)

    @staticmethod
    def prepare(path: Path, count: int) -> None:
        """Make the file."""
        path.write_bytes(bytes(max(count, 1) * _TIMES.size))

    def sent(self, number: str, now: float) -> None:
        """A caller sends its INVITE."""
        place = self._places.get(number)
        if place is not None:
            _TIMES.pack_into(self._memory, place, now, 0.0)

    def take(self, number: str, now: float) -> float | None:
        """Seconds since the caller's INVITE, for the first phone that rings; None for all others, and for nobody who
        calls.
        """
        place = self._places.get(number)
        if place is None:
            return None
        sent, _ = _TIMES.unpack_from(self._memory, place)
        if sent <= 0:
            return None
        _TIMES.pack_into(self._memory, place, -sent, now)
        return float(max(now - sent, 0.0))

    def sent_at(self, number: str) -> float | None:
        """When the caller has sent its INVITE, None for nobody who calls."""
        return self._of(number)[0] or None

    def rang_at(self, number: str) -> float | None:
        """When the first phone rang for the caller's newest call, None while none has."""
        return self._of(number)[1] or None

    def _of(self, number: str) -> tuple[float, float]:
        place = self._places.get(number)
        if place is None:
            return 0.0, 0.0
        sent, rang = _TIMES.unpack_from(self._memory, place)
        return abs(float(sent)), float(rang)

    def close(self) -> None:
        self._memory.close()
