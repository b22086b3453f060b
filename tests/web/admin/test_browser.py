"""An administrator's way through the tab Users, in Chromium, by mouse and keyboard."""

from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Page
from twisted.internet.defer import Deferred

from tests.web.admin.browser import BrowserCase, arrived
from tests.web.gadget.browser import serious


class Way(BrowserCase):
    """From a new person to a file with many."""

    def test_through_the_tab(self) -> Deferred[Any]:
        return self.browse(self.through_the_tab)

    def through_the_tab(self, page: Page) -> None:
        self.looks(page, "users")
        self.new_person(page)
        self.user(page)
        self.sections(page)
        self.file(page)

    def new_person(self, page: Page) -> None:
        page.click("text=New person")
        self.looks(page, "person")
        page.fill("#name", "ivo.kern")
        page.fill("#number", "1071")
        page.keyboard.press("Enter")
        page.wait_for_selector("#number-wrong")
        self.looks(page, "person wrong")
        assert page.input_value("#name") == "ivo.kern"
        for field, value in (("#first_name", "Ivo"), ("#last_name", "Kern"), ("#number", "2001"), ("#model", "CP-8845"),
                             ("#device_name", "SEP0123456789AB")):  # fmt: skip
            page.fill(field, value)
        page.click("text=Add person")
        page.wait_for_selector("text=Ivo Kern is ready")
        self.looks(page, "person made")
        page.click("[data-copy=setting-4]")
        page.wait_for_selector("[data-copy=setting-4]:text-is('Copied')")
        page.click("text=To Ivo Kern")

    def user(self, page: Page) -> None:
        page.check("main >> text=Reports >> nth=0")
        page.fill("#department", "Sales")
        page.click("button:has-text('Save')")
        page.wait_for_selector("text=Saved.")
        self.looks(page, "user")
        page.click("dt:has-text('Picture') + dd a")
        picture = BytesIO()
        Image.new("RGB", (900, 600), "teal").save(picture, "PNG")
        page.set_input_files("#picture", {"name": "a.png", "mimeType": "image/png", "buffer": picture.getvalue()})
        self.looks(page, "picture")
        page.click("text=Upload")
        page.wait_for_selector("text=Uploaded.")
        page.click("dt:has-text('Password') + dd a")
        self.looks(page, "password")
        page.click("text=Set the password")
        page.wait_for_selector("text=A new password for Ivo Kern")
        page.click("text=Done")
        page.click("text=Delete user")
        self.looks(page, "delete")
        page.click("text=Keep it")

    def sections(self, page: Page) -> None:
        for title in ("Lines", "Phones", "Contacts", "Trunks"):
            page.click(f".sections >> text={title}")
            self.looks(page, title)
            page.click(f"text=New {title[:-1].lower()}")
            self.looks(page, f"New {title}")
        page.click(".sections >> text=Lines")
        page.fill("#q", "2001")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=2001*")
        assert page.locator("tbody tr").count() == 1

    def file(self, page: Page) -> None:
        page.click(".sections >> text=Import")
        self.looks(page, "import")
        text = "name;first_name;lines\nivo.kern;Ivan;2001\nnew;New;\n"
        for wrong in ("bad;Bad;9999\n", ""):
            file = {"name": "people.csv", "mimeType": "text/csv", "buffer": (text + wrong).encode()}
            page.set_input_files("#file", file)  # type: ignore[arg-type]
            page.click("text=Look at it")
            page.wait_for_selector("h1:has-text('people.csv')")
            self.looks(page, "answers" + wrong[:3])
            if wrong:
                page.click("text=Choose again")
        page.click("button:has-text('Import')")
        arrived(page, "text=Imported.")
        assert page.locator("text=Ivan Kern").count() == 1

    def looks(self, page: Page, name: str) -> None:
        """axe finds nothing serious, and nothing is wider than the page, at 320 as well as at 1280."""
        serious(page, name)
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, (name, width, wide)
