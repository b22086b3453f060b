"""File management functions: uploads go to the disk piece by piece, and are seen when they are whole and right."""

from collections.abc import Awaitable, Callable, Mapping
from typing import IO

from twisted.internet.defer import Deferred
from werkzeug.sansio.multipart import Data, Field, File

from magroup.groups.editing import NotSavedError
from magroup.model.people import Privilege
from magroup.web.multipart import boundary_of, multipart
from magroup.web.rest.call import Call, Content, Function, Listed
from magroup.web.rest.refusal import Refusal, error
from magroup.web.rest.xml import leaf
from magroup.web.sounds import TONES, WAVES, AudioFiles, Received, take_in

MOST_FILES = 50
"""Files in one request."""

_UPLOAD = ("upload", "upload[]")


def _listing(tag: str, of: Callable[[Call], AudioFiles]) -> Callable[[Call], Awaitable[Content]]:
    async def run(call: Call) -> Content:
        try:
            names = await call.parts.in_thread(of(call).names)
        except OSError as gone:
            raise _folder(gone) from None
        return Listed(names, lambda name: leaf(tag, name))

    return run


def _uploading(kind: str, of: Callable[[Call], AudioFiles]) -> Callable[[Call], Awaitable[Content]]:
    async def run(call: Call) -> Content:
        """What has begun goes on to its end, also when the client has gone: files that are there are to be used."""
        waiting: Deferred[Content] = Deferred()
        done = Deferred.fromCoroutine(_received(call, boundary_of(call.content_type), kind, of(call)))
        done.addCallbacks(waiting.callback, waiting.errback)
        return await waiting

    return run


async def _received(call: Call, boundary: str, kind: str, files: AudioFiles) -> Content:
    def receive(received: list[tuple[str, Received]]) -> None:
        _receive(call.body, boundary, files, received)

    try:
        await take_in(call.parts.editing, call.parts.in_thread, kind, files, receive, call.identity)
    except OSError as gone:
        raise _folder(gone) from None
    except (ValueError, NotSavedError) as wrong:
        raise error(str(wrong)) from None
    return "OK"


def _folder(problem: OSError) -> Refusal:
    is_missing = isinstance(problem, FileNotFoundError | NotADirectoryError | PermissionError)
    return Refusal("FOLDER_MISSING" if is_missing else "ERROR", f"{problem.filename or ''}: {problem.strerror}")


def _receive(body: IO[bytes], boundary: str, files: AudioFiles, received: list[tuple[str, Received]]) -> None:
    """In a thread: the ``upload`` parts of the body as files."""
    writing: Received | None = None
    for event in multipart(body, boundary, MOST_FILES):
        if isinstance(event, File | Field):
            writing = None
            if isinstance(event, File) and (event.name or "").casefold() in _UPLOAD:
                new: Received = files.receive()
                received.append((event.filename, new))
                writing = new
        elif isinstance(event, Data) and writing is not None:
            writing.write(event.data)
    if not received:
        raise ValueError("upload is missing: a part with a file name and that name")


_PRIVILEGES = (Privilege.GROUPS.value,)
_GET, _POST = (b"GET",), (b"POST",)


def _waves(call: Call) -> AudioFiles:
    return call.parts.waves


def _tones(call: Call) -> AudioFiles:
    return call.parts.tones


FUNCTIONS: Mapping[str, Function] = {
    "getMP3s": Function("addAnnouncements", _listing("MP3File", _tones), _PRIVILEGES, _GET),
    "getWAVs": Function("addAnnouncements", _listing("WAVFile", _waves), _PRIVILEGES, _GET),
    "uploadMP3": Function("uploadMP3", _uploading(TONES, _tones), _PRIVILEGES, _POST, is_upload=True),
    "uploadWAV": Function("uploadWAV", _uploading(WAVES, _waves), _PRIVILEGES, _POST, is_upload=True),
}
