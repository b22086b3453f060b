"""Frames on a TCP connection (ECMA-323 Annex J.2): two bytes of format, two of length, four digits, and the XML."""

from collections.abc import Iterator
from typing import NamedTuple

HEADER = 8
LARGEST = 0xFFFF
"""What the length can say, the header included."""
PRUDENT = 0x7FFF
"""Larger ones are misread by peers that take the length for a signed number: lists are sent in parts below it."""
EVENT_ID = 9999
"""The invoke id of events and of whatever else has no response."""
_XML = b"\0\0"


class FrameError(Exception):
    """What comes or is to be sent is no frame; nothing behind it on the connection can be read any more."""


class Frame(NamedTuple):
    """A message as it came."""

    invoke_id: int
    body: bytes


def pack(invoke_id: int, body: bytes) -> bytes:
    """The frame around a message. Raises FrameError for one that is too large."""
    length = HEADER + len(body)
    if length > LARGEST:
        raise FrameError(f"A message of {len(body)} bytes does not fit into a frame")
    return b"%b%b%04d%b" % (_XML, length.to_bytes(2, "big"), invoke_id, body)


class FrameReader:
    """Cuts a stream into frames, wherever its pieces begin and end; ``largest`` bounds a frame with its header."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._rest = bytearray()

    @property
    def is_within(self) -> bool:
        """Whether a frame has begun and is not complete."""
        return bool(self._rest)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now. Raises FrameError behind the last good one."""
        self._rest += data
        at = 0
        try:
            while len(self._rest) - at >= HEADER:
                invoke_id, length = self._header(at)
                if len(self._rest) - at < length:
                    break
                body = bytes(self._rest[at + HEADER : at + length])
                at += length
                yield Frame(invoke_id, body)
        finally:
            del self._rest[:at]

    def _header(self, at: int) -> tuple[int, int]:
        header = bytes(self._rest[at : at + HEADER])
        if header[:2] != _XML:
            raise FrameError(f"The format {header[:2].hex()} is not XML without SOAP (0000)")
        length = int.from_bytes(header[2:4], "big")
        if not HEADER < length <= self._largest:
            raise FrameError(f"A frame of {length} bytes: at least {HEADER + 1} and at most {self._largest} are taken")
        digits = header[4:]
        if not digits.isdigit():
            raise FrameError(f"The invoke id {digits!r} is not made of four digits")
        return int(digits), length
