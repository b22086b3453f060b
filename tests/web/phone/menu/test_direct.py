"""Direct call, and the page of one member."""

from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.people import Privilege
from magroup.model.presence import Presence
from tests.web.phone.menu.case import ARADHANA, CHIYO, MARIA, OUTSIDE, RAFAEL, MenuCase, with_member


class DirectCallTests(MenuCase):
    privileges = {"Chiyo_Fujimoto": frozenset({Privilege.ADMIN})}

    def edited(self, configuration: Configuration) -> Configuration:
        return with_member(configuration, 900, 64, "Aradhana.Jaggi")

    async def test_called(self) -> None:
        self.talking("1068")
        menu = await self.at("IndependentServices.asp?action=directCall")
        names = ["Maria Rossi", "Aradhana Jaggi - on the phone", "Léonard Saligny"]
        self.assertEqual((menu.title, list(menu.items)), ("Direct call", names))
        self.assertEqual((await self.load(menu.items["Maria Rossi"])).text, "Maria Rossi is called.")
        again = await self.load(menu.items["Léonard Saligny"])
        self.assertEqual(again.text, "Your phone is calling Maria Rossi already.")
        (call,) = self.switch.snapshot_device("1175")
        self.switch.device_answers(call.id, "1175")
        self.assertEqual(self.states_at("1071"), ["alerting"])

    async def test_who_called_is_told_that_nobody_takes_it(self) -> None:
        self.assertEqual(await self.told("dial", member=72), "Maria Rossi is called.")
        (call,) = self.switch.snapshot_device("1175")
        self.switch.device_answers(call.id, "1175")
        self.switch.device_busy(call.id, "1071")
        self.assertEqual(self.pushed, [("sep000000001175", "Call", "Maria Rossi (1071) is busy.")])

    async def test_groups(self) -> None:
        self.assertEqual(await self.names("direct", ARADHANA), ["Accounting", "Sales"])
        groups = await self.page("direct", CHIYO)
        self.assertEqual(list(groups.items), ["1st level support", "Accounting", "Sales"])
        self.assertIn("Maria Rossi", (await self.load(groups.items["Accounting"])).items)

    async def test_refused(self) -> None:
        self.assertEqual(await self.told("dial", member=279), "There is no such member.")
        self.assertEqual(await self.told("dial", member=198), "This is you.")
        self.assertEqual(await self.told("dial"), "There is no such member.")
        self.switch.set_in_service("1071", False)
        self.assertEqual(await self.told("dial", member=72), "The phone of Maria Rossi is out of service.")
        self.forwarding.set_line("1071", Forwarding(ForwardTo.NUMBER, "1068"))
        self.assertEqual(await self.told("dial", member=72), "Maria Rossi (out of service) is called.")

    async def test_own_phone_is_out_of_service(self) -> None:
        self.switch.set_in_service("1175", False)
        self.assertEqual(await self.told("dial", member=72), "The phone is out of service.")


class MemberTests(MenuCase):
    privileges = {"Rafael_Hidalgo": frozenset({Privilege.TEAMMATE_STATUS})}

    async def test_everything(self) -> None:
        self.presence.set("Maria.Rossi", Presence.BUSY, "Board")
        self.switch.arrive("1201", "1071")
        self.talking()
        menu = await self.page("member", RAFAEL, member=72)
        self.assertEqual(menu.title, "Maria Rossi")
        self.assertEqual(list(menu.items), [
            "Pick up: Maria Santos", "Transfer here: Bob", "Call", "Status: Busy - Board", "Forwarding: No Forwarding",
        ])  # fmt: skip
        self.assertEqual((await self.load(menu.items["Status: Busy - Board"])).title, "Maria Rossi: Busy")
        self.assertEqual((await self.load(menu.items["Forwarding: No Forwarding"])).title, "Maria Rossi: No Forwarding")
        page = await self.load(menu.items["Transfer here: Bob"])
        self.assertEqual(list(page.keys), ["Exit", "Complete", "Cancel"])

    async def test_list(self) -> None:
        """Of the group that is shown; without one of all own groups."""
        menu = await self.page("members")
        names = ["Maria Rossi", "Aradhana Jaggi", "Léonard Saligny"]
        self.assertEqual((menu.title, list(menu.items)), ("Accounting", names))
        self.assertEqual((await self.load(menu.items["Maria Rossi"])).title, "Maria Rossi")
        menu = await self.page("members", CHIYO)
        self.assertEqual((menu.title, len(menu.items)), ("Members", 3))

    async def test_without_the_privilege(self) -> None:
        self.assertEqual(await self.names("member", ARADHANA, member=72), ["Call"])
        self.switch.set_in_service("1071", False)
        self.assertEqual(await self.told("member", ARADHANA, member=72), "There is nothing to do here now.")

    async def test_oneself(self) -> None:
        self.switch.arrive(OUTSIDE, "1071")
        menu = await self.page("member", MARIA, member=72)
        self.assertEqual(list(menu.items), ["Status: Available", "Forwarding: No Forwarding"])
        self.assertEqual((await self.load(menu.items["Status: Available"])).title, "My status: Available")

    async def test_others(self) -> None:
        for member in (279, 0, 12345):
            self.assertEqual(await self.told("member", member=member), "There is no such member.")
