"""The gadget's socket on a real port, with autobahn's client as the browser and FakeSwitch for the calls."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.task import deferLater

from magroup.groups.editing import Editing
from magroup.groups.unavailability import Unavailability
from magroup.model.configuration import Configuration
from magroup.model.people import User
from magroup.model.settings import GadgetSettings, Settings
from magroup.web.gadget.entrance import Entrance
from magroup.web.gadget.opening import gadgets
from tests.web.api.server import company
from tests.web.rest.company import SOUNDS
from tests.web.rest.server import INSTANCE, RestCase

reactor: Any = _reactor
Json = dict[str, Any]

MANAGER, ASSISTANT, THIRD, STRANGER = "Maria.Rossi", "Rafael.Hidalgo", "Aradhana.Jaggi", "Chiyo.Fujimoto"
"""The first three are in the group 45, the manager has all privileges, the others none."""

LINES = {MANAGER: "1071", ASSISTANT: "1175", THIRD: "1068", STRANGER: "1202"}
IDS = {MANAGER: 72, ASSISTANT: 198, THIRD: 102}


class Browser(WebSocketClientProtocol):  # type: ignore[misc]
    """What the server has said is in ``heard``, its signs of life are counted in ``beats``.

    ``dialling`` has why nobody could be called, which comes beside all that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.heard: DeferredQueue[Json] = DeferredQueue()
        self.dialling: DeferredQueue[str] = DeferredQueue()
        self.opened: Deferred[None] = Deferred()
        self.closed: Deferred[tuple[bool, int | None]] = Deferred()
        self.is_closed_now = False
        self.kept: list[Json] = []
        self.last_id = self.beats = 0

    def onOpen(self) -> None:
        self.opened.callback(None)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        message = json.loads(payload)
        if message["type"] == "beat":
            self.beats += 1
        elif message["type"] == "dialling":
            self.dialling.put(message["why"])
        else:
            self.heard.put(message)

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:
        self.is_closed_now = True
        if not self.opened.called:
            self.opened.errback(ConnectionError(reason))
        self.closed.callback((wasClean, code))

    async def next(self, type: str) -> Json:
        """What the server says next, which is of this type."""
        message = await self._hear()
        assert message["type"] == type, message
        return message

    async def skip_to(self, type: str) -> Json:
        """The next of this type; what comes before is skipped."""
        while (message := await self._hear())["type"] != type:
            pass
        return message

    async def _hear(self) -> Json:
        return self.kept.pop(0) if self.kept else await self.heard.get()

    async def _answer(self, id: int) -> Json:
        """The answer to a command; what comes before it is kept."""
        while True:
            message = await self.heard.get()
            if message.get("id") == id:
                return message
            assert message["type"] in ("change", "notice", "mail"), message
            self.kept.append(message)

    def ask(self, do: str, **values: Any) -> int:
        self.last_id += 1
        self.sendMessage(json.dumps({"id": self.last_id, "do": do, **values}).encode())
        return self.last_id

    async def done(self, do: str, **values: Any) -> Any:
        """Give a command, which is done; its result."""
        message = await self._answer(self.ask(do, **values))
        assert message["type"] == "done", message
        return message["result"]

    async def refused(self, do: str, **values: Any) -> tuple[str, str]:
        """Give a command, which is refused: code and sentence."""
        message = await self._answer(self.ask(do, **values))
        assert message["type"] == "refused", message
        return message["code"], message["why"]

    async def member(self, id: int) -> Json:
        """The member as the next change tells of it."""
        while True:
            change = await self.next("change")
            for member in change["members"]:
                if member["id"] == id:
                    return {**member, "n": change["n"]}

    async def until(self, id: int, **values: Any) -> Json:
        """The member, once it has these values; ``calls`` are the states of its calls."""
        while True:
            member = await self.member(id)
            seen = {**member, "calls": [call["state"] for call in member["calls"]]}
            if all(seen[name] == value for name, value in values.items()):
                return member


async def browse(
    host: str, cookie: str, origin: str | None = "", protocols: Iterable[str] = ("magroup.1",), path: str = "",
) -> Browser:  # fmt: skip
    """A browser that opens the socket at ``host`` with its port; ``opened`` fires when it is open, or refused."""
    origin = f"http://{host}" if origin == "" else origin
    factory = WebSocketClientFactory(
        f"ws://{host}{path or f'/Applications/inbound/{INSTANCE}/src/gadget.ws'}", origin=origin,
        protocols=list(protocols), headers={"Cookie": cookie} if cookie else {}, reactor=reactor,
    )  # fmt: skip
    factory.noisy = False
    factory.protocol = Browser
    factory.setProtocolOptions(openHandshakeTimeout=0, closeHandshakeTimeout=0, serverConnectionDropTimeout=0)
    built: Deferred[Browser] = Deferred()
    build = factory.buildProtocol

    def keep(address: Any) -> Browser:
        browser: Browser = build(address)
        built.callback(browser)
        return browser

    factory.buildProtocol = keep
    name, _, port = host.rpartition(":")
    reactor.connectTCP(name, int(port), factory)
    return await built


class GadgetCase(RestCase):
    """The company of the manual's examples; at the end nothing is left."""

    privileges: dict[str, Any] = {}

    def setUp(self) -> Any:
        self.settings = replace(Settings(), instance=INSTANCE, gadget=GadgetSettings(commands_per_second=1000))
        self.browsers: list[Browser] = []
        return Deferred.fromCoroutine(self.begin(company(**self.privileges)))

    async def begin(self, configuration: Configuration) -> None:
        await self.serve(configuration)
        self.ship(*SOUNDS)

    def entrance(self, editing: Editing) -> Entrance:
        self.unavailability = Unavailability(self.switch, self.presence, self.current.value)
        self.unavailability.start()
        self.gadgets, self.commands = gadgets(
            self.board, self.switch, self.application, self.states, self.mail, editing,
            lambda: self.current.value, lambda: self.settings, lambda name: self.unavailability.look_at(name, "gadget"),
            reactor,
        )  # fmt: skip
        self.unavailability.has_gadget = self.gadgets.is_open
        self.gadgets.start()
        self._ends += (self.unavailability.stop, self.commands.stop, self.gadgets.stop)
        return Entrance(self.gadgets, self.web_admission, reactor)

    async def tearDown(self) -> None:
        for call in self.switch.calls():
            self.switch.caller_hangs_up(call.id)
        for browser in self.browsers:
            if not browser.is_closed_now:
                browser.transport.abortConnection()
            await browser.closed
        await self.stop_serving()
        self.assertEqual((len(self.gadgets), len(self.commands)), (0, 0))
        self.assertEqual(self.gadgets.describe(), {name: 0 for name in self.gadgets.describe()})
        self.assertEqual(self.flushLoggedErrors(), [])

    def session(self, user_name: str) -> str:
        """The cookie of a new session."""
        user = self.user(user_name)
        return f"magroup-{INSTANCE}={self.web_admission.sessions.begin(user, '127.0.0.1')}"

    def user(self, user_name: str) -> User:
        found = self.current.value.user(user_name)
        assert found is not None
        return found

    async def connect(
        self, cookie: str, origin: str | None = "", protocols: Iterable[str] = ("magroup.1",), path: str = "",
    ) -> Browser:  # fmt: skip
        """An open socket. Raises ConnectionError."""
        browser = await browse(self.host, cookie, origin, protocols, path)
        self.browsers.append(browser)
        await browser.opened
        return browser

    async def open(self, user_name: str) -> Browser:
        """A gadget that has heard hello."""
        browser = await self.connect(self.session(user_name))
        browser.hello = await browser.next("hello")
        return browser

    async def looks_at(self, user_name: str, group: int = 45) -> Browser:
        """A gadget that has the snapshot of the group."""
        browser = await self.open(user_name)
        await browser.done("group", group=group)
        browser.snapshot = await browser.next("snapshot")
        return browser

    async def quiet(self, browser: Browser) -> None:
        """The server has nothing to say to the browser: a command is answered first."""
        await deferLater(reactor, 0.05)
        browser.ask("search", text="")
        self.assertEqual(await browser.next("done"), {"type": "done", "id": browser.last_id, "result": {"found": []}})
