"""The administration in a real Chromium, over a server on a real port."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from magroup.model.people import Privilege
from tests.web.admin.site import HOME, AdminWeb, company
from tests.web.gadget.browser import one_page, run_in_browser
from tests.web.gadget.fake import Connections

reactor: Any = _reactor


def arrived(page: Page, selector: str) -> None:
    """The next page, which has this, is there as a whole: what is at its end may be counted."""
    page.wait_for_selector(selector)
    page.wait_for_load_state()


class BrowserCase(TestCase):
    """Maria, who has all privileges, has logged in."""

    timeout = 120

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.web = self.make(Path(folder.name))
        self.addCleanup(self.web.database.engine.dispose)
        self.folder = Path(folder.name)
        self.connections = Connections(self.web.factory)
        self.port = reactor.listenTCP(0, self.connections, interface="127.0.0.1")
        self.addCleanup(lambda: Deferred.fromCoroutine(self.stop()))
        self.url = f"http://127.0.0.1:{self.port.getHost().port}"

    def make(self, folder: Path) -> AdminWeb:
        """The site."""
        return AdminWeb(begin=company(Maria_Rossi=Privilege), folder=folder)

    async def stop(self) -> None:
        """Chromium keeps its connections; they end with the server."""
        await self.port.stopListening()
        await self.connections.end()

    def browse(self, work: Callable[[Page], None], width: int = 1280, dark: bool = False) -> Deferred[Any]:
        """Do ``work`` with a page; nothing may go wrong in it."""

        def run(_: Browser) -> None:
            with one_page(width, dark) as (page, problems):
                page.goto(f"{self.url}/LogonPage.asp?page={HOME}users&user=Maria.Rossi&pwd=secret")
                work(page)
                # A form that comes back is answered with 422, which Chromium notes.
                assert not [one for one in problems if "422" not in one], problems

        return run_in_browser(run)
