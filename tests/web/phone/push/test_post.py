"""One push by HTTP to a phone on a socket: what is sent, what is heard, and phones that are not as they should be."""

import gc
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from magroup.model.lines import Phone
from magroup.web.phone.push.answer import Answer, Outcome
from magroup.web.phone.push.credentials import UnderWay
from magroup.web.phone.push.documents import execute
from magroup.web.phone.push.place import Place, place_of
from magroup.web.phone.push.post import Post
from magroup.web.phone.push.pusher import Pusher
from tests.peers import until
from tests.web.phone.push.phone_server import BOMB, RESPONSE, PhoneServer, answer, floods, reactor

PHONE = Phone("SEP001122334455")


class Pushed(TestCase):
    timeout = 30

    def setUp(self) -> None:
        self.server = PhoneServer(self)
        self.under_way = UnderWay()
        self.clock: Any = reactor
        self.post = Post(reactor, reactor, self.under_way)

    async def push(self, phone: Phone = PHONE, document: bytes = execute("Init:Services"), address: str = "") -> Answer:
        place = place_of(address or self.server.address)
        assert place is not None
        return await self.post(phone, place, document)

    def way(self, device: str) -> Any:
        """As the pusher wants it."""
        return partial(self.post, PHONE, Place(self.server.host, self.server.port))

    async def becomes(self, says: Any) -> Answer:
        self.server.says = says
        found = await self.push()
        await until(lambda: not self.server.connections, what="connections closed")
        self.assertEqual(len(self.under_way), 0)
        return found

    async def test_request(self) -> None:
        self.assertEqual((await self.push()).outcome, Outcome.DONE)
        (raw,) = self.server.asked
        head, _, _ = raw.partition(b"\r\n\r\n")
        first, *fields = head.split(b"\r\n")
        self.assertEqual(first, b"POST /CGI/Execute HTTP/1.1")
        names = {line.split(b":")[0].lower() for line in fields}
        self.assertEqual(names, {b"host", b"connection", b"content-length", b"content-type", b"authorization"})
        self.assertIn(b"Content-Type: application/x-www-form-urlencoded", fields)
        self.assertEqual(
            self.server.pushed,
            ['<CiscoIPPhoneExecute><ExecuteItem Priority="0" URL="Init:Services"/></CiscoIPPhoneExecute>'],
        )

    async def test_nothing_for_the_garbage_collector(self) -> None:
        """Thousands of pushes that hold themselves would stop the reactor for longer than sound may be late."""
        gc.collect()
        gc.disable()
        self.addCleanup(gc.enable)
        self.addCleanup(gc.set_debug, gc.get_debug())
        gone = PhoneServer(self)
        await gone.stop()
        for says, address in ((answer(RESPONSE), ""), (b"no HTTP\r\n\r\n", ""), (b"", gone.address)):
            self.server.says = says
            await self.push(address=address)
            await until(lambda: not self.server.connections, what="connections closed")
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = [type(one).__name__ for one in gc.garbage if type(one).__module__.startswith(("magroup", "twisted"))]
        gc.garbage.clear()
        self.assertEqual(left, [])

    async def test_credentials(self) -> None:
        """Those of the administrator; without them each push has its own, known only while it is under way."""
        known = Phone("SEP001122334455", push_user="cti", push_password="pässwörd:x")
        await self.push(known)
        self.assertEqual(self.server.credentials(), ["cti", "pässwörd:x"])
        seen: list[bool] = []

        def asks(transport: Any) -> None:
            user, password = self.server.credentials()
            for device, host in (("sep001122334455", "127.0.0.1"), ("SEP001122334456", "127.0.0.1"),
                                 ("SEP001122334455", "127.0.0.2")):  # fmt: skip
                seen.append(self.under_way.knows(device, user, password, host))
            seen.append(self.under_way.knows("SEP001122334455", user, password + "x", "127.0.0.1"))
            transport.write(answer(RESPONSE))

        self.server.says = asks
        await self.push()
        await self.push()
        self.assertEqual(seen, [True, False, False, False] * 2)
        first, second = self.server.credentials(1), self.server.credentials(2)
        self.assertNotEqual(first[1], second[1])
        self.assertFalse(self.under_way.knows("SEP001122334455", *second, "127.0.0.1"))

    async def test_outcomes(self) -> None:
        for says, outcome in {
            answer(b'<CiscoIPPhoneError Number="4"/>'): Outcome.REFUSED,
            answer(b"", b"401 Unauthorized", b'WWW-Authenticate: Basic realm="phone"'): Outcome.REFUSED,
            answer(b"\xff\xfe rubbish"): Outcome.FAILED,
            answer(b""): Outcome.DONE,
            b"rubbish\r\n\r\n": Outcome.SILENT,
            b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\nConnection: close\r\n\r\n" + b"x" * 9000: Outcome.FAILED,
            BOMB: Outcome.FAILED,
        }.items():
            self.assertEqual((await self.becomes(says)).outcome, outcome, says[:100])

    async def test_without_length(self) -> None:
        """As old phones answer: until the connection ends."""

        def says(transport: Any) -> None:
            transport.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n" + RESPONSE)
            transport.loseConnection()

        self.assertEqual((await self.becomes(says)).outcome, Outcome.DONE)

    async def test_flood(self) -> None:
        """Neither header fields nor a body without end are taken."""
        self.assertEqual((await self.becomes(floods)).outcome, Outcome.SILENT)
        endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"<a/>" * 100_000
        self.assertNotEqual((await self.becomes(endless)).outcome, Outcome.DONE)

    async def test_never_elsewhere(self) -> None:
        """A phone that sends us to another place: nobody goes there."""
        other = PhoneServer(self)
        for status in (b"301 Moved", b"302 Found", b"303 See Other", b"307 Temporary Redirect", b"308 Permanent"):
            location = b"Location: http://" + other.address.encode() + b"/CGI/Execute"
            found = await self.becomes(answer(b"", status, location))
            self.assertEqual(found.outcome, Outcome.FAILED)
        self.assertEqual(other.asked, [])

    async def test_nobody_there(self) -> None:
        address = self.server.address
        await self.server.stop()
        self.assertEqual((await self.push(address=address)).outcome, Outcome.SILENT)

    async def test_ipv6(self) -> None:
        self.server = PhoneServer(self, "::1")
        self.assertEqual((await self.push()).outcome, Outcome.DONE)

    async def test_too_large(self) -> None:
        with self.assertRaises(ValueError):
            await self.push(document=b"<a>" + b"x" * 600 + b"</a>")
        self.assertEqual(self.server.asked, [])

    async def test_hangs(self) -> None:
        """After ten seconds it is broken off, wherever the phone has stopped, and the connection is closed."""
        for says in (b"", b"HTTP/1.1 200 OK\r\nContent-", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"):
            clock = Clock()
            self.server.says, self.server.asked = says, []
            post = Post(reactor, clock, self.under_way)
            place = place_of(self.server.address)
            assert place is not None
            pushing = Deferred.fromCoroutine(post(PHONE, place, execute("Init:Services")))
            await until(lambda: bool(self.server.asked), what="a push")
            await _turns()
            clock.advance(9.9)
            self.assertFalse(pushing.called)
            clock.advance(0.2)
            self.assertEqual(await pushing, Answer(Outcome.SILENT, "it does not answer within 10 s"))
            await until(lambda: not self.server.connections, what="connection closed")
            self.assertEqual(clock.getDelayedCalls(), [])

    async def test_stopped(self) -> None:
        """When the server ends, while it connects or waits, nothing is left and nothing is in the log."""
        for is_connected in (False, True):
            self.server.says, self.server.asked = b"", []
            pusher = Pusher(reactor, self.way, lambda: 10)
            pusher.push("sep1", Once())
            await _turns()
            if is_connected:
                await until(lambda: bool(self.server.asked), what="a push")
            pusher.stop()
            await until(lambda: not self.server.connections, what="connection closed")
            await _turns()
            self.assertEqual((len(self.under_way), len(pusher)), (0, 0))
        self.assertEqual(self.flushLoggedErrors(), [])

    async def test_broken_off(self) -> None:
        """Whoever pushes may stop it."""
        self.server.says = b""
        pushing = Deferred.fromCoroutine(self.push())
        await until(lambda: bool(self.server.asked), what="a push")
        pushing.addErrback(lambda failure: None)
        pushing.cancel()
        await until(lambda: not self.server.connections, what="connection closed")
        self.assertEqual(len(self.under_way), 0)


class Once:
    """Something to push."""

    async def document(self) -> bytes:
        return execute("Init:Services")

    def answered(self, answer: Answer) -> None: ...


async def _turns() -> None:
    """Let what has arrived be read."""
    for _ in range(5):
        turn: Deferred[None] = Deferred()
        reactor.callLater(0, turn.callback, None)
        await turn
