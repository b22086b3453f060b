"""Administrators at the pages of a real server: reports as files, two people for one, files of people, accidents."""

import re
from datetime import datetime, timedelta
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Page
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from magroup.model.calls import CallRecord, LegOutcome, LegRecord
from magroup.store import migrate, once
from magroup.store.journal.rows import insert_new_calls
from tests.live.pages import browse
from tests.live.server import company
from tests.live.twistd import Twistd
from tests.web.admin.browser import arrived

HOME = "/Applications/inbound/MAGroup/"
PASSWORD = "secret words"
ADMIN, ONE, TWO = "1047", "1175", "1068"
ALL = '["Settings", "Groups", "VIPList", "Reports", "Admin", "UserAdministration"]'
BEGAN = datetime(2024, 8, 14, 12).astimezone().timestamp()
FORMULA = '=HYPERLINK("http://x","y")'
REPORTS = ("Details", "Call count", "Call duration")
PEOPLE = "name;first_name;last_name;lines\nu1047;Tijana;Vlahović;1047\nnew.one;Nova;;1301\n"


def calls() -> list[CallRecord]:
    """Of three members: one answered, one missed, by a caller whose name looks like a formula."""
    return [
        CallRecord(
            f"c{place}", BEGAN + place, "0311234567", FORMULA, called_number="8973", called_name="MA Group", group_id=1,
            ended_at=BEGAN + 75 + place, legs=(LegRecord(
                f"c{place}/1", f"c{place}", number, f"First{number} Last", f"u{number}", place + 1, 1, True,
                BEGAN + place + 5, BEGAN + place + 10 if answered else 0.0, BEGAN + place + 75,
                LegOutcome.ANSWERED if answered else LegOutcome.MISSED,
            ),),
        )
        for place, (number, answered) in enumerate(((ADMIN, True), (ONE, True), (TWO, False)))
    ]  # fmt: skip


class Administrators(TestCase):
    """Who may everything, and two who see reports only together."""

    timeout = 240

    async def setUp(self) -> None:
        four_eyes = f'password = "{PASSWORD}"\nprivileges = ["Reports4Eyes"]'
        users = {ADMIN: f'password = "{PASSWORD}"\nprivileges = {ALL}', ONE: four_eyes, TWO: four_eyes}
        self.server = Twistd(self, company(users=users))
        url = f"sqlite:///{self.server.data}/magroup.db"
        once(url, migrate)
        once(url, insert_new_calls, calls())
        await self.server.start()
        self.addCleanup(self.server.terminate)

    def login(self, number: str, page: str) -> str:
        """The address of a page with the login to it."""
        return f"{self.server.url}LogonPage.asp?page={HOME}{page}&user=u{number}&pwd={PASSWORD}"

    def test_a_day(self) -> Deferred[Any]:
        """All with one server, whose start takes as long as any of this."""
        pages = ((ADMIN, "reports"), (ADMIN, "users"), (ONE, "reports"))
        return browse(self.day, *(self.login(number, page) for number, page in pages))

    def day(self, page: Page, other: Page, one: Page) -> None:
        self.reports(page)
        self.four_eyes(one)
        self.files(page)
        self.double_click(page)
        self.back(page)
        self.two_tabs(page, other)

    def reports(self, page: Page) -> None:
        """Each report says the same on the screen as in the file, with numbers, times and durations as such."""
        for kind in REPORTS:
            self.choose(page, kind, "Screen")
            shown = [self.cells(row) for row in page.locator("tbody tr").all()]
            # Its process is nice to everybody else on the machine.
            with page.expect_download(timeout=120_000) as download:
                self.choose(page, kind, "Excel")
            file = self.server.folder / download.value.suggested_filename
            download.value.save_as(file)
            book = load_workbook(file)
            sheet: Any = book[kind]
            _, *rows = sheet.iter_rows(values_only=True)
            assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.endswith(f"{len(rows) + 1}"), kind
            assert [cell.data_type for cell in sheet[2] if cell.value == FORMULA] in ([], ["s"])
            assert len(rows) == len(shown) == 3, (kind, rows, shown)
            for row, line in zip(rows, shown, strict=True):
                texts = [as_shown(value) for value in row]
                assert all(text in " ".join(line) for text in texts), (kind, texts, line)
            page.goto(f"{self.server.url[:-1]}{HOME}reports")
            self.choose(page, kind, "Graph")
            page.wait_for_selector("figure svg[role=img]")

    def choose(self, page: Page, kind: str, output: str) -> None:
        page.goto(f"{self.server.url[:-1]}{HOME}reports")
        page.get_by_role("link", name=f"{kind}, August 2024: {output}").click()
        report = page.get_by_role("button", name="Report")
        if output == "Excel":
            report.click()
        else:
            with page.expect_navigation():
                report.click()

    def cells(self, row: Any) -> list[str]:
        return [re.sub(r"\s+", " ", text).strip() for text in row.locator("td, th").all_inner_texts()]

    def four_eyes(self, page: Page) -> None:
        """The same person twice is refused, in whatever spelling; another one opens the reports."""
        for again in (f"u{ONE}", f"U{ONE}"):
            page.fill("#user", again)
            page.fill("#pwd", PASSWORD)
            page.click("button:has-text('Login')")
            page.wait_for_selector("#user-wrong:has-text('somebody else')")
        page.fill("#user", f"u{TWO}")
        page.fill("#pwd", PASSWORD)
        page.click("button:has-text('Login')")
        page.wait_for_selector(f"text=Opened together with u{TWO}")
        self.choose(page, "Call count", "Screen")
        assert page.locator("tbody tr").count() == 3
        page.goto(f"{self.server.url[:-1]}{HOME}reports")
        page.click("text=Close the reports")
        page.wait_for_selector("h1:has-text('4-eyes')")
        page.go_back()
        page.reload()
        page.wait_for_selector("h1:has-text('4-eyes')")

    def files(self, page: Page) -> None:
        """The dry run says what it would do, and does nothing; users are refused for lines that are not there."""
        for kind, content, answers in (
            ("users", PEOPLE, ["wrong", "changed"]), ("lines", "number\n1301\n", ["new"]),
            ("users", PEOPLE, ["changed", "new"]),
        ):  # fmt: skip
            page.goto(f"{self.server.url[:-1]}{HOME}users/import")
            page.select_option("#kind", kind)
            file: Any = {"name": f"{kind}.csv", "mimeType": "text/csv", "buffer": content.encode()}
            page.set_input_files("#file", file)
            page.click("text=Look at it")
            arrived(page, f"h1:has-text('{kind}.csv')")
            found = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
            assert found == answers, page.locator("main").inner_text()
            if "wrong" in answers:
                assert page.locator("button:has-text('Import')").count() == 0
            else:
                page.click("button:has-text('Import')")
                page.wait_for_selector("text=Imported.")
        page.goto(f"{self.server.url[:-1]}{HOME}users")
        assert page.locator("text=Tijana Vlahović").count() == 1

    def double_click(self, page: Page) -> None:
        """Of an impatient hand: one line is made, and its secret shown."""
        page.goto(f"{self.server.url[:-1]}{HOME}users/person")
        for field, value in (("#first_name", "Ivo"), ("#last_name", "Kern"), ("#number", "1302")):
            page.fill(field, value)
        page.dblclick("button:has-text('Add person')")
        page.wait_for_selector("h1:has-text('Ivo Kern is ready')")
        assert page.input_value("#setting-3") == "1302"
        page.goto(f"{self.server.url[:-1]}{HOME}users?q=kern")
        assert page.locator("tbody tr").count() == 1

    def back(self, page: Page) -> None:
        """After saving, Back shows the form as it is now, and nothing is sent again."""
        page.click("text=ivo.kern")
        page.fill("#department", "Press")
        page.click("button:has-text('Save')")
        page.wait_for_selector("text=Saved.")
        page.go_back()
        page.reload()
        assert page.input_value("#department") == "Press"
        page.go_forward()

    def two_tabs(self, page: Page, other: Page) -> None:
        """The second is told, and its text is still there."""
        other.goto(page.url)
        page.fill("#department", "Sales")
        other.fill("#department", "Support")
        page.click("button:has-text('Save')")
        page.wait_for_selector("text=Saved.")
        other.click("button:has-text('Save')")
        other.wait_for_selector("text=Somebody else has changed this meanwhile")
        assert other.input_value("#department") == "Support"
        page.reload()
        assert page.input_value("#department") == "Sales"


def as_shown(value: object) -> str:
    """A cell of a workbook as it stands on the screen."""
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, datetime):
        return f"{value:%H:%M}"
    return str(value)
