"""How often somebody may ask: a bucket each, which fills up again with time."""

from collections.abc import Callable

BURST_SECONDS = 10.0
"""So much of the rate may be used up at once by who was quiet before."""

MOST_KEPT = 10_000


class RequestRates:
    """``per_second`` gives how many requests each ``who`` may make."""

    def __init__(self, seconds: Callable[[], float], per_second: Callable[[], float]) -> None:
        self._seconds = seconds
        self._per_second = per_second
        self._used: dict[str, tuple[float, float]] = {}

    def wait(self, who: str) -> float:
        """Seconds to wait before the next request, 0.0 where it may be made now; it counts then."""
        now, rate = self._seconds(), self._per_second()
        used, at = self._used.get(who, (0.0, now))
        used = max(0.0, used - (now - at) * rate)
        room = rate * BURST_SECONDS - used
        if room < 1:
            return (1 - room) / rate
        if len(self._used) >= MOST_KEPT and who not in self._used:
            self._forget(now, rate)
        self._used[who] = (used + 1, now)
        return 0.0

    def _forget(self, now: float, rate: float) -> None:
        """Those whose bucket is full again; all of them where nobody's is."""
        left = {who: one for who, one in self._used.items() if one[0] > (now - one[1]) * rate}
        self._used = left if len(left) < MOST_KEPT else {}
