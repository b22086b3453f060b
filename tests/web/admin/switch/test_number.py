"""Why does this number go there? As it is asked and answered on the page."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from magroup.model.presence import Presence
from tests.web.admin.site import HOME
from tests.web.admin.switch.site import SwitchCase

PAGE = "switch/number"


class Asked(SwitchCase):
    """The office's groups."""

    def ask(self, **fields: Any) -> Any:
        return self.browser.page(f"{PAGE}?{urlencode(fields)}")

    def stages(self, page: Any) -> list[str]:
        return [" ".join(one.text_content().split()) for one in page.xpath("//ol[@class='stages']/li")]

    def test_form(self) -> None:
        page = self.browser.page(PAGE)
        self.assertEqual(page.xpath("//input[@id='at']/@value"), ["2023-11-14T23:13"])
        self.assertIn("Europe/Zurich", page.text_content())
        self.assertEqual(page.xpath("//ol[@class='stages']"), [])

    def test_answered(self) -> None:
        for number in ("1071", "1175", "1068"):
            self.bench.phone(number)
        groups = tuple(replace(one, manager_timeout=20, assistant_timeout=10) for one in self.web.current.value.groups)
        self.web.reconfigure(groups=groups)
        self.web.presence.set("rafael.hidalgo", Presence.AWAY, "", "test")
        page = self.ask(caller="031 311 11 11", number="5555", at="")
        self.assertEqual(page.xpath("//section/h2/text()"), ["5555, the manager number of Accounting"])
        stages = self.stages(page)
        self.assertIn("Comes to the group Accounting", stages[0])
        self.assertRegex(stages[1], r"^23:13:\d\d Rings 20 s Maria Rossi \(manager Mar\) 1071 · 1 phone · shows 03131")
        self.assertIn("Aradhana Jaggi (assistant Ara)", stages[2])
        self.assertIn("Raf Away", stages[2])
        self.assertIn("In the journal: manager rang", page.text_content())
        self.assertEqual(page.xpath("//input[@id='caller']/@value"), ["031 311 11 11"])

    def test_ways(self) -> None:
        """A line without a phone cannot call to the outside; what one with a phone may is told."""
        refused = self.ask(caller="1071", number="0443334444").text_content()
        self.assertIn("the call is refused (403 Forbidden), no phone registered", refused)
        self.bench.phone("1071")
        page = self.ask(caller="1071", number="0443334444").text_content()
        self.assertIn("line 1071 here: 0 of 10 at once, 0 of 120 in this hour, 0 of 600 on this day so far", page)
        for number, said in (
            ("1069", "No phone is registered there"), ("0443334444", "over the trunk PBX, as 0443334444"),
            ("*8", "code to pick up"),
        ):  # fmt: skip
            self.assertIn(said, "".join(self.stages(self.ask(caller="1071", number=number))), number)

    def test_instants(self) -> None:
        """The clocks of Zürich: put forward on 31.3.2024 at 2, put back on 27.10.2024 at 3."""
        page = self.ask(number="1069", at="2024-10-27T02:30")
        self.assertIn("shows this time twice", page.text_content().replace("show this", "shows this"))
        page = self.ask(number="1069", at="2024-03-31T03:00")
        self.assertIn("as they are now", page.text_content())
        self.assertNotIn("twice", page.text_content())
        page = self.refused(self.browser.at(f"{PAGE}?number=1069&at=2024-03-31T02:30"), at="put forward")
        self.assertEqual(page.xpath("//input[@id='at']/@value"), ["2024-03-31T02:30"])

    def test_wrong(self) -> None:
        for fields, wrong in (
            ({"number": ""}, {"number": "digits"}), ({"number": "<b>1</b>"}, {"number": "digits"}),
            ({"number": "1" * 33}, {"number": "digits"}), ({"number": "1" * 65}, {"number": "64"}),
            ({"number": "1", "caller": "x"}, {"caller": "digits"}), ({"number": "1;2"}, {"number": "digits"}),
            ({"number": "=1+1"}, {"number": "digits"}), ({"number": "1' or 1=1"}, {"number": "digits"}),
            ({"number": b"\xff"}, {"number": "UTF-8"}), ({"number": "1\0"}, {"number": "not allowed"}),
            ({"number": ["1", "2"]}, {"number": "more than once"}),
            ({"number": "1", "at": "yesterday"}, {"at": "date and a time"}),
            ({"number": "1", "at": "0001-01-01T00:00"}, {"at": "between 1990"}),
            ({"number": "1", "at": "9999-12-31T23:59"}, {"at": "between 1990"}),
            ({"number": "1", "at": "2024-01-01T00:00:00.000000Z"}, {"at": "between"}),
            ({"number": "1", "at": "2024-02-30T00:00"}, {"at": "date and a time"}),
            ({"number": "x", "caller": "y", "at": "z"}, {"number": "digits", "caller": "digits", "at": "date"}),
        ):  # fmt: skip
            answer = self.browser.at(f"{PAGE}?{urlencode(fields, doseq=True)}")
            self.assertEqual(answer.code, 422, fields)
            page = self.refused(answer, **wrong)
            self.assertEqual(len(page.xpath("//*[@aria-invalid]")), len(wrong), fields)
            self.assertEqual(page.xpath("//main//b"), [])

    def test_is_no_form_that_is_sent(self) -> None:
        self.assertEqual(self.browser.send(HOME + PAGE, {"number": "1"}).code, 403)
