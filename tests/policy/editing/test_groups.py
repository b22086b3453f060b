"""Adding, changing and deleting groups."""

from typing import Any

from magroup.model.configuration import LastIds
from magroup.model.groups import NO_VIP_BY_STARS, Overflow, OverflowTo
from magroup.policy.editing import (
    EditError,
    Problem,
    add_group,
    change_group,
    delete_group,
    expect_group,
    group_tag,
    move_member,
)
from tests.policy.editing.company import COMPANY, RULES, EditCase

WRONG: tuple[tuple[Problem, str, dict[str, Any]], ...] = (
    (Problem.MISSING, "name", {"name": ""}),
    (Problem.MISSING, "name", {"name": "  "}),
    (Problem.TAKEN, "name", {"name": "ACCOUNTING"}),
    (Problem.INVALID, "name", {"name": "x" * 256}),
    (Problem.INVALID, "name", {"name": "a\nb"}),
    (Problem.INVALID, "name", {"name": "a\ud800"}),
    (Problem.INVALID, "name", {"name": " a"}),
    (Problem.INVALID, "number", {"number": "12a"}),
    (Problem.TAKEN, "number", {"number": "10 71"}),
    (Problem.TAKEN, "number", {"number": "5-555"}),
    (Problem.TAKEN, "number", {"number": "0041315311111"}),
    (Problem.TAKEN, "number", {"number": "+41315311113"}),
    (Problem.TAKEN, "number", {"number": "*81"}),
    (Problem.TAKEN, "number", {"number": "*97"}),
    (Problem.INVALID, "manager_timeout", {"manager_timeout": -1}),
    (Problem.INVALID, "assistant_timeout", {"assistant_timeout": 86_401}),
    (Problem.INVALID, "vip_threshold", {"vip_threshold": -1}),
    (Problem.UNKNOWN, "welcome", {"welcome": "nothing.wav"}),
    (Problem.INVALID, "welcome", {"welcome": "../welcome.wav"}),
    (Problem.UNKNOWN, "manager_alarm_gadget", {"manager_alarm_gadget": "welcome.wav"}),
    (Problem.INVALID, "caller_name", {"caller_name": "\x00"}),
    (Problem.INVALID, "manager_alarm", {"manager_alarm": "a/b"}),
    (Problem.UNKNOWN, "overflow", {"overflow": Overflow(OverflowTo.GROUP, "99")}),
    (Problem.UNKNOWN, "overflow", {"overflow": Overflow(OverflowTo.GROUP, "9" * 5000)}),
    (Problem.INVALID, "overflow", {"overflow": Overflow(OverflowTo.NUMBER, "abc")}),
)


class AddGroup(EditCase):
    """``add_group``."""

    def test_defaults(self) -> None:
        new = self.done(add_group, RULES, {"name": "New"})
        group = new.group_by_id[new.last_ids.groups]
        self.assertEqual((group.id, group.name, group.welcome, group.vip_threshold), (48, "New", "", 5))

    def test_an_id_is_never_given_twice(self) -> None:
        emptied = delete_group(COMPANY.changed(last_ids=LastIds(groups=47)), 47)
        self.assertEqual(add_group(emptied, RULES, {"name": "New"}).groups[-1].id, 48)

    def test_sounds_are_kept_as_stored(self) -> None:
        values = {"name": "New", "welcome": "WELCOME.WAV", "assistant_alarm_gadget": "CHIME.mp3"}
        group = self.done(add_group, RULES, values).groups[-1]
        self.assertEqual((group.welcome, group.assistant_alarm_gadget), ("Welcome.wav", "Chime.mp3"))

    def test_threshold_above_five_is_none(self) -> None:
        group = self.done(add_group, RULES, {"name": "New", "vip_threshold": 50}).groups[-1]
        self.assertEqual(group.vip_threshold, NO_VIP_BY_STARS)

    def test_refused(self) -> None:
        for problem, field, values in WRONG:
            self.refused(problem, field, add_group, RULES, {"name": "New", **values})

    def test_no_more_ids(self) -> None:
        full = COMPANY.changed(last_ids=LastIds(groups=2**31 - 1))
        error = self.assertRaises(EditError, add_group, full, RULES, {"name": "New"})
        self.assertEqual(error.problem, Problem.FULL)


class ChangeGroup(EditCase):
    """``change_group``."""

    def test_only_what_is_named(self) -> None:
        new = self.done(change_group, RULES, 45, {"show_calls": False})
        before, after = COMPANY.group_by_id[45], new.group_by_id[45]
        self.assertEqual((before.show_calls, after.show_calls), (True, False))
        self.assertEqual((after.name, after.number), ("Accounting", "5555"))
        self.assertIs(new.members, COMPANY.members)

    def test_nothing(self) -> None:
        self.assertIs(change_group(COMPANY, RULES, 45, {"name": "Accounting"}), COMPANY)

    def test_its_own_name_and_number(self) -> None:
        new = self.done(change_group, RULES, 45, {"name": "ACCOUNTING", "number": "55 55"})
        self.assertEqual(new.group_by_id[45].number, "55 55")

    def test_a_greeting_that_is_gone_stays(self) -> None:
        self.assertEqual(self.done(change_group, RULES, 47, {"name": "E"}).group_by_id[47].welcome, "gone.wav")

    def test_refused(self) -> None:
        for problem, field, values in WRONG:
            self.refused(problem, field, change_group, RULES, 47, values)
        self.refused(Problem.UNKNOWN, "group_id", change_group, RULES, 99, {})


class DeleteGroup(EditCase):
    """``delete_group``."""

    def test_what_goes_with_it(self) -> None:
        new = self.done(delete_group, 45)
        self.assertEqual([member.id for member in new.members], [230, 231])
        self.assertEqual([one.id for one in new.announcements], [30])
        self.assertEqual([vip.id for vip in new.vips], [255])
        self.assertEqual([line.displayed_group for line in new.lines], [0, 0, 0, 46, 0])
        self.assertEqual(new.group_by_id[46].overflow, Overflow())

    def test_unknown(self) -> None:
        self.refused(Problem.UNKNOWN, "group_id", delete_group, 2**70)


class TwoWriters(EditCase):
    """The tag of a group."""

    def test_it_changes_with_the_group_only(self) -> None:
        tag = group_tag(COMPANY, 45)
        expect_group(COMPANY, 45, tag)
        expect_group(move_member(COMPANY, 223, True), 46, group_tag(COMPANY, 46))
        for changed in (move_member(COMPANY, 223, True), change_group(COMPANY, RULES, 45, {"name": "A"})):
            error = self.assertRaises(EditError, expect_group, changed, 45, tag)
            self.assertEqual(error.problem, Problem.CONFLICT)
