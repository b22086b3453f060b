"""Dragging, two groups, the keyboard alone, several windows, in real browsers while real phones are in calls."""

from tests.live.gadgets import ASSISTANT, CALLER, MANAGER, NUMBER, OPTIONS, OTHER, GadgetCase
from tests.live.pbx import hear_each_other
from tests.live.server import group
from tests.live.voicemail import BOX, PILOT
from tests.web.gadget.browser import serious


class Use(GadgetCase):
    """The manager and the assistant are in a second group too."""

    file = f'[voicemail]\npilot = "{PILOT}"\n'
    more = group("Sales", "8974", OPTIONS, (ASSISTANT, MANAGER))

    def user(self, number: str) -> str:
        box = f'\nvoicemail = "{BOX}"' if number == ASSISTANT else ""
        return super().user(number) + box

    async def test_drag(self) -> None:
        """An active call: nothing by Escape and on oneself; consulted, sent, to the voicemail; not to who is away."""
        await self.talking()
        await self.drag(MANAGER)
        await self.drag(OTHER, "Escape")
        self.assertEqual(await self.browse(lambda: self.manager.page.locator(".ghost, dialog, .menu").count()), 0)
        await self.drag(OTHER)
        await self.both(MANAGER, "held")
        await self.browse(lambda: self.manager.page.keyboard.press("Escape"))
        await self.both(MANAGER, "active")
        await hear_each_other(self.phones[CALLER], self.phones[MANAGER])
        await self.drag(OTHER)
        await self.how("Consultation transfer")
        await self.phones[OTHER].wait("CALL_INCOMING")
        await self.phones[OTHER].answer()
        await self.both(OTHER, "active")
        await self.browse(lambda: self.manager.page.click('.consultation button:has-text("Complete")'))
        await self.arrived(OTHER)
        await self.talking()
        await self.drag(ASSISTANT)
        await self.how("Voicemail")
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.phones[CALLER].hangup()
        await self.over()
        await self.talking()
        await self.drag(ASSISTANT)
        await self.how("Blind transfer")
        await self.phones[ASSISTANT].wait("CALL_INCOMING")
        await self.phones[ASSISTANT].answer()
        await self.arrived(ASSISTANT)
        await self.phones[OTHER].stop()
        await self.browse(lambda: self.manager.page.wait_for_selector('.member[data-line="out_of_service"]'))
        await self.talking()
        await self.drag(OTHER, control=True)
        told = await self.browse(lambda: self.manager.page.wait_for_selector(".notice").inner_text())
        self.assertEqual(told.strip(), f"First{OTHER} Last ({OTHER}) cannot be reached. You have the call again.")
        await self.both(MANAGER, "active")
        await hear_each_other(self.phones[CALLER], self.phones[MANAGER])
        await self.phones[CALLER].hangup()
        await self.over()

    async def drag(self, number: str, key: str = "", control: bool = False) -> None:
        """Draw the manager's active call onto the member; a ``key`` is pressed before it is dropped."""
        manager, mouse = self.manager, self.manager.page.mouse

        def work() -> None:
            block = manager.call(MANAGER, "active").bounding_box()
            row = manager.row(number).locator(".name").first.bounding_box()
            assert block and row
            if control:
                manager.page.keyboard.down("Control")
            mouse.move(block["x"] + 20, block["y"] + 20)
            mouse.down()
            mouse.move(block["x"] - 20, block["y"] + 30, steps=2)
            mouse.move(row["x"] + 5, row["y"] + 5, steps=2)
            if key:
                manager.page.keyboard.press(key)
            mouse.up()
            if control:
                manager.page.keyboard.up("Control")

        await self.browse(work)

    async def how(self, name: str) -> None:
        """Press this in the dialog that asks how the call is to go."""
        page = self.manager.page
        await self.browse(
            lambda: page.locator("dialog").get_by_role("button", name=name, exact=True).click(),
            lambda: page.wait_for_selector("dialog", state="detached"),
        )  # fmt: skip

    async def arrived(self, number: str) -> None:
        """The caller talks to this one, who ends it."""
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.both(number, "active")
        await hear_each_other(self.phones[CALLER], self.phones[number])
        await self.phones[number].hangup()
        await self.over()

    async def test_groups_keys_and_windows(self) -> None:
        await self.another_group()
        await self.keyboard()
        await self.windows()

    async def another_group(self) -> None:
        """A call goes on in the other group's list, is steered there, and found again in the first one."""
        manager, page = self.manager, self.manager.page
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.browse(
            lambda: manager.call(MANAGER, "ringing"), lambda: page.select_option(".groups", label="Sales"),
            lambda: page.wait_for_selector('h1:has-text("Sales")'), lambda: manager.call(MANAGER, "ringing"),
        )  # fmt: skip
        await self.phones[MANAGER].answer()
        await self.browse(
            lambda: manager.menu(manager.call(MANAGER, "active"), "hold"), lambda: manager.call(MANAGER, "held"),
            lambda: self.assistant.call(MANAGER, "held"), lambda: page.select_option(".groups", label="MA Group"),
            lambda: manager.row(OTHER).wait_for(), lambda: manager.menu(manager.call(MANAGER, "held"), "retrieve"),
        )  # fmt: skip
        await self.both(MANAGER, "active")

    async def keyboard(self) -> None:
        """From the group chooser to the call, its menu, a member, and there it is; axe-core has nothing to say."""
        page = self.manager.page

        def walk() -> None:
            serious(page, "calls")
            page.focus(".groups")
            for key in ("Tab", "Home", "End"):
                page.keyboard.press(key)
            self.assertIn(f"First{CALLER} Last, {CALLER}, Active", self.focused())
            page.keyboard.press("Shift+F10")
            page.keyboard.press("b")
            page.keyboard.press("Enter")
            page.wait_for_selector("dialog")
            serious(page, "dialog")
            page.keyboard.type(OTHER)
            for key in ("ArrowDown", "ArrowDown"):
                page.keyboard.press(key)
            self.assertEqual(page.evaluate("document.activeElement.innerText").split("\n")[1], f"First{OTHER} Last")
            page.keyboard.press("Enter")

        await self.browse(walk)
        await self.phones[OTHER].wait("CALL_INCOMING")
        await self.browse(lambda: self.assistant.call(OTHER, "ringing"), lambda: serious(self.assistant.page, "other"))
        await self.phones[OTHER].answer()
        await self.arrived(OTHER)

    def focused(self) -> str:
        return str(self.manager.page.evaluate("document.activeElement.getAttribute('aria-label')"))

    async def windows(self) -> None:
        """Two of the manager, one of which is left and come back to; twice clicked is once done."""
        manager, assistant = self.manager, self.assistant
        first = manager.page
        await self.browse(lambda: self.second_window())
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.browse(lambda: assistant.call(MANAGER, "ringing").dblclick())
        await self.phones[ASSISTANT].wait("CALL_INCOMING")
        await self.phones[ASSISTANT].answer()
        await self.both(ASSISTANT, "active")
        self.assertEqual(await self.browse(lambda: assistant.page.locator(".notice").all_inner_texts()), [])
        await self.phones[CALLER].hangup()
        await self.over()
        await self.talking()
        await self.browse(
            lambda: first.goto(f"{self.whole.web}/help/"), first.go_back, lambda: first.wait_for_selector(".call"),
            first.go_forward, lambda: first.wait_for_selector("h1"), first.go_back,
            lambda: manager.menu(manager.call(MANAGER, "active"), "hold"),
            lambda: first.wait_for_selector('.call[data-state="held"]'),
        )  # fmt: skip

        def end() -> None:
            first.dblclick('.call[data-state="held"]')
            first.dblclick('.menu [data-act="end"]')
            manager.no_call()
            first.wait_for_selector(".call", state="detached")

        await self.browse(end)
        await self.phones[CALLER].wait("CALL_CLOSED")
        for page in (first, manager.page):
            self.assertEqual(await self.browse(lambda page=page: page.locator(".notice").all_inner_texts()), [])
        await self.over()

    def second_window(self) -> None:
        """The manager's page in the same browser once more: it is the one that is looked at from now on."""
        context = self.manager.page.context
        url = self.manager.page.url
        self.manager.page = context.new_page()
        self.manager.page.on("pageerror", lambda error: self.manager.problems.append(str(error)))
        self.manager.page.goto(url)
        self.manager.page.wait_for_selector(".member")
