"""Calls that are sent on in the gadget and that nobody takes: real phones have them again, and the page says why."""

from tests.live.gadgets import ASSISTANT, CALLER, MANAGER, NUMBER, OTHER, GadgetCase

WHO = f"First{OTHER} Last ({OTHER})"


class SentOn(GadgetCase):
    """The manager sends calls on to somebody who does not want them."""

    def told(self, sentence: str) -> None:
        """The manager's page shows it, and the assistant's has not heard of it."""
        self.manager.page.wait_for_selector(f'.notice:has-text("{sentence}")')
        self.assertEqual(self.assistant.page.locator(".notice").count(), 0)

    async def refused_by_other(self) -> None:
        await self.phones[OTHER].wait("CALL_INCOMING")
        await self.phones[OTHER].hangup()

    async def test_blind_transfer(self) -> None:
        await self.talking()
        manager = self.manager
        await self.browse(
            lambda: manager.menu(manager.call(MANAGER, "active"), "blind"), lambda: manager.target(OTHER)
        )  # fmt: skip
        await self.refused_by_other()
        await self.browse(lambda: self.told(f"{WHO} is busy. You have the call again."))
        await self.browse(lambda: manager.menu(manager.call(MANAGER, "held"), "end"))
        await self.phones[CALLER].wait("CALL_CLOSED")
        await self.over()

    async def test_ringing_call(self) -> None:
        """It rings again where it was sent on, and is answered there."""
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")
        manager = self.manager
        await self.browse(
            lambda: manager.menu(manager.call(MANAGER, "ringing"), "blind"), lambda: manager.target(OTHER)
        )  # fmt: skip
        await self.phones[MANAGER].wait("CALL_CLOSED")
        await self.refused_by_other()
        await self.browse(lambda: self.told(f"{WHO} is busy. Your phone rings again."))
        await self.phones[MANAGER].wait("CALL_INCOMING")
        await self.phones[MANAGER].answer()
        await self.browse(
            lambda: manager.call(MANAGER, "active"), lambda: self.assistant.row(ASSISTANT).wait_for()
        )  # fmt: skip
        await self.phones[CALLER].hangup()
        await self.over()
