"""Calls steered in two real browsers, a manager's and an assistant's, while real phones make them."""

from tests.live.gadgets import ASSISTANT, CALLER, MANAGER, NUMBER, OTHER, GadgetCase


class CallsOnPages(GadgetCase):
    """What is seen on both pages, and what the phones do when something is clicked."""

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
