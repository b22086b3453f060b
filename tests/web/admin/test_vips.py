"""VIP lists: whose lists somebody sees, and what becomes of their entries."""

from magroup.model.people import Privilege as P
from tests.web.admin.site import HOME, AdminCase, company, rows

OF_72 = "vips?manager=72"
ADD = f"{HOME}{OF_72}"


class VipLists(AdminCase):
    """The tab."""

    def test_who_sees_which(self) -> None:
        for privileges, code, is_all in (
            ((), 403, False), ((P.GROUPS, P.MEMBERS_MANAGEMENT, P.SETTINGS), 403, False), ((P.ADMIN,), 200, True),
            ((P.VIP_LIST,), 200, False), ((P.VIP_LIST, P.ADMIN), 200, True),
        ):  # fmt: skip
            self.begin(company(Maria_Rossi=privileges))
            self.assertEqual(self.browser.at("vips").code, code, privileges)
            own = {one.group_id for one in self.now.members_of_user("Maria.Rossi")}
            for one in (one for one in self.now.members if one.is_manager):
                expected = 403 if code == 403 else 200 if is_all or one.group_id in own else 404
                self.assertEqual(self.browser.at(f"vips?manager={one.id}").code, expected, (privileges, one))

    def test_listed_and_searched(self) -> None:
        self.assertEqual(len(rows(self.browser.page(OF_72))), len(self.now.vips_of(72)))
        found = rows(self.browser.page(f"{OF_72}&q=ACCOUNTING"))
        self.assertEqual([cells[0] for cells in found], ["★ 1077"])
        self.assertEqual(rows(self.browser.page(f"{OF_72}&q=1509"))[0][2], "External")

    def test_added_changed_removed(self) -> None:
        self.done(self.browser.fill(OF_72, action=ADD, number="0900X", description="<b>=1+1"), "added")
        entry = self.now.vips_of(72)[-1]
        self.assertEqual((entry.number, entry.description), ("0900X", "<b>=1+1"))
        self.done(self.browser.fill(f"vips/edit?of={entry.id}", description="Support"), "saved")
        self.assertEqual(self.now.vips_of(72)[-1].description, "Support")
        self.done(self.browser.fill(OF_72, action=f"{HOME}vips/delete?of={entry.id}"), "deleted")
        self.assertNotIn(entry.id, [one.id for one in self.now.vips])

    def test_wrong(self) -> None:
        before = self.now
        self.refused(self.browser.fill(OF_72, action=ADD, number="' or 1=1"), number="no number for a VIP list")
        self.refused(self.browser.fill(OF_72, action=ADD, number=""), number=".")
        self.refused(self.browser.fill(OF_72, action=ADD, number="1", description="a" * 300), description="longer")
        for of in ("", "x", "99999", "253%20or%201=1"):
            self.assertEqual(self.browser.at(f"vips/edit?of={of}").code, 404, of)
        self.assertIs(self.now, before)

    def test_two_writers(self) -> None:
        page = self.browser.page("vips/edit?of=253")
        (form,) = page.xpath("//form[@method='post']")
        first = dict(form.form_values())
        self.done(self.browser.send("vips/edit?of=253", {**first, "description": "One"}), "saved")
        second = self.browser.send("vips/edit?of=253", {**first, "description": "Two"})
        again = self.refused(second, form="Somebody else")
        self.assertEqual(again.xpath("//input[@name='description']/@value"), ["Two"])
        self.refused(self.browser.send("vips/delete?of=253", first), form="Somebody else")
        self.assertEqual({one.id: one.description for one in self.now.vips}[253], "One")
