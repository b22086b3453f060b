"""Fields of a query and of a form, urlencoded or multipart: so many, each once, UTF-8."""

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, cast
from urllib.parse import parse_qsl

from twisted.web.http import Request
from twisted.web.iweb import IRequest
from werkzeug.exceptions import BadRequest
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Field, File

from magroup.web.multipart import MULTIPART, multipart

MOST_FIELDS = 100
LARGEST = 64 << 10
"""Bytes of a form, files aside."""

Fields = Mapping[bytes, list[bytes]]


def form_fields(request: IRequest) -> Fields:
    """All fields, those of the query first; of a form with files those before the first file. Raises BadRequest for
    more than so many.
    """
    asked = cast(Request, request)
    fields: dict[bytes, list[bytes]] = {name: list(values) for name, values in (asked.args or {}).items()}
    for name, value in _sent(asked):
        fields.setdefault(name, []).append(value)
    return fields


def form_field(request: IRequest, name: str, longest: int) -> str:
    """The field's text, "" where there is none. Raises BadRequest: sent twice, too long, no UTF-8 or with NUL."""
    return field_of(form_fields(request), name, longest)


def field_of(fields: Fields, name: str, longest: int) -> str:
    """As ``form_field``, of fields that were read before."""
    values = fields.get(name.encode(), [])
    if len(values) > 1:
        raise BadRequest(f"{name} is sent more than once.")
    try:
        text = values[0].decode() if values else ""
    except UnicodeDecodeError:
        raise BadRequest(f"{name} is not UTF-8.") from None
    if len(text) > longest or "\0" in text:
        raise BadRequest(f"{name} is too long or has characters that are not allowed.")
    return text


def _sent(asked: Request) -> Iterable[tuple[bytes, bytes]]:
    """What is in the body."""
    if asked.method != b"POST" or asked.content is None:
        return ()
    kind, options = parse_options_header((asked.getHeader(b"content-type") or b"").decode("ascii", "replace"))
    asked.content.seek(0)
    try:
        if kind == "application/x-www-form-urlencoded":
            return _urlencoded(asked.content.read(LARGEST + 1))
        return tuple(_before_files(asked.content, options.get("boundary", ""))) if kind == MULTIPART else ()
    finally:
        asked.content.seek(0)


def _urlencoded(body: bytes) -> list[tuple[bytes, bytes]]:
    if len(body) > LARGEST or body.count(b"&") >= MOST_FIELDS:
        raise _too_many()
    # As bytes, each in the place of a character: what is UTF-8 and what is not is seen later.
    fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]


def _before_files(body: IO[bytes], boundary: str) -> Iterator[tuple[bytes, bytes]]:
    name, value = "", b""
    for event in multipart(body, boundary, MOST_FIELDS):
        if isinstance(event, File):
            return
        if isinstance(event, Field):
            name, value = event.name, b""
        elif isinstance(event, Data):
            value += event.data
            if len(value) > LARGEST or body.tell() > 4 * LARGEST:
                raise _too_many()
            if not event.more_data:
                yield name.encode("utf-8", "replace"), value


def _too_many() -> BadRequest:
    return BadRequest("The form has too many fields, or too long ones.")
