"""A file as an answer: all of it, or the part that the client wants (RFC 9110 section 14); read in a thread."""

import os
import re
from collections.abc import Callable, Mapping
from typing import IO, Self

from twisted.web.server import Request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from magroup.web.api.stream import Pieces
from magroup.web.sounds import InThread

PIECE = 64 << 10
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


class FilePieces:
    """The octets from ``start`` to before ``stop`` of a file, which is closed at the end."""

    def __init__(self, in_thread: InThread, file: IO[bytes], start: int, stop: int) -> None:
        self._in_thread = in_thread
        self._file = file
        self._place = start
        self._stop = stop

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._place >= self._stop:
            raise StopAsyncIteration
        piece = await self._in_thread(self._read)
        if not piece:
            raise OSError("the file is shorter than it was")
        self._place += len(piece)
        return piece

    async def aclose(self) -> None:
        """The file is wanted no more."""
        self._file.close()

    def _read(self) -> bytes:
        self._file.seek(self._place)
        return self._file.read(min(PIECE, self._stop - self._place))


async def file_part(
    request: Request, in_thread: InThread, open_file: Callable[[], IO[bytes]], content_type: str,
    headers: Mapping[str, str],
) -> Pieces:  # fmt: skip
    """What is sent of the file that ``open_file`` opens. Raises its OSError, RequestedRangeNotSatisfiable."""

    def opened() -> tuple[IO[bytes], os.stat_result]:
        file = open_file()
        return file, os.fstat(file.fileno())

    file, status = await in_thread(opened)
    size = status.st_size
    tag = f'"{status.st_ino:x}-{status.st_mtime_ns:x}-{size:x}"'
    try:
        part = _wanted(request, size, tag)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    start, stop = part or (0, size)
    sent = {**headers, "Accept-Ranges": "bytes", "ETag": tag, "Content-Length": str(stop - start)}
    if part is not None:
        sent["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return Pieces(content_type, FilePieces(in_thread, file, start, stop), sent, 200 if part is None else 206)


def _wanted(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """Where the wanted part begins and ends; None: all of it, as for several parts at once and what is no range."""
    found = _RANGE.fullmatch(request.getHeader("range") or "")
    if found is None or found[1] == found[2] == "" or request.getHeader("if-range") not in (None, tag):
        return None
    if request.method != b"GET":
        return None
    if not found[1]:
        start, stop = max(0, size - int(found[2])), size
    else:
        start, stop = int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
        if found[2] and int(found[2]) < start:
            return None
    if start >= stop:
        raise RequestedRangeNotSatisfiable(size)
    return start, stop
