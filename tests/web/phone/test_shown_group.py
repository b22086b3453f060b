"""Change group: what the phone shows is chosen there, and kept with its line."""

from magroup.model.people import Privilege
from tests.web.phone.server import PhoneCase


class ShownGroupTests(PhoneCase):
    privileges = {"Maria_Rossi": frozenset({Privilege.ADMIN})}

    async def test_the_own_groups_and_none(self) -> None:
        menu = await self.at("IndependentServices.asp?action=changeGroup")
        self.assertEqual((menu.kind, menu.title), ("CiscoIPPhoneMenu", "Change group"))
        self.assertEqual(list(menu.items), ["> Accounting", "<No Group>"])
        self.assertEqual(list(menu.keys), ["Exit", "Select", "Back"])

    async def test_all_groups_with_admin(self) -> None:
        menu = await self.page("group", "SEP000000001071")
        self.assertEqual(len(menu.items), 7)

    async def test_no_group_is_kept(self) -> None:
        menu = await self.page("group")
        done = await self.load(menu.items["<No Group>"])
        self.assertEqual(done.text, "No group is shown now.")
        self.assertIn("1998", done.headers["expires"])
        self.assertEqual(self.current.value.line("1175").displayed_group, 0)  # type: ignore[union-attr]
        self.assertEqual([change.who for change in self.changes], ["Rafael.Hidalgo"])

    async def test_another_ones_group_is_refused(self) -> None:
        done = await self.page("show-group", group=64)
        self.assertEqual((done.title, done.text), ("Not possible", "There is no such group."))
        self.assertEqual(self.current.value.line("1175").displayed_group, 45)  # type: ignore[union-attr]

    async def test_the_order_of_softkeys_is_the_models(self) -> None:
        self.assertEqual(list((await self.page("group", model="CP-7945G")).keys), ["Select", "Exit", "Back"])
