"""How much of what is new is refused so that the rest is served in time: by how long messages wait (RFC 6357)."""

from typing import Final

HOLD: Final = 0.5
"""Seconds for which messages wait too long before anything is refused: T1, after which peers repeat what they sent."""

STALL: Final = 1.0
"""Seconds between two looks after which nobody knows what was in between: the process was stopped, once."""

FALLS: Final = 0.75
"""What a wait that is being worked off has become of what it was."""

MOST: Final = 3.0
EXCESS: Final = 0.2
"""Seconds above the target that count at most."""

INTEGRAL: Final = 2.0
PROPORTIONAL: Final = 1.25
"""How much pressure a second above the target makes in a second, and a wait that has become a second longer."""

LITTLE: Final = 0.25
RECOVERY: Final = 1.0
"""What part of the target is as good as no wait at all, and the seconds in which two thirds of the pressure go then."""

OVER: Final = 0.02
"""Less pressure is none."""


class Overload:
    """``pressure`` says what is refused: from 0 to 1 that share of the first kind of requests, from 1 to 2 all of those
    and a share of the second kind, and so on up to ``MOST``.

    ``target`` is how long messages may wait, in seconds, 0.0 for as long as they like. A single late look says nothing,
    nor does a backlog that is being worked off: it has to last for ``HOLD``. From then on the pressure follows the wait
    and how it changes, as the probability of RFC 8033 does.
    """

    def __init__(self, target: float) -> None:
        self.target = target
        self.pressure = 0.0
        self.wait = 0.0
        self._since = -1.0
        self._wait_then = 0.0
        self._looked_at = 0.0
        self._has_stalled = False

    @property
    def is_watchful(self) -> bool:
        """Whether something is refused, or may be soon."""
        return self._since >= 0.0 or self.pressure > 0.0

    def look(self, now: float, wait: float) -> None:
        """``now`` is the clock's time, ``wait`` for how many seconds messages that were just read had waited."""
        before, passed, had_stalled = self.wait, now - self._looked_at, self._has_stalled
        self.wait, self._looked_at, self._has_stalled = wait, now, not 0.0 <= passed <= STALL
        if not self.target:
            self.calm()
        elif self._has_stalled and not had_stalled:
            self._since = -1.0
        elif self.pressure:
            self._follow(wait - before, passed)
        elif wait <= self.target:
            self._since = -1.0
        elif self._since < 0.0 or wait < FALLS * self._wait_then:
            self._since, self._wait_then = now, wait
        elif now - self._since >= HOLD:
            # Of what comes in a second so much has to wait for the next one.
            self.pressure = min(1.0, max(OVER, (wait - self._wait_then) / (now - self._since)))

    def calm(self) -> None:
        """Nothing is refused any more."""
        self.pressure = 0.0
        self._since = -1.0

    def _follow(self, change: float, passed: float) -> None:
        excess = min(self.wait - self.target, EXCESS)
        change = max(-EXCESS, min(change, EXCESS))
        pressure = self.pressure + INTEGRAL * excess * passed + PROPORTIONAL * change
        if self.wait < LITTLE * self.target:
            pressure -= self.pressure * passed / RECOVERY
        if pressure < OVER:
            self.calm()
        else:
            self.pressure = min(pressure, MOST)
