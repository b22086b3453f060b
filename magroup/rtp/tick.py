"""One tick of 20 ms for all streams, on an absolute schedule."""

from collections.abc import Callable
from math import floor

from twisted.logger import Logger

from magroup.model.clock import Clock, DelayedCall

log = Logger()

TICK_SECONDS = 0.02
LATE_SECONDS = 0.005
SLOTS = 8
CROWD = 25
CATCH_UP_TICKS = 3
_ROUNDING = 1e-3
"""Of a slot: seconds since 1970 have a resolution of 0.2 us, and a slot that is due must not seem to be to come."""

Member = Callable[[int], None]


class Tick:
    """Calls its members once in 20 ms, each with the number of the tick, which grows with time: where the process
    was stopped for longer than ``catch_up`` ticks, numbers are passed over, none is called late.

    Members are spread over ``slots`` equal parts of the 20 ms, so that they do not hold up everything else in one
    go; up to ``crowd`` of them share one, since waking up costs more than serving them. Nothing is scheduled while
    there are none.
    """

    def __init__(
        self, clock: Clock, *, slots: int = SLOTS, crowd: int = CROWD, catch_up: int = CATCH_UP_TICKS
    ) -> None:
        self._clock = clock
        self._crowd = crowd
        self._slots: list[dict[object, Member]] = [{} for _ in range(slots)]
        self._place: dict[object, int] = {}
        self._late = [0] * slots
        self._step = TICK_SECONDS / slots
        self._catch_up = catch_up * slots
        self._origin = 0.0
        self._done = -1
        self._call: DelayedCall | None = None
        self._running = False

    def __len__(self) -> int:
        """The number of members."""
        return len(self._place)

    def add(self, key: object, member: Member) -> None:
        """``member`` is called from now on, for the first time within 20 ms."""
        now = self._clock.seconds()
        if not self._running:
            self._origin = now - self._done * self._step
        sizes = [len(members) for members in self._slots]
        slot = next((number for number, size in enumerate(sizes) if size < self._crowd), sizes.index(min(sizes)))
        begins = not self._slots[slot]
        if begins and self._call is not None:
            self._pass_empty(now)
            self._call.cancel()
        self._slots[slot][key] = member
        self._place[key] = slot
        if begins and (self._call is not None or not self._running):
            self._schedule(now)
        self._running = True

    def remove(self, key: object) -> None:
        """The member added with ``key`` is called no more; one that is not there does no harm."""
        slot = self._place.pop(key, None)
        if slot is not None:
            del self._slots[slot][key]
        if not self._place and self._call is not None:
            self._call.cancel()
            self._call = None
            self._running = False

    def late(self, key: object) -> int:
        """How often the member was due more than 5 ms ago when its turn came, or was passed over; since ever, for
        the slot it is in."""
        slot = self._place.get(key)
        return 0 if slot is None else self._late[slot]

    def now(self) -> float:
        """The present time in ticks, with fractions."""
        return (self._clock.seconds() - self._origin) / TICK_SECONDS

    def _pass_empty(self, now: float) -> None:
        """Nobody was waiting in the slots since the last wake-up."""
        slots = len(self._slots)
        while self._due(self._done + 1) <= now and not self._slots[(self._done + 1) % slots]:
            self._done += 1

    def _due(self, number: int) -> float:
        return self._origin + number * self._step

    def _schedule(self, now: float) -> None:
        slots = len(self._slots)
        due = self._due(next(n for n in range(self._done + 1, self._done + 1 + slots) if self._slots[n % slots]))
        self._call = self._clock.callLater(max(0.0, due - now), self._run)

    def _run(self) -> None:
        self._call = None
        now = self._clock.seconds()
        at = floor((now - self._origin) / self._step + _ROUNDING)
        if at < self._done - len(self._slots):
            # The machine's clock was set back.
            self._origin = now - self._done * self._step
        if at - self._done > self._catch_up:
            self._pass_over(at - self._catch_up)
        while self._done < at:
            self._done += 1
            self._run_slot(now)
        if self._place:
            self._schedule(self._clock.seconds())
        else:
            self._running = False

    def _pass_over(self, last: int) -> None:
        slots = len(self._slots)
        for slot in range(slots):
            self._late[slot] += (last - slot) // slots - (self._done - slot) // slots
        self._done = last

    def _run_slot(self, now: float) -> None:
        number, slot = divmod(self._done, len(self._slots))
        members = self._slots[slot]
        if members and now - self._due(self._done) > LATE_SECONDS:
            self._late[slot] += 1
        for key, member in list(members.items()):
            try:
                if key in members:
                    member(number)
            except Exception:
                # One stream's trouble must not silence the others.
                log.failure("A stream failed and is not served any longer")
                self.remove(key)
