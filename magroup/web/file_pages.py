"""The pictures of people and the tones of the gadget, for whoever has logged in."""

from functools import partial
from typing import cast

from twisted.web.http import CACHED
from twisted.web.iweb import IRequest
from twisted.web.server import Request
from werkzeug.exceptions import Forbidden, NotFound

from magroup.web.admission import Admission
from magroup.web.answers import file_answer
from magroup.web.api.file_part import file_part
from magroup.web.pictures import Pictures
from magroup.web.sounds import AudioFiles, InThread

CACHE = "private, no-cache"


class FilePages:
    """Each method answers one route. Raises NotFound, Forbidden."""

    def __init__(self, admission: Admission, pictures: Pictures, tones: AudioFiles, in_thread: InThread) -> None:
        self._admission = admission
        self._pictures = pictures
        self._tones = tones
        self._in_thread = in_thread

    async def picture(self, request: IRequest, name: str) -> bytes:
        self._must_be_logged_in(request)
        file = await self._pictures.file(name)
        if file is None:
            raise NotFound
        body = file_answer(request, file)
        cast(Request, request).setHeader("Cache-Control", CACHE)
        return body

    async def tone(self, request: IRequest, name: str) -> bytes:
        """Sent piece by piece, with parts for players that seek."""
        self._must_be_logged_in(request)
        asked = cast(Request, request)
        try:
            stream = await file_part(asked, self._in_thread, partial(self._tones.open, name), "audio/mpeg", {})
        except OSError:
            raise NotFound from None
        asked.setResponseCode(stream.code)
        asked.setHeader("Cache-Control", CACHE)
        if asked.setETag(stream.headers["ETag"].encode()) is CACHED:
            await stream.leave()
            return b""
        asked.setHeader("Content-Type", stream.content_type)
        for header, value in stream.headers.items():
            asked.setHeader(header, value)
        if asked.method == b"HEAD":
            await stream.leave()
        else:
            await stream.send(asked)
        return b""

    def _must_be_logged_in(self, request: IRequest) -> None:
        if self._admission.viewer(request) is None:
            raise Forbidden("This is for those who have logged in.")
