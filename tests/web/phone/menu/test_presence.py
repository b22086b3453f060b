"""Change status: the own one and those of others, with messages, and what is refused."""

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.model.presence import Presence
from tests.web.phone.menu.case import CHIYO, MARIA, RAFAEL, MenuCase, with_member

RAFAEL_NAME = "Rafael.Hidalgo"
CHOICES = ["Available", "Away", "Busy", "DND"]


class OwnStatusTests(MenuCase):
    async def test_service(self) -> None:
        menu = await self.at("IndependentServices.asp?action=changeStatus")
        self.assertEqual((menu.title, list(menu.items)), ("My status: Available", ["> Available", *CHOICES[1:]]))

    async def test_with_message(self) -> None:
        form = await self.load((await self.page("status")).items["Away"], "CP-7945G")
        self.assertEqual((form.kind, form.title, form.fields), ("CiscoIPPhoneInput", "My status: Away", ["text"]))
        self.assertEqual(list(form.keys), ["Save", "<<", "Cancel"])
        done = await self.load(form.root.findtext("URL") + "&text=Back%20at%2014%3A00")
        self.assertEqual(done.text, "Your status is now: Away - Back at 14:00")
        self.assertIn("1998", done.headers["expires"])
        state = self.presence.get("Rafael.Hidalgo")
        self.assertEqual((state.value, state.message, state.changed_by), (Presence.AWAY, "Back at 14:00", RAFAEL_NAME))
        menu = await self.page("status")
        self.assertEqual(list(menu.items)[1], "> Away: Back at 14:00")
        form = await self.load(menu.items["> Away: Back at 14:00"])
        self.assertEqual(form.root.findtext("InputItem/DefaultValue"), "Back at 14:00")

    async def test_without_message(self) -> None:
        form = await self.load((await self.page("status")).items["DND"])
        self.assertEqual((await self.load(form.root.findtext("URL") + "&text=")).text, "Your status is now: DND")

    async def test_back_to_available(self) -> None:
        self.presence.set("Rafael.Hidalgo", Presence.BUSY, "x" * 60)
        menu = await self.page("status")
        form = await self.load(next(url for name, url in menu.items.items() if name.startswith("> Busy")))
        self.assertEqual(form.root.findtext("InputItem/DefaultValue"), "")
        for _ in range(2):
            self.assertEqual((await self.load(menu.items["Available"])).text, "Your status is now: Available")
        self.assertEqual(self.presence.get("Rafael.Hidalgo").message, "")

    async def test_unavailable_is_shown(self) -> None:
        self.presence.take_out("Rafael.Hidalgo", "")
        menu = await self.page("status")
        self.assertEqual((menu.title, list(menu.items)), ("My status: Unavailable", CHOICES))

    async def test_team_status_without_the_privilege(self) -> None:
        """Straight to the own one."""
        menu = await self.at("IndependentServices.asp?action=teamStatus")
        self.assertEqual(menu.title, "My status: Available")
        self.assertEqual(await self.told("status-of"), "You may not do this.")
        for page in ("status", "status-text", "set-status"):
            self.assertEqual(await self.told(page, member=72, value=1), "You may not do this.")
            self.assertEqual(await self.told(page, member=279, value=1), "There is no such member.")
        self.assertEqual(self.presence.get("Maria.Rossi").value, Presence.AVAILABLE)

    async def test_wrong_values(self) -> None:
        for value in (2, 6, 99, "", "x", "-1"):
            self.assertEqual(await self.told("set-status", value=value), "What was entered cannot be used.")
        self.assertEqual(await self.told("set-status", value=1, text="x" * 256), "What was entered cannot be used.")
        self.assertEqual(await self.told("set-status", value=1, text="a\nb"), "What was entered cannot be used.")



class TeamStatusTests(MenuCase):
    privileges = {
        "Rafael_Hidalgo": frozenset({Privilege.TEAMMATE_STATUS}),
        "Chiyo_Fujimoto": frozenset({Privilege.TEAMMATE_STATUS, Privilege.ADMIN}),
    }

    async def test_another_ones(self) -> None:
        menu = await self.at("IndependentServices.asp?action=teamStatus")
        self.assertEqual(list(menu.items), ["My status", "Team member status"])
        self.assertEqual((await self.load(menu.items["My status"])).title, "My status: Available")
        self.presence.set("Aradhana.Jaggi", Presence.BUSY)
        members = await self.load(menu.items["Team member status"])
        self.assertEqual(members.kind, "CiscoIPPhoneIconFileMenu")
        self.assertEqual(list(members.items), ["Maria Rossi", "Aradhana Jaggi - Busy", "Léonard Saligny"])
        choices = await self.load(members.items["Maria Rossi"])
        self.assertEqual(choices.title, "Maria Rossi: Available")
        form = await self.load(choices.items["Away"])
        done = await self.load(form.root.findtext("URL") + "&text=Z%C3%BCrich")
        self.assertEqual((done.title, done.text), ("Maria Rossi", "The status is now: Away - Zürich"))
        self.assertEqual(self.presence.get("Maria.Rossi").changed_by, RAFAEL_NAME)

    async def test_on_a_model_without_icons(self) -> None:
        members = await self.page("status-of", model="CP-7841")
        self.assertEqual((members.kind, next(iter(members.items))), ("CiscoIPPhoneMenu", "* Maria Rossi"))

    async def test_all_groups_with_admin(self) -> None:
        groups = await self.page("status-of", CHIYO)
        self.assertEqual((groups.title, len(groups.items)), ("Team member status", 3))
        members = await self.load(groups.items["Accounting"])
        self.assertEqual(len(members.items), 4)
        self.assertEqual(await self.told("status-of", CHIYO, group=2504), "There is nobody to choose.")

    async def test_another_group_is_refused(self) -> None:
        self.assertEqual(await self.told("status-of", group=64), "There is no such group.")
        self.assertEqual(await self.told("set-status", member=279, value=1), "There is no such member.")
        self.assertEqual((await self.page("status-of", MARIA)).text, "You may not do this.")


class SeveralGroupsTests(MenuCase):
    privileges = {"Rafael_Hidalgo": frozenset({Privilege.TEAMMATE_STATUS})}

    def edited(self, configuration: Configuration) -> Configuration:
        return with_member(configuration, 900, 64, RAFAEL_NAME)

    async def test_group_first(self) -> None:
        groups = await self.page("status-of", RAFAEL)
        self.assertEqual(list(groups.items), ["Accounting", "Sales"])
        self.assertEqual(len((await self.load(groups.items["Sales"])).items), 4)
