"""Pushes to a phone: who may, what becomes of them, and phones that fail."""

import gc
from base64 import b64encode
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.task import Clock, deferLater
from twisted.python.failure import Failure
from twisted.web.client import Agent, FileBodyProducer, ResponseFailed, ResponseNeverReceived, readBody
from twisted.web.http_headers import Headers
from twisted.web.test.requesthelper import DummyRequest

from magroup.cli.simulated_phone import Effect, Failing, Fault, Rule
from tests.cli.simulated_phone.kit import DEVICE, Asked, Given, PhoneCase, document, page, png

PLAY = document("Execute", '<ExecuteItem Priority="0" URL="Play:chime.raw"/>').decode()
FORM = "application/x-www-form-urlencoded"
GOOD = Given(b"AUTHORIZED", "text/plain")


def items(*outcomes: tuple[int, str, str]) -> str:
    told = "".join(f'<ResponseItem Status="{s}" Data="{d}" URL="{u}"/>' for s, d, u in outcomes)
    return f"<CiscoIPPhoneResponse>{told}</CiscoIPPhoneResponse>"


class PushCase(PhoneCase):
    """A phone with a web server that asks the site about passwords."""

    def setUp(self) -> None:
        super().setUp()
        self.site.pages["/authentication"] = GOOD
        self.phone("8845")

    def phone(self, model: str, **more: Any) -> None:
        self.device = self.handset(model)
        self.device.playing = 0.0
        self.server, self.push_url = self.web_server(
            self.device, **{"authentication_url": f"{self.url}/authentication", **more}
        )

    async def push(
        self, text: str, *, name: str = "XML", given: str = "push:secret", kind: str = FORM
    ) -> tuple[int, str]:
        """Status and what is in the XML of the answer."""

        headers = Headers({"Content-Type": [kind]})
        if given:
            headers.addRawHeader("Authorization", f"Basic {b64encode(given.encode()).decode()}")
        body = FileBodyProducer(BytesIO(urlencode({name: text}).encode()))
        answer = await Agent(reactor).request(b"POST", self.push_url.encode(), headers, body)
        content = await readBody(answer)
        return answer.code, content.decode().removeprefix('<?xml version="1.0" encoding="utf-8"?>')


class Passwords(PushCase):
    """The phone asks its authentication URL."""

    async def test_asked(self) -> None:
        query = f"UserID=push&Password=secret&devicename={DEVICE}"
        self.assertEqual(await self.push(PLAY), (200, items((0, "Success", "Play:chime.raw"))))
        self.assertEqual((self.site.asked[-1].method, self.site.asked[-1].query), ("GET", query))
        self.phone("7945")
        await self.push(PLAY)
        self.assertEqual((self.site.asked[-1].method, self.site.asked[-1].body.decode()), ("POST", query))

    async def test_refused(self) -> None:
        for given in (
            Given(b"UN-AUTHORIZED", "text/plain"),
            Given(b"AUTHORIZED\n", "text/plain"),
            Given(b"AUTHORIZED", status=500),
            Given(b"AUTHORIZED" * 1000),
        ):
            self.site.pages["/authentication"] = given
            for model, status in (("8845", 401), ("7945", 200)):
                self.phone(model)
                self.assertEqual(await self.push(PLAY), (status, '<CiscoIPPhoneError Number="4"/>'))
                self.assertEqual(self.device.effects, [])
        for credentials in ("", "nocolon"):
            self.assertEqual((await self.push(PLAY, given=credentials))[1], '<CiscoIPPhoneError Number="4"/>')

    async def test_without_an_authentication_url(self) -> None:
        self.phone("8845", authentication_url="")
        self.assertEqual((await self.push(PLAY))[0], 200)


class Documents(PushCase):
    """What is pushed."""

    async def test_broken(self) -> None:
        for text, more in (
            ("<CiscoIPPhoneExecute/>", {}), ("", {}), ("x", {}), (PLAY, {"name": "xml"}), (PLAY, {"kind": "text/xml"}),
            (f"<!DOCTYPE x>{PLAY}", {}), ("<setBackground/>", {}), (PLAY.replace("Play", " " * 50000 + "Play"), {}),
        ):  # fmt: skip
            self.assertEqual(await self.push(text, **more), (200, '<CiscoIPPhoneError Number="1"/>'), text[:60])
        self.assertEqual(len(self.device.refusals), 8)

    async def test_size(self) -> None:
        spaces = PLAY.replace("<ExecuteItem", " " * (512 - len(urlencode({"XML": PLAY}))) + "<ExecuteItem")
        for model, more, is_good in (("7945", "", True), ("7945", " ", False), ("8845", " ", True)):
            self.phone(model)
            text = spaces.replace("<ExecuteItem", f"{more}<ExecuteItem")
            self.assertEqual("ResponseItem" in (await self.push(text))[1], is_good)
        self.phone("7945")
        await self.push(spaces + " ")
        self.assertIs(self.device.refusals[-1].rule, Rule.SIZE)

    async def test_uris(self) -> None:
        two = document("Execute", '<ExecuteItem URL="SendDigits:1"/><ExecuteItem URL="Dial:2017"/>').decode()
        expected = items((6, "No Active Call", "SendDigits:1"), (0, "Success", "Dial:2017"))
        self.assertEqual((await self.push(two))[1], expected)
        self.assertEqual(self.device.effects[-1], Effect("Dial", "2017"))
        for uri in ("SoftKey:Exit", "Nothing:1", "Key:NavBack"):
            one = document("Execute", f'<ExecuteItem URL="{uri}"/>').decode()
            self.assertEqual((await self.push(one))[1], items((1, "Invalid URI", "")))

    async def test_shown(self) -> None:
        body = f"<Text>a</Text><URL>{self.url}/p.png</URL>"
        came = self.site.next_request
        self.site.pages["/p.png"] = Given(png(414, 70), "image/png")
        self.phone("8845", authentication_url="")
        coming = came()
        await self.push(document("StatusFile", body).decode())
        await coming
        await self.push(document("Text", "<Title>Ä + &amp;</Title><Text>a</Text>").decode())
        self.assertEqual(self.device.page.title, "Ä + &")
        while self.device.strip is None:
            await deferLater(reactor, 0)  # type: ignore[arg-type]
        self.assertEqual(self.device.strip.page.text, "a")
        await self.push(document("Execute", '<ExecuteItem URL="Init:AppStatus"/>').decode())
        self.assertIsNone(self.device.strip)

    async def test_priorities(self) -> None:
        self.phone("8845", authentication_url="")
        asked: list[str] = []

        def answered(one: Asked) -> Given:
            asked.append(one.query)
            return page("Text", f"<Title>{one.query}</Title><Text/>")

        async def pushed(priority: int) -> None:
            url = f"{self.url}/?{priority}"
            text = document("Execute", f'<ExecuteItem Priority="{priority}" URL="{url}"/>').decode()
            self.assertEqual((await self.push(text))[1], items((0, "Success", url)))

        self.site.pages["/"] = answered
        for priority in (0, 1, 2):
            coming = self.site.next_request()
            await pushed(priority)
            await coming
        self.assertEqual(asked, ["0", "1", "2"])
        asked.clear()
        self.device.become_busy()
        await pushed(1)
        await pushed(2)
        coming = self.site.next_request()
        await pushed(0)
        await coming
        self.assertEqual(asked, ["0"])
        self.assertEqual(self.device.effects[-1], Effect("dropped", f"{self.url}/?2"))
        coming = self.site.next_request()
        self.device.become_idle()
        await coming
        self.assertEqual(asked, ["0", "1"])

    async def test_idle_url(self) -> None:
        self.site.pages["/idle"] = page("Text", "<Text/>")
        self.device.idle_url = f"{self.url}/idle?d=#DEVICENAME#"
        self.device.become_busy()
        coming = self.site.next_request()
        self.device.become_idle()
        await coming
        self.assertEqual(self.site.asked[-1].query, f"d={DEVICE}")

    async def test_how_many_at_once(self) -> None:
        clock = self.device.reactor = Clock()
        self.device.playing = 2.0
        pushed = [Deferred.fromCoroutine(self.push(PLAY)) for _ in range(2)]
        while len(clock.getDelayedCalls()) < 2:
            await deferLater(reactor, 0)  # type: ignore[arg-type]
        clock.advance(1.9)
        self.assertEqual((self.server.running, len(self.server.pushes)), (2, 2))
        clock.advance(0.1)
        for one in pushed:
            await one
        while self.server.running:
            await deferLater(reactor, 0)  # type: ignore[arg-type]
        self.assertEqual(self.server.most_running, 2)

    async def test_pages(self) -> None:
        for path, text in (
            ("/DeviceInformationX", f"<HostName>{DEVICE}</HostName><modelNumber>CP-8845</modelNumber>"),
            ("/CGI/CallInfo", "<CiscoIPPhoneCallInfo></CiscoIPPhoneCallInfo>"),
            ("/CGI/ModeInfo", "<PlaneTitle></PlaneTitle>"),
        ):
            url = self.push_url.replace("/CGI/Execute", path).encode()
            answer = await Agent(reactor).request(b"GET", url)
            self.assertIn(text, (await readBody(answer)).decode())
        answer = await Agent(reactor).request(b"GET", self.push_url.encode())
        self.assertEqual((answer.code, await readBody(answer)), (404, b""))


class Faults(PushCase):
    """Phones that fail."""

    async def test_answers(self) -> None:
        for fault, status, text in (
            (Fault(Failing.SLOW, 0.01), 200, items((0, "Success", "Play:chime.raw"))),
            (Fault(Failing.GARBAGE), 200, "\0<CiscoIPPhoneResponse><<Item Status=0" * 40),
            (Fault(Failing.REDIRECT, url="http://127.0.0.1:1/x"), 302, ""),
            (Fault(Failing.UNAUTHORIZED), 401, ""),
            (Fault(Failing.ERROR, number=3), 200, '<CiscoIPPhoneError Number="3"/>'),
        ):
            self.server.fault = fault
            self.assertEqual(await self.push(PLAY), (status, text), fault)
            self.assertEqual(self.server.running, 0)

    async def test_no_answer(self) -> None:
        self.server.fault = Fault(Failing.DROP)
        failure = await self.assertFailure(
            Deferred.fromCoroutine(self.push(PLAY)), ResponseFailed, ResponseNeverReceived
        )
        self.assertTrue(failure.reasons[0].check(ConnectionDone, ConnectionLost))
        self.server.fault = Fault(Failing.HANG)
        hanging = Deferred.fromCoroutine(self.push(PLAY))
        while not self.server.running:
            await deferLater(reactor, 0)  # type: ignore[arg-type]
        hanging.addErrback(lambda _: None).cancel()
        while self.server.running:
            await deferLater(reactor, 0)  # type: ignore[arg-type]

    def test_hung_up_at_once(self) -> None:
        """Nothing is said to a connection that was gone before the password could be asked for."""
        request: Any = DummyRequest([])
        request.method, request.path = b"POST", b"/CGI/Execute"
        request.requestHeaders.addRawHeader("Authorization", f"Basic {b64encode(b'push:secret').decode()}")
        self.server.render_POST(request)
        request.processingFailed(Failure(ConnectionLost()))
        gc.collect()  # Errors that nobody has taken are logged then.
        self.assertEqual((self.flushLoggedErrors(), request.written, self.server.running), ([], [], 0))
