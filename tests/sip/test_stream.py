"""Framing: the same messages however the bytes are cut; limits and wrong lengths."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.message import MessageError, parse_message
from magroup.sip.stream import PING, Framer

HEAD = (
    b"OPTIONS sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKabc\r\n"
    b"From: <sip:ann@example.com>;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: x\r\nCSeq: 7 OPTIONS\r\n"
)
LIMIT = 4096
HEADER_LIMIT = 2048


def whole(body: bytes = b"", length: str = "", name: str = "Content-Length") -> bytes:
    return HEAD + f"{name}: {length or len(body)}\r\n\r\n".encode() + body


def run(chunks: list[bytes]) -> tuple[list[bytes], MessageError | None, Framer]:
    """What comes of the chunks: the messages, the error that ended the stream, the framer afterwards."""
    framer = Framer(LIMIT, HEADER_LIMIT)
    found: list[bytes] = []
    error = None
    for chunk in chunks:
        try:
            found += framer.feed(chunk)
        except MessageError as raised:
            error = raised
    return found, error, framer


def outcome(chunks: list[bytes]) -> tuple[list[bytes], str]:
    found, error, _ = run(chunks)
    return found, str(error)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


PIECES = st.sampled_from(
    [
        whole(),
        whole(b"hello"),
        whole(b"\r\n\r\nINVITE sip:x SIP/2.0\r\n\r\n"),
        whole(b"x" * 900),
        whole(b"body", name="l"),
        whole(b"body", "\r\n  4"),
        PING,
        b"\r\n",
        b"\n",
        b"\r",
    ]
)
BROKEN = st.sampled_from(
    [
        HEAD + b"\r\n",
        whole(b"x", "-1"),
        whole(b"x", "one"),
        whole(length="99999"),
        whole(length="9" * 30),
        HEAD + b"Content-Length: 1\r\nl: 2\r\n\r\nxx",
        HEAD + b"X: " + b"y" * HEADER_LIMIT + b"\r\nContent-Length: 0\r\n\r\n",
        b"z" * 3 * HEADER_LIMIT,
    ]
)


class ChunkTests(SynchronousTestCase):
    @settings(deadline=None)
    @given(st.lists(PIECES, max_size=5), st.booleans(), BROKEN, st.lists(st.integers(0, 20000), max_size=12))
    def test_any_cut_gives_the_same(self, pieces: list[bytes], breaks: bool, broken: bytes, places: list[int]) -> None:
        data = b"".join(pieces) + (broken if breaks else b"")
        expected = outcome([data])
        self.assertEqual(outcome(cut(data, places)), expected)
        self.assertEqual([one for one in expected[0] if one != PING], [p for p in pieces if p.startswith(HEAD)])
        self.assertEqual(expected[1] != "None", breaks)

    def test_byte_by_byte(self) -> None:
        data = whole(b"one") + PING + whole() + b"\r\n" + whole(b"\r\n")
        self.assertEqual(outcome([data[i : i + 1] for i in range(len(data))]), outcome([data]))
        self.assertEqual(outcome([data])[0], [whole(b"one"), PING, whole(), whole(b"\r\n")])

    @settings(deadline=None)
    @given(st.lists(st.binary(max_size=300), max_size=8))
    def test_any_bytes(self, chunks: list[bytes]) -> None:
        found, _, framer = run(chunks)
        self.assertLessEqual(sum(map(len, found)), sum(map(len, chunks)))
        self.assertLessEqual(len(framer._buffer), LIMIT)

    def test_a_message_is_looked_through_once(self) -> None:
        """A long header section and a long body in single bytes take linear time, and are not kept twice."""
        framer = Framer(1 << 20, 1 << 20)
        data = HEAD + b"X: " + b"y" * 200_000 + b"\r\nl: 300000\r\n\r\n" + b"z" * 300_000
        found = [one for i in range(0, len(data), 2) for one in framer.feed(data[i : i + 2])]
        self.assertEqual(found, [data])


class KeepAliveTests(SynchronousTestCase):
    def test_pings(self) -> None:
        table = {
            PING: 1,
            PING * 3: 3,
            b"\r\n": 0,
            b"\r\n" * 3: 1,
            b"\r\n" + whole(): 0,
            PING + whole() + PING: 2,
            b"\n\n\n\n" + whole(): 0,
        }
        for data, pings in table.items():
            found, error, framer = run([data])
            self.assertEqual((found.count(PING), error, framer.pending), (pings, None, False), data)

    def test_line_ends_are_no_message_that_is_waited_for(self) -> None:
        framer = Framer(LIMIT, HEADER_LIMIT)
        for chunk, pending in ((b"\r", False), (b"\n\r", False), (b"O", True), (b"PTIONS", True)):
            self.assertEqual(list(framer.feed(chunk)), [])
            self.assertEqual(framer.pending, pending)


class LengthTests(SynchronousTestCase):
    def refused(self, data: bytes) -> MessageError:
        found, error, framer = run([whole(b"before"), data, whole()])
        self.assertEqual(found, [whole(b"before")], "nothing is believed after a framing error")
        self.assertFalse(framer.pending)
        assert error is not None
        return error

    def test_wrong_lengths(self) -> None:
        for length in ("-999", "five", "1.0", "+1", "0x1", "1 2", "", " ", "9" * 10, "1,1", "\xb2"):
            error = self.refused(HEAD + f"Content-Length: {length}\r\n\r\nx".encode())
            self.assertEqual((error.status, error.reason), (400, "Bad Content-Length"))
            assert error.request is not None
            self.assertEqual(error.request.call_id, "x")

    def test_two_lengths(self) -> None:
        for second in ("Content-Length: 2", "l: 2", "L : 2", "CONTENT-LENGTH:\r\n 2"):
            error = self.refused(HEAD + f"Content-Length: 1\r\n{second}\r\n\r\nxx".encode())
            self.assertEqual(error.reason, "Bad Content-Length", second)

    def test_the_same_length_twice(self) -> None:
        found, error, _ = run([HEAD + b"Content-Length: 1\r\nl: 1\r\n\r\nx"])
        self.assertEqual((len(found), error), (1, None))

    def test_no_length(self) -> None:
        error = self.refused(HEAD + b"\r\n")
        self.assertEqual((error.status, error.reason), (400, "Content-Length is needed"))

    def test_a_length_inside_another_header_is_none(self) -> None:
        for line in (b"Subject: a\r\n Content-Length: 5", b"X-Content-Length: 5", b"Content-Length-X: 5"):
            self.assertEqual(self.refused(HEAD + line + b"\r\n\r\n").reason, "Content-Length is needed", line)

    def test_too_large(self) -> None:
        for data in (
            whole(length=str(LIMIT)),
            HEAD + b"X: " + b"y" * HEADER_LIMIT + b"\r\n\r\n",
            HEAD + b"X: " + b"y" * HEADER_LIMIT,
        ):
            error = self.refused(data)
            self.assertEqual((error.status, error.reason), (513, "Message Too Large"))
            assert error.request is not None
            self.assertEqual(error.request.cseq, (7, "OPTIONS"))

    def test_garbage_without_an_end(self) -> None:
        error = self.refused(b"x" * 2 * HEADER_LIMIT)
        self.assertEqual(error.status, 513)

    def test_at_the_limit(self) -> None:
        for size in (LIMIT, LIMIT + 1):
            rest = size - len(whole(length="9999"))
            found, error, _ = run([whole(b"x" * rest, f"{rest:04}")])
            self.assertEqual((len(found), error is None), (1, True) if size == LIMIT else (0, False))

    def test_the_parser_sees_the_same_length(self) -> None:
        for data in (whole(b"abc"), whole(b"abc", name="l"), whole(b"abc", "\r\n\t3"), whole(b"abc", "003")):
            found, _, _ = run([data + b"trailing"])
            self.assertEqual(parse_message(found[0], framed=True).body, b"abc")
