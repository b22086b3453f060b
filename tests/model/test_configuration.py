"""The look-ups of a configuration."""

from dataclasses import replace
from functools import cached_property

from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import _LOOK_UPS, Configuration
from magroup.model.groups import Announcement, Group, Member, VipEntry
from magroup.model.lines import Line, Trunk
from magroup.model.numbers import NumberPlan
from magroup.model.people import Contact, User
from tests.store.companies import configurations

COMPANY = Configuration(
    users=(
        User(1, "Ann", "Ann", "Ash", lines=("10", "+41 31 531 11 10")),
        User(2, "Straße", lines=("11", "10")),
    ),
    lines=(Line("10"), Line("11"), Line("+41 31 531 11 10"), Line("12", display_name="Lobby")),
    contacts=(Contact(1, "079 123 45 67", "Eve"), Contact(2, "10", "Ann's desk")),
    trunks=(Trunk(1, "spare", "a"), Trunk(2, "main", "b", is_default=True)),
    groups=(Group(5, "Board", number="99"), Group(6, "Silent"), Group(7, "Mute")),
    members=(
        Member(1, 5, "Ann", "10", "Ann", False, 3),
        Member(2, 5, "Straße", "11", "Str", True, 9),
        Member(3, 5, "Straße", "10", "Str2", False, 2),
        Member(4, 6, "Ann", "10", "Ann", False, 1),
    ),
    announcements=(Announcement(1, 5, "b.wav", 2), Announcement(2, 5, "a.wav", 1)),
    vips=(VipEntry(1, 2, "0800!"), VipEntry(2, 2, "123")),
    plan=NumberPlan(country_code="41"),
)


class LookUpTests(SynchronousTestCase):
    """``Configuration``."""

    def test_lines_and_groups_in_every_spelling(self) -> None:
        self.assertEqual(COMPANY.line("0315311110"), COMPANY.lines[2])
        self.assertEqual(COMPANY.line("1 0"), COMPANY.lines[0])
        self.assertEqual(COMPANY.group_of_number("9-9"), COMPANY.groups[0])
        self.assertEqual((COMPANY.line("99"), COMPANY.group_of_number("10"), COMPANY.line("")), (None, None, None))
        self.assertIs(COMPANY.group_of_number(""), None)

    def test_users(self) -> None:
        self.assertEqual(COMPANY.user("STRASSE"), COMPANY.users[1])
        self.assertEqual(COMPANY.user_of_number("10"), COMPANY.users[0])
        self.assertEqual(COMPANY.user_of_number("0041315311110"), COMPANY.users[0])
        self.assertEqual(COMPANY.user_of_number("11"), COMPANY.users[1])
        self.assertEqual((COMPANY.user("x"), COMPANY.user_of_number("12")), (None, None))

    def test_names_of_numbers(self) -> None:
        for number, name in {
            "10": "Ann Ash",
            "11": "Straße",
            "12": "Lobby",
            "+41791234567": "Eve",
            "99": "",
            "5": "",
        }.items():
            self.assertEqual(COMPANY.name_of_number(number), name)

    def test_members_manager_first_then_by_position(self) -> None:
        self.assertEqual([member.id for member in COMPANY.members_of(5)], [2, 3, 1])
        self.assertEqual(COMPANY.manager_of(5), COMPANY.members[1])
        self.assertEqual((COMPANY.manager_of(6), COMPANY.manager_of(7), COMPANY.members_of(8)), (None, None, ()))

    def test_announcements_and_vips(self) -> None:
        self.assertEqual([one.wave for one in COMPANY.announcements_of(5)], ["a.wav", "b.wav"])
        self.assertEqual([vip.number for vip in COMPANY.vips_of(2)], ["0800!", "123"])
        self.assertEqual((COMPANY.announcements_of(6), COMPANY.vips_of(1)), ((), ()))

    def test_default_trunk(self) -> None:
        self.assertEqual(COMPANY.default_trunk(), COMPANY.trunks[1])
        self.assertIs(Configuration().default_trunk(), None)

    def test_equal_when_all_they_hold_is_equal(self) -> None:
        one, other = Configuration(lines=(Line("1"),)), Configuration(lines=(Line("1"),))
        one.line("1")
        self.assertEqual(one, other)
        self.assertNotEqual(one, Configuration(lines=(Line("1"),), version=1))

    def test_secrets_are_not_printed(self) -> None:
        company = Configuration(
            users=(User(1, "a", password_hash="hush"),),
            lines=(Line("1", "hush"),),
            trunks=(Trunk(1, "a", "b", password="hush"),),
        )
        self.assertNotIn("hush", repr(company))

    @settings(max_examples=40)
    @given(configurations())
    def test_everything_is_found(self, company: Configuration) -> None:
        for line in company.lines:
            self.assertEqual(company.line(line.number), line)
        for group in company.groups:
            self.assertEqual(company.group_by_id[group.id], group)
            self.assertTrue(not group.number or company.group_of_number(group.number) == group)
        for user in company.users:
            self.assertEqual(company.user(user.name.casefold()), user)
            self.assertTrue(all(company.user_of_number(number) is not None for number in user.lines))
        self.assertEqual(
            sorted(member.id for group in company.groups for member in company.members_of(group.id)),
            sorted(company.member_by_id),
        )


class Changed(SynchronousTestCase):
    """``Configuration.changed``."""

    def test_look_ups_of_what_stays_are_taken_over(self) -> None:
        ann = User(1, "Ann", lines=("10",))
        old = Configuration(users=(ann,), lines=(Line("10"),), groups=(Group(1, "A", number="20"),))
        self.assertIsNotNone(old.user("ann"))
        self.assertIsNotNone(old.line("10"))
        new = old.changed(groups=(Group(2, "B", number="30"),))
        self.assertIs(new.user_by_name, old.user_by_name)
        self.assertEqual((new.group_of_number("20"), new.group_of_number("30")), (None, new.groups[0]))
        self.assertIsNone(old.group_of_number("30"))
        renamed = old.changed(users=(replace(ann, name="Bea"),))
        self.assertEqual((renamed.user("ann"), renamed.user("bea")), (None, renamed.users[0]))
        self.assertEqual(renamed.name_of_number("10"), "Bea")

    def test_the_table_of_look_ups_is_complete(self) -> None:
        made = {name for name, value in vars(Configuration).items() if isinstance(value, cached_property)}
        self.assertEqual(made, set(_LOOK_UPS))
