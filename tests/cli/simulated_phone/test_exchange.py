"""Answers of web servers, good and hostile."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.simulated_phone import MODELS, Refusal, Rule
from magroup.cli.simulated_phone.exchange import Answer, Exchange, Request, written

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
LARGEST = 100


class Transport(StringTransport):
    """Remembers that the connection was ended."""

    is_aborted = False

    def abortConnection(self) -> None:
        self.is_aborted = True


class Exchanges(SynchronousTestCase):
    """Bytes in, an answer or a refusal out."""

    def outcome(self, *pieces: bytes, closed: bool = False) -> Any:
        """An Answer, a Rule, or None while there is neither."""
        exchange, transport = Exchange(b"asked", LARGEST), Transport()
        found: list[Any] = []
        exchange.answer.addBoth(found.append)
        exchange.makeConnection(transport)
        self.assertEqual(transport.value(), b"asked")
        for piece in pieces:
            exchange.dataReceived(piece)
        if closed:
            exchange.connectionLost()
        self.assertEqual(transport.is_aborted, bool(found))
        if not found:
            return None
        return found[0] if isinstance(found[0], Answer) else found[0].check(Refusal) and found[0].value.rule

    def test_good(self) -> None:
        expected = Answer(200, {"content-type": ["text/xml"], "content-length": ["3"]}, b"abc")
        whole = HEAD + b"Content-Length: 3\r\n\r\nabc"
        self.assertEqual(self.outcome(whole), expected)
        self.assertEqual(self.outcome(*(bytes([byte]) for byte in whole)), expected)
        self.assertEqual(self.outcome(whole + b"more"), expected)
        chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n"
        self.assertEqual(self.outcome(*(bytes([byte]) for byte in chunked)).body, b"abc")
        self.assertEqual(self.outcome(HEAD + b"\r\nabc", closed=True).body, b"abc")
        self.assertIsNone(self.outcome(HEAD + b"\r\nabc"))
        twice = self.outcome(HEAD + b"Set-Cookie: a\r\nset-cookie: b\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual(twice.fields["set-cookie"], ["a", "b"])

    def test_bad(self) -> None:
        for rule, data in (
            (Rule.HTTP, b""),
            (Rule.HTTP, HEAD),
            (Rule.HTTP, b"SIP/2.0 200 OK\r\n\r\n"),
            (Rule.HTTP, b"HTTP/1.1 2 OK\r\n\r\n"),
            (Rule.HTTP, HEAD + b"nonsense\r\n\r\n"),
            (Rule.HTTP, HEAD + b" a: b\r\n\r\n"),
            (Rule.HTTP, HEAD + b"Content-Length: -1\r\n\r\n"),
            (Rule.HTTP, HEAD + b"Content-Length: 4\r\n\r\nabc"),
            (Rule.HTTP, HEAD + b"Transfer-Encoding: chunked\r\n\r\nx\r\n"),
            (Rule.HTTP, HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n"),
            (Rule.HTTP, HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc"),
            (Rule.HTTP, b"x" * (17 << 10)),
            (Rule.SIZE, HEAD + b"\r\n" + b"x" * (33 << 10)),
        ):
            self.assertIs(self.outcome(data, closed=True), rule, data[:60])

    def test_given_up(self) -> None:
        exchange, transport = Exchange(b"", LARGEST), Transport()
        exchange.makeConnection(transport)
        exchange.answer.addErrback(lambda _: None).cancel()
        self.assertTrue(transport.is_aborted)
        exchange.connectionLost()

    def test_requests(self) -> None:
        fields = MODELS["7945"].headers
        data = written(Request("http://h:80?a=b", b"x=y"), "1.0", fields)
        self.assertTrue(data.startswith(b"POST /?a=b HTTP/1.0\r\nHost: h:80\r\nx-CiscoIPPhoneModelName: CP-7945G\r\n"))
        self.assertTrue(data.endswith(b"Content-Length: 3\r\n\r\nx=y"))
        self.assertTrue(written(Request("http://h"), "1.1", {}).startswith(b"GET / HTTP/1.1\r\nHost: h\r\n"))

    @settings(deadline=None)
    @given(st.lists(st.binary(max_size=60), max_size=8), st.booleans())
    def test_anything(self, pieces: list[bytes], closed: bool) -> None:
        found = self.outcome(HEAD, *pieces, closed=closed)
        self.assertTrue(found is None or isinstance(found, Answer | Rule))
