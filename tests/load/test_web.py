"""Requests to a web server of the test's own, that answers well, badly, or not at all."""

from typing import Any

from twisted.internet import reactor as any_reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from magroup.load import web as module
from magroup.load.web import Web, WebError, basic

reactor: Any = any_reactor


class Pages(Resource):
    """What is asked for, and the answer."""

    isLeaf = True

    def render(self, request: Request) -> bytes | int:
        if request.path == b"/cookie":
            request.addCookie(b"a", b"b=c", path=b"/")
        elif request.path == b"/large":
            return b"x" * 5000
        elif request.path == b"/silent":
            return NOT_DONE_YET
        elif request.path == b"/gone":
            request.channel.transport.abortConnection()
            return NOT_DONE_YET
        elif request.path == b"/missing":
            request.setResponseCode(404)
        assert request.content is not None
        return b"%s %s %s" % (request.method, request.uri, request.content.read())


class Requests(TestCase):
    """One client."""

    timeout = 60

    def setUp(self) -> None:
        port = reactor.listenTCP(0, Site(Pages(), timeout=None), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        self.web = Web(reactor, f"http://127.0.0.1:{port.getHost().port}/")
        self.addCleanup(self.web.close)

    async def fails(self, path: str) -> str:
        error = await self.assertFailure(Deferred.fromCoroutine(self.web.ask("GET", path)), WebError)
        return str(error)

    async def test_answers(self) -> None:
        answer = await self.web.ask("POST", "/a?b=c", b"body")
        self.assertEqual((answer.status, answer.body, answer.cookies), (200, b"POST /a?b=c body", {}))
        self.assertEqual((await self.web.ask("GET", "/missing")).status, 404)
        self.assertEqual((await self.web.ask("GET", "/cookie")).cookies, {"a": "b=c"})

    async def test_bad_answers(self) -> None:
        self.patch(module, "LARGEST_BODY", 4000)
        self.patch(module, "TIMEOUT", 0.2)
        self.assertEqual(await self.fails("/large"), "an answer of more than 4000 bytes")
        self.assertEqual(await self.fails("/silent"), "no answer in 0.2 s")
        self.assertNotEqual(await self.fails("/gone"), "")

    async def test_nobody(self) -> None:
        self.web = Web(reactor, "http://127.0.0.1:1")
        self.assertIn("refused", await self.fails("/"))

    def test_basic(self) -> None:
        self.assertEqual(basic("", "x"), {})
        self.assertEqual(basic("Aladdin", "open sesame"), {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="})
