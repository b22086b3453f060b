"""Two tabs of one login, and a session that ends while the page is open, in a real browser against the real server."""

from typing import Any

from tests.live.gadgets import CALLER, MANAGER, NUMBER, PASSWORD, GadgetCase
from tests.peers import until


class Sessions(GadgetCase):
    """The manager's page, and what becomes of it."""

    async def test_two_tabs(self) -> None:
        """Both show the same; what is done in one is seen in the other, and one that is closed ends nothing."""
        gadgets = self.server.assembly.gadgets
        manager, tabs = self.manager, [self.manager.page]

        def another() -> None:
            tabs.append(manager.page.context.new_page())
            tabs[1].goto(manager.page.url)
            tabs[1].wait_for_selector(".member")

        def shown(state: str) -> None:
            for tab in tabs:
                tab.wait_for_selector(f'.member[data-me] .call[data-state="{state}"]')

        def choose(tab: Any, entry: str) -> None:
            tab.click(".member[data-me] .call", button="right")
            tab.click(f'.menu [data-act="{entry}"]')

        await self.browse(another)
        await until(lambda: len(gadgets) == 3, what="three gadgets")
        await self.talking()
        await self.browse(
            lambda: shown("active"), lambda: choose(tabs[0], "hold"), lambda: shown("held"),
            lambda: choose(tabs[1], "retrieve"), lambda: shown("active"), lambda: tabs.pop().close(),
        )  # fmt: skip
        await until(lambda: len(gadgets) == 2, what="two gadgets")
        await self.browse(lambda: choose(tabs[0], "end"))
        await self.phones[CALLER].wait("CALL_CLOSED")
        await self.over()

    async def test_session_ends(self) -> None:
        """The page sees it by itself, leads to the login, and after that to the call that rings by now."""
        page = self.manager.page
        self.server.site.admission.sessions.end_of_user(f"u{MANAGER}")
        await self.browse(lambda: page.wait_for_url("**/LogonPage.asp?page=*"))
        await self.phones[CALLER].dial(f"sip:{NUMBER}@{self.whole.address}")
        await self.phones[MANAGER].wait("CALL_INCOMING")

        def log_in() -> None:
            page.fill("[name=user]", f"u{MANAGER}")
            page.fill("[name=pwd]", PASSWORD)
            page.keyboard.press("Enter")
            self.manager.call(MANAGER, "ringing")

        await self.browse(log_in)
        await self.phones[CALLER].hangup()
        await self.over()

    async def test_command_after_the_session(self) -> None:
        """Nothing is done any more by a page whose login is over."""
        await self.talking()
        page = self.manager.page
        self.server.site.admission.sessions.end_of_user(f"u{MANAGER}")
        await self.browse(
            lambda: self.manager.menu(self.manager.call(MANAGER, "active"), "end"),
            lambda: page.wait_for_url("**/LogonPage.asp?page=*"), lambda: self.assistant.call(MANAGER, "active"),
        )  # fmt: skip
        await self.phones[CALLER].hangup()
        await self.browse(self.assistant.no_call)
