"""All media streams of the process, on one clock and one range of ports."""

import random
import time
from collections.abc import Callable, Collection
from itertools import islice

from magroup.model.clock import Clock
from magroup.rtp.ports import Ports
from magroup.rtp.stream import Stream
from magroup.rtp.tick import SLOTS, Tick


class Media:
    """Opens streams, which all share one tick; while none is open, nothing runs."""

    def __init__(
        self,
        clock: Clock,
        ports: Ports,
        *,
        wall_clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
        slots: int = SLOTS,
    ) -> None:
        """``wall_clock``: seconds since 1970, for RTCP. ``rng`` chooses SSRCs, first numbers and report times."""
        self._clock = clock
        self._ports = ports
        self._wall_clock = wall_clock
        self._rng = rng or random.SystemRandom()
        self._tick = Tick(clock, slots=slots)
        self._streams: dict[Stream, None] = {}

    @property
    def active(self) -> int:
        """Streams that are open."""
        return len(self._streams)

    @property
    def streams(self) -> Collection[Stream]:
        """Those that are open."""
        return self._streams.keys()

    def soon(self, do: Callable[[], None]) -> None:
        """``do`` it when what is being done is over."""
        self._clock.callLater(0, do)

    def open(self, local_host: str) -> Stream:
        """A stream on two ports of the local IP address ``local_host``. Raises PortError, of it NoPortLeft."""
        stream = Stream(
            self._clock,
            self._wall_clock,
            self._tick,
            self._ports,
            local_host,
            self._rng,
            self._streams.pop,
        )
        self._streams[stream] = None
        return stream

    def describe(self, most: int | None = None) -> list[dict[str, object]]:
        """What is going on in each open stream, as plain values; no more than ``most`` of them."""
        return [stream.describe() for stream in islice(self._streams, most)]

    def close(self) -> None:
        """Closes all streams."""
        for stream in list(self._streams):
            stream.close()
