"""Members of groups: who may be one, and the order of the list."""

from magroup.model.configuration import Configuration
from magroup.policy.editing import (
    Problem,
    add_member,
    change_member,
    delete_members,
    display_group,
    move_member,
    order_members,
    place_member,
)
from tests.policy.editing.company import COMPANY, EditCase


def listed(configuration: Configuration, group_id: int = 45) -> list[int]:
    return [member.id for member in configuration.members_of(group_id)]


class AddMember(EditCase):
    """``add_member``."""

    def test_at_the_end(self) -> None:
        new = self.done(add_member, 46, "RAFAEL.hidalgo", "11 75")
        member = new.members_of(46)[-1]
        self.assertEqual((member.id, member.user_name, member.number), (232, "Rafael.Hidalgo", "1175"))
        self.assertEqual((member.short_name, member.position, member.is_manager), ("Raf", 3, False))

    def test_short_names_made_are_unique(self) -> None:
        self.assertEqual(self.done(add_member, 45, "Ara", "1071").members_of(45)[-1].short_name, "Ara2")

    def test_a_manager_is_the_first(self) -> None:
        without = delete_members(COMPANY, {220})
        new = add_member(without, 45, "Maria.Rossi", "1071", is_manager=True)
        self.assertEqual(listed(new), [232, 221, 222, 223])

    def test_refused(self) -> None:
        for problem, field, *arguments in (
            (Problem.UNKNOWN, "group_id", 99, "Ara", "1068"),
            (Problem.UNKNOWN, "user_name", 47, "Nobody", "1068"),
            (Problem.UNKNOWN, "number", 47, "Ara", "9999"),
            (Problem.INVALID, "number", 47, "Ara", "x"),
            (Problem.MISSING, "number", 47, "Ara", ""),
            (Problem.MISSING, "short_name", 47, "Ara", "1068", ""),
            (Problem.INVALID, "short_name", 47, "Ara", "1068", "123456789"),
            (Problem.SECOND_MANAGER, "is_manager", 45, "Ara", "1071", "A", True),
            (Problem.TAKEN, "number", 45, "ARA", "10 68"),
        ):
            self.refused(problem, field, add_member, *arguments)


class ChangeMember(EditCase):
    """``change_member`` and ``display_group``."""

    def test_values(self) -> None:
        new = self.done(change_member, 221, {"short_name": "Ros", "number": "1068"})
        member = new.member_by_id[221]
        self.assertEqual((member.short_name, member.number, member.position), ("Ros", "1068", 2))

    def test_a_manager_no_more(self) -> None:
        new = self.done(change_member, 220, {"is_manager": False})
        self.assertEqual([vip.id for vip in new.vips], [255])
        self.assertEqual(listed(new), [220, 221, 222, 223])

    def test_another_manager(self) -> None:
        new = change_member(change_member(COMPANY, 220, {"is_manager": False}), 223, {"is_manager": True})
        self.assertEqual(listed(new), [223, 220, 221, 222])

    def test_refused(self) -> None:
        for problem, field, id, values in (
            (Problem.UNKNOWN, "member_id", 1, {}),
            (Problem.SECOND_MANAGER, "is_manager", 221, {"is_manager": True}),
            (Problem.TAKEN, "number", 221, {"number": "1176"}),
            (Problem.UNKNOWN, "number", 221, {"number": "1"}),
        ):
            self.refused(problem, field, change_member, id, values)

    def test_displayed_group(self) -> None:
        new = self.done(display_group, [221, 222], 45)
        self.assertEqual([line.displayed_group for line in new.lines], [0, 45, 45, 45, 0])
        self.assertIs(display_group(COMPANY, [220], 45), COMPANY)
        self.refused(Problem.UNKNOWN, "displayed_group", display_group, [221], 99)


class TheList(EditCase):
    """Order, and what goes with members."""

    def test_delete(self) -> None:
        new = self.done(delete_members, {220, 222, 230})
        self.assertEqual((listed(new), listed(new, 46)), ([221, 223], [231]))
        self.assertEqual(new.vips, ())
        self.refused(Problem.UNKNOWN, "member_id", delete_members, {1})

    def test_move(self) -> None:
        for id, up, expected in (
            (223, True, [220, 221, 223, 222]),
            (221, False, [220, 222, 221, 223]),
            (221, True, [220, 221, 222, 223]),
            (223, False, [220, 221, 222, 223]),
            (220, False, [220, 221, 222, 223]),
        ):
            self.assertEqual(listed(self.done(move_member, id, up)), expected, (id, up))

    def test_place(self) -> None:
        """At a position of the list; nobody comes before the manager."""
        for id, position, expected in (
            (223, 2, [220, 223, 221, 222]),
            (221, 4, [220, 222, 223, 221]),
            (221, 500, [220, 222, 223, 221]),
            (222, 1, [220, 222, 221, 223]),
            (220, 3, [220, 221, 222, 223]),
        ):
            self.assertEqual(listed(self.done(place_member, id, position)), expected, (id, position))
        self.assertIs(place_member(COMPANY, 222, 3), COMPANY)
        self.refused(Problem.INVALID, "position", place_member, 222, 0)
        self.refused(Problem.UNKNOWN, "member_id", place_member, 1, 2)

    def test_order(self) -> None:
        names = ["ara", "rafael.hidalgo", "MARIA.ROSSI", "rafael.hidalgo"]
        self.assertEqual(listed(self.done(order_members, 45, names)), [220, 223, 221, 222])
        for problem, some in (
            (Problem.MISSING, names[:3]),
            (Problem.INVALID, [*names, "ara"]),
            (Problem.INVALID, [*names[:3], "nobody"]),
            (Problem.MISSING, []),
        ):
            self.refused(problem, "user_names", order_members, 45, some)
        self.refused(Problem.UNKNOWN, "group_id", order_members, 99, names)
