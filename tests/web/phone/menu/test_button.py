"""1 Button Service: its three states, several managers, managers themselves, and keys pressed twice."""

from magroup.model.configuration import Configuration
from magroup.model.groups import ShowVipCalls
from magroup.model.presence import Presence
from magroup.web.phone.menu import button
from tests.web.phone.menu.case import CHIYO, MARIA, OUTSIDE, RAFAEL, MenuCase, with_group, with_member
from tests.web.phone.server import Shown


class ButtonTests(MenuCase):
    def edited(self, configuration: Configuration) -> Configuration:
        return with_group(configuration, 45, show_vip_calls=ShowVipCalls.MANAGER)

    async def pressed(self, device: str = RAFAEL) -> Shown:
        return await self.at("OneButton.asp", device)

    async def test_manager_is_called(self) -> None:
        self.presence.set("Maria.Rossi", Presence.AWAY)
        self.assertEqual((await self.pressed()).text, "Maria Rossi (Away) is called.")
        (call,) = self.switch.snapshot_device("1175")
        self.assertEqual(call.called.number, "1071")
        self.assertEqual((await self.pressed()).text, "Your phone is calling Maria Rossi already.")
        self.switch.device_answers(call.id, "1175")
        self.assertEqual(self.states_at("1071"), ["alerting"])
        self.assertEqual((await self.pressed()).text, "Your phone is calling Maria Rossi already.")
        self.switch.device_answers(call.id, "1071")
        self.assertEqual((await self.pressed()).text, "You are talking to Maria Rossi.")

    async def test_managers_call_is_picked_up(self) -> None:
        self.switch.arrive(OUTSIDE, "1071", "Bob")
        self.assertEqual((await self.pressed()).text, "The call of Bob comes to your phone.")
        self.assertEqual((self.states_at("1175"), self.states_at("1071")), (["connected"], []))
        self.assertEqual((await self.pressed()).text, "You are in a call with Bob. Press again to transfer it.")
        self.assertEqual(self.states_at("1175"), ["connected"])

    async def test_own_call_goes_to_the_manager(self) -> None:
        """Also while another one rings there."""
        self.patch(button, "JUST", 0.0)
        self.switch.arrive("1201", "1071")
        call = self.talking()
        self.assertEqual((await self.pressed()).text, "The call goes to Maria Rossi.")
        self.assertEqual(self.states_at("1071"), ["alerting", "alerting"])
        self.switch.device_answers(call, "1071")
        self.assertEqual(self.states_at("1175"), [])

    async def test_held_call_goes_to_the_manager(self) -> None:
        call = self.talking()
        self.switch.device_holds(call, "1175")
        self.assertEqual((await self.pressed()).text, "The call goes to Maria Rossi.")

    async def test_consultation_with_the_manager_is_completed(self) -> None:
        self.talking()
        await self.load((await self.page("transfer")).items["Maria Rossi"])
        (second,) = self.states.calls_at("1071")
        self.switch.device_answers(second.id, "1071")
        self.assertEqual((await self.pressed()).text, "The call goes to Maria Rossi.")
        self.assertEqual((self.states_at("1175"), self.states_at("1071")), ([], ["connected"]))

    async def test_call_for_the_manager_at_the_own_phone(self) -> None:
        self.presence.set("Maria.Rossi", Presence.DND)
        self.switch.arrive(OUTSIDE, "5555", "Bob")
        await self.until(lambda: self.states_at("1175") == ["alerting"])
        self.assertEqual((await self.pressed()).text, "You have answered Bob.")
        self.assertEqual(self.states_at("1175"), ["connected"])

    async def test_hidden_call_is_left_alone(self) -> None:
        """A VIP that only the manager is to see: the manager is called, as if nothing rang."""
        self.switch.arrive("1077", "5555")
        await self.until(lambda: self.states_at("1071") == ["alerting"])
        self.assertEqual((await self.pressed()).text, "Maria Rossi (ringing) is called.")
        self.assertEqual(self.states_at("1071"), ["alerting"])

    async def test_managers_phone_is_out_of_service(self) -> None:
        self.switch.set_in_service("1071", False)
        self.assertEqual((await self.pressed()).text, "The phone of Maria Rossi is out of service.")
        self.assertEqual(self.states_at("1175"), [])

    async def test_who_has_no_manager(self) -> None:
        for device in (MARIA, CHIYO):
            self.assertEqual((await self.pressed(device)).text, "There is no manager in your groups beside you.")
        for member in (72, 198, 27, 0):
            self.assertEqual(await self.told("manager", CHIYO, member=member), "There is no such member.")
        self.assertEqual(await self.told("manager", MARIA, member=72), "There is no such member.")


class SeveralManagersTests(MenuCase):
    def edited(self, configuration: Configuration) -> Configuration:
        return with_member(configuration, 900, 26, "Rafael.Hidalgo")

    async def test_choice(self) -> None:
        menu = await self.at("OneButton.asp")
        self.assertEqual((menu.title, sorted(menu.items)), ("Manager", ["Gabriela Kronberger", "Maria Rossi"]))
        self.assertEqual((await self.load(menu.items["Gabriela Kronberger"])).text, "Gabriela Kronberger is called.")

    async def test_one_person_who_manages_two_groups(self) -> None:
        self.current.replace(with_member(self.current.value, 901, 64, "Maria.Rossi", True))
        self.current.replace(with_member(self.current.value, 902, 64, "Rafael.Hidalgo"))
        self.assertEqual(len((await self.at("OneButton.asp")).items), 2)
