"""Who comes in, what is taken from browsers, and when their sockets are closed."""

from dataclasses import replace
from socket import SO_RCVBUF, SO_SNDBUF, SOL_SOCKET
from typing import Any
from unittest.mock import patch

from twisted.internet.task import deferLater

from magroup.model.presence import Presence
from magroup.model.settings import GadgetSettings
from magroup.web.gadget import gadgets, present
from tests.web.gadget.server import ASSISTANT, MANAGER, THIRD, Browser, GadgetCase, reactor


class EntranceTests(GadgetCase):
    """Pages of this site, with a login."""

    async def refused_with(self, status: int, **arguments: Any) -> None:
        try:
            await self.connect(self.session(ASSISTANT), **arguments)
        except ConnectionError as error:
            self.assertIn(str(status), str(error))
        else:
            self.fail("let in")
        self.assertEqual(len(self.gadgets), 0)

    async def test_foreign_origin(self) -> None:
        for origin in ("https://evil.example", "null", f"http://127.0.0.1:{self.port.getHost().port + 1}"):
            await self.refused_with(403, origin=origin)

    async def test_no_session(self) -> None:
        for cookie in ("", "magroup-MAGroup=" + "x" * 43, "magroup-MAGroup=short"):
            browser = await self.connect(cookie)
            self.assertEqual(await browser.next("bye"), {"type": "bye", "why": "session"})
            await browser.closed
            self.assertEqual(len(self.gadgets), 0)

    async def test_subprotocol(self) -> None:
        await self.refused_with(400, protocols=["magroup.2"])
        await self.refused_with(400, protocols=[])

    async def test_other_instance(self) -> None:
        await self.refused_with(404, path="/Applications/inbound/Other/src/gadget.ws")

    async def test_path_without_case(self) -> None:
        browser = await self.connect(self.session(ASSISTANT), path="/APPLICATIONS/Inbound/magroup/SRC/Gadget.WS")
        await browser.next("hello")

    async def test_no_websocket(self) -> None:
        path = f"http://{self.host}/Applications/inbound/MAGroup/src/gadget.ws"
        self.assertEqual((await self.curl(path)).code, 400)
        self.assertEqual((await self.curl("-X", "POST", path)).code, 404)

    async def test_too_many(self) -> None:
        self.settings = replace(self.settings, gadget=GadgetSettings(sockets=1))
        await self.open(MANAGER)
        try:
            await self.connect(self.session(ASSISTANT))
        except ConnectionError as error:
            self.assertIn("503", str(error))
        else:
            self.fail("let in")

    async def test_too_many_of_one_user(self) -> None:
        self.settings = replace(self.settings, gadget=GadgetSettings(sockets_per_user=2))
        first, second, other = await self.open(ASSISTANT), await self.open(ASSISTANT), await self.open(MANAGER)
        third = await self.looks_at(ASSISTANT)
        self.assertEqual(await first.next("bye"), {"type": "bye", "why": "replaced"})
        await first.closed
        await self.quiet(second)
        await self.quiet(third)
        await self.quiet(other)


class MessageTests(GadgetCase):
    """Anything may come."""

    async def test_malformed(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        other = await self.looks_at(MANAGER)
        for id, text in (
            (0, b"no JSON"), (0, b"[]"), (0, b'{"id":"x","do":"group"}'), (3, b'{"id":3,"do":"group"}'),
            (4, b'{"id":4,"do":"explode"}'), (5, b'{"id":5,"do":"group","group":45,"more":1}'), (0, b"\xff\xfe{"[2:]),
            (0, b'{"do":"group","group":45}'), (0, b'{"id":-1,"do":"group","group":45}'), (0, b"[" * 4000),
            (6, b'{"id":6,"do":"presence","user":"Maria.Rossi","value":"unavailable"}'),
            (7, b'{"id":7,"do":"digits","call":"x","device":"1175","digits":"<script>"}'), (0, b"null"), (0, b""),
        ):  # fmt: skip
            browser.sendMessage(text)
            message = await browser.next("refused")
            self.assertEqual((message["id"], message["code"]), (id, "invalid"), text)
        await self.quiet(browser)
        await self.quiet(other)
        self.assertEqual(len([line for line in self.lines if "is no command" in line]), 1, self.lines)

    async def test_binary(self) -> None:
        browser = await self.open(ASSISTANT)
        browser.sendMessage(b'{"id":1,"do":"search","text":""}', isBinary=True)
        self.assertEqual((await browser.next("refused"))["code"], "invalid")

    async def test_too_large(self) -> None:
        for size in (5000, 10_000_000):
            browser, other = await self.open(ASSISTANT), await self.open(ASSISTANT)
            browser.sendMessage(b'{"id":1,"do":"search","text":"' + b"x" * size + b'"}')
            await browser.closed
            await self.quiet(other)
            self.assertEqual(len(self.gadgets), 1)
            other.sendClose()
            await other.closed
        self.assertEqual(len([line for line in self.lines if "too large a one" in line]), 2, self.lines)

    async def test_too_many_commands(self) -> None:
        self.settings = replace(self.settings, gadget=GadgetSettings(commands_per_second=0.5))
        browser, other = await self.open(ASSISTANT), await self.open(MANAGER)
        for _ in range(10):
            browser.ask("search", text="")
        answers = [await browser.heard.get() for _ in range(10)]
        self.assertEqual([one["type"] for one in answers], 5 * ["done"] + 5 * ["refused"])
        self.assertEqual(answers[-1]["code"], "busy")
        await self.quiet(other)

    async def test_script_stays_text(self) -> None:
        browser = await self.looks_at(MANAGER)
        script = '<script>alert("x")</script>'
        self.presence.set(ASSISTANT, Presence.AWAY, script)
        (member,) = (await browser.next("change"))["members"]
        self.assertEqual(member["presence"]["message"], script)


class EndTests(GadgetCase):
    """Sockets that must not go on."""

    def setUp(self) -> Any:
        for where, name, seconds in ((gadgets, "BEAT", 0.2), (present, "LINGER", 0.3), (gadgets, "SLOW", 1.0)):
            replaced = patch.object(where, name, seconds)
            replaced.start()
            self.addCleanup(replaced.stop)
        return super().setUp()

    async def test_logout(self) -> None:
        browser, other = await self.looks_at(ASSISTANT), await self.looks_at(MANAGER)
        self.web_admission.sessions.end_of_user(ASSISTANT.casefold())
        self.assertEqual(await browser.next("bye"), {"type": "bye", "why": "session"})
        await browser.closed
        await self.quiet(other)

    async def test_command_after_logout(self) -> None:
        with patch.object(gadgets, "BEAT", 1000):
            browser = await self.looks_at(ASSISTANT)
            self.web_admission.sessions.end_of_user(ASSISTANT.casefold())
            browser.ask("presence", user=ASSISTANT, value="away")
            self.assertEqual(await browser.next("bye"), {"type": "bye", "why": "session"})
            self.assertEqual(self.presence.get(ASSISTANT).value, Presence.AVAILABLE)

    async def test_stop(self) -> None:
        browser, other = await self.looks_at(ASSISTANT), await self.open(MANAGER)
        await self.gadgets.stop()
        for one in (browser, other):
            self.assertEqual(await one.next("bye"), {"type": "bye", "why": "stopping"})
            await one.closed

    async def fill(self) -> tuple[Browser, Browser, int]:
        """A slow reader and a quick one, after the slow one was given up; how many changes there were until then."""
        self.port.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 8192)
        slow, quick = await self.looks_at(ASSISTANT), await self.looks_at(MANAGER)
        slow.transport.getHandle().setsockopt(SOL_SOCKET, SO_RCVBUF, 8192)
        slow.transport.pauseProducing()
        changes = 0
        with patch.object(gadgets, "BEAT", 60.0), patch.object(gadgets, "PAUSE", 0.0):
            while len(self.gadgets) == 2:
                changes += 1
                self.presence.set(THIRD, Presence.AWAY, ("x" * 240) + str(changes))
                await quick.next("change")
        return slow, quick, changes

    async def test_slow(self) -> None:
        """What is not read is bounded, and concerns nobody else."""
        with patch.object(gadgets, "CLOSING", 60.0):
            slow, _, changes = await self.fill()
        slow.transport.resumeProducing()
        told = 0
        while (message := await slow.heard.get())["type"] == "change":
            told += 1
        self.assertEqual(message, {"type": "bye", "why": "slow"})
        self.assertLess(told, changes)
        await slow.closed
        self.assertEqual(len([line for line in self.lines if "does not read" in line]), 1)

    async def test_slow_and_gone(self) -> None:
        _, quick, _ = await self.fill()
        while self.gadgets.describe()["closing"]:
            await deferLater(reactor, 0.05)
        await self.quiet(quick)

    async def test_slow_for_a_moment(self) -> None:
        """Who reads on in time has what is true then."""
        self.port.socket.setsockopt(SOL_SOCKET, SO_SNDBUF, 8192)
        patient = patch.multiple(gadgets, BEAT=60.0, PAUSE=0.0, SLOW=60.0)
        with patient:
            slow, quick = await self.looks_at(ASSISTANT), await self.looks_at(MANAGER)
            slow.transport.getHandle().setsockopt(SOL_SOCKET, SO_RCVBUF, 8192)
            slow.transport.pauseProducing()
            message = ""
            while not self.gadgets.describe()["paused"]:
                message = ("x" * 240) + str(len(message) + self.board.number)
                self.presence.set(THIRD, Presence.AWAY, message)
                await quick.next("change")
            self.presence.set(THIRD, Presence.AWAY, "at last")
            await quick.next("change")
            slow.transport.resumeProducing()
            while (await slow.member(102))["presence"]["message"] != "at last":
                pass

    async def test_no_pong(self) -> None:
        browser = await self.open(ASSISTANT)
        browser.onPing = lambda payload: None
        await browser.closed
        self.assertEqual(dict(self.gadgets.ends), {"gone": 1})

    async def test_signs_of_life(self) -> None:
        """Also where nothing happens; who answers them, or says anything, stays."""
        browser = await self.open(ASSISTANT)
        while browser.beats < 4:
            await deferLater(reactor, 0.05)
        browser.onPing = lambda payload: None
        before = browser.beats
        while browser.beats < before + 5:
            await browser.done("search", text="")
            await deferLater(reactor, 0.05)
        self.assertEqual(dict(self.gadgets.ends), {})

    async def test_closed_by_browser(self) -> None:
        browser = await self.looks_at(ASSISTANT)
        browser.sendClose()
        await browser.closed
        await deferLater(reactor, 0)
        self.assertEqual(self.gadgets.describe(), {"open": 0, "closing": 0, "paused": 0, "shown": 0, "queued": 0})


class PresenceTests(GadgetCase):
    """Who has a gadget open is there, with or without a phone."""

    async def test_gadget_counts(self) -> None:
        self.switch.set_in_service("1175", False)
        self.assertEqual(self.presence.get(ASSISTANT).value, Presence.UNAVAILABLE)
        browser = await self.open(ASSISTANT)
        self.assertEqual(self.presence.get(ASSISTANT).value, Presence.AVAILABLE)
        with patch.object(present, "LINGER", 0.1):
            browser.transport.abortConnection()
            await browser.closed
            while self.presence.get(ASSISTANT).value is Presence.AVAILABLE:
                await deferLater(reactor, 0.02)
        self.assertEqual(self.presence.get(ASSISTANT).changed_by, "gadget")

    async def test_page_loaded_again(self) -> None:
        self.switch.set_in_service("1175", False)
        told: list[Any] = []
        self.presence.subscribe(lambda *change: told.append(change))
        browser = await self.open(ASSISTANT)
        browser.transport.abortConnection()
        await browser.closed
        await self.open(ASSISTANT)
        self.assertEqual([state.value for _, state in told], [Presence.AVAILABLE])
