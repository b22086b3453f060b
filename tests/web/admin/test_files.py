"""Files with many users, lines, phones and contacts: looked at, done as a whole, saved again."""

import csv
from dataclasses import replace
from io import StringIO
from time import thread_time

from lxml import html
from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.editing import Rules
from magroup.model.configuration import Configuration
from magroup.model.lines import Line
from magroup.model.people import Contact, User
from magroup.model.people import Privilege as P
from magroup.web.admin.users.csv_file import MOST_LINES, FileError, read
from magroup.web.admin.users.csv_import import result_of
from tests.web.admin.site import HOME, AdminCase, company, rows, said
from tests.web.connection import Answer

PAGE = "users/import"


class Import(AdminCase):
    """The dry run, and what is done then."""

    def look(self, kind: str, text: str | bytes) -> Answer:
        content = text if isinstance(text, bytes) else text.encode()
        return self.browser.fill(PAGE, ("people.csv", content), kind=kind)

    def answers(self, kind: str, text: str | bytes) -> list[list[str]]:
        """The rows of a file that can be read."""
        before = self.now
        answer = self.look(kind, text)
        self.assertEqual(answer.code, 200, said(answer))
        self.assertIs(self.now, before)
        self.shown = html.fromstring(answer.text)
        return rows(self.shown)

    def confirm(self) -> Answer:
        """The button below the answers."""
        fields = dict(self.shown.xpath("//form[contains(@action, 'confirm')]")[0].form_values())
        return self.browser.send(PAGE + "/confirm", fields)

    def test_each_line_is_answered_and_done(self) -> None:
        found = self.answers("users", (
            "name,first_name,last_name,lines,privileges\r\n"
            'ivo.kern,Ivo,Kern,"1202, 1203","Groups, VIPList"\r\n'
            "RAFAEL.HIDALGO,Raffael,Hidalgo,1175,\r\n"
            "Aradhana.Jaggi,Aradhana,Jaggi,1068,\r\n"
        ))  # fmt: skip
        self.assertEqual(found, [
            ["3", "RAFAEL.HIDALGO", "changed", "", "first_name: Rafael → Raffael"],
            ["2", "ivo.kern", "new", "", "name: ivo.kern; first_name: Ivo; last_name: Kern; lines: 1202, 1203; "
             "privileges: Groups, VIPList"],
            ["4", "Aradhana.Jaggi", "unchanged", "", ""],
        ])  # fmt: skip
        before = self.now
        self.done(self.confirm(), "imported")
        ivo, raf = self.now.user("ivo.kern"), self.now.user("rafael.hidalgo")
        assert ivo and raf
        self.assertEqual((ivo.id, ivo.lines, ivo.privileges), (10, ("1202", "1203"), {P.GROUPS, P.VIP_LIST}))
        self.assertEqual(raf, replace(before.users[1], first_name="Raffael"))
        self.assertEqual(self.now.version, before.version + 1)
        self.refused(self.confirm(), file="too long ago")
        self.answers("users", "name,first_name\nivo.kern,Ivo\n")
        self.assertEqual(self.shown.xpath("//form[contains(@action, 'confirm')]"), [])

    def test_one_wrong_line_and_nothing_is_done(self) -> None:
        self.assertEqual(self.answers("users", (
            "name;stars;lines;language;privileges;email\nnew;3;;;;\nx;6;;;;\ny;a;;;;\nz;;9999;;;\n;;;;;e@x\n"
            "new;1;;;;\nv;;;klingon!;;\nw;;;;Root;\nq;;;;;;;too;many\nu\x01;;;;;\n=1+1;;;;;\nt;;;;;" + "x" * 300 + "\n"
        ))[:-2], [
            ["3", "x", "wrong", "stars", "Stars must be a whole number from 0 to 5."],
            ["4", "y", "wrong", "stars", "Stars must be a whole number from 0 to 5."],
            ["5", "z", "wrong", "lines", "There is no line 9999."],
            ["6", "", "wrong", "name", "Name is missing."],
            ["7", "new", "wrong", "name", "The file has new twice."],
            ["8", "v", "wrong", "language", "Language klingon! is no language, such as en or de-CH."],
            ["9", "w", "wrong", "privileges", "There is no privilege Root."],
            ["10", "q", "wrong", "", "The line has more cells than the header."],
            ["11", "u\ufffd", "wrong", "name", "Name has characters that cannot be shown."],
            ["13", "t", "wrong", "email", "Email is longer than 255 characters."],
        ])  # fmt: skip
        self.assertIn("Nothing can be imported", self.shown.text_content())
        self.assertEqual(self.shown.xpath("//form"), [])
        (link,) = {href for href in self.shown.xpath("//a/@href") if "answers" in href}
        saved = self.browser.get(link)
        self.assertTrue(saved.body.startswith(b"\xef\xbb\xbfline,what,result"))
        self.assertIn(b"\r\n12,'=1+1,new,,name: =1+1\r\n", saved.body)
        self.assertEqual(self.logged_in("Maria.Rossi").get(link).code, 200)

    def test_what_has_changed_meanwhile(self) -> None:
        self.answers("contacts", "number,name\n0800,Bank\n")
        self.done(self.browser.fill("users/contacts/new", number="0800", name="Other"))
        before = self.now
        answer = self.confirm()
        self.assertIn("nothing was imported", said(answer))
        self.assertIs(self.now, before)
        self.shown = html.fromstring(answer.text)
        self.assertEqual(rows(self.shown), [["2", "0800", "changed", "", "name: Other → Bank"]])
        self.done(self.confirm(), "imported")
        self.assertEqual([one.name for one in self.now.contacts], ["Bank"])

    def test_lines_and_phones(self) -> None:
        found = self.answers("lines", (
            "Number\tDisplay name\ton-PBX\tdisplayed_group\tsecret\n2001\tDesk\tyes\taccounting\ts3cret\n5544\t\t\t\t\n"
            "1175\t\tno\t\t\n 11 75\t\t\t\t\n2002\t\tmaybe\t\t\n2003\t\t\tNobody\t\n"
        ))  # fmt: skip
        self.assertEqual([(line, result, column) for line, _, result, column, _ in found], [
            ("3", "wrong", "number"), ("5", "wrong", "number"), ("6", "wrong", "on_pbx"),
            ("7", "wrong", "displayed_group"),
            ("4", "changed", ""), ("2", "new", ""),
        ])  # fmt: skip
        self.assertNotIn("s3cret", html.tostring(self.shown).decode())
        self.answers("lines", "number,secret,displayed_group\n2001,s3cret,Accounting\n1175,,Sales\n")
        self.done(self.confirm(), "imported")
        self.assertEqual(self.now.line("2001"), Line("2001", "s3cret", displayed_group=45))
        self.answers("lines", "number,secret\n2001,\n")
        self.assertEqual(self.shown.xpath("//form"), [])
        found = self.answers("phones", "device_name,lines,strip\nSEP0123456789AB,2001|1175,x\nsep0123456789ab,,\n")
        self.assertEqual([cells[2] for cells in found], ["wrong", "new"])
        self.answers("phones", "device_name,lines,strip\nSEP0123456789AB,2001|1175,x\n")
        self.done(self.confirm(), "imported")
        (phone,) = self.now.phones
        self.assertEqual((phone.lines, phone.strip), (("2001", "1175"), True))

    def test_privileges_are_held_here_too(self) -> None:
        text = "name,privileges\nMaria.Rossi,Groups\nRafael.Hidalgo,Admin\n"
        self.assertEqual(self.answers("users", text)[0][:4], ["2", "Maria.Rossi", "wrong", "privileges"])
        self.begin(company(Maria_Rossi=P, Rafael_Hidalgo=(P.USER_ADMINISTRATION,)))
        self.browser = self.logged_in("Rafael.Hidalgo")
        text = "name,department,privileges\nMaria.Rossi,x,Admin\nAradhana.Jaggi,x,Admin\nnew,x,Admin\n"
        self.assertEqual([cells[2] for cells in self.answers("users", text)], ["wrong"] * 3)
        self.assertEqual(self.answers("users", "name,department\nMaria.Rossi,x\n")[0][2], "wrong")

    def test_files_that_cannot_be_read(self) -> None:
        for content, words in (
            (b"", "is empty"), (b"\n\n,,\n", "is empty"), (b"name\n", "no line below"),
            (b"x\ny\n", "There is no column x"),
            (b"first_name\ny\n", "The column name is missing"), (b"name,name\na,b\n", "there twice"),
            (b'name\n"a\n', "Line 2 cannot be read"), (b"\x81\x8d\x8f", "UTF-8 or Windows-1252"),
            (b"name\n" + b"a\n" * (MOST_LINES + 1), "more than 20000 lines"),
            (b"name" + b",x" * 60 + b"\na\n", "50 columns"),
            (b"name\n" + b"x" * 2001, "more than 2000 characters"), (b"x" * (4 << 20) + b"x", "larger than 4 MiB"),
            (b"name\n" + b"x" * 200_000, "Line 2 cannot be read"), (b"<b>x</b>\n1\n", "There is no column <b>x</b>"),
        ):  # fmt: skip
            page = self.refused(self.look("users", content), file=words)
            self.assertEqual(page.xpath("//main//b"), [])
        self.refused(self.browser.fill(PAGE, ("a", b"name\nx\n"), kind="groups"), kind="Choose one")
        self.refused(self.browser.fill(PAGE, kind="users"), file="Choose a file")
        self.assertEqual(self.look("users", b"x" * (5 << 20)).code, 413)
        csrf = self.browser.hidden(HOME + PAGE, "csrf")
        self.assertEqual(self.browser.send(PAGE, {"csrf": csrf, "kind": "users"}).code, 415)
        for word in ("", "x", "../x"):
            self.refused(self.browser.send(PAGE + "/confirm", {"csrf": csrf, "draft": word}), file="too long ago")
        self.assertEqual(self.browser.at("users/export?kind=trunks").code, 404)

    def test_a_draft_is_ones_own(self) -> None:
        self.begin(company(Maria_Rossi=P, Rafael_Hidalgo=P))
        self.answers("users", "name\nnew\n")
        fields = dict(self.shown.xpath("//form[contains(@action, 'confirm')]")[0].form_values())
        raf = self.logged_in("Rafael.Hidalgo")
        fields["csrf"] = raf.hidden(HOME + PAGE, "csrf")
        self.refused(raf.send(PAGE + "/confirm", fields), file="too long ago")
        self.assertIsNone(self.now.user("new"))


class Export(AdminCase):
    """What is saved can be read again, and harms no spreadsheet."""

    def saved(self, path: str) -> list[list[str]]:
        answer = self.browser.at(path)
        self.assertEqual(answer.headers["content-type"], "text/csv; charset=utf-8; header=present")
        self.assertIn("attachment", answer.headers["content-disposition"])
        return list(csv.reader(StringIO(answer.body.decode("utf-8-sig"), newline="")))

    def test_there_and_back(self) -> None:
        begin = company(Maria_Rossi=P)
        odd = User(50, "=cmd|' /C calc'!A0", first_name="+1", last_name='"x", y', department="-2", email="@SUM(1)")
        contact = Contact(1, "+41 31 311 11 11", "\u00e4\u20ac;,", stars=2)
        lines = (*begin.lines, Line("3001", "s3cret", displayed_group=45))
        self.begin(begin.changed(users=(*begin.users, odd), contacts=(contact,), lines=lines))
        found = self.saved("users/export?kind=users")
        self.assertEqual(found[0][:2], ["name", "first_name"])
        self.assertEqual(found[-1][:5], ["'=cmd|' /C calc'!A0", "+1", '"x", y', "'-2", "'@SUM(1)"])
        self.assertEqual(found[1][-1].split(", "), sorted(P))
        for kind in ("users", "lines", "contacts"):
            content = self.browser.at(f"users/export?kind={kind}").body
            self.assertNotIn(b"s3cret", content)
            self.assertNotIn(b"$argon2", content)
            answer = self.browser.fill(PAGE, (f"{kind}.csv", content), kind=kind)
            self.assertIn("Everything is as in the file already.", said(answer))
        self.assertEqual(self.saved("users/template?kind=phones"), [
            ["device_name", "model", "lines", "address", "push_user", "strip"],
        ])  # fmt: skip


class Reading(SynchronousTestCase):
    """What spreadsheets make of a file."""

    def test_encodings_and_separators(self) -> None:
        expected = (["name", "last_name"], [(2, ["a", "Müller"])])
        for content in (
            "name;last_name\r\na;Müller\r\n".encode("cp1252"), "\ufeffname;last_name\r\na;Müller".encode(),
            "name\tlast_name\na\tMüller\n".encode("utf-16"), b'name,last_name\n"a","M\xc3\xbcller"\n',
        ):  # fmt: skip
            self.assertEqual(read(content), expected)
        self.assertEqual(read("sep=;\nname;last_name\na;Müller\n".encode())[1], [(3, ["a", "Müller"])])
        self.assertEqual(read(b'number\n"=""0800"""\n')[1], [(2, ["0800"])])
        self.assertEqual(read(b"number\n'+41\n '=x\n'x\n")[1], [(2, ["+41"]), (3, ["=x"]), (4, ["'x"])])
        self.assertEqual(read(b'name,x\n"a\nb",1\nc,2\n')[1], [(3, ["a\nb", "1"]), (4, ["c", "2"])])
        for broken in (b"\xff\xfea\0b", b"\xef\xbb\xbf\xff"):
            with self.assertRaises(FileError):
                read(broken)

    def test_ten_thousand(self) -> None:
        """In a time that does not grow with the square."""
        users = tuple(User(n, f"user{n}", "First", f"Last{n}", lines=(str(20000 + n),)) for n in range(1, 10_001))
        lines = tuple(Line(user.lines[0]) for user in users)
        configuration = Configuration(users=users, lines=lines)
        text = "name,last_name,lines\n" + "".join(
            f"user{n},Last{n % 7},{20000 + n % 10_000 + 1}\n" for n in range(5_000, 15_000)
        )  # fmt: skip
        begun = thread_time()
        result = result_of(configuration, Rules(), "users", text.encode(), lambda before, values: None)
        self.assertEqual(
            (result.count("new"), result.count("wrong"), len(result.configuration.users)), (4_999, 0, 14_999)
        )
        self.assertEqual(len({user.id for user in result.configuration.users}), 14_999)
        self.assertLess(thread_time() - begun, 10)
