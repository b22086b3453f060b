"""Reports on screens and as graphs, and what is wrong with what is asked."""

from lxml import html

from tests.web.admin.reports.site import ReportsCase
from tests.web.admin.site import rows

AUGUST = "output=screen&month=2024-08"


class Screens(ReportsCase):
    """Tables of the manual."""

    def test_first_page(self) -> None:
        page = self.browser.page("reports")
        self.assertEqual([row[0] for row in rows(page)], ["August 2024", "July 2024"])
        links = page.xpath("//tbody/tr[1]//a/@href")
        self.assertEqual(len(links), 9)
        choice = self.browser.page(links[4])
        self.assertEqual(choice.xpath("//h1/text()"), ["Call count"])
        self.assertIn("1st level support", choice.xpath("//option/text()"))

    def test_details(self) -> None:
        page = self.browser.page(f"reports/show?kind=details&{AUGUST}")
        ((began, caller, called, duration),) = rows(page)
        self.assertTrue(began.startswith("01.08.2024 00:00:00"), began)
        self.assertEqual((caller, called, duration), ("0301 <b>Raf</b>", "5544 External", "1:02:03"))
        (next,) = page.xpath("//a[@rel='next']/@href")
        second = self.browser.page(next)
        self.assertEqual(rows(second)[0][1:], ["0301 External", "5544 Support", "0:01:00"])
        self.assertFalse(second.xpath("//a[@rel='next']"))

    def test_counts(self) -> None:
        page = self.browser.page(f"reports/show?kind=count&{AUGUST}")
        self.assertEqual(page.xpath("//thead//a/text()"), ["Number", "Member", "Missed calls", "Connected", "Calls"])
        page = self.browser.page(f"reports/show?kind=count&outbound=on&who=45&{AUGUST}")
        self.assertEqual(rows(page), [
            ["1071", "Maria Rossi", "3", "7", "10", "5", "15"], ["1072", "External", "1", "9", "10", "0", "10"],
        ])  # fmt: skip
        self.assertEqual((self.numbers.asked[-1].group_id, self.numbers.asked[-1].outbound), (45, True))

    def test_sorted(self) -> None:
        page = self.browser.page(f"reports/show?kind=count&{AUGUST}&sort=missed")
        self.assertEqual([row[0] for row in rows(page)], ["1072", "1071"])
        (again,) = page.xpath("//th[@aria-sort='ascending']/a/@href")
        self.assertEqual([row[0] for row in rows(self.browser.page(again))], ["1071", "1072"])

    def test_durations(self) -> None:
        page = self.browser.page(f"reports/show?kind=duration&outbound=on&{AUGUST}")
        self.assertEqual(rows(page)[0], [
            "1071", "Maria Rossi", "1:02:40", "0:05:42", "0:01:00", "0:00:15", "1:01:40", "0:08:49",
        ])  # fmt: skip
        page = self.browser.page(f"reports/show?kind=duration&{AUGUST}")
        self.assertEqual(len(rows(page)[0]), 4)

    def test_audit(self) -> None:
        self.browser.page(f"reports/show?kind=count&who=45&{AUGUST}")
        told = [change for change in self.web.kept.audit if change.what == "report"]
        self.assertEqual([(change.who, change.key) for change in told], [("Maria.Rossi", "Call count")])
        self.assertIn("August 2024", told[0].new)
        self.assertIn("Accounting", told[0].new)

    def test_wrong(self) -> None:
        for query, field, words in (
            ("kind=x&output=screen&month=2024-08", "kind", "Choose"),
            ("kind=count&output=pdf&month=2024-08", "output", "Choose"),
            ("kind=count&output=screen&month=2024-13", "start", "no reports"),
            ("kind=count&output=screen&month=x", "start", "no month"),
            ("kind=count&output=screen", "start", "A date and a time"),
            ("kind=count&output=screen&start=2024-08-01T00:00&end=2024-07-01T00:00", "end", "after the start"),
            ("kind=count&output=screen&start=2000-01-01T00:00&end=2100-01-01T00:00", "end", "ten years"),
            ("kind=count&output=screen&start=0001-01-01T00:00&end=2100-01-01T00:00", "start", "year"),
            (f"kind=count&who=77&{AUGUST}", "who", "no such group"),
            (f"kind=count&who=%27%20OR%201&{AUGUST}", "who", "no such group"),
            (f"kind=count&who=45:9&{AUGUST}", "who", "no such member"),
        ):  # fmt: skip
            for path in ("show", "graph", "choice"):
                answer = self.browser.at(f"reports/{path}?{query}")
                self.assertEqual(answer.code, 422, query)
                (shown,) = html.fromstring(answer.text).xpath(f"//*[@id='{field}-wrong']")
                self.assertIn(words, shown.text)
        self.assertEqual(self.numbers.asked, [])

    def test_typed_is_kept(self) -> None:
        answer = self.browser.at("reports/choice?kind=duration&output=csv&start=2024-08-02T00:00&end=x")
        page = html.fromstring(answer.text)
        self.assertEqual(page.xpath("//input[@id='start']/@value"), ["2024-08-02T00:00"])
        self.assertEqual(page.xpath("//input[@type='radio'][@checked]/@value"), ["csv"])

    def test_strange_places(self) -> None:
        for after in ("x", "nan%20c", "1", "%FF"):
            self.assertIn(self.browser.at(f"reports/show?kind=details&{AUGUST}&after={after}").code, (200, 400), after)


class Graphs(ReportsCase):
    """Bars, with a table of the same."""

    def test_traffic(self) -> None:
        page = self.browser.page(f"reports/graph?kind=details&{AUGUST}")
        self.assertEqual((len(rows(page)), rows(page)[10]), (24, ["10", "9"]))
        self.assertEqual(len(page.xpath("//*[local-name()='rect'][contains(@class, 'rect ')]")), 24)
        (days,) = page.xpath("//a[text()='Calls per Day of Week']/@href")
        self.assertEqual(rows(self.browser.page(days))[0], ["Monday", "3"])

    def test_groups_and_back(self) -> None:
        page = self.browser.page(f"reports/graph?kind=count&outbound=on&{AUGUST}")
        self.assertEqual(rows(page), [["1st level support", "11", "3", "1"], ["Gone", "1", "0", "0"]])
        (link,) = page.xpath("//tbody//a/@href")
        self.assertIn(link, [one.get("href") or one.get("{http://www.w3.org/1999/xlink}href") or one.get("xlink:href")
                             for one in page.xpath("//figure//*[local-name()='a']")])  # fmt: skip
        members = self.browser.page(link)
        self.assertEqual(members.xpath("//h2/text()"), ["Call count for Members"])
        self.assertEqual(rows(members)[0], ["Maria Rossi 1071", "11", "3", "1"])
        (back,) = members.xpath("//a[text()='Back']/@href")
        self.assertEqual(self.browser.page(back).xpath("//h2/text()"), ["Call count for Groups"])

    def test_durations(self) -> None:
        page = self.browser.page(f"reports/graph?kind=duration&who=45&{AUGUST}")
        self.assertEqual(rows(page)[0], ["Maria Rossi 1071", "3700"])
        page = self.browser.page(f"reports/graph?kind=duration&who=45&outbound=on&{AUGUST}")
        self.assertEqual(rows(page)[0], ["Maria Rossi 1071", "3700", "60"])

    def test_nothing_inline(self) -> None:
        text = self.browser.at(f"reports/graph?kind=count&{AUGUST}").text
        for refused in ("<style", "style=", "window.pygal", "Generated"):
            self.assertNotIn(refused, text)
