"""The parameters of a request: from the query, an urlencoded or a multipart body, names without case, UTF-8."""

from collections.abc import Iterable, Iterator, Mapping
from typing import IO, TypeVar
from urllib.parse import parse_qsl

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Field, File

from magroup.web.multipart import MULTIPART, multipart
from magroup.web.rest.refusal import error, missing

T = TypeVar("T")

MOST_PARAMETERS = 200
LONGEST_VALUE = 64 << 10
LONGEST_FORM = 128 << 10
"""Bytes of an urlencoded body: to read a longer one would take time that calls do not have."""

LONGEST_INTEGER = 100
_FLAGS = {"0": False, "1": True, "false": False, "true": True}
_URLENCODED = "application/x-www-form-urlencoded"


class Parameters:
    """What was sent; spaces around values are no part of them.

    A value that is empty counts as not sent, but for texts, which may be emptied by it. Of a name that was sent more
    than once the first counts, those of the query before those of the body.
    """

    def __init__(self, sent: Iterable[tuple[str, str]]) -> None:
        self._sent: dict[str, str] = {}
        for name, value in sent:
            self._sent.setdefault(name.strip().casefold(), value.strip())

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """What is equal for equal parameters."""
        return tuple(sorted(self._sent.items()))

    def text(self, name: str) -> str | None:
        """The value, None where it was not sent."""
        return self._sent.get(name.casefold())

    def filter(self, name: str) -> str:
        """The value without case, "" for no filter."""
        return self._sent.get(name.casefold(), "").casefold()

    def required(self, *names: str) -> None:
        """Refuse a request in which one of these is missing or empty."""
        for name in names:
            if not self.text(name):
                raise missing(name)

    def integer(self, name: str) -> int | None:
        """A whole number of any size."""
        value = self.text(name)
        if not value:
            return None
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(value) <= LONGEST_INTEGER):
            raise error(f"{name} is no whole number: {value}")
        return int(value)

    def id(self, name: str) -> int:
        """A whole number that must be there."""
        value = self.integer(name)
        if value is None:
            raise missing(name)
        return value

    def flag(self, name: str) -> bool | None:
        return self.choice(name, _FLAGS)

    def choice(self, name: str, words: Mapping[str, T]) -> T | None:
        """What one of the words, in any case, stands for."""
        value = self.text(name)
        if not value:
            return None
        if value.casefold() not in words:
            raise error(f"{name} must be one of {', '.join(words)}: {value}")
        return words[value.casefold()]


def read_parameters(query: bytes, content_type: str, body: IO[bytes]) -> Parameters:
    """From what was sent. Raises BadRequest and its like of Werkzeug with the reason."""
    kind, options = parse_options_header(content_type)
    sent = list(_urlencoded(query))
    if kind == MULTIPART:
        sent += _fields(body, options.get("boundary", ""))
    elif kind == _URLENCODED:
        sent += _urlencoded(body.read())
    elif body.read(1):
        raise UnsupportedMediaType(f"the body must be {_URLENCODED} or {MULTIPART}")
    if len(sent) > MOST_PARAMETERS:
        raise BadRequest(f"more than {MOST_PARAMETERS} parameters")
    if any(len(value) > LONGEST_VALUE for _, value in sent):
        raise BadRequest(f"a value is longer than {LONGEST_VALUE} characters")
    return Parameters(sent)


def _urlencoded(text: bytes) -> list[tuple[str, str]]:
    if text.count(b"&") >= MOST_PARAMETERS:
        raise BadRequest(f"more than {MOST_PARAMETERS} parameters")
    if len(text) > LONGEST_FORM:
        raise RequestEntityTooLarge(f"a form is longer than {LONGEST_FORM} bytes")
    try:
        return parse_qsl(text.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("the parameters are not UTF-8") from None


def _fields(body: IO[bytes], boundary: str) -> Iterator[tuple[str, str]]:
    """The fields of a multipart body that are no files."""
    name, value, is_field = "", bytearray(), False
    for event in multipart(body, boundary, MOST_PARAMETERS):
        if isinstance(event, Field | File):
            name, value, is_field = event.name or "", bytearray(), isinstance(event, Field)
        elif isinstance(event, Data) and is_field:
            value += event.data
            if len(value) > 4 * LONGEST_VALUE:
                raise RequestEntityTooLarge
            if not event.more_data:
                try:
                    yield name, value.decode("utf-8")
                except UnicodeDecodeError:
                    raise BadRequest("the parameters are not UTF-8") from None
