"""The gadget in two real browsers, a manager's and an assistant's, and the phones that make the calls meanwhile."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page
from twisted.internet.defer import Deferred
from twisted.internet.tcp import Server
from twisted.trial.unittest import TestCase

from tests.live.phones import together
from tests.live.server import SECRET, company
from tests.live.whole_server import WholeServer
from tests.peers import Baresip, until
from tests.peers.waiting import reactor
from tests.web.gadget.browser import LONGEST, entries_of, run_in_browser

PASSWORD = "secret words"
NUMBER = "8973"
MANAGER, ASSISTANT, OTHER, CALLER = "1047", "1175", "1068", "1201"
PAGE = "/Applications/inbound/MAGroup/src/Jabber.asp"
OPTIONS = 'overflow = "busy"\nmanager_timeout = 60\n'


_IDLE: list[BrowserContext] = []
"""Windows of tests that are over, with an empty page: a new one takes 0.8 s of CPU more. For the browser's thread."""


def window(browser: Browser) -> BrowserContext:
    """One that knows nothing."""
    if _IDLE:
        return _IDLE.pop()
    context = browser.new_context(viewport={"width": 1000, "height": 700})
    context.set_default_timeout(LONGEST)
    context.new_page()
    return context


def leave(context: BrowserContext) -> None:
    """Let it forget everything, and keep it for the next test."""
    empty, *pages = context.pages
    for page in pages:
        page.close()
    context.set_offline(False)
    context.clear_cookies()
    protocol = context.new_cdp_session(empty)
    protocol.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    protocol.detach()
    _IDLE.append(context)


class Gadget:
    """One person's page; every method is for the browser's thread."""

    def __init__(self, context: BrowserContext, url: str, number: str) -> None:
        self.problems: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{url}/LogonPage.asp?user=u{number}&pwd={PASSWORD}&page={PAGE}")
        self.page.wait_for_selector(".member")

    def row(self, number: str) -> Locator:
        return self.page.locator(f'.member:has(.about .number:text-is("{number}"))')

    def call(self, number: str, state: str) -> Locator:
        """The call block in the row of a member, in this state."""
        found = self.row(number).locator(f'.call[data-state="{state}"]')
        found.wait_for()
        return found

    def no_call(self) -> None:
        self.page.wait_for_selector(".call", state="detached")

    def menu(self, call: Locator, entry: str) -> None:
        """Choose from the call's context menu."""
        call.click(button="right")
        self.page.click(f'.menu [data-act="{entry}"]')

    def entries(self, call: Locator) -> list[str]:
        """What the call's context menu offers, what cannot be chosen in brackets."""
        call.click(button="right", force=True)
        found = entries_of(self.page)
        self.page.keyboard.press("Escape")
        return found

    def target(self, number: str) -> None:
        """Choose a member in the dialog of transfers."""
        self.page.locator(f'dialog .target:has-text("First{number}")').first.click()
        self.page.wait_for_selector("dialog", state="detached")

    def type_target(self, number: str) -> None:
        """Type a number in the dialog of transfers."""
        self.page.wait_for_selector("dialog")
        self.page.keyboard.type(number)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("dialog", state="detached")


class GadgetCase(TestCase):
    """A manager, two assistants and a caller with phones; the pages of the manager and of one assistant are open."""

    timeout = 240
    options = OPTIONS
    file = ""
    vips: tuple[str, ...] = ()
    numbers: tuple[str, ...] = (MANAGER, ASSISTANT, OTHER, CALLER)
    """The lines with a baresip."""
    people: tuple[str, ...] = (MANAGER, ASSISTANT, OTHER)
    others: tuple[str, ...] = (CALLER,)
    """The lines of nobody in the group."""
    more = ""
    """More of the company file."""

    async def setUp(self) -> None:
        self.whole = WholeServer(self, self.file)
        users = {number: self.user(number) for number in (MANAGER, ASSISTANT, OTHER)}
        self.prepare()
        self.server = await self.whole.start(
            company(self.options, self.people, self.others, self.more, users, self.vips)
        )  # fmt: skip
        self.phones = dict(zip(self.numbers, await self.registered(), strict=True))
        self.contexts: list[BrowserContext] = []
        self.addCleanup(self.close)
        self.manager, self.assistant = [await self.open(number) for number in (MANAGER, ASSISTANT)]

    def user(self, number: str) -> str:
        """More settings of the user with this line."""
        return f'password = "{PASSWORD}"'

    def prepare(self) -> None:
        """Put into the server's folder what it is to find at its start."""

    async def close(self) -> None:
        """Close the pages, and wait until the server has seen it."""
        await run_in_browser(lambda browser: [leave(context) for context in self.contexts])
        gadgets, connections = self.server.assembly.gadgets, self.server.site.connections
        await until(lambda: not len(gadgets), 20.0, what="no gadget")
        # A browser keeps connections for what it may ask for next.
        port = int(self.whole.web.rpartition(":")[2])
        for kept in reactor.getReaders():
            if isinstance(kept, Server) and kept.getHost().port == port:
                kept.loseConnection()
        await until(lambda: not len(connections), 20.0, what="no connection")

    async def registered(self) -> list[Baresip]:
        phones = [Baresip(self, number, registrar=self.whole.sip, secret=SECRET) for number in self.numbers]
        await together(*(phone.start() for phone in phones))
        self.addCleanup(lambda: Deferred.fromCoroutine(together(*(phone.stop() for phone in phones))))
        await together(*(phone.registered() for phone in phones))
        return phones

    async def open(self, number: str) -> Gadget:
        def work(browser: Browser) -> Gadget:
            context = window(browser)
            self.contexts.append(context)
            return Gadget(context, self.whole.web, number)

        gadget: Gadget = await run_in_browser(work)
        return gadget

    async def browse(self, *work: Callable[[], Any]) -> Any:
        """Do these in the browser, one after the other."""
        result: Any = await run_in_browser(lambda browser: [one() for one in work])
        self.assertEqual(self.manager.problems + self.assistant.problems, [])
        return result[-1]

    async def talking(self) -> None:
        """The caller has dialled the manager number, and the manager has answered."""
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.browse(
            lambda: self.manager.call(MANAGER, "ringing"), lambda: self.assistant.call(MANAGER, "ringing")
        )  # fmt: skip
        await self.phones[MANAGER].answer()
        await self.browse(lambda: self.manager.call(MANAGER, "active"), lambda: self.assistant.call(MANAGER, "active"))

    async def both(self, number: str, state: str) -> None:
        """Wait until both pages show a call of the member in this state."""
        await self.browse(lambda: self.manager.call(number, state), lambda: self.assistant.call(number, state))

    async def over(self) -> None:
        """The call has ended everywhere: on the pages, in the switch."""
        await self.browse(self.manager.no_call, self.assistant.no_call)
        calls = self.server.assembly.telephony.switch.calls_by_id
        await until(lambda: not calls, 20.0, what="no call", seen=lambda: str(calls))
