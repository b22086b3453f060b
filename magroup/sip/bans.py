"""Sources that are not listened to for a while: what they send is dropped before anybody looks into it."""

from collections.abc import Callable
from typing import Final

from magroup.sip.addresses import place_of
from magroup.sip.timers import Timer, Timers

MOST: Final = 10_000


class Ban:
    """Times are those of the clock, ``dropped`` counts datagrams and connections."""

    __slots__ = ("dropped", "place", "since", "until", "why")

    def __init__(self, place: str, since: float, until: float, why: str) -> None:
        self.place = place
        self.since = since
        self.until = until
        self.why = why
        self.dropped = 0


class Bans:
    """At most ``most`` at a time: the oldest makes room. ``began`` hears of each, ``ended`` of the place of each that
    is over, unless it was lifted; ``dropped`` counts since the start.

    One of IPv6 holds for a network of 64 bits.
    """

    def __init__(self, timers: Timers, most: int = MOST) -> None:
        self.began: Callable[[Ban], None] = lambda ban: None
        self.ended: Callable[[str], None] = lambda place: None
        self.by_place: dict[str, Ban] = {}
        self.dropped = 0
        self._timers = timers
        self._most = most
        self._timer: Timer | None = None

    def drops(self, host: str) -> bool:
        """Whether what ``host`` has just sent is not read; it is counted."""
        ban = self.by_place.get(place_of(host))
        if ban is None:
            return False
        ban.dropped += 1
        self.dropped += 1
        return True

    def holds(self, host: str) -> bool:
        return place_of(host) in self.by_place

    def ban(self, host: str, seconds: float, why: str) -> None:
        """From now on, for so long; one that is banned already stays so until its end."""
        place = place_of(host)
        if place in self.by_place:
            return
        if len(self.by_place) >= self._most:
            self._end(next(iter(self.by_place)))
        now = self._timers.clock.seconds()
        ban = self.by_place[place] = Ban(place, now, now + seconds, why)
        if self._timer is None:
            self._timer = self._timers.after(seconds, self._expire)
        self.began(ban)

    def lift(self, place: str) -> bool:
        """Listen to it again; False where it is not banned."""
        return self.by_place.pop(place, None) is not None

    def _expire(self) -> None:
        self._timer = None
        now = self._timers.clock.seconds()
        for ban in tuple(self.by_place.values()):
            if ban.until <= now:
                self._end(ban.place)
        if self.by_place:
            next_end = min(ban.until for ban in self.by_place.values())
            self._timer = self._timers.after(next_end - now, self._expire)

    def _end(self, place: str) -> None:
        del self.by_place[place]
        self.ended(place)
