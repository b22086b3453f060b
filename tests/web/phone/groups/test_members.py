"""Edit Members on phones: the list with its crown, adding one of very many users, changing and removing members."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Member
from magroup.model.people import Privilege as P
from magroup.model.people import User
from magroup.web.phone.groups.new_member import LONGEST_QUOTED, found_users, searchable
from tests.web.phone.server import PhoneCase


def with_crowd(configuration: Configuration) -> Configuration:
    """250 users more, without lines."""
    crowd = tuple(User(id, f"user{id}", f"Zoë{id:03}", "Ågren") for id in range(100, 350))
    return configuration.changed(users=(*configuration.users, *crowd))


class MemberTests(PhoneCase):
    privileges = {"Rafael_Hidalgo": frozenset({P.MEMBERS_MANAGEMENT}), "Chiyo_Fujimoto": frozenset({P.GROUPS})}
    CHIYO = "SEP000000001202"

    def member(self, id: int) -> Member | None:
        return self.current.value.member_by_id.get(id)

    def roles(self, group_id: int) -> dict[str, tuple[str, str, bool]]:
        members = self.current.value.members_of(group_id)
        return {one.user_name: (one.short_name, one.number, one.is_manager) for one in members}

    async def test_the_list(self) -> None:
        names = ["Maria Rossi", "Rafael Hidalgo", "Aradhana Jaggi", "Léonard Saligny"]
        for model, kind, first, keys in (
            ("CP-7945G", "CiscoIPPhoneIconFileMenu", "Maria Rossi", ["Select", "Add", "Exit", "Back"]),
            ("CP-8845", "CiscoIPPhoneIconFileMenu", "Maria Rossi", ["Exit", "Select", "Add", "Back"]),
            ("CP-7841", "CiscoIPPhoneMenu", "* Maria Rossi", ["Exit", "Select", "Add", "Back"]),
        ):
            shown = await self.page("group-members", model=model, group=45)
            self.assertEqual((shown.kind, list(shown.items)), (kind, [first, *names[1:]]))
            self.assertEqual(list(shown.keys), keys)
        icons = [item.findtext("IconIndex") for item in shown.root.findall("MenuItem")]
        self.assertEqual(icons, [None] * 4)

    async def test_an_empty_group(self) -> None:
        self.grant("Rafael.Hidalgo", P.ADMIN)
        shown = await self.page("group-members", group=2504)
        self.assertEqual(list(shown.items), ["<Add a member>"])
        self.assertEqual((await self.load(shown.items["<Add a member>"])).title, "Add a member")

    async def test_adding(self) -> None:
        shown = await self.page("group-members", group=45)
        users = await self.load(shown.keys["Add"])
        self.assertEqual(len(users.items), 9)
        self.assertEqual(list(users.keys), ["Exit", "Select", "Search", "Back"])
        form = await self.load(users.items["Maria Santos 1201"])
        self.assertEqual((form.title, form.values), ("Maria Santos", {"short_name": "Mar2", "number": "1201"}))
        done = await self.load(form.filled())
        self.assertEqual(done.text, "Maria Santos is in the group.")
        self.assertEqual(self.roles(45)["Maria.Santos"], ("Mar2", "1201", False))
        again = await self.load(form.filled())
        self.assertEqual((again.kind, again.title), ("CiscoIPPhoneInput", "Already in this group"))
        for typed, why in (
            ({"short_name": ""}, "A short name is needed"),
            ({"short_name": "M" * 9}, "Short name: 1 to 8 characters"),
            ({"number": ""}, "A number is needed"),
            ({"number": "4711"}, "There is no such line"),
        ):
            again = await self.load(form.filled(**typed))
            self.assertEqual((again.title, again.values | typed), (why, again.values))
        self.assertIn("Maria Santos", (await self.load(done.keys["OK"])).items)
        await self.stored()

    async def test_the_role_where_there_is_no_manager(self) -> None:
        users = await self.page("new-member", self.CHIYO, group=64)
        roles = await self.load(users.items["Rafael Hidalgo 1175"])
        self.assertEqual((roles.title, list(roles.items)), ("Rafael Hidalgo", ["As member", "As manager"]))
        form = await self.load(roles.items["As manager"])
        await self.load(form.filled(short_name="Boss"))
        self.assertEqual(self.roles(64)["Rafael.Hidalgo"], ("Boss", "1175", True))
        other = await self.load(form.filled().replace("user=2", "user=3"))
        self.assertEqual(other.title, "There is a manager already")

    async def test_who_is_not_there(self) -> None:
        users = await self.page("new-member", group=45)
        url = users.items["Maria Santos 1201"]
        form = await self.load(url)
        await self.meanwhile(lambda configuration: edits.delete_user(configuration, 5))
        self.assertEqual((await self.load(form.filled())).text, "There is no such member.")
        self.assertEqual((await self.load(url)).text, "There is no such member.")

    async def test_a_crowd_has_pages_and_is_searched(self) -> None:
        await self.meanwhile(with_crowd)
        first = await self.page("new-member", group=45)
        self.assertEqual((len(first.items), list(first.keys)), (100, ["Exit", "Select", "Search", ">>", "Back"]))
        second = await self.load(first.keys[">>"])
        third = await self.load(second.keys[">>"])
        self.assertEqual(list(second.keys), ["Exit", "Select", "Search", "<<", ">>", "Back"])
        self.assertEqual((len(third.items), list(third.keys)), (59, ["Exit", "Select", "Search", "<<", "Back"]))
        self.assertEqual(list((await self.load(third.keys["<<"])).items), list(second.items))
        self.assertEqual(list((await self.page("new-member", group=45, page=10**8)).items), list(third.items))
        form = await self.load(first.keys["Search"])
        self.assertEqual(form.fields, ["find"])
        found = await self.load(form.filled(find="agr ZOE2"))
        self.assertEqual((len(found.items), next(iter(found.items))), (100, "Zoë200 Ågren"))
        nobody = await self.load(form.filled(find="nobody"))
        self.assertEqual((nobody.title, list(nobody.items)), ("Nobody found", ["Search"]))
        self.assertEqual((await self.load(nobody.items["Search"])).fields, ["find"])
        self.assertEqual(list((await self.load(form.filled(find="117"))).items), ["Rafael Hidalgo 1175"])

    async def test_short_name_and_number(self) -> None:
        menu = await self.page("group-member", member=102)
        self.assertEqual((menu.title, list(menu.items)), ("Aradhana Jaggi", ["Short name, number", "Remove"]))
        form = await self.load(menu.items["Short name, number"])
        self.assertEqual(form.values, {"short_name": "Ara", "number": "1068"})
        done = await self.load(form.filled(short_name="Jag", number="1202"))
        self.assertEqual((done.title, done.text), ("Aradhana Jaggi", "Saved: Jag, 1202"))
        self.assertEqual(self.roles(45)["Aradhana.Jaggi"], ("Jag", "1202", False))
        late = await self.load(form.filled(short_name="J"))
        self.assertEqual((late.title, late.values), ("Was changed meanwhile", {"short_name": "Jag", "number": "1202"}))
        self.assertEqual((await self.load(late.filled(number="4711"))).title, "There is no such line")

    async def test_two_who_edit_a_member(self) -> None:
        form = await self.page("edit-member", member=102)
        await self.meanwhile(lambda configuration: edits.change_member(configuration, 102, {"number": "1202"}))
        await self.load(form.filled(short_name="Jag"))
        self.assertEqual(self.roles(45)["Aradhana.Jaggi"], ("Jag", "1202", False))

    async def test_removing(self) -> None:
        menu = await self.page("group-member", member=102)
        question = await self.load(menu.items["Remove"])
        self.assertEqual(question.text, "Remove Aradhana Jaggi from the group?")
        self.assertIsNotNone(self.member(102))
        done = await self.load(question.keys["Yes"])
        self.assertEqual((done.text, self.member(102)), ("Aradhana Jaggi is removed.", None))
        self.assertEqual(self.current.value.line("1068").displayed_group, 0)  # type: ignore[union-attr]
        self.assertEqual((await self.load(question.keys["Yes"])).text, "There is no such member.")
        question = await self.page("remove-member", member=72)
        self.assertIn("The VIP list goes, too.", question.text)
        await self.stored()

    async def test_a_right_that_is_taken_away_meanwhile(self) -> None:
        form = await self.page("edit-member", member=102)
        question = await self.page("remove-member", member=102)
        self.grant("Rafael.Hidalgo")
        for url in (form.filled(short_name="Jag"), question.keys["Yes"]):
            self.assertEqual((await self.load(url)).text, "You may not do this.")
        self.assertEqual(self.changes, [])


class SearchTests(SynchronousTestCase):
    def test_what_is_searched_for_has_a_place_in_a_url(self) -> None:
        for text, found in (
            (" Jérôme   LE-Blanc ", "jerome le blanc"),
            ("+41 31", "41 31"),
            ("%&?=", ""),
            ("x" * 100, "x" * LONGEST_QUOTED),
            ("Ω" * 100, "ω" * (LONGEST_QUOTED // 6)),
        ):
            self.assertEqual(searchable(text), found)

    def test_words_begin_names_and_numbers(self) -> None:
        users = [
            User(1, "b.a", "Bob", "Ahl", lines=("+4131",)),
            User(2, "c.b", "Çelik", "van Bahl", lines=("1234",)),
            User(3, "d", "", "", lines=("5",)),
        ]
        for sought, ids in (
            ("", [1, 2, 3]), ("b", [1, 2]), ("ahl", [1]), ("bahl cel", [2]), ("van", [2]), ("413", [1]),
            ("234", []), ("d", [3]), ("5 d", [3]),
        ):  # fmt: skip
            self.assertEqual([user.id for user in found_users(users, sought)], ids, sought)

    def test_by_full_name_without_case(self) -> None:
        users = [User(1, "z"), User(2, "x", "bob"), User(3, "y", "Ann")]
        self.assertEqual([user.id for user in found_users(users, "")], [3, 2, 1])
        crowd = [User(id, f"user{id * 7919 % 5003:04}") for id in range(5003)]
        found = found_users(crowd, "")
        self.assertEqual([user.name for user in found], [f"user{number:04}" for number in range(5003)])
