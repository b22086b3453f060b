"""The tab VIP List: whose lists somebody edits, entries added, described, removed, found."""

from typing import Any

from magroup.model.people import Privilege as P
from tests.web.admin.site import HOME, AdminCase, company, rows

LIST = "vips?of=72"
OTHER = "vips?of=27"


class Sight(AdminCase):
    """By privileges, of a member of Accounting."""

    def test_managers(self) -> None:
        for privileges, code, names in (
            ((), 403, ()), ((P.GROUPS, P.MEMBERS_MANAGEMENT), 403, ()), ((P.VIP_LIST,), 200, ("72",)),
            ((P.ADMIN,), 200, ("27", "72")), ((P.ADMIN, P.VIP_LIST), 200, ("27", "72")),
        ):  # fmt: skip
            self.begin(company(Maria_Rossi=privileges))
            self.assertEqual(self.browser.at(LIST).code, code, privileges)
            self.assertEqual(self.browser.at(OTHER).code, 200 if "27" in names else 404 if names else 403)
            if names:
                page = self.browser.page("vips")
                self.assertEqual(tuple(page.xpath("//select[@id='of']/option/@value")), names)
                (csrf,) = page.xpath("(//input[@name='csrf'])[1]/@value")
                for path in ("vips?of=27", "vips/entry?of=27", "vips?of=198"):
                    answer = self.browser.send(path, {"csrf": csrf, "number": "1", "id": "99"})
                    self.assertEqual(answer.code, 404 if "198" in path or "27" not in names else 422, path)


class Entries(AdminCase):
    """Of Maria Rossi's list."""

    def test_shown_and_found(self) -> None:
        found = rows(self.browser.page(LIST))
        self.assertEqual([row[0] for row in found], ["★ 1077", "★ +1509XXXXXXX", "★ 0800!"])
        self.assertEqual([row[2] for row in found], ["Gabriela Kronberger", "External", "External"])
        for words, count in (("1509", 1), ("kronb", 1), ("external", 2), ("accounting", 1), ("zz", 0)):
            self.assertEqual(len(rows(self.browser.page(f"{LIST}&q={words}"))), count, words)

    def test_added(self) -> None:
        self.done(self.add(number="+41315551234", description="Bank <b>"), "added")
        entry = self.now.vips_of(72)[-1]
        self.assertEqual((entry.number, entry.description), ("+41315551234", "Bank <b>"))
        self.assertNotIn("<b>", self.browser.at(LIST).text)
        before = self.now
        for values, wrong in (
            ({"number": "+41315551234"}, {"number": "already"}), ({"number": ""}, {"number": "missing"}),
            ({"number": "=cmd()"}, {"number": "Number"}), ({"number": "1", "description": "x" * 300},
                                                           {"description": "No longer"}),
        ):  # fmt: skip
            page = self.refused(self.add(**values), **wrong)
            self.assertEqual(page.xpath("//input[@id='number']/@value"), [values["number"]])
        self.assertIs(self.now, before)

    def test_changed_and_removed(self) -> None:
        self.done(self.row(253, do="save", text="Head"), "saved")
        self.assertEqual(self.now.vips_of(72)[0].description, "Head")
        page = self.refused(self.row(253, do="save", text="Mine", was="Head of Accounting"), form="Somebody else")
        self.assertEqual(page.xpath("//*[@form='v253']/@value"), ["Mine"])
        self.refused(self.row(253, do="remove", was="Head of Accounting"), form="Somebody else")
        self.refused(self.row(253, do="save", text="x" * 300), form="No longer")
        self.refused(self.row(253, do="save", id="715"), form="no VIP entry")
        self.done(self.row(253, do="remove"), "deleted")
        self.assertEqual([one.id for one in self.now.vips_of(72)], [260, 288])

    def add(self, **values: str) -> Any:
        return self.browser.fill(LIST, action=HOME + LIST, **values)

    def row(self, row: int, **values: str) -> Any:
        page = self.browser.page(LIST)
        fields = {one.get("name"): one.get("value") for one in page.xpath(f"//form[@id='v{row}']//input")}
        fields |= {one.get("name"): one.get("value") for one in page.xpath(f"//*[@form='v{row}']")}
        return self.browser.send("vips/entry?of=72", {**fields, **values})
