"""What the journal has taken and no file has yet."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import ClassVar

from twisted.logger import Logger

from magroup.model.calls import CallRecord
from magroup.model.clock import Clock
from magroup.store.journal.calendar import by_the_calendar
from magroup.store.journal.lines import Entry, Kind


class Taken:
    """``something_came()`` is told when there is something to be collected, once until that is done.

    Of what is collected, and cannot be written, ``limit`` records are kept (it may change), then the oldest are lost:
    counted in ``lost`` and told in the log. ``live`` are the calls that are up, as they were written last.
    """

    log: ClassVar = Logger()

    def __init__(self, clock: Clock, limit: int, something_came: Callable[[], None]) -> None:
        self.limit = limit
        self.lost = 0
        self.live: dict[str, CallRecord] = {}
        self._clock = clock
        self._something_came = something_came
        self._is_told = False
        self._begun: dict[str, Callable[[], CallRecord]] = {}
        self._queue: deque[Entry] = deque()
        self._lost_now = 0

    def __len__(self) -> int:
        """How many records wait."""
        return len(self._queue) + len(self._begun)

    @property
    def waits_for_file(self) -> bool:
        """Whether some that were collected, or have ended since, are not written."""
        return bool(self._queue)

    # Told of each call

    def begin(self, call_id: str, known: Callable[[], CallRecord]) -> None:
        """A call is up; ``known`` gives what is known of it, when the file is written: a crash keeps that.

        Again whenever more is known. Of calls that are over by then only the end is written.
        """
        self._begun[call_id] = known
        self._tell()

    def finish(self, call: CallRecord) -> None:
        """A call has ended, and this is its record."""
        self._begun.pop(call.id, None)
        self.live.pop(call.id, None)
        self._queue.append(Entry(Kind.ENDED, by_the_calendar(call, self._clock)))
        if len(self._queue) > self.limit:
            self._keep_to_limit()
        self._tell()

    def leave(self, call_id: str) -> None:
        """A call that is up is recorded by another server from now on."""
        self._begun.pop(call_id, None)
        self.live.pop(call_id, None)

    def _tell(self) -> None:
        if not self._is_told:
            self._is_told = True
            self._something_came()

    # For the file

    def collect(self) -> None:
        """Calls that are still up go into the queue as far as they have come."""
        self._is_told = False
        begun, self._begun = self._begun, {}
        for call_id, known in begun.items():
            try:
                call = by_the_calendar(known(), self._clock)
            except Exception:
                self.log.failure("What is known of {call} cannot be written", call=call_id)
                continue
            self.live[call_id] = call
            self._queue.append(Entry(Kind.LIVE, call))
        self._keep_to_limit()

    def batch(self, most: int) -> list[Entry]:
        """The oldest of what was collected, to be written."""
        return [self._queue.popleft() for _ in range(min(len(self._queue), most))]

    def put_back(self, batch: list[Entry]) -> None:
        """It could not be written."""
        self._queue.extendleft(reversed(batch))
        self._keep_to_limit()

    def ended(self, most: int) -> list[CallRecord]:
        """Some of those that have ended and wait."""
        found = {entry.call.id: entry.call for entry in self._queue if entry.kind is Kind.ENDED}
        return list(found.values())[:most]

    def forget(self, calls: Iterable[CallRecord]) -> None:
        """They are where they are to be without the file."""
        gone = {call.id for call in calls}
        self._queue = deque(entry for entry in self._queue if entry.call.id not in gone)

    def tell_lost(self) -> None:
        """Say in the log how many were lost since the first one."""
        if self._lost_now:
            self.log.error("{count} journal records were lost", count=self._lost_now)
            self._lost_now = 0

    def _keep_to_limit(self) -> None:
        while len(self._queue) > self.limit:
            self._queue.popleft()
            self.lost += 1
            self._lost_now += 1
            if self._lost_now == 1:
                self.log.error(
                    "the journal's queue is full ({limit} records): the oldest are lost from now on", limit=self.limit
                )
