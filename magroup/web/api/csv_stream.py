"""Lists as CSV (RFC 4180): a page at a time, with nothing in it that a spreadsheet would take for a formula."""

import csv
import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from enum import StrEnum
from functools import partial
from io import StringIO
from typing import Any, TypeVar

from twisted.web.server import Request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from magroup.web.api.operation import JSON
from magroup.web.api.stream import Pieces, Stream
from magroup.web.sounds import InThread

T = TypeVar("T")
CSV = "text/csv"
PAGE = 200
"""Things that are read and written at a time."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"\+[0-9]+\Z")


class Format(StrEnum):
    """What is sent; empty: as the header Accept says, JSON if it says nothing."""

    ACCEPTED = ""
    JSON = "json"
    CSV = "csv"


def wants_csv(request: Request, asked: Format) -> bool:
    if asked is not Format.ACCEPTED:
        return asked is Format.CSV
    accepted = parse_accept_header(request.getHeader("accept"), MIMEAccept)
    return accepted.best_match((JSON, CSV), JSON) == CSV


def csv_stream(
    name: str, header: Sequence[str], pages: AsyncIterator[Sequence[T]], rows: Callable[[T], Iterable[Sequence[Any]]],
    in_thread: InThread,
) -> Stream:  # fmt: skip
    """A file called ``name`` with the rows of all things."""
    headers = {"Vary": "Accept", "Content-Disposition": f'attachment; filename="{name}"'}
    return Pieces(f"{CSV}; charset=utf-8; header=present", _pieces(header, pages, rows, in_thread), headers)


async def _pieces(
    header: Sequence[str], pages: AsyncIterator[Sequence[T]], rows: Callable[[T], Iterable[Sequence[Any]]],
    in_thread: InThread,
) -> AsyncIterator[bytes]:  # fmt: skip
    """The header goes with the first page, so that an error before it can still be told."""
    head = [header]
    async for things in pages:
        if things:
            yield await in_thread(partial(_written, head, things, rows))
            head = []
    if head:
        yield lines(head)


def _written(
    head: Sequence[Sequence[str]], things: Sequence[T], rows: Callable[[T], Iterable[Sequence[Any]]]
) -> bytes:  # fmt: skip
    return lines([*head, *(row for thing in things for row in rows(thing))])


def lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows of cells as lines of a file."""
    file = StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows([[cell(value) for value in row] for row in rows])
    return file.getvalue().encode("utf-8", "replace")


def cell(value: Any) -> Any:
    """A text that a spreadsheet would calculate gets an apostrophe in front; a phone number stays as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.match(value):
        return f"'{value}"
    return value
