"""One HTTP/1.x response as it comes off a connection (RFC 9112), limited as a whole; no header field is kept."""

import re
from typing import NamedTuple

from magroup.web.phone.push.answer import LONGEST

MOST_HEAD = 8192
"""Bytes of status line and header fields, with those of interim responses before them."""

MOST_CHUNK_LINE = 256

_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9][0-9])(?: |$)")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?\r?", re.DOTALL)


class Response(NamedTuple):
    """A body that is too long ends one byte after ``LONGEST``."""

    status: int
    body: bytes


class ResponseReader:
    """``feed`` it what arrives until it has one, ``end`` it when the connection is over. Both raise ValueError."""

    __slots__ = ("_body", "_found", "_head_bytes", "_is_chunked", "_left", "_searched", "_status")

    def __init__(self) -> None:
        self._found = bytearray()
        self._body = bytearray()
        self._head_bytes = 0
        self._searched = 0
        self._status = 0
        self._is_chunked = False
        self._left: int | None = None

    def feed(self, data: bytes) -> Response | None:
        self._found += data
        while not self._status:
            if not self._read_head():
                return None
        return self._read_chunks() if self._is_chunked else self._read_plain()

    def end(self) -> Response:
        """Where nothing was said of the length, it ends with the connection."""
        if not self._status or self._is_chunked or self._left is not None:
            raise ValueError("the connection ended within the response")
        return self._response(self._found)

    def _response(self, body: bytearray) -> Response:
        return Response(self._status, bytes(body[: LONGEST + 1]))

    def _read_head(self) -> bool:
        end = _END.search(self._found, self._searched)
        if self._head_bytes + (end.end() if end else len(self._found)) > MOST_HEAD:
            raise ValueError(f"header fields of more than {MOST_HEAD} bytes")
        if end is None:
            self._searched = max(0, len(self._found) - 3)
            return False
        first, *lines = bytes(self._found[: end.start()]).split(b"\n")
        del self._found[: end.end()]
        self._head_bytes += end.end()
        self._searched = 0
        status = _STATUS.match(first.rstrip(b"\r"))
        if status is None:
            raise ValueError("no HTTP")
        if (code := int(status[1])) >= 200:
            self._read_fields(code, lines)
        return True

    def _read_fields(self, code: int, lines: list[bytes]) -> None:
        lengths: set[bytes] = set()
        for line in lines:
            name, _, value = line.partition(b":")
            match name.lower():
                case b"content-length":
                    lengths.update(part.strip() for part in value.split(b","))
                case b"transfer-encoding":
                    self._is_chunked = value.strip().lower() != b"identity"
                    if self._is_chunked and value.strip().lower() != b"chunked":
                        raise ValueError("an unknown transfer coding")
        if code in (204, 304):
            self._is_chunked, lengths = False, {b"0"}
        if self._is_chunked:
            self._left = 0
        elif lengths:
            length = lengths.pop()
            if lengths or not _LENGTH.fullmatch(length):
                raise ValueError("no length")
            self._left = int(length)
        self._status = code

    def _read_plain(self) -> Response | None:
        if self._left is not None and len(self._found) >= self._left:
            return self._response(self._found[: self._left])
        return self._response(self._found) if len(self._found) > LONGEST else None

    def _read_chunks(self) -> Response | None:
        """``_left`` are the bytes of the chunk that is read, with the line end after it."""
        at = 0
        while len(self._body) <= LONGEST:
            if self._left:
                part = self._found[at : at + self._left]
                self._body += part[: max(0, self._left - 2)]
                at += len(part)
                self._left -= len(part)
                if self._left:
                    break
            line_end = self._found.find(b"\n", at, at + MOST_CHUNK_LINE)
            if line_end < 0:
                if len(self._found) - at >= MOST_CHUNK_LINE:
                    raise ValueError("a chunk without its size")
                break
            size = _CHUNK.fullmatch(self._found, at, line_end)
            if size is None:
                raise ValueError("a chunk without its size")
            at = line_end + 1
            if not (length := int(size[1], 16)):
                return self._response(self._body)
            self._left = length + 2
        del self._found[:at]
        return self._response(self._body) if len(self._body) > LONGEST else None
