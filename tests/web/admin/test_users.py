"""Users: who sees the tab, the list, the form with all fields, and the end of an account."""

from dataclasses import replace

from lxml import html

from magroup.model.people import Privilege as P
from magroup.web.admin.users.people import NOT_ADMIN
from tests.web.admin.site import HOME, AdminCase, company, rows
from tests.web.admission.kit import HASHES
from tests.web.connection import Browser
from tests.web.rest.company import COMPANY

PAGE = "users/import"
RAF = "users/edit?of=2"
SECTIONS = ("users", "users/lines", "users/phones", "users/contacts", "users/import")


class WhoSeesTheTab(AdminCase):
    """By privileges."""

    def test_by_privileges(self) -> None:
        users = {"Users": HOME + "users"}
        for privileges, tab, trunks in (
            ((), {}, False), ((P.ADMIN,), {}, False), ((P.SETTINGS, P.GROUPS, P.VIP_LIST), {}, False),
            ((P.USER_ADMINISTRATION,), users, False), ((P.USER_ADMINISTRATION, P.ADMIN), users, True),
        ):  # fmt: skip
            self.begin(company(Maria_Rossi=privileges))
            page = html.fromstring(self.browser.at("users" if tab else "/LogonPage.asp").text)
            if tab:
                links = {link.text: link.get("href") for link in page.xpath("//nav//a")}
                self.assertLessEqual(tab.items(), links.items())
                self.assertEqual("Trunks" in links, trunks)
            for path in SECTIONS:
                self.assertEqual(self.browser.at(path).code, 200 if tab else 403, (privileges, path))
            for path in ("users/trunks", "users/trunks/new", "users/trunks/edit?of=1"):
                self.assertEqual(self.browser.at(path).code in (200, 404), trunks, (privileges, path))
            for path in ("users/export?kind=users", "users/person", RAF, "users/password?of=2", "users/tokens?of=2"):
                self.assertEqual(self.browser.at(path).code, 200 if tab else 403, (privileges, path))

    def test_without_a_login(self) -> None:
        self.browser.cookies.clear()
        for path in (*SECTIONS, "users/trunks", "users/export?kind=lines", RAF):
            self.assertEqual(self.browser.at(path).code, 302, path)
        self.assertEqual(self.browser.send("users/new", {"name": "x"}).code, 302)

    def test_forms_of_elsewhere(self) -> None:
        before = self.now
        for path in ("users/new", RAF, "users/delete?of=2", "users/password?of=2", "users/sessions?of=2", PAGE):
            for fields in ({}, {"csrf": "x"}):
                self.assertEqual(self.browser.send(path, fields).code, 403, path)
            self.assertEqual(self.browser.upload(path, {"csrf": "x"}, "file", ("a", b"b")).code, 403, path)
        self.assertIs(self.now, before)


class List(AdminCase):
    """The list."""

    def test_in_order_and_searched(self) -> None:
        found = rows(self.browser.page("users"))
        self.assertEqual([cells[0] for cells in found][:3], ["Chiyo.Fujimoto", "Romeo.Girard", "Rafael.Hidalgo"])
        self.assertEqual(found[2][1:4], ["Rafael Hidalgo", "", "1175"])
        for wanted, names in (("rossi MARIA", ["Maria.Rossi"]), ("1175", ["Rafael.Hidalgo"]), ("%27--", [])):
            page = self.browser.page(f"users?q={wanted.replace(' ', '+')}")
            self.assertEqual([cells[0] for cells in rows(page)], names)
        self.assertIn("Nothing found for “'--”", page.text_content())

    def test_pages(self) -> None:
        users = [replace(COMPANY.users[0], id=100 + n, name=f"u{n:04}", last_name="", lines=()) for n in range(120)]
        begin = company(Maria_Rossi=P)
        self.begin(begin.changed(users=(*begin.users, *users)))
        page = self.browser.page("users?q=u0")
        self.assertEqual(len(rows(page)), 50)
        (following,) = page.xpath("//a[@rel='next']/@href")
        last = self.browser.page("users?q=u0&page=3")
        self.assertEqual([cells[0] for cells in rows(last)], [f"u{n:04}" for n in range(100, 120)])
        self.assertIn("101 to 120 of 120", last.text_content())
        self.assertEqual(self.browser.page(following).xpath("//a[@rel='prev']/@href")[0][-6:], "page=1")
        for strange in ("0", "-1", "99999999", "x", "%C2%B2", "1e9"):
            self.assertIn(len(rows(self.browser.page(f"users?page={strange}"))), (29, 50))


class Form(AdminCase):
    """A new user, and one that is there."""

    def test_new_and_changed(self) -> None:
        location = self.done(self.browser.fill(
            "users/new", name="ivo.kern", first_name="Ivo", last_name="Kern", department="Sales", email="i@example.com",
            language="de", lines="1202, 1071", mobile="+41 79 123 45 67", voicemail="9000", stars="3", pin="4711",
            privilege=["Groups", "VIPList"],
        ), "added")  # fmt: skip
        user = self.now.user("Ivo.Kern")
        assert user is not None
        self.assertEqual((user.lines, user.stars, user.privileges), (("1202", "1071"), 3, {P.GROUPS, P.VIP_LIST}))
        self.assertTrue(user.voicemail_pin_hash.startswith("$argon2"))
        self.assertEqual((user.language, user.password_hash), ("de", ""))
        page = self.browser.page(location)
        self.assertIn("Added.", page.xpath("//*[@role='status']/text()"))
        self.assertNotIn("4711", html.tostring(page).decode())
        self.done(self.browser.fill(location, department="Marketing", lines="1071\n1202", privilege=None), "saved")
        changed = self.now.user("ivo.kern")
        self.assertEqual(changed, replace(
            user, department="Marketing", lines=("1071", "1202"), privileges=frozenset()
        ))  # fmt: skip
        self.done(self.browser.fill(location, no_pin="on"))
        self.assertEqual(self.now.user("ivo.kern").voicemail_pin_hash, "")  # type: ignore[union-attr]
        self.assertEqual(self.web.changes[-1].who, "Maria.Rossi")

    def test_wrong(self) -> None:
        before = self.now
        for values, wrong in (
            ({"name": ""}, {"name": "Name is missing"}), ({"name": " "}, {"name": "Name is missing"}),
            ({"name": "MARIA.rossi"}, {"name": "There is a user Maria.Rossi already"}),
            ({"name": "x" * 256}, {"name": "No longer than 255"}), ({"name": "a\0b"}, {"name": "not allowed"}),
            ({"name": "a\u0085b"}, {"name": "cannot be shown"}), ({"name": ["a", "b"]}, {"name": "more than once"}),
            ({"email": b"\xff"}, {"email": "not UTF-8"}), ({"first_name": "x" * 300}, {"first_name": "No longer"}),
            ({"stars": "6"}, {"stars": "from 0 to 5"}), ({"stars": "²"}, {"stars": "from 0 to 5"}),
            ({"stars": "-1"}, {"stars": "0 to 5"}), ({"lines": "1071, 9999"}, {"lines": "There is no line 9999"}),
            ({"lines": "1071,1071"}, {"lines": "twice"}), ({"lines": "1," * 101}, {"lines": "No more than 100"}),
            ({"lines": "../../etc/passwd"}, {"lines": "no phone number"}),
            ({"mobile": "12a"}, {"mobile": "no phone number"}),
            ({"voicemail": "'; drop table users; --"}, {"voicemail": "no phone number"}),
            ({"language": "<b>"}, {"language": "no language"}), ({"pin": "12"}, {"pin": "4 to 16 digits"}),
            ({"privilege": "root"}, {"form": "no such privilege"}),
        ):  # fmt: skip
            answer = self.browser.fill("users/new", **{"name": "new", **values})
            page = self.refused(answer, **wrong)
            field = next(iter(values))
            if field in ("email", "lines", "mobile", "voicemail") and isinstance(values[field], str):
                self.assertEqual(page.xpath(f"//input[@name='{field}']/@value"), [values[field]])
        self.assertIs(self.now, before)
        for body in (b"a&" * 200, b"name=" + b"x" * 70_000):
            csrf = self.browser.hidden(HOME + "users/new", "csrf").encode()
            headers = {**self.browser._headers(), "Content-Type": "application/x-www-form-urlencoded"}
            answer = self.web.ask(HOME + "users/new", "POST", b"csrf=" + csrf + b"&" + body, **headers)
            self.assertEqual(answer.code, 400)

    def test_markup(self) -> None:
        evil = "<script>alert(1)</script>"
        location = self.done(self.browser.fill("users/new", name=evil, first_name="=1+1", department='"><b>'))
        for path in (location, "users", "users?q=%3Cscript"):
            page = self.browser.page(path)
            self.assertEqual(page.xpath("//script[not(@src)] | //script[text()]"), [])
            self.assertIn(evil, page.text_content() + "".join(page.xpath("//@value")))

    def test_two_people(self) -> None:
        ann = self.logged_in("Maria.Rossi")
        csrf, tag = (ann.page(RAF).xpath(f"//input[@name='{name}']/@value")[0] for name in ("csrf", "tag"))
        self.done(self.browser.fill(RAF, department="One"))
        fields = {"csrf": csrf, "tag": tag, "name": "Rafael.Hidalgo", "department": "Two", "stars": "0"}
        page = self.refused(ann.send(RAF, fields), form="Somebody else has changed this")
        self.assertEqual(page.xpath("//input[@name='department']/@value"), ["Two"])
        self.refused(ann.send(RAF, fields), form="Somebody else has changed this")
        self.assertEqual(self.now.users[1].department, "One")
        self.done(self.browser.fill("users/delete?of=2"))
        self.assertEqual(ann.send(RAF, fields).code, 404)

    def test_without_admin(self) -> None:
        """Who has no Admin gives it to nobody, and takes over no account that has it."""
        self.begin(company(Maria_Rossi=P, Rafael_Hidalgo=(P.USER_ADMINISTRATION,)))
        raf = self.logged_in("Rafael.Hidalgo")
        self.refused(raf.fill("users/new", name="x", privilege="Admin"), form=NOT_ADMIN)
        self.refused(raf.fill("users/edit?of=3", privilege=["Groups", "Admin"]), form=NOT_ADMIN)
        self.refused(raf.fill("users/edit?of=1", department="x"), form=NOT_ADMIN)
        self.refused(raf.fill("users/password?of=1"), form=NOT_ADMIN)
        csrf = raf.hidden(HOME + "users/new", "csrf")
        for path in ("users/delete?of=1", "users/picture/remove?of=1"):
            self.assertEqual(raf.send(path, {"csrf": csrf}).code, 422, path)
        self.assertEqual(raf.send("users/sessions?of=1", {"csrf": csrf}).code, 422)
        self.done(raf.fill("users/edit?of=3", privilege=["Groups"]))
        self.assertEqual(self.now.users[2].privileges, {P.GROUPS})

    def test_own_privileges(self) -> None:
        """Nobody loses them without a warning."""
        own = "users/edit?of=1"
        left = [one.value for one in P if one not in (P.USER_ADMINISTRATION, P.ADMIN)]
        page = self.refused(self.browser.fill(own, privilege=left), sure="Nobody else who can log in has")
        self.assertEqual(sorted(page.xpath("//input[@name='privilege'][@checked]/@value")), sorted(left))
        csrf, tag = (page.xpath(f"//input[@name='{name}']/@value")[0] for name in ("csrf", "tag"))
        fields = {"csrf": csrf, "tag": tag, "name": "Maria.Rossi", "stars": "0", "privilege": left, "sure": "on"}
        self.done(self.browser.send(own, fields))
        self.assertEqual(self.now.users[0].privileges, set(left))
        self.assertEqual(self.browser.at("users").code, 403)


class Accounts(AdminCase):
    """Passwords, logins, tokens, and the end."""

    def test_password_made(self) -> None:
        raf = self.logged_in("Rafael.Hidalgo")
        page = html.fromstring(self.browser.fill("users/password?of=2", what="make").text)
        (password,) = page.xpath("//input[@id='password']/@value")
        hash = self.now.users[1].password_hash
        self.assertNotEqual(hash, HASHES["secret"])
        self.assertEqual(self.web.admission.sessions.count_of_user("rafael.hidalgo"), 0)
        self.assertEqual(raf.get("/tokens").code, 302)
        answer = Browser(self.web).post("/LogonPage.asp", user="Rafael.Hidalgo", pwd=password)
        self.assertEqual(answer.code, 302)
        self.assertNotIn(password, str(self.web.changes))

    def test_password_typed_or_none(self) -> None:
        path = "users/password?of=2"
        for typed, words in (
            ("", "at least"),
            ("short", "at least"),
            ("Rafael.Hidalgo", "too easy"),
            ("a" * 30, "easy"),
        ):
            self.refused(self.browser.fill(path, what="typed", password=typed), password=words)
        self.refused(self.browser.fill(path, what="x"), what="Choose one")
        self.done(self.browser.fill(path, what="typed", password="a long enough one"), "saved")
        self.assertTrue(self.now.users[1].password_hash)
        self.done(self.browser.fill(path, what="none"), "saved")
        self.assertEqual(self.now.users[1].password_hash, "")
        self.assertEqual(self.browser.at("users/password?of=1").headers["location"], "/password")
        self.assertEqual(self.browser.at("users/password?of=99").code, 404)

    def test_tokens_and_logins(self) -> None:
        raf = self.logged_in("Rafael.Hidalgo")
        csrf = raf.hidden("/tokens", "csrf")
        raf.post("/tokens", csrf=csrf, name="Wallboard", scope="journal:read")
        page = self.browser.page("users/tokens?of=2")
        self.assertIn("Wallboard", page.text_content())
        self.done(self.browser.fill("users/tokens?of=2"), "revoked")
        self.assertEqual(self.web.admission.tokens.of_user("rafael.hidalgo"), ())
        action = f"{HOME}users/sessions?of=2"
        self.done(self.browser.fill(RAF, action=action), "ended")
        self.assertEqual(raf.get("/tokens").code, 302)
        self.assertEqual(self.web.kept.audit[-1].what, "logins ended")

    def test_deleted(self) -> None:
        self.logged_in("Gabriela.Kronberger")
        page = self.browser.page("users/delete?of=9")
        self.assertEqual(page.xpath("//main//ul[not(@class)]/li/text()"), [
            "Manager of the group 1st level support, with a VIP list of 1", "Open logins: 1",
            "Lines that stay, with their phones, as nobody's: 1077",
        ])  # fmt: skip
        self.done(self.browser.fill("users/delete?of=9"), "deleted")
        self.assertIsNone(self.now.user("Gabriela.Kronberger"))
        self.assertEqual(self.web.admission.sessions.count_of_user("gabriela.kronberger"), 0)
        own = self.browser.page("users/delete?of=1")
        self.assertIn("your own account", own.text_content())
        csrf = self.browser.hidden(HOME + "users/new", "csrf")
        self.refused(self.browser.send("users/delete?of=1", {"csrf": csrf}), form="your own account")
        for id in ("9", "x", "", "9" * 30, "%C2%B2", "1+or+1=1", "-1"):
            self.assertEqual(self.browser.at(f"users/edit?of={id}").code, 404, id)
