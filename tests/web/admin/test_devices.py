"""Lines, phones, contacts and trunks on their pages, a new person in one form, and pictures."""

from dataclasses import replace
from io import BytesIO

from lxml import html
from PIL import Image

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege as P
from magroup.web.admin.drafts import MOST, Drafts
from tests.web.admin.site import HOME, AdminCase, company, rows
from tests.web.connection import Browser


class Lines(AdminCase):
    """Numbers and secrets."""

    def test_secret_made_and_shown_once(self) -> None:
        answer = self.browser.fill("users/lines/new", number="2001", display_name="Desk", displayed_group="45")
        self.assertEqual(answer.code, 200)
        page = html.fromstring(answer.text)
        shown = dict(zip(page.xpath("//label/text()"), page.xpath("//input[@readonly]/@value"), strict=True))
        line = self.now.line("2001")
        assert line is not None
        self.assertEqual(shown, {
            "Server, domain": "localhost", "Transport": "UDP 5060, TCP 5060", "User, login": "2001",
            "Password": line.secret,
        })  # fmt: skip
        self.assertEqual((len(line.secret), line.displayed_group, line.on_pbx), (16, 45, False))
        for path in ("users/lines", "users/lines/edit?of=2001"):
            self.assertNotIn(line.secret, self.browser.at(path).text)
        self.assertNotIn(line.secret, str(self.web.changes))

    def test_changed(self) -> None:
        path = "users/lines/edit?of=1175"
        location = self.done(self.browser.fill(path, number="1176", no_records="on", secret_is="given", secret=" a b "))
        self.assertIn("of=1176", location)
        line = self.now.line("1176")
        assert line is not None
        self.assertEqual((line.secret, line.no_records), (" a b ", True))
        self.assertEqual(self.now.users[1].lines, ("1176",))
        self.assertIn("1176", [member.number for member in self.now.members])
        self.done(self.browser.fill(location, display_name="x"))
        self.assertEqual(self.now.line("1176").secret, " a b ")  # type: ignore[union-attr]
        self.done(self.browser.fill(location, secret_is="none"))
        self.assertEqual(self.now.line("1176").secret, "")  # type: ignore[union-attr]
        self.assertEqual(self.browser.at(path).code, 404)

    def test_wrong(self) -> None:
        before = self.now
        for values, wrong in (
            ({"number": "1071"}, {"number": "1071 is a line"}), ({"number": ""}, {"number": "Number is missing"}),
            ({"number": "5544"}, {"number": "is the number of the group 1st level support"}),
            ({"number": "=1+1"}, {"number": "no phone number"}),
            ({"displayed_group": "99"}, {"displayed_group": "no group"}),
            ({"secret_is": "given"}, {"secret": "Type the secret"}),
            ({"secret_is": "given", "secret": "x" * 300}, {"secret": "No longer"}),
        ):  # fmt: skip
            page = self.refused(self.browser.fill("users/lines/new", **{"number": "2001", **values}), **wrong)
            self.assertEqual(page.xpath("//input[@name='secret']/@value"), [""])
        self.assertIs(self.now, before)

    def test_deleted(self) -> None:
        self.refused(self.browser.fill("users/lines/delete?of=1071"), form="is reached there")
        self.browser.fill("users/lines/new", number="2001")
        self.done(self.browser.fill("users/lines/delete?of=2001"), "deleted")
        self.assertIsNone(self.now.line("2001"))

    def test_list(self) -> None:
        self.browser.fill("users/lines/new", number="2001", on_pbx="on")
        found = {cells[0]: cells[1:] for cells in rows(self.browser.page("users/lines"))}
        self.assertEqual(found["1175"], ["", "Rafael Hidalgo", "Accounting", "no secret: no phone can register"])
        self.assertEqual(found["2001"], ["", "", "", "on the PBX: calls go over a trunk"])


class Phones(AdminCase):
    """Devices."""

    def test_made_changed_deleted(self) -> None:
        values = {"device_name": "SEP0123456789AB", "model": "CP-8845", "lines": "1175, 1071", "address": "192.0.2.7"}
        answer = self.browser.fill("users/phones/new", **values, push_user="u", push_password="p w", token_is="make")
        (token,) = html.fromstring(answer.text).xpath("//input[@id='token']/@value")
        phone = self.now.phone("sep0123456789ab")
        assert phone is not None
        self.assertEqual((phone.token, phone.push_password, phone.lines), (token, "p w", ("1175", "1071")))
        self.assertEqual(rows(self.browser.page("users/phones")), [
            ["SEP0123456789AB", "CP-8845", "1175, 1071", "192.0.2.7", "Accounting", ""],
        ])  # fmt: skip
        path = "users/phones/edit?of=SEP0123456789AB"
        page = self.browser.page(path)
        self.assertIn("Accounting: set at the line 1175", page.text_content())
        for secret in (token, "p w"):
            self.assertNotIn(secret, html.tostring(page).decode())
        values = {"device_name": "desk-7", "no_password": "on", "strip": "on", "token_is": "none"}
        location = self.done(self.browser.fill(path, **values))
        self.assertEqual(self.now.phone("desk-7"), replace(
            phone, device_name="desk-7", token="", push_password="", strip=True
        ))  # fmt: skip
        self.done(self.browser.fill(location.replace("edit", "delete")), "deleted")
        self.assertEqual(self.now.phones, ())

    def test_wrong(self) -> None:
        self.done(self.browser.fill("users/phones/new", device_name="desk"))
        for values, wrong in (
            ({"device_name": "DESK"}, {"device_name": "There is a phone desk already"}),
            ({"device_name": "SEP01:23"}, {"device_name": "letters"}),
            ({"device_name": "SEP0123"}, {"device_name": "twelve"}),
            ({"device_name": "../x"}, {"device_name": "letters"}),
            ({"device_name": "x" * 33}, {"device_name": "Up to 32"}),
            ({"device_name": ""}, {"device_name": "missing"}), ({"lines": "7"}, {"lines": "no line 7"}),
        ):  # fmt: skip
            self.refused(self.browser.fill("users/phones/new", **{"device_name": "new", **values}), **wrong)
        self.assertEqual(len(self.now.phones), 1)


class Contacts(AdminCase):
    """Numbers outside, and pictures."""

    def test_made_changed_deleted(self) -> None:
        location = self.done(self.browser.fill("users/contacts/new", number="+41 31 311 11 11", name="Bank", stars="4"))
        self.assertEqual(rows(self.browser.page("users/contacts?q=31+bank")), [["Bank", "+41 31 311 11 11", "★★★★"]])
        self.done(self.browser.fill(location, name="=cmd|x"))
        (contact,) = self.now.contacts
        self.assertEqual((contact.name, contact.stars), ("=cmd|x", 4))
        for values, wrong in (({"number": "x"}, {"number": "no phone number"}), ({"stars": "9"}, {"stars": "0 to 5"})):
            self.refused(self.browser.fill(location, **values), **wrong)
        self.done(self.browser.fill(location.replace("edit", "delete")), "deleted")

    def test_picture(self) -> None:
        file = BytesIO()
        Image.effect_noise((1200, 900), 100).save(file, "BMP")
        self.refused(self.browser.fill("users/picture?of=2", ("a.bmp", file.getvalue())), picture="no picture")
        file = BytesIO()
        Image.effect_noise((2000, 1500), 100).save(file, "PNG")
        self.assertGreater(len(file.getvalue()), self.web.settings.http.body_limit)
        for path in ("users/picture?of=2", "Users/Picture?of=2"):
            self.done(self.browser.fill(path, ("../../etc/a.png", file.getvalue())), "uploaded")
        user = self.now.users[1]
        self.assertRegex(user.picture, r"^user-2-[0-9a-f]{16}\.jpg$")
        shown = self.browser.get(f"/pictures/{user.picture}")
        self.assertEqual(shown.headers["content-type"], "image/jpeg")
        self.assertIn(user.picture, self.browser.at("users").text)
        self.assertEqual(len(list((self.web.folder / "pictures").iterdir())), 1)
        action = HOME + "users/picture/remove?of=2"
        self.done(self.browser.fill("users/picture?of=2", action=action), "saved")
        self.assertEqual(self.now.users[1].picture, "")
        self.assertEqual(list((self.web.folder / "pictures").iterdir()), [])

    def test_picture_wrong(self) -> None:
        for file, words in (
            (("", b""), "Choose a file"),
            (("a.png", b""), "no picture"),
            (("a", b"x" * 99), "no picture"),
        ):
            self.refused(self.browser.fill("users/picture?of=2", file), picture=words)
        self.assertEqual(self.browser.at("users/picture?of=99").code, 404)
        large = b"x" * (self.web.settings.http.body_limit + 1)
        self.assertEqual(self.browser.fill("users/picture?of=2", ("a", large)).code, 422)
        for path in ("users/edit?of=2", "users/password?of=2"):
            self.assertEqual(self.browser.upload(path, {}, "picture", ("a", large)).code, 413, path)
        self.browser.cookies.clear()
        self.assertEqual(self.browser.upload("users/picture?of=2", {}, "picture", ("a", large)).code, 413)
        self.assertEqual(list((self.web.folder / "pictures").iterdir()), [])


class Trunks(AdminCase):
    """Connections to other switches."""

    def test_made_changed_deleted(self) -> None:
        location = self.done(self.browser.fill(
            "users/trunks/new", name="PBX", address="pbx.example.com:5060;transport=tcp", user_name="u",
            password="geheim", registers="on", is_default="on", prefix="9", strip="1",
            inbound_addresses="192.0.2.1\r\n192.0.2.16/28\r\n", ping_interval="30", expires="900",
        ))  # fmt: skip
        (trunk,) = self.now.trunks
        self.assertEqual((trunk.password, trunk.registers, trunk.is_default, trunk.strip), ("geheim", True, True, 1))
        self.assertEqual(trunk.inbound_addresses, ("192.0.2.1", "192.0.2.16/28"))
        self.assertEqual((trunk.ping_interval, trunk.expires), (30.0, 900))
        self.assertNotIn("geheim", self.browser.at(location).text)
        self.done(self.browser.fill(location, expires="901"))
        self.assertEqual(self.now.trunks, (replace(trunk, expires=901),))
        self.done(self.browser.fill(location, no_password="on"))
        self.assertEqual(self.now.trunks[0].password, "")
        for values, wrong in (
            ({"address": "http://x"}, {"address": "no address"}),
            ({"inbound_addresses": "x"}, {"inbound_addresses": "no IP"}),
            ({"expires": "1"}, {"expires": "from 30"}), ({"prefix": "abc"}, {"prefix": "no beginning"}),
            ({"user_name": ""}, {"user_name": "missing"}), ({"strip": "33"}, {"strip": "0 to 32"}),
        ):  # fmt: skip
            self.refused(self.browser.fill(location, **values), **wrong)
        second = self.browser.fill("users/trunks/new", name="B", address="b", is_default="on")
        self.refused(second, is_default="default already")
        self.assertIn("It is the default", self.browser.page(location.replace("edit", "delete")).text_content())
        self.done(self.browser.fill(location.replace("edit", "delete")), "deleted")


class Person(AdminCase):
    """User, line and phone in one form."""

    def test_added(self) -> None:
        answer = self.browser.fill(
            "users/person", first_name="Ivo", last_name="Kern", name="ivo.kern", number="2001",
            device_name="SEP0123456789AB", model="CP-8845",
        )  # fmt: skip
        page = html.fromstring(answer.text)
        shown = dict(zip(page.xpath("//label/text()"), page.xpath("//input[@readonly]/@value"), strict=True))
        line, user, phone = self.now.line("2001"), self.now.user("ivo.kern"), self.now.phone("SEP0123456789AB")
        assert line and user and phone
        self.assertEqual((user.lines, phone.lines), (("2001",), ("2001",)))
        self.assertEqual(page.xpath("//h1/text()"), ["Ivo Kern is ready"])
        self.assertEqual((shown["User, login"], shown["Token"]), ("2001", phone.token))
        self.assertIn(line.secret, page.xpath("//input[@readonly]/@value"))
        password = page.xpath("//input[@id='password']/@value")[0]
        answer = Browser(self.web).post("/LogonPage.asp", user="ivo.kern", pwd=password)
        self.assertEqual(answer.code, 302)

    def test_all_or_nothing(self) -> None:
        before = self.now
        for values, wrong in (
            ({"name": "maria.rossi"}, {"name": "There is a user"}), ({"number": "1071"}, {"number": "is a line"}),
            ({"number": ""}, {"number": "A person needs a line"}), ({"device_name": "SEP1"}, {"device_name": "twelve"}),
            ({"mobile": "x"}, {"mobile": "no phone number"}),
        ):  # fmt: skip
            page = self.refused(self.browser.fill("users/person", **{"name": "n", "number": "2001", **values}), **wrong)
            self.assertEqual(len(page.xpath("//*[@aria-invalid]")), 1)
        self.assertIs(self.now, before)

    def test_user_names_are_made(self) -> None:
        for number, name in (("2001", "ivo.kern"), ("2002", "ivo.kern2")):
            answer = self.browser.fill("users/person", first_name="Ivó", last_name="Kern", number=number)
            self.assertEqual(answer.code, 200)
            self.assertEqual(self.now.user(name).lines, (number,))  # type: ignore[union-attr]
        self.refused(self.browser.fill("users/person", first_name="?", number="2003"), name="A user name, or")

    def test_first_steps(self) -> None:
        """Are told of while there is no line, right after the login."""
        self.assertTrue(self.browser.at("").headers["location"].endswith("/settings"))
        self.assertEqual(self.browser.page("users").xpath("//a[@href='/help/administration']"), [])
        admin = next(user for user in self.now.users if user.name == "Maria.Rossi")
        self.begin(Configuration(users=(replace(admin, lines=()),)))
        self.assertTrue(self.browser.at("").headers["location"].endswith("/users"))
        for path, links in (("users", 1), ("users?q=x", 0), ("users/lines", 0)):
            found = self.browser.page(path).xpath("//main//a[@href='/help/administration']")
            self.assertEqual(len(found), links, path)

    def test_a_line_alone(self) -> None:
        answer = self.browser.fill("users/person", name="n", number="2001", wants_password=None)
        self.assertEqual(html.fromstring(answer.text).xpath("//h2/text()"), ["Into the phone"])
        self.assertEqual((self.now.phones, self.now.user("n").password_hash), ((), ""))  # type: ignore[union-attr]


class DraftsTests(AdminCase):
    """Files that are looked at."""

    def test_few_and_ones_own(self) -> None:
        drafts = Drafts()
        words = [drafts.keep(f"user {n}", n) for n in range(MOST + 2)]
        found = [drafts.find(f"user {n}", word) for n, word in enumerate(words)]
        self.assertEqual(found, [None, None, *range(2, MOST + 2)])
        self.assertIsNone(drafts.find("user 3", words[4]))
        drafts.keep("user 4", "new")
        self.assertIsNone(drafts.find("user 4", words[4]))
        drafts.end(words[5])
        self.assertIsNone(drafts.find("user 5", words[5]))


class FewPrivileges(AdminCase):
    """Without Admin there are no trunks, and the import is held to the same."""

    def test_trunks(self) -> None:
        self.begin(company(Maria_Rossi=(P.USER_ADMINISTRATION,)))
        csrf = self.browser.hidden(HOME + "users/new", "csrf")
        for path in ("users/trunks/new", "users/trunks/edit?of=1", "users/trunks/delete?of=1"):
            self.assertEqual(self.browser.send(path, {"csrf": csrf, "name": "x", "address": "x"}).code, 403)
        self.assertEqual(self.now.trunks, ())
