"""Sizes of requests, and the log of them."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.logger import LogLevel, capturedLogs
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.settings import HttpSettings
from magroup.web.request import folded
from tests.web.admission.kit import Kept, basic, user
from tests.web.connection import Browser, Web, parsed

LIMIT = 2048


class Sizes(SynchronousTestCase):
    """A body limit of 2048 bytes."""

    def setUp(self) -> None:
        self.web = Web(http=HttpSettings(body_limit=LIMIT))

    def head(self, *fields: str) -> bytes:
        return "\r\n".join(["POST /healthz HTTP/1.1", "Host: x", *fields, "", ""]).encode()

    def test_as_large_as_allowed(self) -> None:
        self.assertEqual(self.web.ask("/healthz", "POST", b"x" * LIMIT).code, 405)

    def test_announced_too_large(self) -> None:
        protocol, transport = self.web.connect()
        protocol.dataReceived(self.head(f"Content-Length: {LIMIT + 1}"))
        self.assertEqual(parsed(transport.value()).code, 413)
        self.assertTrue(transport.disconnecting)

    def test_nothing_more_is_read_or_answered(self) -> None:
        protocol, transport = self.web.connect()
        protocol.dataReceived(self.head(f"Content-Length: {LIMIT + 1}", "Expect: 100-continue"))
        protocol.dataReceived(b"x" * (LIMIT + 1) + self.head())
        answer = parsed(transport.value())
        self.assertEqual((answer.code, answer.body), (413, b""))

    def test_absurd(self) -> None:
        for length in ("9" * 30, "-1", "1e3", "x"):
            data = self.web.send(self.head(f"Content-Length: {length}"))
            self.assertRegex(data, rb"\AHTTP/1\.1 4(00|13) ")

    def test_in_chunks(self) -> None:
        for size, code in ((LIMIT, 405), (LIMIT + 1, 413)):
            protocol, transport = self.web.connect()
            protocol.dataReceived(self.head("Transfer-Encoding: chunked", "Connection: close"))
            for start in range(0, size, 100):
                piece = min(100, size - start)
                protocol.dataReceived(b"%x\r\n" % piece + b"x" * piece + b"\r\n")
            protocol.dataReceived(b"0\r\n\r\n")
            self.assertEqual(parsed(transport.value()).code, code)

    def test_expected(self) -> None:
        protocol, transport = self.web.connect()
        protocol.dataReceived(self.head("Content-Length: 5", "Expect: 100-continue"))
        self.assertEqual(transport.value(), b"HTTP/1.1 100 Continue\r\n\r\n")

    def test_endless_header(self) -> None:
        data = self.web.send(b"GET /healthz HTTP/1.1\r\n" + b"X: " + b"y" * 20000 + b"\r\n\r\n")
        self.assertNotIn(b" 200 ", data)

    def test_silent_connection_is_closed(self) -> None:
        protocol, transport = self.web.connect()
        protocol.dataReceived(b"GET /healthz HTTP/1.1\r\n")
        self.web.clock.advance(61)
        self.assertTrue(transport.disconnecting)

    @given(st.lists(st.binary(max_size=3000), max_size=4))
    def test_any_pieces(self, pieces: list[bytes]) -> None:
        protocol, transport = self.web.connect()
        protocol.dataReceived(self.head("Transfer-Encoding: chunked", "Connection: close"))
        for piece in filter(None, pieces):
            protocol.dataReceived(b"%x\r\n" % len(piece) + piece + b"\r\n")
        protocol.dataReceived(b"0\r\n\r\n")
        self.assertEqual(parsed(transport.value()).code, 413 if sum(map(len, pieces)) > LIMIT else 405)


class Uploads(SynchronousTestCase):
    """Large bodies are waited for from those who say who they are."""

    PATH = "/Applications/inbound/x/rest/files/uploadWAV.asp"

    def code(self, address: str, path: str = PATH, **headers: str) -> int:
        web = Web(http=HttpSettings(body_limit=LIMIT, upload_limit=2 * LIMIT), address=address)
        return self.answered(web, path, **headers)

    def answered(self, web: Web, path: str = PATH, **headers: str) -> int:
        """The status of an answer to more than the small limit, and 413 to more than the large one."""
        self.assertEqual(web.ask(path, "POST", b"x" * (2 * LIMIT + 1), **headers).code, 413)
        return web.ask(path, "POST", b"x" * (2 * LIMIT), **headers).code

    def test_who_may(self) -> None:
        far, near = "198.51.100.7", "127.0.0.1"
        for address, headers, code in (
            (near, {}, 404), (far, {}, 413), (near, {"X-Forwarded-For": far}, 413), (near, {"Via": "1.1 x"}, 413),
            (far, {"Authorization": basic("raf", "x")}, 404), (far, {"Authorization": "Bearer mag_x"}, 404),
            (near, {"X-Forwarded-For": far, "Authorization": basic("raf", "x")}, 404),
            (far, {"Authorization": ""}, 413), (far, {"Authorization": "x"}, 413),
        ):  # fmt: skip
            self.assertEqual(self.code(address, **headers), code, (address, headers))

    def test_who_is_logged_in(self) -> None:
        kept = Kept(Configuration(users=(user("Raf"),)))
        web = Web(http=HttpSettings(body_limit=LIMIT, upload_limit=2 * LIMIT), address="198.51.100.7", kept=kept)
        browser = Browser(web)
        browser.post("/LogonPage.asp", user="raf", pwd="secret")
        ((name, value),) = browser.cookies.items()
        self.assertEqual(self.answered(web, Cookie=f"{name}={value}"), 404)
        self.assertEqual(self.answered(web, Cookie=f"{name}={'x' * 43}"), 413)

    def test_nothing_else(self) -> None:
        self.assertEqual(self.code("127.0.0.1", "/healthz"), 413)

    def test_in_chunks(self) -> None:
        for address, code in (("198.51.100.7", 413), ("127.0.0.1", 404)):
            web = Web(http=HttpSettings(body_limit=LIMIT, upload_limit=2 * LIMIT), address=address)
            head = f"POST {self.PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            data = web.send(head.encode() + b"%x\r\n" % (LIMIT + 1) + b"x" * (LIMIT + 1) + b"\r\n0\r\n\r\n")
            self.assertEqual(parsed(data).code, code)


class AccessLog(SynchronousTestCase):
    """One line for each request."""

    def test_without_query(self) -> None:
        with capturedLogs() as events:
            Web().ask("/LogonPage.asp?user=raf&pwd=hush")
        (event,) = [event for event in events if event["log_namespace"] == "magroup.web.access_log.AccessLog"]
        self.assertEqual((event["log_level"], event["code"], event["address"]), (LogLevel.info, 403, "127.0.0.1"))
        self.assertEqual((event["method"], event["path"]), ("GET", "/LogonPage.asp"))


class Folding(SynchronousTestCase):
    """Which paths have no case."""

    def test_folded(self) -> None:
        for path, same in (
            ([b"Applications", b"Inbound", b"\xc3\x84"], [b"applications", b"inbound", b"\xc3\xa4"]),
            ([b"LOGONPAGE.ASP"], [b"logonpage.asp"]),
            ([b"Help", b"X"], [b"Help", b"X"]),
            ([b"x", b"Applications"], [b"x", b"Applications"]),
            ([], []),
        ):
            self.assertEqual(folded(path), same)
