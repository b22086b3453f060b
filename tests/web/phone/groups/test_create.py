"""Creating, joining, leaving and deleting groups."""

from dataclasses import replace

from magroup.model.configuration import Configuration
from magroup.model.lines import Line
from magroup.model.people import Privilege as P
from tests.web.phone.groups.test_menu import GABRIELA, MARIA, RAFAEL
from tests.web.phone.server import PhoneCase

AS_MANAGER, AS_MEMBER = {"as": "manager"}, {"as": "member"}


def with_two_lines(configuration: Configuration) -> Configuration:
    """Rafael has 1175 and +41315550001."""
    return configuration.changed(
        lines=(*configuration.lines, Line("+41315550001")),
        users=tuple(
            replace(user, lines=("1175", "+41315550001")) if user.name == "Rafael.Hidalgo" else user
            for user in configuration.users
        ),
    )


class CreateTests(PhoneCase):
    privileges = {"Rafael_Hidalgo": frozenset({P.GROUPS})}

    def members(self, group_name: str) -> list[tuple[str, str, str, bool]]:
        configuration = self.current.value
        found = [one for group in configuration.groups if group.name == group_name
                 for one in configuration.members_of(group.id)]  # fmt: skip
        return [(one.user_name, one.number, one.short_name, one.is_manager) for one in found]

    async def test_as_member_and_as_manager(self) -> None:
        for model, role, is_manager in (("CP-7945G", "As manager", True), ("CP-8845", "As member", False)):
            menu = await self.page("new-group", model=model)
            self.assertEqual((menu.title, list(menu.items)), ("Create Group", ["As member", "As manager"]))
            form = await self.load(menu.items[role], model)
            self.assertEqual((form.kind, form.fields), ("CiscoIPPhoneInput", ["called", "short", "number"]))
            self.assertEqual(form.values["short"], "Raf")
            self.assertIn("Submit", form.keys)
            done = await self.load(form.filled(called=f" New  {role}", short="R"), model)
            self.assertEqual((done.title, done.text), (f"New {role}", f"The group New {role} is created."))
            self.assertIn("1998", done.headers["expires"])
            self.assertEqual(self.members(f"New {role}"), [("Rafael.Hidalgo", "1175", "R", is_manager)])
            self.assertEqual((await self.load(done.keys["OK"], model)).title, f"New {role}")
        await self.stored()
        self.assertEqual({change.who for change in self.changes}, {"Rafael.Hidalgo"})

    async def test_with_a_number_that_begins_with_plus(self) -> None:
        form = await self.page("new-group", **AS_MEMBER)
        await self.load(form.filled(called="Abroad", number="#41 31 555"))
        self.assertEqual(self.current.value.groups[-1].number, "+4131555")

    async def test_refusals_keep_what_was_typed(self) -> None:
        before = self.current.value
        for typed, why in (
            ({"called": ""}, "A name is needed"),
            ({"called": "accounting"}, "There is such a group already"),
            ({"called": "New", "short": ""}, "A short name is needed"),
            ({"called": "New", "short": "R" * 9}, "Short name: 1 to 8 characters"),
            ({"called": "New", "number": "12a"}, "This is no phone number"),
            ({"called": "New", "number": "5555"}, "This number is taken"),
            ({"called": "New", "number": "1175"}, "This number is taken"),
            ({"called": "N" * 65}, "What was entered cannot be used."),
        ):
            form = await self.page("new-group", **AS_MANAGER)
            again = await self.load(form.filled(**typed))
            self.assertEqual((again.kind, again.title), ("CiscoIPPhoneInput", why))
            self.assertIn("1998", again.headers["expires"])
            kept = {name: again.values[name] for name in typed if len(typed[name]) < 64}
            self.assertEqual(kept, {name: value for name, value in typed.items() if name in kept})
        self.assertIs(self.current.value, before)
        done = await self.load(again.filled(called="New", short="R"))
        self.assertEqual(done.text, "The group New is created.")

    async def test_pressed_twice(self) -> None:
        form = await self.page("new-group", **AS_MEMBER)
        url = form.filled(called="New")
        await self.load(url)
        self.assertEqual((await self.load(url)).title, "There is such a group already")
        self.assertEqual([group.name for group in self.current.value.groups].count("New"), 1)

    async def test_the_line_where_there_are_several(self) -> None:
        await self.meanwhile(with_two_lines)
        menu = await self.page("new-group", **AS_MANAGER)
        self.assertEqual((menu.title, list(menu.items)), ("Which line?", ["1175", "+41315550001"]))
        form = await self.load(menu.items["+41315550001"])
        await self.load(form.filled(called="New"))
        self.assertEqual(self.members("New"), [("Rafael.Hidalgo", "+41315550001", "Raf", True)])
        other = await self.page("new-group", line="1071", **AS_MANAGER)
        self.assertEqual(other.text, "What was entered cannot be used.")

    async def test_in_german(self) -> None:
        form = await self.page("new-group", **AS_MEMBER)
        again = await self.load(form.filled(called="sales"), **{"Accept-Language": "de-DE"})
        self.assertEqual(again.title, "Diese Gruppe gibt es schon")


class JoinTests(PhoneCase):
    privileges = {
        "Rafael_Hidalgo": frozenset({P.MEMBERS_MANAGEMENT}),
        "Gabriela_Kronberger": frozenset({P.ADMIN}),
        "Maria_Rossi": frozenset({P.GROUPS}),
    }

    def roles(self, group_id: int) -> dict[str, bool]:
        return {member.user_name: member.is_manager for member in self.current.value.members_of(group_id)}

    async def test_groups_without_manager_and_all_with_admin(self) -> None:
        menu = await self.page("join-groups")
        self.assertEqual(list(menu.items), ["2nd level support", "Board", "Internal support", "Sales"])
        menu = await self.page("join-groups", GABRIELA)
        self.assertEqual(list(menu.items), ["2nd level support", "Accounting", "Board", "Internal support", "Sales"])

    async def test_as_member_or_manager(self) -> None:
        for group, role in (("Sales", "As member"), ("Board", "As manager")):
            menu = await self.load((await self.page("join-groups")).items[group])
            self.assertEqual((menu.title, list(menu.items)), (group, ["As member", "As manager"]))
            done = await self.load(menu.items[role])
            self.assertEqual(done.text, f"You are in the group {group}.")
            again = await self.load(menu.items[role])
            self.assertEqual(again.text, "Already in this group.")
        self.assertIs(self.roles(64)["Rafael.Hidalgo"], False)
        self.assertEqual(self.roles(2504), {"Rafael.Hidalgo": True})
        await self.stored()

    async def test_with_admin_as_member_beside_a_manager(self) -> None:
        done = await self.load((await self.page("join-groups", GABRIELA)).items["Accounting"])
        self.assertEqual(done.text, "You are in the group Accounting.")
        self.assertIs(self.roles(45)["Gabriela.Kronberger"], False)

    async def test_refused(self) -> None:
        for query, text in (
            ({"group": 26}, "You may not do this."),
            ({"group": 45}, "Already in this group."),
            ({"group": 999}, "There is no such group."),
            ({"group": 64, "as": "boss"}, "What was entered cannot be used."),
            ({"group": 64, "as": "manager", "line": "1071"}, "What was entered cannot be used."),
        ):
            self.assertEqual((await self.page("join-group", **query)).text, text, query)
        shown = await self.page("join-group", GABRIELA, group=45, **AS_MANAGER)
        self.assertEqual(shown.text, "There is a manager already.")
        self.assertEqual(self.changes, [])

    async def test_no_group_left(self) -> None:
        self.current.value = self.current.value.changed(groups=self.current.value.groups[2:3])
        self.assertEqual((await self.page("join-groups")).text, "There is no group that you can join.")

    async def test_leaving(self) -> None:
        menu = await self.page("leave-groups")
        self.assertEqual(list(menu.items), ["Accounting"])
        question = await self.load(menu.items["Accounting"])
        self.assertEqual(question.text, "Leave the group Accounting?")
        self.assertEqual(list(question.keys), ["Exit", "Yes", "Back"])
        self.assertEqual(self.changes, [])
        done = await self.load(question.keys["Yes"])
        self.assertEqual(done.text, "You are not in the group Accounting any more.")
        self.assertNotIn("Rafael.Hidalgo", self.roles(45))
        self.assertEqual(self.current.value.line("1175").displayed_group, 0)  # type: ignore[union-attr]
        self.assertEqual(self.current.value.line("1068").displayed_group, 45)  # type: ignore[union-attr]
        self.assertEqual((await self.load(question.keys["Yes"])).text, "You are not in this group.")
        self.assertEqual((await self.page("leave-group", group=999)).text, "There is no such group.")
        await self.stored()

    async def test_a_manager_who_leaves(self) -> None:
        question = await self.page("leave-group", MARIA, "CP-7945G", group=45)
        self.assertEqual(question.text, "Leave the group Accounting? Your VIP list goes, too.")
        self.assertEqual(list(question.keys), ["Yes", "Exit", "Back"])
        await self.load(question.keys["Yes"], "CP-7945G")
        self.assertIsNone(self.current.value.manager_of(45))
        self.assertEqual(self.current.value.vips_of(72), ())

    async def test_deleting(self) -> None:
        question = await self.page("delete-group", MARIA, group=45)
        self.assertIn("Delete the group Accounting with its members", question.text)
        self.assertEqual(self.changes, [])
        done = await self.load(question.keys["Yes"])
        self.assertEqual(done.text, "The group Accounting is deleted.")
        self.assertNotIn(45, self.current.value.group_by_id)
        self.assertEqual((await self.load(question.keys["Yes"])).text, "There is no such group.")
        self.assertEqual((await self.page("delete-group", RAFAEL, group=64, sure=1)).text, "There is no such group.")
        await self.stored()
