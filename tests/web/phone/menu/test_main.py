"""The main menu: what each sees in it, by groups, privileges and calls."""

from magroup.model.configuration import Configuration
from magroup.model.groups import ShowVipCalls
from magroup.model.people import Privilege
from tests.web.phone.menu.case import ARADHANA, CHIYO, GABRIELA, MARIA, OUTSIDE, RAFAEL, MenuCase, with_group, with_user

PLAIN = ["Change status", "Set forwarding", "Change group"]


class MainMenuTests(MenuCase):
    async def test_members(self) -> None:
        menu = await self.at("PhoneMenu.asp")
        self.assertEqual((menu.kind, menu.title, list(menu.items)), ("CiscoIPPhoneMenu", "Main menu", PLAIN))

    async def test_every_model(self) -> None:
        for model, keys in (
            ("CP-7945G", ["Select", "Exit", "Back"]), ("CP-8845", ["Exit", "Select", "Back"]),
            ("CP-7841", ["Exit", "Select", "Back"]),
        ):  # fmt: skip
            menu = await self.at("PhoneMenu.asp", model=model)
            self.assertEqual((list(menu.items), list(menu.keys)), (PLAIN, keys))

    async def test_a_call_at_the_own_line(self) -> None:
        call = self.switch.arrive(OUTSIDE, "1175")
        self.assertEqual(await self.names("menu"), [*PLAIN, "Transfer call"])
        self.switch.device_answers(call, "1175")
        self.assertEqual(await self.names("menu"), [*PLAIN, "Transfer call"])
        self.assertEqual(await self.names("menu", ARADHANA), PLAIN)
        self.switch.caller_hangs_up(call)
        self.assertEqual(await self.names("menu"), PLAIN)

    async def test_a_call_that_rings_elsewhere(self) -> None:
        self.switch.arrive(OUTSIDE, "1071")
        self.assertEqual(await self.names("menu"), [*PLAIN, "Pickup calls"])
        self.assertEqual(await self.names("menu", CHIYO), PLAIN)

    async def test_german(self) -> None:
        self.current.replace(with_user(self.current.value, "Rafael.Hidalgo", language="de"))
        menu = await self.page("menu")
        self.assertEqual((menu.title, next(iter(menu.items))), ("Hauptmenü", "Status ändern"))


class PrivilegeTests(MenuCase):
    privileges = {
        "Maria_Rossi": frozenset({Privilege.VIP_LIST}),
        "Rafael_Hidalgo": frozenset({Privilege.GROUPS}),
        "Aradhana_Jaggi": frozenset({Privilege.ADMIN}),
        "Chiyo_Fujimoto": frozenset({Privilege.MEMBERS_MANAGEMENT}),
    }

    async def test_each(self) -> None:
        for device, more in (
            (MARIA, ["VIP list"]), (RAFAEL, ["Groups"]), (ARADHANA, ["Groups", "VIP list"]), (CHIYO, ["Groups"]),
            (GABRIELA, []),
        ):  # fmt: skip
            self.assertEqual(await self.names("menu", device), [*PLAIN, *more])


class OutsiderTests(MenuCase):
    """Nobody here is in a group."""

    privileges = {
        "Rafael_Hidalgo": frozenset({Privilege.GROUPS}),
        "Aradhana_Jaggi": frozenset({Privilege.ADMIN}),
        "Chiyo_Fujimoto": frozenset({Privilege.VIP_LIST, Privilege.TEAMMATE_STATUS}),
    }

    def edited(self, configuration: Configuration) -> Configuration:
        return configuration.changed(members=(), vips=())

    async def test_each(self) -> None:
        self.assertEqual(await self.names("menu", RAFAEL), ["Groups"])
        self.assertEqual(await self.names("menu", ARADHANA), ["Change status", "Change group", "Groups", "VIP list"])
        for device in (MARIA, CHIYO):
            shown = await self.page("menu", device)
            self.assertEqual((shown.title, shown.text), ("Not possible", "You are in no group."))

    async def test_services(self) -> None:
        for page in ("forwarding", "direct", "team-status", "pickup", "transfer", "button"):
            self.assertEqual((await self.page(page, MARIA)).code, 200)
        self.assertEqual(await self.told("forwarding", MARIA), "You are in no group.")
        self.assertEqual(await self.told("direct", MARIA), "You are in no group.")


class HiddenVipTests(MenuCase):
    def edited(self, configuration: Configuration) -> Configuration:
        return with_group(configuration, 45, show_vip_calls=ShowVipCalls.MANAGER)

    async def test_is_not_there(self) -> None:
        """1077 is on the list of the manager of 5555."""
        self.switch.arrive("1077", "5555")
        await self.until(lambda: self.states_at("1071") == ["alerting"])
        self.assertEqual(await self.names("menu"), PLAIN)
        self.assertEqual(await self.told("pickup"), "No call rings that you could pick up.")
