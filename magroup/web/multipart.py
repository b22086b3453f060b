"""Multipart bodies (RFC 7578), read piece by piece, within limits: a hostile one takes no time that calls need."""

import re
from collections.abc import Iterator
from typing import IO, Any, cast

from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Epilogue, Event, Field, File, MultipartDecoder, NeedData, State

MULTIPART = "multipart/form-data"
LONGEST_HEADER = 8 << 10
LONGEST_HEADERS = 64 << 10
"""Bytes of the header of a part, and of those of all parts together."""

MOST_FIELDS = 20
"""Header fields of a part, and parameters in them."""

_PIECE = 64 << 10
_BLANK_LINE = re.compile(rb"\r\n\r\n|\r\r|\n\n")
_LINE = re.compile(rb"\r\n|\r|\n")


def boundary_of(content_type: str) -> str:
    """The boundary of a multipart body. Raises UnsupportedMediaType for any other body."""
    kind, options = parse_options_header(content_type)
    if kind != MULTIPART:
        raise UnsupportedMediaType(f"the body must be {MULTIPART}")
    return options.get("boundary", "")


def multipart(body: IO[bytes], boundary: str, most_parts: int) -> Iterator[Event]:
    """The parts of a body as they are read, piece by piece. Raises BadRequest, RequestEntityTooLarge."""
    if not 1 <= len(boundary) <= 200 or not boundary.isascii():
        raise BadRequest("the multipart body has no boundary, or a strange one")
    decoder = _Decoder(boundary.encode(), 4 * _PIECE, max_parts=most_parts)
    try:
        while True:
            decoder.receive_data(body.read(_PIECE) or None)
            event = decoder.next_event()
            while not isinstance(event, NeedData):
                # Werkzeug says that it is a text, and means what is in the header: there may be none.
                if isinstance(event, Field | File) and not isinstance(cast(Any, event.name), str):
                    raise BadRequest("a part of the multipart body has no name")
                if isinstance(event, Field | File) and event.headers.get("content-type", "").startswith("multipart/"):
                    raise BadRequest("a part of the multipart body is multipart itself")
                yield event
                if isinstance(event, Epilogue):
                    return
                event = decoder.next_event()
    except (ValueError, AttributeError, LookupError) as reason:
        raise BadRequest(f"the multipart body cannot be understood: {reason}") from None


class _Decoder(MultipartDecoder):
    """Werkzeug's, which would take a third of a second for a header of 256 KiB: it is measured before it is read."""

    _of_headers = 0

    def next_event(self) -> Event:
        if self.state is State.PART:
            self._measure(self.buffer[: LONGEST_HEADER + 4])
        event = super().next_event()
        if self.state is State.PREAMBLE and len(self.buffer) > LONGEST_HEADER:
            raise BadRequest("the multipart body does not begin with its boundary")
        return event

    def _measure(self, start: bytearray) -> None:
        end = _BLANK_LINE.search(start)
        if end is None:
            if len(start) > LONGEST_HEADER:
                raise BadRequest(f"the header of a part is longer than {LONGEST_HEADER} bytes")
            return
        header = start[: end.start()]
        self._of_headers += len(header)
        if self._of_headers > LONGEST_HEADERS:
            raise BadRequest(f"the headers of all parts are longer than {LONGEST_HEADERS} bytes")
        if len(_LINE.findall(header)) >= MOST_FIELDS or header.count(b";") > MOST_FIELDS:
            raise BadRequest(f"the header of a part has more than {MOST_FIELDS} fields or parameters")
