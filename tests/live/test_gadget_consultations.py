"""Consultations that go wrong, and two calls taken by turns, in real browsers: no call is lost."""

from tests.live.gadgets import CALLER, MANAGER, OTHER, GadgetCase
from tests.live.pbx import hear_each_other
from tests.live.phones import Desk
from tests.peers import until

AWAY = "1202"


class Consultations(GadgetCase):
    """The manager asks somebody for the caller."""

    others = (CALLER, AWAY)

    async def test_none_is_lost(self) -> None:
        await self.the_one_asked()
        await self.the_caller_hangs_up()
        await self.by_turns()
        await self.second_caller()

    async def consult(self, number: str) -> None:
        """Hold the caller, and call this number."""
        manager = self.manager
        await self.browse(
            lambda: manager.menu(manager.call(MANAGER, "active"), "consult"),
            lambda: manager.type_target(number),
            lambda: manager.page.wait_for_selector(f".consultation >> text=First{number}"),
        )  # fmt: skip

    async def cannot_complete(self, why: str) -> None:
        """Nobody is there whom the caller could be given to, and the page says why."""
        page = self.manager.page
        await self.browse(
            lambda: page.wait_for_selector('.consultation [aria-disabled="true"]:has-text("Complete")'),
            lambda: page.click(f'.notice:has-text("{why}") button'),
        )  # fmt: skip

    async def cancel(self) -> None:
        """The manager and the caller talk again, and both pages show it."""
        page = self.manager.page
        await self.browse(lambda: page.click('.consultation button:has-text("Cancel")'))
        await self.back()

    async def back(self) -> None:
        page = self.manager.page
        await self.both(MANAGER, "active")
        await self.browse(lambda: page.wait_for_selector(".consultation", state="hidden"))
        await hear_each_other(self.phones[CALLER], self.phones[MANAGER])

    async def the_one_asked(self) -> None:
        """Busy, not answering, out of service, hanging up: the caller is taken back each time."""
        await self.talking()
        manager, other = self.manager, self.phones[OTHER]
        await self.consult(OTHER)
        await other.wait("CALL_INCOMING")
        await other.hangup()
        await self.cannot_complete(f"First{OTHER} Last ({OTHER}) is busy.")
        await self.cancel()
        desk = Desk(self.whole, AWAY, "uas_code", ring=0.2, keys={"code": "408", "reason": "Request Timeout"})
        await desk.start()
        await self.consult(AWAY)
        await desk.sipp.finished()
        await self.cannot_complete(f"First{AWAY} Last ({AWAY}) did not answer.")
        await self.cancel()
        await desk.unregister()
        await self.consult(AWAY)
        await self.cannot_complete(f"First{AWAY} Last ({AWAY}) cannot be reached.")
        await self.cancel()
        await self.consult(OTHER)
        await other.wait("CALL_INCOMING")
        await other.answer()
        await self.both(OTHER, "active")
        await hear_each_other(self.phones[MANAGER], other)
        await other.hangup()
        await self.both(MANAGER, "held")
        await self.browse(lambda: manager.menu(manager.call(MANAGER, "held"), "retrieve"))
        await self.back()
        await self.phones[CALLER].hangup()
        await self.over()

    async def the_caller_hangs_up(self) -> None:
        """While the one asked rings, who is talked to then; and while they talk."""
        manager, caller, other = self.manager, self.phones[CALLER], self.phones[OTHER]
        for rings in (True, False):
            await self.talking()
            await self.consult(OTHER)
            await other.wait("CALL_INCOMING")
            if rings:
                await caller.hangup()
                await self.browse(lambda: manager.page.wait_for_selector(".consultation", state="hidden"))
            await other.answer()
            await self.both(OTHER, "active")
            await hear_each_other(self.phones[MANAGER], other)
            if not rings:
                await caller.hangup()
                await self.browse(lambda: manager.page.wait_for_selector(".consultation", state="hidden"))
            await self.both(MANAGER, "active")
            await self.browse(lambda: manager.menu(manager.call(MANAGER, "active"), "end"))
            await other.wait("CALL_CLOSED")
            await self.over()

    async def by_turns(self) -> None:
        """The one taken back talks, the other is held; never while the one asked only rings."""
        await self.talking()
        manager, other = self.manager, self.phones[OTHER]
        await self.consult(OTHER)
        await other.wait("CALL_INCOMING")
        self.assertIn("(retrieve)", await self.browse(lambda: manager.entries(manager.call(MANAGER, "held"))))
        await other.answer()
        await self.both(MANAGER, "active")
        for number in (CALLER, OTHER):
            await self.turn(number)
        await self.cancel()
        await other.wait("CALL_CLOSED")
        await self.browse(lambda: manager.menu(manager.call(MANAGER, "active"), "end"))
        await self.over()

    async def second_caller(self) -> None:
        """The phone holds the first by its own key, where it stays: who would take it back goes on with the second."""
        await self.talking()
        manager, phone, other = self.manager, self.phones[MANAGER], self.phones[OTHER]
        await other.dial(f"sip:{MANAGER}@{self.whole.address}")
        await phone.wait("CALL_INCOMING")
        await self.browse(
            lambda: manager.call(MANAGER, "ringing"), lambda: manager.menu(manager.call(MANAGER, "active"), "hold"),
            lambda: manager.call(MANAGER, "held"),
        )  # fmt: skip
        await phone.answer()
        await self.both(MANAGER, "active")
        changes = len(other.sdps())
        await self.browse(lambda: manager.menu(manager.call(MANAGER, "held"), "retrieve"))
        await until(lambda: len(other.sdps()) >= changes + 4, what="held and taken back", seen=other.report)
        await other.receives(10)
        wanted = [(CALLER, "held"), (OTHER, "active")]

        async def right() -> bool:
            return await self.shown(MANAGER) == wanted

        await until(right, 20.0, what=f"{wanted}")
        await self.browse(lambda: manager.menu(manager.call(MANAGER, "active"), "end"))
        await other.wait("CALL_CLOSED")
        await self.phones[CALLER].hangup()
        await self.over()

    async def turn(self, number: str) -> None:
        """Take the one on hold back: only this one hears the manager."""
        manager, phone = self.manager, self.phones[number]

        def take_back() -> None:
            manager.menu(manager.call(MANAGER, "held").filter(has_text=number), "retrieve")
            self.assistant.call(MANAGER, "active").filter(has_text=number).wait_for()

        await self.browse(take_back)
        await phone.receives(10)
        others = [state for other, state in await self.shown(MANAGER) if other != number]
        self.assertNotIn("active", others)

    async def shown(self, number: str) -> list[tuple[str, str]]:
        """Who is at the other end of the member's calls, and the states, as the assistant sees them."""
        blocks = self.assistant.row(number).locator(".call")
        found: list[tuple[str, str]] = await self.browse(
            lambda: [
                (block.locator(".number").inner_text(), str(block.get_attribute("data-state")))
                for block in blocks.all()
            ]
        )
        return found
