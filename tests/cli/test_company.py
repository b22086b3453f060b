"""The company file: what is exported is imported, what is wrong is told with its place."""

from dataclasses import replace
from pathlib import Path

from argon2 import PasswordHasher
from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.company import Company, read_company, write_company
from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow, OverflowTo, ShowVipCalls, VipRouting
from magroup.model.lines import Line
from magroup.model.numbers import NumberPlan
from magroup.model.people import Privilege, User
from magroup.model.presence import Presence, PresenceState
from magroup.store import ordered
from tests.store.companies import configurations

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

SMALL = """\
[[lines]]
number = "10"
secret = "s"

[[lines]]
number = "+41 31 531 11 11"
secret = "s"

[[users]]
name = "ann"
first_name = "Ann"
lines = ["10"]

[[users]]
name = "ben"
lines = ["0041315311111"]

[[groups]]
name = "Board"
number = "99"
announcements = ["Waiting1.wav", "Music.wav"]

[[groups.members]]
user = "ben"

[[groups.members]]
user = "Ann"
manager = true
vips = ["0800!", { number = "1234", description = "Eve" }]
"""


def read(text: str, known: Configuration = Configuration()) -> Company:  # noqa: B008
    return read_company(text, "c.toml", NumberPlan(country_code="41"), known, lambda: "made", HASHER)


class RoundTripTests(SynchronousTestCase):
    """Export, then import."""

    @settings(max_examples=50)
    @given(configurations())
    def test_any_configuration(self, configuration: Configuration) -> None:
        text = write_company(configuration)
        again = read_company(text, "c.toml")
        self.assertEqual(again.configuration, ordered(configuration))
        self.assertEqual((again.presence, again.new_secrets), ({}, ()))
        self.assertEqual(write_company(again.configuration), text)

    @settings(max_examples=20)
    @given(configurations(), configurations())
    def test_whatever_was_there_before(self, configuration: Configuration, before: Configuration) -> None:
        again = read_company(write_company(configuration), "c.toml", known=before)
        self.assertEqual(again.configuration, ordered(configuration))

    def test_text_is_pleasant(self) -> None:
        text = write_company(read(SMALL).configuration)
        self.assertIn('\n[[groups.members]]\nid = 1\nuser = "ann"\nnumber = "10"\n', text)
        self.assertIn('    { id = 2, wave = "Music.wav" },\n', text)
        self.assertIn("SECRETS", text)
        self.assertNotIn("\n\n\n\n", text)

    def test_secrets_are_in_it_and_passwords_are_not(self) -> None:
        text = write_company(read(SMALL.replace('name = "ann"', 'name = "ann"\npassword = "hush"')).configuration)
        self.assertIn('secret = "s"', text)
        self.assertIn('password_hash = "$argon2id$', text)
        self.assertNotIn("hush", text)

    def test_demo_company(self) -> None:
        path = Path(__file__).parents[2] / "resources/demo/company.toml"
        company = read_company(path.read_text("utf-8"), path.name)
        demo = company.configuration
        self.assertEqual(company.new_secrets, ())
        group = demo.group_of_number("8973")
        self.assertEqual((group.name, group.welcome, group.overflow), ("MA Group", "Welcome.wav", Overflow()))
        self.assertEqual((group.manager_timeout, group.assistant_timeout), (20, 10))
        self.assertEqual([one.wave for one in demo.announcements_of(group.id)], ["Waiting1.wav", "Music.wav"])
        self.assertEqual(
            [(member.number, member.short_name) for member in demo.members_of(group.id)],
            [("1047", "Tij"), ("1175", "Raf"), ("1068", "Ara"), ("1118", "Leo"), ("1072", "San"), ("1033", "Emi")],
        )
        self.assertEqual(len(demo.vips_of(demo.manager_of(group.id).id)), 7)
        sounds = path.parents[2] / "sounds"
        waves = {group.welcome, *(one.wave for one in demo.announcements)}
        self.assertEqual([wave for wave in waves if not (sounds / wave).is_file()], [])
        for number in ("1201", "1202"):
            self.assertIn(demo.line(number).secret, path.read_text("utf-8"))
            self.assertFalse([member for member in demo.members if member.number == number])


class ReadTests(SynchronousTestCase):
    """What is left out, and how things are called."""

    def test_left_out(self) -> None:
        self.assertEqual(read("").configuration, Configuration(plan=NumberPlan(country_code="41")))

    def test_references_and_defaults(self) -> None:
        company = read(SMALL).configuration
        group = company.group_of_number("99")
        self.assertEqual(company.user("BEN").lines, ("+41 31 531 11 11",))
        found = [(m.id, m.user_name, m.number, m.short_name, m.position) for m in company.members_of(group.id)]
        self.assertEqual(found, [(1, "ann", "10", "Ann", 1), (2, "ben", "+41 31 531 11 11", "ben", 2)])
        self.assertEqual([(a.wave, a.priority) for a in company.announcements], [("Waiting1.wav", 1), ("Music.wav", 2)])
        self.assertEqual([(v.member_id, v.number) for v in company.vips], [(1, "0800!"), (1, "1234")])
        self.assertEqual((group.show_vip_calls, group.vip_routing), (ShowVipCalls.ALL, VipRouting.ALL))
        self.assertEqual((group.vip_threshold, group.show_calls), (5, True))

    def test_short_names_are_made_unique(self) -> None:
        text = '[[lines]]\nnumber = "1"\nsecret = "s"\n[[groups]]\nname = "G"\n'
        users = [("léo", "Léonard"), ("leo", "Leopold"), ("l3", "LEO"), ("x", ""), ("bob", "B"), ("given", "Leonie")]
        for name, first_name in users:
            text += f'[[users]]\nname = "{name}"\nfirst_name = "{first_name}"\nlines = ["1"]\n'
        for name, _ in users[:-1]:
            text += f'[[groups.members]]\nuser = "{name}"\n'
        text += '[[groups.members]]\nuser = "given"\nshort_name = "Leo2"\n'
        found = [member.short_name for member in read(text).configuration.members]
        self.assertEqual(found, ["Leo", "Leo3", "LEO4", "x", "B", "Leo2"])

    def test_overflow(self) -> None:
        for written, overflow in {
            "none": Overflow(),
            "-1": Overflow(),
            "busy": Overflow(OverflowTo.BUSY),
            "-3": Overflow(OverflowTo.BUSY),
            "4321": Overflow(OverflowTo.NUMBER, "4321"),
            "voicemail:1047": Overflow(OverflowTo.VOICEMAIL, "1047"),
            "group:1": Overflow(OverflowTo.GROUP, "1"),
            "Group: board": Overflow(OverflowTo.GROUP, "1"),
        }.items():
            company = read(SMALL.replace('number = "99"', f'number = "99"\noverflow = "{written}"'))
            self.assertEqual(company.configuration.groups[0].overflow, overflow, written)

    def test_words(self) -> None:
        text = '[[groups]]\nname = "G"\nshow_vip_calls = "marked"\nvip_routing = "manager only"\nvip_threshold = 9\n'
        group = read(text).configuration.groups[0]
        self.assertEqual(
            (group.show_vip_calls, group.vip_routing, group.vip_threshold),
            (ShowVipCalls.MARKED, VipRouting.MANAGER_ONLY, 6),
        )

    def test_displayed_group_by_name_or_id(self) -> None:
        for written in ('"board"', "1"):
            text = SMALL.replace('secret = "s"', f'secret = "s"\ndisplayed_group = {written}', 1)
            self.assertEqual(read(text).configuration.lines[0].displayed_group, 1)

    def test_presence(self) -> None:
        text = '[[users]]\nname = "Ann"\npresence = "away"\npresence_message = "im Café"\n[[users]]\nname = "ben"\n'
        self.assertEqual(read(text).presence, {"ann": PresenceState(Presence.AWAY, "im Café")})

    def test_privileges(self) -> None:
        text = '[[users]]\nname = "Ann"\nprivileges = ["Admin", "Reports4Eyes"]\n'
        self.assertEqual(read(text).configuration.users[0].privileges, {Privilege.ADMIN, Privilege.REPORTS_4_EYES})


class KnownTests(SynchronousTestCase):
    """What is left out stays as it was."""

    def test_ids(self) -> None:
        first = read(SMALL).configuration
        more = SMALL.replace(
            '[[groups.members]]\nuser = "ben"', '[[groups.members]]\nuser = "cid"\n[[groups.members]]\nuser = "ben"'
        ).replace('[[users]]\nname = "ann"', '[[users]]\nname = "cid"\nlines = ["10"]\n[[users]]\nname = "ann"')
        second = read(more.replace('["Waiting1.wav"', '["New.wav", "Waiting1.wav"'), first).configuration
        self.assertEqual({u.name: u.id for u in second.users}, {"ann": 1, "ben": 2, "cid": 3})
        self.assertEqual({m.user_name: m.id for m in second.members}, {"ann": 1, "ben": 2, "cid": 3})
        self.assertEqual(
            [(a.id, a.wave) for a in second.announcements], [(3, "New.wav"), (1, "Waiting1.wav"), (2, "Music.wav")]
        )
        self.assertEqual(second.vips, first.vips)
        self.assertEqual(read(SMALL, first).configuration, first)

    def test_without_what_was_known_the_order_decides(self) -> None:
        text = '[[users]]\nname = "a"\nid = 2\n[[users]]\nname = "b"\n[[users]]\nname = "c"\n'
        self.assertEqual({u.name: u.id for u in read(text).configuration.users}, {"b": 1, "a": 2, "c": 3})

    def test_a_given_id_goes_before_a_known_one(self) -> None:
        known = read('[[users]]\nname = "a"\n').configuration
        text = '[[users]]\nname = "a"\n[[users]]\nname = "b"\nid = 1\n'
        self.assertEqual({u.name: u.id for u in read(text, known).configuration.users}, {"b": 1, "a": 2})

    def test_secrets(self) -> None:
        known = Configuration(lines=(Line("10", "old"), Line("11", "old")))
        text = "\n".join(f'[[lines]]\nnumber = "{number}"\n' for number in (9, 10))
        company = read(text + '[[lines]]\nnumber = "11"\nsecret = "new"\n', known)
        self.assertEqual([line.secret for line in company.configuration.lines], ["made", "old", "new"])
        self.assertEqual(company.new_secrets, ("9",))
        self.assertEqual(read('[[lines]]\nnumber = "5"\nsecret = ""\n').configuration.lines[0].secret, "")
        self.assertEqual(read('[[lines]]\nnumber = "5"\non_pbx = true\n').new_secrets, ())

    def test_made_secrets_differ(self) -> None:
        text = '[[lines]]\nnumber = "5"\n[[lines]]\nnumber = "6"\n'
        one, other = (line.secret for line in read_company(text, "c.toml").configuration.lines)
        self.assertNotEqual(one, other)
        self.assertGreaterEqual(len(one), 16)

    def test_passwords(self) -> None:
        old = HASHER.hash("old")
        known = Configuration(users=(User(1, "Ann", password_hash=old),))
        head = '[[users]]\nname = "ann"\n'
        self.assertEqual(read(head, known).configuration.users[0].password_hash, old)
        self.assertEqual(read(head + 'password = "old"', known).configuration.users[0].password_hash, old)
        self.assertEqual(read(head + 'password_hash = ""', known).configuration.users[0].password_hash, "")
        new = read(head + 'password = "new"', known).configuration.users[0].password_hash
        self.assertTrue(HASHER.verify(new, "new"))
        pin = read(head + 'voicemail_pin = "4711"', known).configuration.users[0].voicemail_pin_hash
        self.assertTrue(HASHER.verify(pin, "4711"))
        known_pin = Configuration(users=(User(1, "Ann", voicemail_pin_hash=pin),))
        for text, expected in (("", pin), ('voicemail_pin = "4711"', pin), ('voicemail_pin_hash = ""', "")):
            self.assertEqual(read(head + text, known_pin).configuration.users[0].voicemail_pin_hash, expected)
        broken = replace(known, users=(User(1, "Ann", password_hash="broken"),))
        self.assertNotEqual(read(head + 'password = "x"', broken).configuration.users[0].password_hash, "broken")
