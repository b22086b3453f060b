"""Answers are made a few milliseconds at a time: in between the reactor is there for calls and their sound."""

from collections import deque

from twisted.internet.defer import Deferred

from magroup.model.clock import Clock

SLICE = 0.002
"""Seconds of answers in a row; a tick of the sound comes every 20 ms."""


class Turns:
    """Whoever asks for a ``turn`` goes on in the order of asking, a slice of them in each round of the reactor."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: deque[Deferred[None]] = deque()
        self._end = 0.0

    async def turn(self) -> None:
        """Wait for it; no time at all while there is some left in this round."""
        now = self._clock.seconds()
        if not self._end:
            self._end = now + SLICE
            self._clock.callLater(0, self._round)
        if self._waiting or now > self._end:
            waiting: Deferred[None] = Deferred()
            self._waiting.append(waiting)
            await waiting

    def _round(self) -> None:
        self._end = self._clock.seconds() + SLICE
        while self._waiting and self._clock.seconds() <= self._end:
            self._waiting.popleft().callback(None)
        if self._waiting:
            self._clock.callLater(0, self._round)
        else:
            self._end = 0.0
