"""The tab Groups: who sees which section, options saved by two people, names, members, announcements, sounds."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from magroup.model.groups import Overflow, OverflowTo
from magroup.model.people import Privilege as P
from magroup.resources import sound
from tests.web.admin.site import HOME, AdminCase, company, rows

ACCOUNTING = "groups?of=45"
SALES = "groups?of=64"


class Sight(AdminCase):
    """By privileges, of a member of Accounting, which has a manager; Sales has none."""

    def test_sections(self) -> None:
        for privileges, expected in (
            ((), None), ((P.SETTINGS,), None), ((P.VIP_LIST,), None), ((P.TEAMMATE_STATUS,), None),
            ((P.MEMBERS_MANAGEMENT,), "members"), ((P.GROUPS,), "names general vips tones members"),
            ((P.GROUPS, P.MEMBERS_MANAGEMENT), "names general vips tones members"),
            ((P.ADMIN,), "vips tones members"), ((P.ADMIN, P.MEMBERS_MANAGEMENT), "members"),
            ((P.ADMIN, P.GROUPS), "names general vips tones members"),
        ):  # fmt: skip
            self.begin(company(Maria_Rossi=privileges))
            answer = self.browser.at(ACCOUNTING)
            self.assertEqual(answer.code, 403 if expected is None else 200, privileges)
            if expected is not None:
                self.assertEqual(self.sections(ACCOUNTING), set(expected.split()), privileges)
            reaches_sales = P.ADMIN in privileges
            refused = 403 if expected is None else 404
            self.assertEqual(self.browser.at(SALES).code, 200 if reaches_sales else refused, privileges)
            may_name = P.GROUPS in privileges
            for path in ("new", "rename?of=45", "delete?of=45", "announcements?of=45"):
                self.assertEqual(self.browser.at(f"groups/{path}").code, 200 if may_name else 403, (privileges, path))
            if expected is not None:
                listed = self.browser.page("groups").xpath("//select[@id='of']/option/text()")
                self.assertEqual(len(listed), 1 + (6 if P.ADMIN in privileges else 1), privileges)

    def test_without_manager(self) -> None:
        self.begin(company(Maria_Rossi=(P.ADMIN, P.GROUPS)))
        self.assertEqual(self.sections(SALES), {"names", "general", "tones", "members"})
        page = self.browser.page(SALES)
        names = {one.get("name") for one in page.xpath("//form[contains(@action, 'options')]//*[@name]")}
        self.assertEqual({name for name in names if not name.startswith("was_")}, {
            "csrf", "show_calls", "assistant_alarm", "assistant_alarm_gadget",
        })  # fmt: skip

    def test_refused_by_address(self) -> None:
        self.begin(company(Maria_Rossi=(P.MEMBERS_MANAGEMENT,), Rafael_Hidalgo=(P.MEMBERS_MANAGEMENT,)))
        before = self.now
        page = self.browser.page(ACCOUNTING)
        (csrf,) = page.xpath("(//input[@name='csrf'])[1]/@value")
        for path in ("options", "rename", "delete", "announcements", "sounds?kind=tones&x="):
            self.assertIn(
                self.browser.send(f"groups/{path}{'&' if '?' in path else '?'}of=45", {"csrf": csrf}).code, (403, 404)
            )
        for path in ("join", "member", "order"):
            self.assertEqual(self.browser.send(f"groups/{path}?of=64", {"csrf": csrf}).code, 404)
        self.assertIs(self.now, before)

    def sections(self, path: str) -> set[str]:
        page = self.browser.page(path)
        known = {"General": "general", "VIP calls": "vips", "Team member ringtone notifications": "tones"}
        found = {known[title] for title in page.xpath("//fieldset/legend/text()")}
        found |= {"members"} if page.xpath("//*[@id='members-head']") else set()
        return found | ({"names"} if page.xpath("//a[text()='Rename'] | //a[text()='Delete']") else set())


class Options(AdminCase):
    """General, VIP calls and tones."""

    def test_saved(self) -> None:
        self.done(self.fill(
            number="5556", welcome="busy.wav", manager_timeout="30", overflow_to="group:64", show_calls=None,
            vip_by_stars=None, vip_routing="2", ring_parallel="on",
        ), "saved")  # fmt: skip
        group = self.now.group_by_id[45]
        self.assertEqual((group.number, group.welcome, group.manager_timeout), ("5556", "Busy.wav", 30))
        self.assertEqual(group.overflow, Overflow(OverflowTo.GROUP, "64"))
        self.assertEqual((group.show_calls, group.vip_threshold, int(group.vip_routing)), (False, 6, 2))
        self.assertTrue(group.ring_parallel)

    def test_wrong(self) -> None:
        before = self.now
        for values, wrong in (
            ({"number": "1071"}, {"number": "is a line"}), ({"number": "<b>"}, {"number": "no phone number"}),
            ({"manager_timeout": "-1"}, {"manager_timeout": "whole number"}),
            ({"manager_timeout": "1e3"}, {"manager_timeout": "whole number"}),
            ({"overflow_to": "number"}, {"overflow_number": "missing"}),
            ({"overflow_to": "number", "overflow_number": "=1+1"}, {"overflow_number": "no phone number"}),
            ({"overflow_to": "voicemail"}, {"overflow_box": "missing"}),
            ({"overflow_to": "'; drop table"}, {"overflow_to": "Choose"}),
            ({"welcome": "../../etc/passwd"}, {"welcome": "Welcome"}), ({"vip_threshold": "9"}, {"vip_threshold": "5"}),
            ({"caller_name": "x" * 300}, {"caller_name": "No longer"}),
            ({"caller_name": b"\xff"}, {"caller_name": "UTF-8"}),
        ):  # fmt: skip
            self.refused(self.fill(**values), **wrong)
        self.assertIs(self.now, before)

    def test_two_writers(self) -> None:
        page = self.browser.page(ACCOUNTING)
        (form,) = page.xpath("//form[contains(@action, 'options')]")
        stale = dict(form.form_values())
        self.done(self.fill(manager_timeout="20", assistant_timeout="7"))
        typed = {**stale, "manager_timeout": "30", "caller_name": "%callerName%"}
        answer = self.browser.send(form.get("action"), typed)
        page = self.refused(answer, form="nothing was saved", manager_timeout="to “20” meanwhile")
        told = page.xpath("//*[@role='status']//li/text()")
        self.assertEqual(told, ["Manager timeout: 20", "Assistant timeout: 7"])
        self.assertEqual(self.now.group_by_id[45].manager_timeout, 20)
        (form,) = page.xpath("//form[contains(@action, 'options')]")
        fields = dict(form.form_values())
        self.assertEqual(
            [fields[name] for name in ("manager_timeout", "assistant_timeout", "caller_name")],
            ["30", "7", "%callerName%"],
        )
        self.done(self.browser.send(form.get("action"), fields), "saved")
        group = self.now.group_by_id[45]
        self.assertEqual((group.manager_timeout, group.assistant_timeout), (30, 7))

    def fill(self, **values: Any) -> Any:
        return self.browser.fill(ACCOUNTING, action=HOME + "groups/options?of=45", **values)


class Names(AdminCase):
    """Made, renamed, deleted."""

    def test_made_with_own_role(self) -> None:
        location = self.done(self.browser.fill("groups/new", name="Press", type="manager"), "added")
        group = self.now.groups[-1]
        self.assertIn(f"of={group.id}", location)
        (member,) = self.now.members_of(group.id)
        self.assertEqual((member.user_name, member.number, member.is_manager), ("Maria.Rossi", "1071", True))
        self.refused(self.browser.fill("groups/new", name="press"), name="There is a group")
        self.refused(self.browser.fill("groups/new", name=" "), name="missing")
        self.refused(self.browser.fill("groups/new", name="New", type="king"), type="Choose")

    def test_no_line_no_type(self) -> None:
        begin = company(Maria_Rossi=(P.GROUPS,))
        users = tuple(replace(user, lines=()) if user.name == "Maria.Rossi" else user for user in begin.users)
        members = tuple(member for member in begin.members if member.user_name != "Maria.Rossi")
        self.begin(begin.changed(users=users, members=members, vips=()))
        self.assertFalse(self.browser.page("groups/new").xpath("//select[@name='type']"))
        self.done(self.browser.fill("groups/new", name="Press", type="manager"), "added")
        self.assertFalse(self.now.members_of(self.now.groups[-1].id))

    def test_renamed_and_deleted(self) -> None:
        self.done(self.browser.fill("groups/rename?of=45", name="Money"), "renamed")
        self.assertEqual(self.now.group_by_id[45].name, "Money")
        self.refused(self.browser.fill("groups/rename?of=45", name="Sales"), name="There is a group")
        self.refused(self.browser.fill("groups/rename?of=45", name="X", was="Accounting"), form="Somebody else")
        self.refused(self.browser.fill("groups/delete?of=45", tag="old"), form="Somebody else")
        self.done(self.browser.fill("groups/delete?of=45"), "deleted")
        self.assertNotIn(45, self.now.group_by_id)


class Members(AdminCase):
    """Found and added, changed, moved, removed."""

    def test_added(self) -> None:
        for words, count in (("frédérique", 1), ("1204", 1), ("vocl", 1), ("rossi", 0), ("zz", 0)):
            page = self.browser.page(f"{ACCOUNTING}&find={quote(words)}")
            self.assertEqual(len(page.xpath("//input[@name='user']")), count, words)
        path = f"{ACCOUNTING}&find=1204"
        join = HOME + "groups/join?of=45"
        self.assertEqual(self.browser.page(path).xpath("//input[@id='short-1']/@value"), ["Fre"])
        self.assertNotIn("manager", self.browser.page(path).xpath("//select[@name='type']/option/@value"))
        self.refused(self.browser.fill(path, action=join, short_name="x" * 9), form="8")
        self.refused(self.browser.fill(path, action=join, type="manager"), form="is the manager")
        self.done(self.browser.fill(path, action=join, short_name="Frq"), "added")
        self.assertEqual([one.short_name for one in self.now.members_of(45)][-1], "Frq")

    def test_rows(self) -> None:
        self.assertEqual(rows(self.browser.page(ACCOUNTING))[0][:2], ["Maria", "Rossi"])
        self.done(self.row(198, do="save", short_name="Rafa", shows=None), "saved")
        member = self.now.member_by_id[198]
        self.assertEqual((member.short_name, self.now.line("1175").displayed_group), ("Rafa", 0))  # type: ignore[union-attr]
        self.done(self.row(198, do="save", shows="on"))
        self.assertEqual(self.now.line("1175").displayed_group, 45)  # type: ignore[union-attr]
        self.done(self.row(198, do="down"))
        self.assertEqual([one.id for one in self.now.members_of(45)], [72, 102, 198, 103])
        self.refused(self.row(198, do="save", short_name=""), form="missing")
        self.refused(self.row(198, do="save", number="9999"), form="no line 9999")
        self.refused(self.row(198, do="remove", tag="old"), form="Somebody else")
        self.done(self.row(198, do="remove"), "deleted")
        self.assertNotIn(198, self.now.member_by_id)

    def test_dragged(self) -> None:
        order = HOME + "groups/order?of=45"
        self.done(self.browser.fill(ACCOUNTING, action=order, order="72,103,198,102"), "saved")
        self.assertEqual([one.id for one in self.now.members_of(45)], [72, 103, 198, 102])
        self.refused(self.browser.fill(ACCOUNTING, action=order, order="72,103"), form="not possible")

    def row(self, id: int, **values: Any) -> Any:
        page = self.browser.page(ACCOUNTING)
        fields = {one.get("name"): one.get("value") for one in page.xpath(f"//form[@id='m{id}']//input")}
        fields |= {one.get("name"): one.value for one in page.xpath(f"//*[@form='m{id}'][not(@type='checkbox')]")}
        sent = {name: value for name, value in {**fields, **values}.items() if value is not None}
        return self.browser.send("groups/member?of=45", sent)


class Sounds(AdminCase):
    """Announcements, and uploads."""

    path = "groups/announcements?of=45"

    def test_announcements(self) -> None:
        (csrf,) = self.browser.page(self.path).xpath("(//input[@name='csrf'])[1]/@value")

        def send(**values: str) -> Any:
            (tag,) = self.browser.page(self.path).xpath("(//input[@name='tag'])[1]/@value")
            return self.browser.send(self.path, {"csrf": csrf, "tag": tag, **values})

        self.done(send(do="add", wave="busy.wav"), "saved")
        last = self.now.announcements_of(45)[-1]
        self.done(send(do="up", id=str(last.id)))
        self.done(send(do="remove", id="633"))
        self.assertEqual([one.id for one in self.now.announcements_of(45)], [last.id, 634])
        self.done(send(do="order", order=f"634,{last.id}"))
        self.assertEqual([one.id for one in self.now.announcements_of(45)], [634, last.id])
        self.refused(send(do="add", wave="none.wav"), form="no sound")
        self.refused(send(do="remove", id="19"), form="not possible")
        self.refused(send(do="remove", id="634", tag="old"), form="Somebody else")

    def test_uploads(self) -> None:
        content = next(sound().rglob("*.wav")).read_bytes()
        self.done(self.browser.fill("groups/sounds?of=45", ("Own.wav", content)), "uploaded")
        self.assertIn("Own.wav", self.web.waves.names())
        self.assertIn("Own.wav", self.browser.page(ACCOUNTING).xpath("//select[@name='welcome']/option/@value"))
        self.refused(self.browser.fill("groups/sounds?of=45", ("Own.wav", b"no sound")), file="")
        self.refused(self.browser.fill("groups/sounds?of=45&kind=tones", ("Own.mp3", content)), file="")
        self.refused(self.browser.fill("groups/sounds?of=45"), file="Choose")
