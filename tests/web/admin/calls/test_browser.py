"""The tab Calls in Chromium: a call comes and goes, is found again, and its messages are read by mouse and keys."""

import os
from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Page
from twisted.internet.defer import Deferred

from magroup.cti.types import ConnectionState as State
from magroup.model.calls import Reason, ReasonCode
from magroup.model.people import Privilege
from tests.web.admin.browser import BrowserCase, arrived
from tests.web.admin.calls.captures import packets
from tests.web.admin.calls.site import NOON, CallsWeb, record, up
from tests.web.admin.site import HOME, AdminWeb, company
from tests.web.gadget.browser import serious

SHOTS = os.environ.get("MAGROUP_SCREENSHOTS", "")


class Way(BrowserCase):
    """Of an administrator who looks for a call."""

    def make(self, folder: Path) -> AdminWeb:
        return CallsWeb(begin=company(Maria_Rossi=Privilege), folder=folder)

    @property
    def calls(self) -> CallsWeb:
        return cast(CallsWeb, self.web)

    def test_light(self) -> Deferred[Any]:
        return self.browse(self.through_the_tab)

    def test_dark(self) -> Deferred[Any]:
        """What looks other in the dark."""
        return self.browse(self.looked_at, dark=True)

    def begin(self) -> None:
        web = self.calls
        web.group_call("a")
        web.application.groups = {"a": 45, "b": 45}
        web.application.vips = {"b"}
        web.application.trails = {
            "a": (Reason(ReasonCode.MANAGER_NOT_AVAILABLE, "Mar", detail="away"),
                  Reason(ReasonCode.ASSISTANT_RINGS, "Raf", 15)),
            "b": (Reason(ReasonCode.VIP_STARS, "Mar", detail="5"), Reason(ReasonCode.ANSWERED, "Mar", 4)),
        }  # fmt: skip
        web.up = [up("a", NOON - 5, n1175=State.ALERTING), up("b", NOON - 300, "Zoë Müller", n1071=State.CONNECTED)]
        web.store(
            record("over", NOON - 90, is_vip=True, transferred_to="b"),
            *(record(f"c{at}", NOON - 1000 - 60 * at, caller_name=f"Caller {at}") for at in range(60)),
        )  # fmt: skip
        for call_id in ("in-1", "out-1", "out-2"):
            web.trace.link("over", call_id)

    def through_the_tab(self, page: Page) -> None:
        self.begin()
        page.click("nav >> text=Calls")
        self.looks(page, "live")
        self.live(page)
        self.journal(page)
        self.ladder(page)
        self.files(page)

    def live(self, page: Page) -> None:
        """What changes is seen without a click; the focus stays; it can be made to stand still."""
        page.focus("tbody a >> nth=1")
        self.calls.up = [up("n", NOON - 1, "New <b>caller</b>"), *self.calls.up]
        page.wait_for_selector("text=New <b>caller</b>")
        assert page.evaluate("document.activeElement.getAttribute('href')").endswith("id=b")
        page.click("text=Stand still")
        with page.expect_response("**/calls", timeout=20_000):
            page.click("text=Stand still")
        self.calls.up = self.calls.up[1:]
        page.wait_for_selector("text=New <b>caller</b>", state="detached")
        page.click("tbody a >> nth=0")
        page.wait_for_selector("h1 >> text=Up")
        page.go_back()

    def journal(self, page: Page) -> None:
        page.click(".sections >> text=Journal")
        self.looks(page, "journal")
        page.click("text=Older")
        arrived(page, "text=Newest")
        assert page.locator("tbody tr").count() == 11
        page.click("text=Newest")
        page.fill("#number", "( )")
        page.keyboard.press("Enter")
        page.wait_for_selector("#number-wrong")
        self.looks(page, "journal wrong")
        page.fill("#number", "")
        page.fill("#from", "2026-03-01T11:58")
        page.select_option("#outcome", "busy")
        page.click("button:has-text('Search')")
        page.wait_for_url("**outcome=busy*")
        assert page.locator("tbody tr").count() == 1
        page.click("tbody a")

    def ladder(self, page: Page) -> None:
        """A click, the arrow keys, the links of the message; the address leads to the same message."""
        page.wait_for_selector("svg")
        self.looks(page, "call")
        arrows = page.locator("[data-arrow]")
        assert arrows.count() == 16
        arrows.nth(3).click()
        page.wait_for_selector("#message pre:has-text('sip:pw:***@h')")
        self.looks(page, "message")
        page.keyboard.press("Home")
        page.wait_for_selector("#message pre:has-text('Authorization: ***')")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.wait_for_selector("#message h3:has-text('100 Trying')")
        assert page.evaluate("document.activeElement.getAttribute('aria-current')") == "true"
        page.click("#message >> text=Before")
        page.wait_for_selector("#message h3:has-text('INVITE')")
        assert page.evaluate("document.activeElement.rel") == "prev"
        page.reload()
        assert page.inner_text("#message h3") == "INVITE"
        assert page.locator("[aria-current=true]").get_attribute("aria-label").endswith("again")  # type: ignore[union-attr]

    def files(self, page: Page) -> None:
        for kind in ("text", "pcap"):
            with page.expect_download() as waiting:
                page.click(f"text=Save as {kind}")
            saved = waiting.value
            content = Path(saved.path()).read_bytes()
            assert saved.suggested_filename == f"call-over.{kind.replace('text', 'txt')}"
            assert content.count(b" UTC  ") == 16 if kind == "text" else len(packets(content)) == 16

    def looked_at(self, page: Page) -> None:
        self.begin()
        number = self.calls.trace.find("over").tracks[0][0][0]  # type: ignore[union-attr]
        for name, path in (("live", "calls"), ("journal", "calls/journal"),
                           ("message", f"calls/call?id=over&message={number}")):  # fmt: skip
            page.goto(f"{self.url}{HOME}{path}")
            self.looks(page, f"{name} dark")

    def looks(self, page: Page, name: str) -> None:
        """axe finds nothing serious, and nothing is wider than the page, at 320 as well as at 1280."""
        serious(page, name)
        for width in (320, *((375,) if SHOTS else ()), 1280):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (name, width, wide)
            if SHOTS and width > 320:
                page.screenshot(path=f"{SHOTS}/{name.replace(' ', '-')}-{width}.png", full_page=True)
