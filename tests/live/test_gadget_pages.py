"""The gadget in two real browsers, a manager's and an assistant's, while real phones make the calls."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page
from twisted.trial.unittest import TestCase

from tests.live.server import SECRET, company
from tests.live.whole_server import WholeServer
from tests.peers import Baresip, until
from tests.web.gadget.browser import LONGEST, run_in_browser

PASSWORD = "secret words"
NUMBER = "8973"
MANAGER, ASSISTANT, OTHER, CALLER = "1047", "1175", "1068", "1201"
PAGE = "/Applications/inbound/MAGroup/src/Jabber.asp"
OPTIONS = 'overflow = "busy"\nmanager_timeout = 60\n'


class Gadget:
    """One person's page; every method is for the browser's thread."""

    def __init__(self, context: BrowserContext, url: str, number: str, members: dict[str, int]) -> None:
        """``members`` are the ids of the members by their numbers."""
        self._members = members
        self.problems: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{url}/LogonPage.asp?user=u{number}&pwd={PASSWORD}&page={PAGE}")
        self.page.wait_for_selector(".member")

    def row(self, number: str) -> Locator:
        return self.page.locator(f'.member[data-id="{self._members[number]}"]')

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

    def target(self, number: str) -> None:
        """Choose a member in the dialog of transfers."""
        self.page.locator(f'dialog .target:has-text("First{number}")').first.click()


class GadgetOnPhones(TestCase):
    """What is seen on both pages, and what the phones do when something is clicked."""

    timeout = 240

    async def setUp(self) -> None:
        self.whole = WholeServer(self)
        users = {number: f'password = "{PASSWORD}"' for number in (MANAGER, ASSISTANT, OTHER)}
        self.server = await self.whole.start(company(OPTIONS, users=users))
        self.phones = {number: await self.phone(number) for number in (MANAGER, ASSISTANT, OTHER, CALLER)}
        self.contexts: list[BrowserContext] = []
        self.addCleanup(self.close)
        self.manager, self.assistant = [await self.open(number) for number in (MANAGER, ASSISTANT)]

    async def close(self) -> None:
        """Close the browsers, and wait until the server has seen it."""
        await run_in_browser(lambda browser: [context.close() for context in self.contexts])
        connections = self.server.site.connections
        await until(lambda: not len(connections), 20.0, what="no connection")

    async def phone(self, number: str) -> Baresip:
        phone = Baresip(self, number, registrar=f"{self.whole.address}:5060", secret=SECRET)
        await phone.start()
        self.addCleanup(phone.stop)
        await phone.registered()
        return phone

    async def open(self, number: str) -> Gadget:
        members = {member.number: member.id for member in self.server.assembly.current.value.members}

        def work(browser: Any) -> Gadget:
            context = browser.new_context(viewport={"width": 1000, "height": 700})
            context.set_default_timeout(LONGEST)
            self.contexts.append(context)
            return Gadget(context, self.whole.web, number, members)

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

    async def over(self) -> None:
        """The call has ended everywhere: on the pages, in the switch."""
        await self.browse(self.manager.no_call, self.assistant.no_call)
        calls = self.server.assembly.telephony.switch.calls_by_id
        await until(lambda: not calls, 20.0, what="no call", seen=lambda: str(calls))

    async def test_hold_and_end(self) -> None:
        await self.talking()
        manager = self.manager
        await self.browse(lambda: manager.menu(manager.call(MANAGER, "active"), "hold"))
        await self.browse(lambda: manager.call(MANAGER, "held"), lambda: self.assistant.call(MANAGER, "held"))
        await self.browse(lambda: manager.menu(manager.call(MANAGER, "held"), "retrieve"))
        await self.browse(lambda: manager.call(MANAGER, "active"))
        await self.browse(lambda: manager.menu(manager.call(MANAGER, "active"), "end"))
        await self.phones[CALLER].wait("CALL_CLOSED")
        await self.over()

    async def test_blind_transfer_by_ctrl_and_drag(self) -> None:
        await self.talking()
        manager = self.manager

        def drag() -> None:
            manager.page.keyboard.down("Control")
            manager.call(MANAGER, "active").drag_to(manager.row(OTHER).locator(".name").first)
            manager.page.keyboard.up("Control")

        await self.browse(drag)
        await self.phones[OTHER].wait("CALL_INCOMING")
        await self.browse(lambda: self.assistant.call(OTHER, "ringing"))
        await self.phones[OTHER].answer()
        await self.browse(lambda: self.assistant.call(OTHER, "active"), lambda: self.manager.call(OTHER, "active"))
        await self.phones[CALLER].hangup()
        await self.over()

    async def test_ringing_call_dropped_on_a_member(self) -> None:
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        manager = self.manager
        await self.browse(
            lambda: manager.call(MANAGER, "ringing").drag_to(manager.row(ASSISTANT).locator(".name").first)
        )  # fmt: skip
        await self.phones[ASSISTANT].wait("CALL_INCOMING")
        await self.browse(lambda: self.assistant.call(ASSISTANT, "ringing"))
        await self.phones[ASSISTANT].answer()
        await self.browse(lambda: self.manager.call(ASSISTANT, "active"))
        await self.phones[ASSISTANT].hangup()
        await self.over()

    async def test_consultation(self) -> None:
        """Cancelled once, which gives the caller back, then completed."""
        await self.talking()
        manager = self.manager
        for end in ("cancel", "complete"):
            await self.browse(
                lambda: manager.menu(manager.call(MANAGER, "active"), "consult"), lambda: manager.target(OTHER)
            )  # fmt: skip
            await self.phones[OTHER].wait("CALL_INCOMING")
            await self.browse(lambda: manager.page.wait_for_selector(f".consultation >> text=First{OTHER}"))
            await self.phones[OTHER].answer()
            await self.browse(lambda: manager.call(OTHER, "active"))
            name = "Cancel" if end == "cancel" else "Complete"
            await self.browse(lambda name=name: manager.page.click(f'.consultation button:has-text("{name}")'))
            if end == "cancel":
                await self.phones[OTHER].wait("CALL_CLOSED")
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.browse(lambda: self.assistant.call(OTHER, "active"))
        await self.phones[CALLER].hangup()
        await self.over()

    async def test_picked_up_by_click(self) -> None:
        """The assistant clicks the manager's ringing call: the assistant's phone rings for it."""
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.browse(lambda: self.assistant.call(MANAGER, "ringing").click())
        await self.phones[ASSISTANT].wait("CALL_INCOMING")
        await self.phones[ASSISTANT].answer()
        await self.browse(lambda: self.assistant.call(ASSISTANT, "active"))
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.phones[CALLER].hangup()
        await self.over()

    async def test_quick_dial(self) -> None:
        manager = self.manager

        def dial() -> None:
            manager.row(ASSISTANT).locator(".name").first.hover()
            manager.row(ASSISTANT).locator(".dial").click()

        await self.browse(dial)
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.phones[MANAGER].answer()
        await self.phones[ASSISTANT].wait("CALL_INCOMING")
        await self.browse(lambda: self.assistant.call(ASSISTANT, "ringing"), lambda: manager.call(MANAGER, "calling"))
        await self.phones[ASSISTANT].answer()
        await self.browse(lambda: manager.call(MANAGER, "active"))
        await self.phones[ASSISTANT].hangup()
        await self.over()
