"""Files of reports: progress, fetching, and their end."""

from lxml import html
from twisted.internet.defer import Deferred

from magroup.model.report import NotWritten
from magroup.web.admin.reports.jobs import KEPT, LEFT
from tests.web.admin.reports.site import ReportsCase


class Saving(ReportsCase):
    """Excel and CSV."""

    def begin_file(self, output: str = "xlsx") -> str:
        return self.gone_to(self.browser.fill(f"reports/choice?kind=count&month=2024-08&output={output}"))

    def files(self) -> int:
        return len(list((self.web.folder / "reports").iterdir()))

    def test_ready(self) -> None:
        for output in ("xlsx", "csv"):
            page = self.browser.page(self.begin_file(output))
            self.assertEqual(page.xpath("//h1/text()"), [f"Call count August 2024 All groups.{output}"])
            self.assertEqual(len(page.xpath("//a[@id='file']")), 1)
        self.assertEqual(self.files(), 2)

    def test_progress_and_cancel(self) -> None:
        self.numbers.writing = Deferred()
        job = self.begin_file()
        page = self.browser.page(job)
        self.assertEqual(page.xpath("//progress/@value"), ["25"])
        self.assertEqual(self.browser.at(job.replace("/job", "/file")).code, 404)
        self.gone_to(self.browser.fill(job))
        self.assertTrue(self.numbers.writing.called)
        self.assertEqual((len(self.web.reporting.jobs), self.browser.at(job).code), (0, 404))

    def test_left(self) -> None:
        self.numbers.writing = Deferred()
        self.begin_file()
        self.web.clock.pump([5] * int(LEFT // 5 + 1))
        self.assertTrue(self.numbers.writing.called)
        self.assertEqual(len(self.web.reporting.jobs), 0)

    def test_logged_out(self) -> None:
        self.numbers.writing = Deferred()
        self.begin_file()
        self.browser.post("/logout", csrf=self.browser.hidden("/LogonPage.asp", "csrf"))
        self.web.clock.advance(5)
        self.assertTrue(self.numbers.writing.called)

    def test_not_fetched(self) -> None:
        self.begin_file()
        self.assertEqual(self.files(), 1)
        self.web.clock.pump([5] * int(KEPT // 5 + 1))
        self.assertEqual((self.files(), len(self.web.reporting.jobs)), (0, 0))

    def test_failed(self) -> None:
        self.numbers.writing = Deferred()
        job = self.begin_file()
        self.numbers.writing.errback(OSError("the disk is full"))
        self.assertIn("could not be written", self.browser.at(job).text)

    def test_not_written(self) -> None:
        """The page says why; what its process said beside that is for the log."""
        self.numbers.writing = Deferred()
        job = self.begin_file()
        self.numbers.writing.errback(NotWritten("No space left on device", "Traceback"))
        text = self.browser.at(job).text
        self.assertIn("could not be written: No space left on device.", text)
        self.assertNotIn("Traceback", text)

    def test_so_many(self) -> None:
        self.numbers.writing = Deferred()
        self.begin_file()
        self.begin_file()
        answer = self.browser.fill("reports/choice?kind=count&month=2024-08&output=csv")
        self.assertEqual(answer.code, 429)
        self.assertIn("Fetch or cancel", html.fromstring(answer.text).text_content())

    def test_of_another(self) -> None:
        job = self.begin_file()
        browser = self.logged_in(self.one)
        browser.fill("reports/login", user=self.two, pwd="secret")
        self.assertEqual(browser.at(job).code, 404)

    def test_no_file(self) -> None:
        page = self.browser.page("reports/choice?kind=count&month=2024-08&output=csv")
        fields = dict(page.xpath("//form[@method='post']")[0].form_values()) | {"output": "screen"}
        self.refused(self.browser.send("reports/save", fields), output="no file")
