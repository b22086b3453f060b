"""Reading what a phone answers: as http.client of the standard library does, however it is cut, and within limits."""

import io
from http.client import HTTPResponse
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.web.phone.push.answer import LONGEST
from magroup.web.phone.push.response import Response, ResponseReader

BODY = b"<CiscoIPPhoneResponse/>"
KNOWN = {
    b"HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n" + BODY: Response(200, BODY),
    b"HTTP/1.1 200 OK\r\ncontent-length:23\r\n\r\n" + BODY + b"more": Response(200, BODY),
    b"HTTP/1.1 200 OK\r\nContent-Length: 23, 23\r\n\r\n" + BODY: Response(200, BODY),
    b"HTTP/1.0 200 OK\nContent-Length: 23\n\n" + BODY: Response(200, BODY),
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nContent-Length: 23\r\n\r\n" + BODY: Response(200, BODY),
    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n": Response(401, b""),
    b"HTTP/1.1 204 No Content\r\n\r\n": Response(204, b""),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\n<Cisc\r\n12\r\noIPPhoneResponse/>\r\n0\r\n\r\n":
        Response(200, BODY),
    b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000: Response(200, b"x" * (LONGEST + 1)),
    b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 9000: Response(200, b"x" * (LONGEST + 1)),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n" + b"x" * 9000:
        Response(200, b"x" * (LONGEST + 1)),
}  # fmt: skip
WRONG = (
    b"rubbish\r\n\r\n",
    b"HTTP/2 200 OK\r\n\r\n",
    b"HTTP/1.1 2000 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 300,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b";" * 300,
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2000,
    b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
)


class _Socket:
    """What HTTPResponse wants of one."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def by_others(data: bytes) -> tuple[int, bytes]:
    """As http.client reads it, when the connection ends behind ``data``."""
    response = HTTPResponse(_Socket(data))  # type: ignore[arg-type]
    response.begin()
    return response.status, response.read()


def fed(parts: list[bytes]) -> Response | None:
    reader = ResponseReader()
    for part in parts:
        found = reader.feed(part)
        if found is not None:
            return found
    return None


class ReaderTests(SynchronousTestCase):
    def test_known(self) -> None:
        """In one piece, and byte by byte."""
        for data, response in KNOWN.items():
            self.assertEqual(fed([data]), response, data[:90])
            self.assertEqual(fed([data[at : at + 1] for at in range(len(data))]), response, data[:90])

    def test_until_the_end(self) -> None:
        reader = ResponseReader()
        self.assertIsNone(reader.feed(b"HTTP/1.0 200 OK\r\n\r\n<Cisco"))
        self.assertIsNone(reader.feed(b"IPPhoneResponse/>"))
        self.assertEqual(reader.end(), Response(200, BODY))

    def test_torn_off(self) -> None:
        for data in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234",
                     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"):  # fmt: skip
            reader = ResponseReader()
            self.assertIsNone(reader.feed(data))
            with self.assertRaises(ValueError):
                reader.end()

    def test_wrong(self) -> None:
        for data in WRONG:
            with self.assertRaises(ValueError, msg=data[:90]):
                fed([data])
            with self.assertRaises(ValueError, msg=data[:90]):
                fed([data[at : at + 1] for at in range(len(data))])

    @given(
        st.sampled_from([200, 302, 401, 500]), st.binary(max_size=300), st.sampled_from(["length", "chunks", ""]),
        st.lists(st.integers(1, 40), min_size=1, max_size=20),
    )  # fmt: skip
    def test_as_others_read_it(self, status: int, body: bytes, how: str, cuts: list[int]) -> None:
        head = b"HTTP/1.1 %d Some reason\r\nServer: phone\r\n" % status
        match how:
            case "length":
                data = head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            case "chunks":
                pieces = [body[at : at + cuts[0]] for at in range(0, len(body), cuts[0])]
                chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
                data = head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
            case _:
                data = head + b"\r\n" + body
        reader, at, found, turn = ResponseReader(), 0, None, 0
        while found is None and at < len(data):
            found = reader.feed(data[at : at + cuts[turn % len(cuts)]])
            at += cuts[turn % len(cuts)]
            turn += 1
        self.assertEqual(found or reader.end(), by_others(data))

    @given(st.lists(st.binary(max_size=200), max_size=30))
    def test_any_bytes(self, parts: list[bytes]) -> None:
        """A response, nothing yet, or one kind of error."""
        for start in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
            try:
                found: Any = fed([start, *parts])
            except ValueError:
                continue
            if found is not None:
                self.assertLessEqual(len(found.body), LONGEST + 1)
