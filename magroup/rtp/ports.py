"""The range of UDP ports for media: even ports for RTP, the odd ones above them for RTCP (RFC 3550 section 11)."""

import errno
import random
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from magroup.rtp.wire import Received, Wire, Wires


class PortError(Exception):
    """No ports could be opened; the text is one line that says why."""


class NoPortLeft(PortError):
    """All ports of the range are taken."""


class Seconds(Protocol):
    """What is used of the clock."""

    def seconds(self) -> float: ...


class _Place(NamedTuple):
    host: str
    port: int


@dataclass(frozen=True, eq=False)
class PortPair:
    """The two ports of a stream; ``close`` gives them back."""

    rtp: Wire
    rtcp: Wire
    _ports: "Ports"
    _place: _Place

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()
        self._ports._rest(self._place)


class Ports:
    """Opens pairs of ports from ``first`` to ``last``, both included, of any local address.

    Pairs are taken one after another from a random start, and one that was given back rests for ``quarantine``
    seconds: what is still under way to the former call does not get into the next one.
    """

    def __init__(
        self,
        clock: Seconds,
        wires: Wires,
        first: int,
        last: int,
        *,
        quarantine: float = 5.0,
        rng: random.Random | None = None,
    ) -> None:
        if not 0 < first < last <= 65535 or (first + 1) // 2 * 2 + 1 > last:
            raise ValueError(f"{first}-{last} is no range of UDP ports with an even and an odd port in it")
        self._clock = clock
        self._wires = wires
        self._first, self._last = first, last
        self._even = range((first + 1) // 2 * 2, last, 2)
        self._quarantine = quarantine
        self._next = (rng or random.SystemRandom()).randrange(len(self._even))
        self._used: set[_Place] = set()
        self._resting: set[_Place] = set()
        self._rested_at: deque[tuple[float, _Place]] = deque()

    @property
    def all(self) -> int:
        """Pairs that there are."""
        return len(self._even)

    @property
    def in_use(self) -> int:
        """Pairs that are open."""
        return len(self._used)

    def open(self, host: str, rtp_received: Received, rtcp_received: Received) -> PortPair:
        """The next free pair on the local IP address ``host``. Raises NoPortLeft, PortError."""
        self._wake_rested()
        for _ in range(len(self._even)):
            place = _Place(host, self._even[self._next])
            self._next = (self._next + 1) % len(self._even)
            if place in self._used or place in self._resting:
                continue
            pair = self._bind(place, rtp_received, rtcp_received)
            if pair is not None:
                self._used.add(place)
                return pair
            self._put_to_rest(place)
        raise NoPortLeft(
            f"no RTP port left in {self._first}-{self._last} on {host}: {len(self._used)} pairs in use,"
            f" {len(self._resting)} resting"
        )

    def _bind(self, place: _Place, rtp_received: Received, rtcp_received: Received) -> PortPair | None:
        opened: list[Wire] = []
        try:
            for port, received in ((place.port, rtp_received), (place.port + 1, rtcp_received)):
                opened.append(self._wires.open(place.host, port, received))
        except OSError as error:
            for wire in opened:
                wire.close()
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return None
            raise PortError(f"cannot open RTP ports on {place.host}: {error.strerror or error}") from error
        return PortPair(opened[0], opened[1], self, place)

    def _rest(self, place: _Place) -> None:
        if place in self._used:
            self._used.remove(place)
            self._put_to_rest(place)

    def _put_to_rest(self, place: _Place) -> None:
        self._resting.add(place)
        self._rested_at.append((self._clock.seconds() + self._quarantine, place))

    def _wake_rested(self) -> None:
        now = self._clock.seconds()
        while self._rested_at and self._rested_at[0][0] <= now:
            self._resting.discard(self._rested_at.popleft()[1])
