"""An administrator's way through the tabs Groups, VIP List and Settings, in Chromium, by mouse and keyboard."""

from typing import Any

from playwright.sync_api import Page
from twisted.internet.defer import Deferred

from tests.web.admin.browser import BrowserCase, arrived
from tests.web.admin.site import HOME
from tests.web.gadget.browser import serious


class Way(BrowserCase):
    """From a new group to its members, a VIP and a setting."""

    def test_through_the_tabs(self) -> Deferred[Any]:
        return self.browse(self.through_the_tabs)

    def through_the_tabs(self, page: Page) -> None:
        self.group(page)
        self.members(page)
        self.vips(page)
        self.settings(page)

    def group(self, page: Page) -> None:
        page.click("nav >> text=Groups")
        self.looks(page, "no group")
        page.click("a:has-text('Add')")
        page.fill("#name", "Press")
        page.select_option("#type", "manager")
        self.looks(page, "new group")
        page.click("button:has-text('Add')")
        page.wait_for_selector("h1:has-text('Press')")
        page.fill("#number", "8973")
        page.select_option("#overflow_to", "number")
        page.fill("#overflow_number", "1175")
        assert not page.is_visible("#overflow_box")
        asked: list[str] = []
        page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        page.click("nav >> text=VIP List")
        page.wait_for_function("document.getElementById('number')?.value === '8973'")
        assert asked == ["beforeunload"]
        page.click("form[action*=options] button:has-text('Save')")
        page.wait_for_selector("text=Saved.")
        page.click("text=Announcements while waiting")
        page.select_option("#wave", index=0)
        page.click("button:has-text('Add')")
        page.wait_for_selector("text=Saved.")
        self.looks(page, "announcements")
        page.click("text=Back to the group")
        page.click("text=Upload new audio file")
        self.looks(page, "upload")
        page.click("text=Back to the group")

    def members(self, page: Page) -> None:
        for number in ("1175", "1204"):
            page.fill("#find", number)
            page.keyboard.press("Enter")
            page.wait_for_selector("#short-1")
            self.looks(page, "found")
            page.click("section form button:has-text('Add')")
            arrived(page, "text=Added.")
        rows = page.locator("tbody tr")
        assert rows.nth(1).locator("th").inner_text() == "Rafael"
        page.focus("[aria-label='Move Rafael Hidalgo down']")
        page.keyboard.press("Enter")
        arrived(page, "text=Saved.")
        assert rows.nth(2).locator("th").inner_text() == "Rafael"
        page.goto(page.url.replace("&note=saved", ""))
        rows.nth(2).locator("th").drag_to(rows.nth(1).locator("th"), target_position={"x": 5, "y": 2})
        arrived(page, "text=Saved.")
        assert rows.nth(1).locator("th").inner_text() == "Rafael"
        self.looks(page, "group")

    def vips(self, page: Page) -> None:
        page.click("nav >> text=VIP List")
        # The list goes at once when its script is there.
        page.wait_for_load_state("load")
        page.select_option("#of", "72")
        page.wait_for_url("**of=72*")
        page.fill("#number", "0800123")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=Added.")
        self.looks(page, "vips")

    def settings(self, page: Page) -> None:
        page.goto(f"{self.url}{HOME}settings")
        page.click("[data-copy=service-1]")
        page.wait_for_selector("[data-copy=service-1]:text-is('Copied')")
        page.click("summary:has-text('calls')")
        self.looks(page, "settings")
        page.click("text=calls.max_calls")
        page.fill("[id='calls.max_calls']", "7")
        self.looks(page, "setting")
        page.click("button:has-text('Save')")
        page.wait_for_selector("text=Saved.")

    def looks(self, page: Page, name: str) -> None:
        """axe finds nothing serious, and nothing is wider than the page, at 320 as well as at 1280."""
        serious(page, name)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (name, width, wide)
