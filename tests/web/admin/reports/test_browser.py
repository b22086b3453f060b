"""Reports in a real Chromium: from the months to screens, graphs saved as PNG, and a file."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import TestCase

from magroup.model.people import Privilege
from tests.web.admin.reports.site import ReportsWeb
from tests.web.admin.site import HOME, company
from tests.web.gadget.browser import one_page, run_in_browser, serious

reactor: Any = _reactor
SHOTS = os.environ.get("MAGROUP_SCREENSHOTS", "")


class ReportsInABrowser(TestCase):
    """Maria has the privilege Reports."""

    timeout = 120

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        begin = company(Maria_Rossi=(Privilege.REPORTS,))
        self.web = ReportsWeb(begin=begin, folder=Path(folder.name))
        self.addCleanup(self.web.database.engine.dispose)
        self.addCleanup(self.web.reporting.jobs.stop)
        self.connections: set[Any] = set()
        factory, build = self.web.factory, self.web.factory.buildProtocol

        def built(address: Any) -> Any:
            self.connections.add(made := build(address))
            return made

        factory.buildProtocol = built  # type: ignore[method-assign]
        self.port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.addCleanup(self.stop)
        self.url = f"http://127.0.0.1:{self.port.getHost().port}"

    async def stop(self) -> None:
        """Chromium keeps its connections; they end with the server."""
        await self.port.stopListening()
        for connection in self.connections:
            if connection.transport is not None:
                connection.transport.abortConnection()
        await deferLater(reactor, 0)

    def browse(self, work: Callable[[Page], None], width: int, dark: bool) -> Deferred[Any]:
        def run(_: Browser) -> None:
            with one_page(width, dark) as (page, problems):
                page.goto(f"{self.url}/LogonPage.asp?page={HOME}reports&user=Maria.Rossi&pwd=secret")
                work(page)
                assert not problems, problems

        return run_in_browser(run)

    def seen(self, page: Page, name: str) -> None:
        serious(page, name)
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width <= 0, (name, width)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)

    def choose(self, page: Page, link: str, outbound: bool = False) -> None:
        page.goto(f"{self.url}{HOME}reports")
        page.get_by_role("link", name=link).click()
        if outbound:
            page.get_by_label("Outbound calls").check()
        page.get_by_role("button", name="Report").click()

    def walk(self, page: Page, look: str) -> None:
        page.wait_for_selector("h1:text-is('Reports')")
        self.seen(page, f"start-{look}")
        self.choose(page, "Details, August 2024: Screen")
        page.wait_for_selector("td:has-text('<b>Raf</b>')")
        self.seen(page, f"details-{look}")
        self.choose(page, "Call duration, August 2024: Screen", outbound=True)
        page.wait_for_selector("td:has-text('1:02:40')")
        self.seen(page, f"durations-{look}")
        self.choose(page, "Details, August 2024: Graph")
        self.seen(page, f"hours-{look}")
        self.png(page, f"hours-saved-{look}")
        page.get_by_role("link", name="Calls per Day of Week").click()
        page.wait_for_selector("h2:text-is('Calls per Day of Week')")
        self.choose(page, "Call count, August 2024: Graph", outbound=True)
        page.wait_for_selector("h2:text-is('Call count for Groups')")
        page.locator("figure a .rect").first.click()

    def test_light(self) -> Deferred[Any]:
        def work(page: Page) -> None:
            self.walk_all(page, "light")
            with page.expect_download() as download:
                self.choose(page, "Call count, August 2024: Excel")
            assert Path(download.value.path()).read_text() == "count xlsx"
            assert download.value.suggested_filename == "Call count August 2024 All groups.xlsx"

        return self.browse(work, 1280, dark=False)

    def test_narrow_and_dark(self) -> Deferred[Any]:
        return self.browse(lambda page: self.walk_all(page, "dark"), 375, dark=True)

    def walk_all(self, page: Page, look: str) -> None:
        self.walk(page, look)
        page.wait_for_selector("h2:text-is('Call count for Members')")
        self.seen(page, f"members-{look}")
        self.png(page, f"members-saved-{look}")
        page.get_by_role("link", name="Back", exact=True).click()
        page.wait_for_selector("h2:text-is('Call count for Groups')")

    def png(self, page: Page, name: str) -> None:
        with page.expect_download() as download:
            page.get_by_role("button", name="Save as PNG").click()
        content = Path(download.value.path()).read_bytes()
        image = Image.open(BytesIO(content)).convert("RGB")
        assert image.size == (1920, 840), image.size
        colours = image.getcolors(1 << 20)
        assert colours is not None and len(colours) > 10
        # The bars have the page's colour.
        count = max(number for number, colour in colours if isinstance(colour, tuple) and colour[2] - colour[0] > 60)
        assert count > 1000, count
        if SHOTS:
            Path(f"{SHOTS}/{name}.png").write_bytes(content)
