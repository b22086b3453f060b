"""VIP lists on phones."""

from magroup.groups.editing import edits
from magroup.model.people import Privilege as P
from tests.web.phone.server import PhoneCase


class VipTests(PhoneCase):
    privileges = {"Rafael_Hidalgo": frozenset({P.VIP_LIST}), "Gabriela_Kronberger": frozenset({P.ADMIN})}
    CHIYO, GABRIELA = "SEP000000001202", "SEP000000001077"
    PAGES = ("vips", "add-vip", "remove-vips", "remove-vip")

    def listed(self, member_id: int = 72) -> list[tuple[str, str]]:
        return [(vip.number, vip.description) for vip in self.current.value.vips_of(member_id)]

    async def test_nothing_without_a_privilege(self) -> None:
        self.grant("Rafael.Hidalgo", P.GROUPS, P.MEMBERS_MANAGEMENT, P.SETTINGS, P.TEAMMATE_STATUS)
        for page in self.PAGES:
            shown = await self.page(page, member=72, vip=253, sure=1)
            self.assertEqual(shown.text, "You may not do this.", page)

    async def test_adding(self) -> None:
        for model, number in (("CP-7945G", "#41 31 1"), ("CP-8845", "#41 31 2"), ("CP-7841", "#41 31 3")):
            menu = await self.page("vips", model=model)
            self.assertEqual((menu.title, list(menu.items)), ("VIP list", ["Add Number", "Remove Number"]))
            form = await self.load(menu.items["Add Number"], model)
            self.assertEqual((form.title, form.fields), ("Maria Rossi", ["number", "about"]))
            stored = number.replace("#", "+").replace(" ", "")
            done = await self.load(form.filled(number=number, about="Head of"), model)
            self.assertEqual(done.text, f"{stored} is a VIP now.")
            self.assertEqual(self.listed()[-1], (stored, "Head of"))
            again = await self.load(form.filled(number=number), model)
            self.assertEqual(
                (again.title, again.values["number"]), ("It is on the list already", number.replace(" ", ""))
            )
        await self.stored()

    async def test_patterns(self) -> None:
        form = await self.page("add-vip")
        self.assertEqual(form.root.findtext("InputItem/InputFlags"), "T")
        form = await self.load(form.keys["Pattern"])
        self.assertEqual(form.root.findtext("InputItem/InputFlags"), "A")
        await self.load(form.filled(number="#1509XXX!"))
        self.assertEqual(self.listed()[-1], ("+1509XXX!", ""))
        again = await self.load(form.filled(number="+1509xxx!"))
        self.assertEqual(again.title, "It is on the list already")
        self.assertEqual(again.root.findtext("InputItem/InputFlags"), "A")

    async def test_what_is_no_number(self) -> None:
        form = await self.page("add-vip")
        before = self.listed()
        for number, why in (
            ("", "A number is needed"),
            ("12!3", "This is no phone number"),
            ("Bob", "This is no phone number"),
        ):
            again = await self.load(form.filled(number=number, about="x"))
            self.assertEqual((again.title, again.values), (why, {"number": number, "about": "x"}))
        again = await self.load(form.filled(number="1" * 41))
        self.assertEqual(again.title, "What was entered cannot be used.")
        self.assertEqual(self.listed(), before)

    async def test_removing(self) -> None:
        menu = await self.page("remove-vips")
        self.assertEqual(list(menu.items), ["1077 - Head of Accounting", "+1509XXXXXXX", "0800! - Free & <easy>"])
        question = await self.load(menu.items["0800! - Free & <easy>"])
        self.assertEqual(question.text, "Remove 0800! - Free & <easy>?")
        self.assertEqual(len(self.listed()), 3)
        done = await self.load(question.keys["Yes"])
        self.assertEqual(done.text, "0800! - Free & <easy> is no VIP any more.")
        self.assertEqual([number for number, _ in self.listed()], ["1077", "+1509XXXXXXX"])
        self.assertEqual(list((await self.load(done.keys["OK"])).items), list(menu.items)[:2])
        self.assertEqual((await self.load(question.keys["Yes"])).text, "It is not there any more.")
        await self.stored()

    async def test_the_manager_where_there_are_several(self) -> None:
        for page in ("add-vip", "remove-vips"):
            menu = await self.page(page, self.GABRIELA)
            self.assertEqual(
                list(menu.items), ["Gabriela Kronberger (1st level support)", "Maria Rossi (Accounting)"]
            )  # fmt: skip
            shown = await self.load(menu.items["Maria Rossi (Accounting)"])
            self.assertEqual(shown.title, "Maria Rossi")

    async def test_lists_of_other_groups(self) -> None:
        for page in ("add-vip", "remove-vips"):
            for member in (27, 198, 278, 9999):
                shown = await self.page(page, member=member, number="1", was="x")
                self.assertEqual(shown.title, "Not possible", (page, member))
        for vip in (715, 9999, 0):
            self.assertEqual((await self.page("remove-vip", vip=vip, sure=1)).text, "It is not there any more.")
        self.assertEqual(self.changes, [])

    async def test_no_manager_and_no_numbers(self) -> None:
        self.grant("Chiyo.Fujimoto", P.VIP_LIST)
        self.assertEqual((await self.page("add-vip", self.CHIYO)).text, "There is no manager in your groups.")
        await self.meanwhile(lambda configuration: configuration.changed(vips=()))
        self.assertEqual((await self.page("remove-vips")).text, "The VIP list is empty.")

    async def test_a_manager_who_is_gone_meanwhile(self) -> None:
        form = await self.page("add-vip")
        question = await self.page("remove-vip", vip=253)
        await self.meanwhile(lambda configuration: edits.delete_members(configuration, {72}))
        self.assertEqual((await self.load(form.filled(number="1"))).text, "There is no such member.")
        self.assertEqual((await self.load(question.keys["Yes"])).text, "It is not there any more.")

    async def test_bad_parameters(self) -> None:
        for page in self.PAGES[1:]:
            for value in ("x" * 10_000, "a\x07b", "-1", "1.5"):
                for field in ("member", "vip"):
                    shown = await self.page(page, **{field: value})
                    self.assertNotIn("went wrong", shown.text)
        for field in ("number", "about", "was"):
            shown = await self.page("add-vip", **({"was": "123456123456", "number": "1"} | {field: "y" * 10_000}))
            self.assertIn(shown.title, ("What was entered cannot be used.", "Not possible"))
        self.assertEqual((self.changes, self.lines), ([], []))
