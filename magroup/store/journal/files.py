"""The journal's files: segments of JSON lines that are only appended to, and deleted as a whole."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from magroup.model.calls import CallRecord
from magroup.model.fixed import fixed
from magroup.store.journal.lines import Entry, Kind
from magroup.store.turns import parts

_NUMBERED = re.compile(r"journal-(\d{8,18})\.(jsonl|damaged)\Z")

AT_ONCE = 50
"""Entries encoded between two looks whether this thread's turn is over."""


@fixed
class Extent:
    """How far a segment is written: its path and its length in bytes, whole lines only."""

    path: Path
    size: int


@fixed
class Written:
    """What a call of ``append`` did: how far the segment it wrote to is written now, None when it had nothing to write.

    ``unsynced``: bytes may not be on the disk yet; ``refused``: entries that could not be written as JSON.
    """

    extent: Extent | None
    unsynced: bool
    refused: int


class JournalFiles:
    """The writer of the segments in a folder; used in one thread at a time.

    Everything that is appended is with the operating system when ``append`` returns, so that a kill -9 loses nothing
    of it; it is forced to the disk at most once in ``sync_interval`` seconds.
    """

    def __init__(self, folder: Path, segment_size: int = 4 << 20, sync_interval: float = 1.0) -> None:
        self._folder = folder
        self._segment_size = segment_size
        self._sync_interval = sync_interval
        self._file = -1
        self._path = folder
        self._last = 0
        self._size = 0
        self._synced_at = 0.0
        self._unsynced = False

    def append(self, entries: Sequence[Entry], live: Sequence[CallRecord], now: float, sync: bool = False) -> Written:
        """Write the entries; when a new segment begins, the calls that are ``live`` first.

        ``now``: seconds of any clock; ``sync``: force it to the disk at once. Raises OSError; the entries are not
        written then, or to be written again.
        """
        lines, refused = _encoded(entries)
        extent = None
        if lines:
            self._open_segment()
            if self._size == 0:
                lines = _encoded([Entry(Kind.LIVE, call) for call in live])[0] + lines
            self._write(b"".join(lines))
            extent = Extent(self._path, self._size)
        if self._unsynced and (sync or abs(now - self._synced_at) >= self._sync_interval):
            os.fdatasync(self._file)
            self._synced_at = now
            self._unsynced = False
        return Written(extent, self._unsynced, refused)

    def sign_of_life(self) -> None:
        """Mark the segment's time of modification: the calls in it are still up."""
        if self._file >= 0:
            os.utime(self._file)

    def close(self) -> None:
        """Force what is written to the disk and close the segment; a later ``append`` begins a new one."""
        if self._file >= 0:
            self._end_segment()

    def _write(self, content: bytes) -> None:
        written = 0
        try:
            while written < len(content):
                written += os.write(self._file, content[written:])
        except OSError:
            self._take_back()
            raise
        self._size += written
        self._unsynced = True

    def _take_back(self) -> None:
        """Remove what was written of a torn line, or else write no more to this segment."""
        try:
            os.ftruncate(self._file, self._size)
        except OSError:
            os.close(self._file)
            self._file = -1
            self._size = 0
            self._unsynced = False

    def _open_segment(self) -> None:
        """Begin a segment where there is none, where it is full or where somebody has deleted it."""
        if self._file >= 0 and (self._size >= self._segment_size or not os.fstat(self._file).st_nlink):
            self._end_segment()
        if self._file >= 0:
            return
        make_folder(self._folder)
        # A name is not used twice in a run: what is known of the file that had it would be taken for the new one's.
        self._last = max((self._last, *(_number(path) for path in self._folder.iterdir()))) + 1
        self._path = self._folder / f"journal-{self._last:08}.jsonl"
        self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._size = 0

    def _end_segment(self) -> None:
        file, self._file = self._file, -1
        self._size = 0
        self._unsynced = False
        try:
            os.fdatasync(file)
        finally:
            os.close(file)


def make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def segments(folder: Path) -> list[Path]:
    """The segments in the folder, oldest first."""
    return sorted((path for path in folder.glob("*.jsonl") if _number(path)), key=_number)


def _number(path: Path) -> int:
    found = _NUMBERED.match(path.name)
    return int(found[1]) if found else 0


def read(path: Path, start: int, end: int | None = None) -> Iterator[tuple[bytes, int]]:
    """The whole lines of a segment from byte ``start`` up to ``end``, each with the place after it."""
    place = start
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            place += len(line)
            if not line.endswith(b"\n") or (end is not None and place > end):
                return
            yield line, place


def discard(path: Path, damaged: bool) -> None:
    """Delete a segment, or keep it aside under another name when some of it could not be read."""
    if damaged:
        with suppress(FileNotFoundError):
            path.rename(path.with_suffix(".damaged"))
    else:
        path.unlink(missing_ok=True)


def _encoded(entries: Sequence[Entry]) -> tuple[list[bytes], int]:
    lines = []
    refused = 0
    for some in parts(entries, AT_ONCE):
        for entry in some:
            try:
                lines.append(entry.encode())
            except (ValueError, TypeError):
                refused += 1
    return lines, refused
