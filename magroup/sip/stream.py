"""Cuts a byte stream into messages by Content-Length (RFC 3261 sections 7.5 and 18.3; keep-alives RFC 5626 3.5.1)."""

import re
from collections.abc import Iterator

from magroup.sip.errors import phrase
from magroup.sip.message import MessageError, Request, content_length, parse_message

PING = b"\r\n\r\n"
PONG = b"\r\n"
_LENGTHS = re.compile(rb"\r\n(?:content-length|l)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)", re.IGNORECASE)


class Framer:
    """Takes chunks of any size, gives whole messages; ``limit`` and ``header_limit`` in bytes."""

    def __init__(self, limit: int, header_limit: int) -> None:
        self._limit = limit
        self._header_limit = header_limit
        self._buffer = bytearray()
        self._searched = 0
        self._size = 0
        self._broken = False

    @property
    def pending(self) -> bool:
        """Whether part of a message is there."""
        return bool(self._buffer) and self._buffer[0] not in PONG

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Each message that is whole now, its body as long as Content-Length says, or ``PING`` for a keep-alive.

        Raises MessageError when no further message can be found in the stream; everything after is ignored.
        """
        buffer = self._buffer
        if self._broken:
            return
        buffer += data
        while buffer:
            size = self._size
            if not size:
                if buffer[0] in PONG:
                    if buffer.startswith(PING):
                        del buffer[:4]
                        yield PING
                    elif PING.startswith(buffer):
                        return
                    else:
                        del buffer[: 2 if buffer.startswith(PONG) else 1]
                    continue
                end = buffer.find(PING, self._searched)
                if (end if end >= 0 else len(buffer) - 3) > self._header_limit:
                    head = bytes(buffer[: self._header_limit])
                    raise self._refusal(phrase(513), 513, head[: max(head.rfind(b"\r\n"), 0)])
                if end < 0:
                    self._searched = max(0, len(buffer) - 3)
                    return
                size = end + 4 + self._body_length(bytes(buffer[:end]))
                if size > self._limit:
                    raise self._refusal(phrase(513), 513, bytes(buffer[:end]))
            if len(buffer) < size:
                self._size = size
                return
            message = bytes(buffer[:size])
            del buffer[:size]
            self._size = self._searched = 0
            yield message

    def _body_length(self, head: bytes) -> int:
        values = [value.strip().decode("latin-1") for value in _LENGTHS.findall(head)]
        if not values:
            raise self._refusal("Content-Length is needed", 400, head)
        length = content_length(values)
        if length < 0:
            raise self._refusal("Bad Content-Length", 400, head)
        return length

    def _refusal(self, what: str, status: int, head: bytes) -> MessageError:
        self._broken = True
        self._buffer.clear()
        try:
            message = parse_message(head + PING, framed=True)
        except MessageError as error:
            return MessageError(what, status, error.request)
        return MessageError(what, status, message if isinstance(message, Request) else None)
