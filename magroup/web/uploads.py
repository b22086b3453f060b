"""A file that a browser sends with a form (RFC 7578), read in a thread."""

from dataclasses import dataclass
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from twisted.web.http import Request
from werkzeug.sansio.multipart import Data, Field, File

from magroup.web.multipart import boundary_of, multipart
from magroup.web.sounds import InThread

MOST_PARTS = 100
IN_MEMORY = 1 << 20


class TooLarge(ValueError):
    """The file is larger than such a file may be."""


@dataclass(frozen=True)
class Upload:
    """``name`` is what the browser calls it; close ``content`` in the end."""

    name: str
    content: IO[bytes]


async def uploaded(request: Request, in_thread: InThread, field: str, most: int) -> Upload | None:
    """The file in this field of the form, None where none was chosen.

    Raises TooLarge, BadRequest, UnsupportedMediaType.
    """
    boundary = boundary_of((request.getHeader(b"content-type") or b"").decode("ascii", "replace"))
    return await in_thread(partial(_read, cast(IO[bytes], request.content), boundary, field, most))


def _place() -> IO[bytes]:
    return cast(IO[bytes], SpooledTemporaryFile(IN_MEMORY))


def _read(body: IO[bytes], boundary: str, field: str, most: int) -> Upload | None:
    found: Upload | None = None
    is_wanted = False
    body.seek(0)
    try:
        for event in multipart(body, boundary, MOST_PARTS):
            if isinstance(event, File | Field):
                is_wanted = isinstance(event, File) and event.name == field and found is None
                if is_wanted and isinstance(event, File):
                    found = Upload(event.filename or "", _place())
            elif isinstance(event, Data) and is_wanted and found is not None:
                found.content.write(event.data)
                if found.content.tell() > most:
                    raise TooLarge
    except BaseException:
        if found is not None:
            found.content.close()
        raise
    if found is None or (not found.name and not found.content.tell()):
        return None
    found.content.seek(0)
    return found
