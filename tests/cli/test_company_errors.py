"""Wrong company files: every error with its place, nothing imported."""

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.company import CompanyError, read_company, write_company
from magroup.cli.company.form import Form
from magroup.cli.company.places import lines_of, written
from magroup.model.configuration import Configuration
from tests.cli.test_company import HASHER, SMALL
from tests.store.companies import configurations


def problems(text: str) -> list[str]:
    """What is told about a text; none when it can be imported."""
    try:
        read_company(text, "c.toml", hasher=HASHER)
    except CompanyError as error:
        assert str(error) == "\n".join(error.problems)
        return list(error.problems)
    return []


class OneErrorTests(SynchronousTestCase):
    """One thing wrong, one line."""

    def check(self, text: str, *expected: str) -> None:
        self.assertEqual(problems(text), list(expected), text)

    def in_table(self, table: str, wrong: str, expected: str) -> None:
        """``wrong`` as the third line of a file, in a table that is right otherwise."""
        needed = {"lines": 'number = "1"', "trunks": 'name = "a"\naddress = "a"', "contacts": 'number = "1"'}
        key = needed.get(table, 'device_name = "a"' if table == "phones" else 'name = "a"')
        key = "\n".join(line for line in key.split("\n") if line.split()[0] != wrong.split()[0])
        self.check(f"\n[[{table}]]\n{wrong}\n{key}\n", f"c.toml:3: {table}[1].{expected}")

    def test_texts(self) -> None:
        for wrong, expected in {
            "name = 7": "name: must be a text, in quotes",
            'name = ""': "name: is missing",
            'name = " a"': "name: begins or ends with a space",
            'first_name = "a\\nb"': "first_name: has characters that cannot be shown",
            'email = "a\\u0000"': "email: has characters that cannot be shown",
            f'department = "{"x" * 256}"': "department: is longer than 255 characters",
            'language = "German"': "language: German is no language, such as en or de-CH",
            'picture = "../secret.png"': "picture: ../secret.png is no file name",
            'mobile = "call me"': "mobile: call me is no phone number: digits, * and #, with or without a + before",
            "stars = 6": "stars: must be a whole number from 0 to 5",
            "stars = -1": "stars: must be a whole number from 0 to 5",
            "stars = true": "stars: must be a whole number from 0 to 5",
            "id = 0": "id: must be a whole number from 1 to 2147483647",
            f"id = {2**63}": "id: must be a whole number from 1 to 2147483647",
            'lines = "1"': "lines: must be a list",
            "lines = [1]": "lines[1]: must be a text, in quotes",
            'lines = ["5"]': "lines[1]: there is no line 5",
            'privileges = ["Amdin"]': "privileges[1]: must be one of Settings, Groups, TeammateStatus, VIPList, "
            "Reports, Reports4Eyes, Admin, MembersManagement, RESTAuthentication, UserAdministration; "
            "do you mean Admin?",
            'password_hash = "hush"': "password_hash: is no argon2 hash",
            'voicemail_pin = "12"': "voicemail_pin: is no PIN: 4 to 16 digits",
            'voicemail_pin = "abcd"': "voicemail_pin: is no PIN: 4 to 16 digits",
            'voicemail_pin_hash = "1234"': "voicemail_pin_hash: is no argon2 hash",
            'presence = "awy"': "presence: must be one of available, away, busy, dnd, unavailable; do you mean away?",
            'presence_message = "x"': "presence_message: goes with the presence away, busy or dnd only",
            'fist_name = "Ann"': "fist_name: is not known here; do you mean first_name?",
        }.items():
            self.in_table("users", wrong, expected)

    def test_lines(self) -> None:
        for wrong, expected in {
            'number = "desk"': "number: desk is no phone number: digits, * and #, with or without a + before",
            "number = 10": "number: must be a text, in quotes",
            'on_pbx = "yes"': "on_pbx: must be true or false",
            'displayed_group = "Bored"': "displayed_group: there is no group Bored",
            "displayed_group = 4": "displayed_group: there is no group 4",
            "displayed_group = true": "displayed_group: must be a text, in quotes",
        }.items():
            self.in_table("lines", wrong, expected)

    def test_trunks(self) -> None:
        for wrong, expected in {
            'address = "a b"': "address: a b is no address: host, host:port or host:port;transport=tcp",
            'address = "a:70000"': "address: a:70000 is no address: host, host:port or host:port;transport=tcp",
            'address = "sip:a@b"': "address: sip:a@b is no address: host, host:port or host:port;transport=tcp",
            'inbound_addresses = ["192.0.2.1/24"]': "inbound_addresses[1]: 192.0.2.1/24 is no IP address and no "
            "network such as 192.0.2.0/24",
            'inbound_addresses = ["a", "a"]': "inbound_addresses[1]: a is no IP address and no network such as "
            "192.0.2.0/24",
            'prefix = "9-"': "prefix: 9- is no beginning of a number",
            "ping_interval = -1": "ping_interval: must be a number from 0 to 86400",
            "ping_interval = nan": "ping_interval: must be a number from 0 to 86400",
            "expires = 3.5": "expires: must be a whole number from 30 to 604800",
            "registers = true": "registers: a trunk that registers needs a user_name",
        }.items():
            address = "" if wrong.startswith("address") else 'address = "a"'
            found = problems(f'\n[[trunks]]\n{wrong}\nname = "a"\n{address}\n')
            self.assertEqual(found[0], f"c.toml:3: trunks[1].{expected}")

    def test_groups(self) -> None:
        overflow = "is no overflow: none, busy, a phone number, voicemail:<box> or group:<name or id>"
        for wrong, expected in {
            "manager_timeout = -1": "manager_timeout: must be a whole number from 0 to 86400",
            'assistant_timeout = "10"': "assistant_timeout: must be a whole number from 0 to 86400",
            'number = "MA"': "number: MA is no phone number: digits, * and #, with or without a + before",
            'overflow = "elsewhere"': f"overflow: elsewhere {overflow}",
            'overflow = "voicemail:"': f"overflow: voicemail: {overflow}",
            'overflow = "group:b"': "overflow: there is no group b",
            'overflow = "group:2"': "overflow: there is no group 2",
            'vip_routing = "manager"': "vip_routing: must be one of all, manager only, available; "
            "do you mean manager only?",
            'show_vip_calls = "none"': "show_vip_calls: must be one of manager, all, marked",
            'welcome = "a/b.wav"': "welcome: a/b.wav is no file name",
            "announcements = [7]": "announcements[1]: must be a table",
            'announcements = [""]': "announcements[1].wave: is missing",
            "members = [{}]": "members[1].user: is missing",
            'member = "ann"': "member: is not known here; do you mean members?",
        }.items():
            self.in_table("groups", wrong, expected)

    def test_members(self) -> None:
        board = SMALL.index("[[groups.members]]")
        head, line = SMALL[:board], SMALL[:board].count("\n") + 1
        for wrong, expected in {
            'user = "cid"': "user: there is no user cid",
            'user = "ann"\nnumber = "11"': "number: there is no line 11",
            'user = "ann"\nnumber = "x"': "number: x is no phone number: digits, * and #, with or without a + before",
            'user = "ann"\nshort_name = "Annabella"': "short_name: is longer than 8 characters",
            'user = "ann"\nvips = ["12"]': "vips: only the manager has a VIP list",
            'user = "ann"\nrole = "manager"': "role: is not known here",
        }.items():
            place = line + wrong.count("\n") + 1
            self.check(f"{head}[[groups.members]]\n{wrong}\n", f"c.toml:{place}: groups[1].members[1].{expected}")
        manager = '[[groups.members]]\nuser = "ann"\nmanager = true\n'
        number = "is no number for a VIP list: digits, X for any digit, ! at the end for any rest"
        self.check(
            f'{head}{manager}vips = [\n"1",\n{{ number = "1!2" }},\n{{ description = "?" }},\n]\n',
            f"c.toml:{line + 5}: groups[1].members[1].vips[2].number: 1!2 {number}",
            f"c.toml:{line + 6}: groups[1].members[1].vips[3].number: is missing",
        )
        other = manager.replace("ann", "ben")
        second = f"c.toml:{line + 5}: groups[1].members[2].manager"
        self.check(head + manager + other, f"{second}: a group can have one manager only")
        twice = f'{head}{manager}[[groups.members]]\nuser = "ANN"\nnumber = "1-0"\n'
        self.check(twice, f"c.toml:{line + 4}: groups[1].members[2].user: is in the group twice with this number")
        self.check(
            f'{head}[[users]]\nname = "cid"\n[[groups]]\nname = "B"\n[[groups.members]]\nuser = "cid"\n',
            f"c.toml:{line + 4}: groups[2].members[1].number: is missing, and the user has no line",
        )

    def test_used_twice(self) -> None:
        for text, expected in {
            '[[lines]]\nnumber = "1"\n[[lines]]\nnumber = "00411"\n[[lines]]\nnumber = "+4-11"\n': "c.toml:6: "
            "lines[3].number: +4-11 is used by lines[2] already",
            '[[groups]]\nname = "a"\nnumber = "1"\n[[lines]]\nnumber = "1"\n': "c.toml:5: lines[1].number: 1 is used "
            "by groups[1] already",
            '[[users]]\nname = "a"\n[[users]]\nname = "A"\n': "c.toml:4: users[2].name: A is used twice",
            '[[groups]]\nname = "Straße"\n[[groups]]\nname = "STRASSE"\n': "c.toml:4: groups[2].name: STRASSE is used "
            "twice",
            '[[phones]]\ndevice_name = "SEP1"\n[[phones]]\ndevice_name = "sep1"\n': "c.toml:4: phones[2].device_name: "
            "sep1 is used twice",
            '[[users]]\nname = "a"\nid = 3\n[[users]]\nname = "b"\nid = 3\n': "c.toml:6: users[2].id: is used twice",
            '[[lines]]\nnumber = "1"\n[[users]]\nname = "a"\nlines = ["1", " 1"]\n': "c.toml:5: users[1].lines[2]: is "
            "in the list twice",
        }.items():
            self.check(text, expected)
        default = 'address = "a"\ndefault = true\n'
        self.check(
            f'[[trunks]]\nname = "a"\n{default}[[trunks]]\nname = "b"\n{default}',
            "c.toml:8: trunks[2].default: only one trunk can be the default",
        )

    def test_password_beside_its_hash(self) -> None:
        hash = HASHER.hash("x")
        text = f'[[users]]\nname = "a"\npassword = "hush"\npassword_hash = "{hash}"\n'
        self.check(text, "c.toml:3: users[1].password: is too much beside password_hash")

    def test_number_of_the_voicemail(self) -> None:
        text = '[[lines]]\nnumber = "89 00"\n[[groups]]\nname = "g"\nnumber = "8901"\n'
        for pilot, line in (("8900", 2), ("8901", 5)):
            error = self.assertRaises(CompanyError, read_company, text, "c.toml", pilot=pilot)
            (problem,) = error.problems
            self.assertTrue(problem.startswith(f"c.toml:{line}: "), problem)
            self.assertTrue(problem.endswith("is the number of the voicemail"), problem)
        read_company(text, "c.toml", pilot="890")

    def test_document(self) -> None:
        self.check("format = 2", "c.toml:1: format: this magroup reads files of format 1")
        self.check('title = "x"', "c.toml:1: title: is not known here")
        self.check("[[user]]", "c.toml:1: user: is not known here; do you mean users?")
        self.check("[users]", "c.toml:1: users: must be a list")
        self.check("users = [7]", "c.toml:1: users[1]: must be a table")

    def test_syntax(self) -> None:
        self.assertEqual(problems("\n\n[[users]\n"), ["c.toml:3: Expected ']]' at the end of an array declaration"])
        self.assertEqual(problems("a = " + "[" * 50_000), ["c.toml: is nested too deeply"])
        self.assertEqual(len(problems("a = " + "9" * 5000)), 1)
        self.assertEqual(len(problems("a = 1\na = 2")), 1)


class AllErrorsTests(SynchronousTestCase):
    """Many things wrong: all are told, in the order of the file, and secrets are not."""

    def test_all_in_order(self) -> None:
        text = """\
[[groups]]
name = "Board"
number = "10"
colour = "red"
[[groups.members]]
user = "nobody"
[[lines]]
number = "10"
[[users]]
stars = 9
"""
        self.assertEqual(
            problems(text),
            [
                "c.toml:4: groups[1].colour: is not known here",
                "c.toml:6: groups[1].members[1].user: there is no user nobody",
                "c.toml:8: lines[1].number: 10 is used by groups[1] already",
                "c.toml:9: users[1].name: is missing",
                "c.toml:10: users[1].stars: must be a whole number from 0 to 5",
            ],
        )

    def test_secrets_are_not_told(self) -> None:
        text = '[[lines]]\nnumber = "1"\nsecret = "hu\\nsh"\n[[users]]\nname = "a"\npassword = "hu\\nsh"\n'
        text += '[[trunks]]\nname = "t"\naddress = "a"\npassword = ["hush"]\n'
        found = problems(text)
        self.assertEqual(len(found), 3)
        self.assertNotIn("sh", "".join(found).replace("shown", ""))

    @given(st.recursive(st.one_of(st.integers(), st.booleans(), st.text(max_size=5)), st.lists, max_leaves=4))
    def test_any_value_anywhere(self, value: object) -> None:
        """Whatever a value is, reading ends with a configuration or with CompanyError."""
        written_value = repr(value).lower() if isinstance(value, bool) else "[]"
        if isinstance(value, int):
            written_value = str(value).lower()
        elif isinstance(value, list):
            written_value = str(value).replace("True", "true").replace("False", "false")
        for line in SMALL.splitlines():
            key, equals, _ = line.partition(" = ")
            if equals:
                problems(SMALL.replace(line, f"{key} = {written_value}", 1))

    @given(st.data())
    def test_any_damage(self, data: st.DataObject) -> None:
        """A piece cut out: a configuration or CompanyError."""
        start = data.draw(st.integers(0, len(SMALL)))
        end = data.draw(st.integers(start, min(len(SMALL), start + 30)))
        for problem in problems(SMALL[:start] + SMALL[end:]):
            self.assertTrue(problem.startswith("c.toml"))


class PlacesTests(SynchronousTestCase):
    """``lines_of``."""

    def test_all_kinds_of_toml(self) -> None:
        text = '''\
# [[a]]
a.b = 1 # a.c = 2
"quoted key".'x y' = "]"

[t]  # t
long = """
[not]
a = "b" \\""" # no
"""
literal = \'\'\'
it's [[no]]\'\'\'
list = [
  1, # one ]
  "a,b",
  { c = [ 2, 3 ], d = 'e]' },
]
date = 1979-05-27T07:32:00Z
[[r]]
[[ r . s ]]
k = 1
[r.s.u]
v = ""
[[r.s]]
k = """"a""""
[[r]]
[[r.s]]
k = 2
'''
        lines = lines_of(text)
        for place, line in {
            ("a", "b"): 2,
            ("quoted key", "x y"): 3,
            ("t",): 5,
            ("t", "long"): 6,
            ("t", "literal"): 10,
            ("t", "list"): 12,
            ("t", "list", 0): 13,
            ("t", "list", 1): 14,
            ("t", "list", 2): 15,
            ("t", "list", 2, "c", 1): 15,
            ("t", "list", 2, "d"): 15,
            ("t", "date"): 17,
            ("r", 0): 18,
            ("r", 0, "s", 0): 19,
            ("r", 0, "s", 0, "k"): 20,
            ("r", 0, "s", 0, "u", "v"): 22,
            ("r", 0, "s", 1, "k"): 24,
            ("r", 1, "s", 0, "k"): 27,
        }.items():
            self.assertEqual(lines.get(place), line, place)
        self.assertEqual({place[0] for place in lines}, {"a", "quoted key", "t", "r"})

    @settings(max_examples=30)
    @given(configurations())
    def test_exported_files(self, configuration: Configuration) -> None:
        """Each key of each table of an export is found in its line."""
        text = write_company(configuration)
        by_line = text.split("\n")
        found = lines_of(text)
        key_lines = {number for number, line in enumerate(by_line, 1) if " = " in line and line[0] not in "# "}
        places = sorted(found, key=len, reverse=True)
        ends = {found[place]: place[-1] for place in places if found[place] in key_lines}
        self.assertEqual(ends, {line: by_line[line - 1].partition(" = ")[0] for line in key_lines})

    @given(st.text(max_size=200), st.sampled_from(("", "a = ", "[[x]]\n", 'a = """', "a = [", "a = {")))
    def test_any_text(self, text: str, before: str) -> None:
        """Even where tomllib would refuse, it comes to an end."""
        lines_of(before + text)

    def test_as_people_read_it(self) -> None:
        self.assertEqual(written(("groups", 1, "members", 0, "number")), "groups[2].members[1].number")


class HelpTests(SynchronousTestCase):
    """The help page about the file."""

    def setUp(self) -> None:
        self.text = (Path(__file__).parents[2] / "resources/help/company-file.md").read_text("utf-8")

    def test_example_can_be_imported(self) -> None:
        lines = self.text.partition("## An example")[2].partition("\nThe demo company")[0].splitlines()
        company = read_company("\n".join(line[4:] for line in lines), "help", hasher=HASHER)
        self.assertEqual(len(company.configuration.members), 2)

    def test_every_key_is_there(self) -> None:
        keys: set[str] = set()
        close = Form.close

        def collect(form: Form) -> None:
            keys.update(form._known)
            close(form)

        self.patch(Form, "close", collect)
        trunk = '[[trunks]]\nname = "a"\naddress = "a"\n[[phones]]\ndevice_name = "a"\n[[contacts]]\nnumber = "1"\n'
        self.assertEqual(problems(SMALL + trunk), [])
        self.assertGreater(len(keys), 60)
        words = set(re.findall(r"`\[*(\w+)\]*`", self.text)) | {"members", "wave", "description"}
        self.assertEqual(keys - words, set())
