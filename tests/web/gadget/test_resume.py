"""A browser that has lost its socket asks for what it has missed, and gets that or everything."""

from typing import Any

from magroup.model.presence import Presence
from tests.web.gadget.server import ASSISTANT, MANAGER, THIRD, Browser, GadgetCase, Json


class ResumeTests(GadgetCase):
    """What was missed comes in one change."""

    async def lose(self, browser: Browser) -> Json:
        browser.transport.abortConnection()
        await browser.closed
        return {"life": browser.hello["life"], "group": 45, "after": browser.snapshot["n"]}

    async def back(self, **where: Any) -> Browser:
        browser = await self.open(ASSISTANT)
        await browser.done("resume", **where)
        return browser

    async def test_what_was_missed(self) -> None:
        where = await self.lose(await self.looks_at(ASSISTANT))
        self.presence.set(MANAGER, Presence.AWAY)
        call = self.switch.arrive("0791112233", "1068", "Bob")
        browser = await self.back(**where)
        change = await browser.next("change")
        self.assertEqual({member["id"] for member in change["members"]}, {72, 102})
        self.assertEqual(change["n"], self.board.number)
        self.switch.caller_hangs_up(call)
        await browser.until(102, line="idle", calls=[])

    async def test_while_others_look(self) -> None:
        await self.looks_at(MANAGER)
        where = await self.lose(await self.looks_at(ASSISTANT))
        self.presence.set(THIRD, Presence.AWAY)
        browser = await self.back(**where)
        self.assertEqual([member["id"] for member in (await browser.next("change"))["members"]], [102])

    async def test_others_came_later(self) -> None:
        where = await self.lose(await self.looks_at(ASSISTANT))
        self.presence.set(THIRD, Presence.AWAY)
        await self.looks_at(MANAGER)
        browser = await self.back(**where)
        self.assertEqual([member["id"] for member in (await browser.next("change"))["members"]], [102])

    async def test_nothing_missed(self) -> None:
        browser = await self.back(**await self.lose(await self.looks_at(ASSISTANT)))
        await self.quiet(browser)
        self.presence.set(MANAGER, Presence.AWAY)
        await browser.next("change")

    async def test_everything_anew(self) -> None:
        where = await self.lose(await self.looks_at(ASSISTANT))
        for other in ({"life": "another"}, {"after": where["after"] + 1000}):
            browser = await self.back(**{**where, **other})
            self.assertEqual(len((await browser.next("snapshot"))["members"]), 4)

    async def test_kept_no_more(self) -> None:
        where = await self.lose(await self.looks_at(ASSISTANT))
        self.board.forget()
        await (await self.back(**where)).next("snapshot")

    async def test_members_changed_meanwhile(self) -> None:
        where = await self.lose(await self.looks_at(ASSISTANT))
        members = tuple(member for member in self.current.value.members if member.id != 102)
        self.current.replace(self.current.value.changed(members=members))
        snapshot = await (await self.back(**where)).next("snapshot")
        self.assertEqual([member["id"] for member in snapshot["members"]], [198, 72, 103])

    async def test_members_changed_while_others_look(self) -> None:
        await self.looks_at(MANAGER)
        where = await self.lose(await self.looks_at(ASSISTANT))
        members = tuple(member for member in self.current.value.members if member.id != 102)
        self.current.replace(self.current.value.changed(members=members))
        snapshot = await (await self.back(**where)).next("snapshot")
        self.assertEqual([member["id"] for member in snapshot["members"]], [198, 72, 103])

    async def test_no_such_group(self) -> None:
        where = await self.lose(await self.looks_at(ASSISTANT))
        browser = await self.open(ASSISTANT)
        self.assertEqual((await browser.refused("resume", **{**where, "group": 64}))[0], "gone")
