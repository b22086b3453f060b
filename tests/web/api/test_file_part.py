"""A file sent in pieces: in the thread, closed in the end, never a part for the whole."""

from io import BytesIO
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from magroup.web.api.file_part import PIECE, FilePieces, _wanted
from tests.web.admission.kit import request


async def _at_once(work: Any) -> Any:
    return work()


async def _all(pieces: FilePieces) -> bytes:
    return b"".join([piece async for piece in pieces])


class Pieces(SynchronousTestCase):
    def test_pieces(self) -> None:
        content = bytes(range(256)) * 1024
        for start, stop in ((0, len(content)), (5, 6), (PIECE - 1, 2 * PIECE + 1), (0, 0)):
            file = BytesIO(content)
            pieces = FilePieces(_at_once, file, start, stop)
            found = self.successResultOf(Deferred.fromCoroutine(_all(pieces)))
            self.assertEqual(found, content[start:stop])
            self.successResultOf(Deferred.fromCoroutine(pieces.aclose()))
            self.assertTrue(file.closed)

    def test_shorter_than_it_was(self) -> None:
        pieces = FilePieces(_at_once, BytesIO(b"0123"), 2, 8)
        self.failureResultOf(Deferred.fromCoroutine(_all(pieces)), OSError)


class Ranges(SynchronousTestCase):
    @given(st.text(max_size=30) | st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True), st.integers(0, 3000))
    def test_any(self, text: str, size: int) -> None:
        """A part within the file, all of it, or 416."""
        asked = request()
        sent = text.encode("utf-8", "replace").translate(None, b"\r\n")
        asked.requestHeaders.setRawHeaders("Range", [sent])
        try:
            part = _wanted(asked, size, '"x"')
        except RequestedRangeNotSatisfiable:
            return
        if part is not None:
            self.assertTrue(0 <= part[0] < part[1] <= size)

    def test_only_when_read(self) -> None:
        asked = request("HEAD", Range="bytes=0-1")
        self.assertIsNone(_wanted(asked, 10, '"x"'))
