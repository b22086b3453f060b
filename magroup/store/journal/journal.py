"""The journal of calls: taken at once, in a file within a moment, in the database soon after."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.calls import CallRecord
from magroup.model.clock import BEAT, Clock, DelayedCall
from magroup.store.behind import Behind
from magroup.store.errors import StoreError
from magroup.store.journal.files import JournalFiles, discard
from magroup.store.journal.lines import Entry, Kind
from magroup.store.journal.moving import Piece, move_calls, move_piece, take_calls
from magroup.store.journal.recovery import MovesCalls, Owned, Recovered, nobody, recover
from magroup.store.journal.taken import Taken
from magroup.store.turns import PATIENCE, in_turns
from magroup.store.worker import Runs

FILE_INTERVAL = 0.5
"""Seconds after which records are written to the file at the latest: at a beat before."""

MOVE_INTERVAL = 1.0
"""Seconds in which ended calls are collected before they are moved into the database. Not many: while they are moved
nobody else can write to SQLite's file.
"""

SIGN_OF_LIFE = 10.0
"""Seconds between two marks that calls are still up: how exactly the end of a call cut by a crash is known."""

FILE_BATCH = 5_000
"""Records handed to the file's thread at a time."""


class JournalThread(Runs, Protocol):
    """A thread of the journal's own."""

    def start(self) -> None: ...

    async def stop(self) -> None: ...


MOST_REMEMBERED = 5_000
"""Ended calls of a segment that are moved as they are: reading them from the file again takes longer than storing them.

More come after an outage.
"""


@dataclass
class _Segment:
    """How many bytes of a segment are written, how many of them moved, and whether some could not be read.

    ``ended`` are the calls that ended in the bytes to be moved; None when they are to be read from the file.
    """

    size: int
    moved: int = 0
    damaged: bool = False
    ended: list[CallRecord] | None = field(default_factory=list)

    def remember(self, batch: Iterable[Entry]) -> None:
        """What was written at its end."""
        if self.ended is not None:
            self.ended += (entry.call for entry in batch if entry.kind is Kind.ENDED)
            if len(self.ended) > MOST_REMEMBERED:
                self.ended = None


class Journal:
    """Takes the records of calls; nobody waits for a disk or a database.

    ``begin``, ``finish`` and ``leave`` are those of ``Taken``. While the file cannot be written, ``queue_limit``
    records are kept in memory (it may change), then the oldest are lost: counted in ``lost`` and told in the log. While
    the database is away the files grow.
    """

    log = Logger()

    def __init__(
        self,
        folder: Path,
        database: MovesCalls,
        thread: JournalThread,
        clock: Clock,
        queue_limit: int = 100_000,
        segment_size: int = 4 << 20,
    ) -> None:
        self._folder = folder
        self._database = database
        self._thread = thread
        self._clock = clock
        self._files = JournalFiles(folder, segment_size)
        self._segments: dict[Path, _Segment] = {}
        self._flushing = False
        self._stopping = False
        self._writing = Behind("writing the journal's file", self._write, clock, FILE_INTERVAL - BEAT / 2)
        self._moving = Behind("moving the journal into the database", self._move, clock, MOVE_INTERVAL)
        self._taken = Taken(clock, queue_limit, self._writing.wake)
        # Each call comes by them: no method of this class in between.
        self.begin, self.finish, self.leave = self._taken.begin, self._taken.finish, self._taken.leave
        self._next_sign: DelayedCall | None = None
        self._is_started = False

    def __len__(self) -> int:
        """How many records wait for the file."""
        return len(self._taken)

    @property
    def queue_limit(self) -> int:
        return self._taken.limit

    @queue_limit.setter
    def queue_limit(self, limit: int) -> None:
        self._taken.limit = limit

    @property
    def lost(self) -> int:
        return self._taken.lost

    @property
    def failing(self) -> bool:
        """Whether the file or the database did not take what was written to it last."""
        return self._writing.failing or self._moving.failing

    async def start(self, owned: Owned = nobody) -> Recovered:
        """Bring what an earlier run has left in the files into the database; calls cut by its end are closed there, but
        for those that are ``owned`` by other nodes.

        What cannot be brought in now is left in the files for the next start, and the log says so.
        """
        self._thread.start()
        self._is_started = True
        return await recover(self._folder, self._database, self._thread, owned)

    async def flush(self) -> bool:
        """Bring everything taken so far into the file and the database; False when one of them fails."""
        self._flushing = True
        try:
            return await self._writing.flush() and await self._moving.flush()
        finally:
            self._flushing = False

    async def stop(self) -> None:
        """``flush`` and end the thread. The files of calls that are in the database are deleted."""
        if not self._is_started:
            return
        if self._next_sign is not None:
            self._next_sign.cancel()
            self._next_sign = None
        self._flushing = self._stopping = True
        written = await self._writing.stop()
        moved = await self._moving.stop()
        try:
            await self._thread.run(self._files.close)
            if written and moved and not self._taken.live:
                await self._discard(list(self._segments))
        except OSError as error:
            self.log.error("the journal's file cannot be closed: {reason}", reason=error)
        await self._thread.stop()

    async def _write(self) -> bool:
        taken = self._taken
        taken.collect()
        if taken.live and self._next_sign is None and not self._stopping:
            self._next_sign = self._clock.callLater(SIGN_OF_LIFE, self._sign_of_life)
        while True:
            batch = taken.batch(FILE_BATCH)
            try:
                written = await self._thread.run(
                    in_turns(self._files.append),
                    batch,
                    list(taken.live.values()),
                    self._clock.seconds(),
                    self._flushing,
                )
            except BaseException as error:
                taken.put_back(batch)
                if isinstance(error, OSError):
                    await self._move_past_the_file()
                raise
            if written.extent is not None:
                segment = self._segments.setdefault(written.extent.path, _Segment(0))
                segment.size = written.extent.size
                segment.remember(batch)
            if written.refused:
                if written.extent is not None:
                    segment.ended = None
                taken.lost += written.refused
                self.log.error("{count} journal records cannot be written", count=written.refused)
            if any(entry.kind is Kind.ENDED for entry in batch) or len(self._segments) > 1:
                self._moving.wake()
            if not taken.waits_for_file:
                break
        taken.tell_lost()
        return written.unsynced

    async def _move_past_the_file(self) -> None:
        """It takes nothing: calls that have ended go straight into the database, where that is on another disk."""
        some = self._taken.ended(FILE_BATCH)
        try:
            if not some or await self._database.run(in_turns(move_calls), some):
                return
        except StoreError:
            return
        self._taken.forget(some)

    async def _move(self) -> bool:
        while self._segments:
            path, segment = next(iter(self._segments.items()))
            if segment.moved < segment.size:
                await (self._move_piece(path, segment) if segment.ended is None else self._move_ended(path, segment))
            elif len(self._segments) > 1:
                await self._discard([path])
            else:
                break
        return False

    async def _move_ended(self, path: Path, segment: _Segment) -> None:
        """As _move_piece, without reading the file; when that fails, or more comes than is remembered, it is read."""
        size, ended = segment.size, segment.ended
        segment.ended = []
        try:
            damaged = await self._database.run(in_turns(take_calls, 0.0 if self._flushing else PATIENCE), ended or [])
        except BaseException:
            segment.ended = None
            raise
        if damaged:
            self._keep_damaged(path, segment)
        segment.moved = size

    def _keep_damaged(self, path: Path, segment: _Segment) -> None:
        self.log.error("some of {path} cannot be read, it will be kept as damaged", path=str(path))
        segment.damaged = True

    async def _move_piece(self, path: Path, segment: _Segment) -> None:
        try:
            piece: Piece = await self._database.run(in_turns(move_piece, 0.0), path, segment.moved, segment.size)
        except FileNotFoundError:
            self.log.error("{path} is gone, with the calls in it", path=str(path))
            segment.moved = segment.size
            return
        if piece.damaged or piece.end == segment.moved:
            self._keep_damaged(path, segment)
        segment.moved = piece.end if piece.end > segment.moved else segment.size
        if segment.moved == segment.size:
            segment.ended = []

    async def _discard(self, paths: list[Path]) -> None:
        for path in paths:
            segment = self._segments[path]
            if segment.moved >= segment.size:
                await self._thread.run(discard, path, segment.damaged)
                del self._segments[path]

    def _sign_of_life(self) -> None:
        self._next_sign = None
        if self._taken.live:
            self._next_sign = self._clock.callLater(SIGN_OF_LIFE, self._sign_of_life)
            Deferred.fromCoroutine(self._mark()).addErrback(lambda failure: failure.trap(OSError, StoreError))

    async def _mark(self) -> None:
        await self._thread.run(self._files.sign_of_life)
