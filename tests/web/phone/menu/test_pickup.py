"""Pickup calls: what rings for colleagues, managers first, comes to the own phone; what is hidden is not there."""

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.model.groups import ShowVipCalls
from tests.web.phone.menu.case import CHIYO, MARIA, OUTSIDE, RAFAEL, MenuCase, with_group


class PickupTests(MenuCase):
    async def test_list_and_pickup(self) -> None:
        self.switch.arrive(OUTSIDE, "1068", "Bob")
        call = self.switch.arrive("1201", "1071")
        menu = await self.at("IndependentServices.asp?action=pickupCalls")
        self.assertEqual((menu.title, list(menu.items)), ("Pickup calls", ["Maria Santos -> Mar", "Bob -> Ara"]))
        done = await self.load(menu.items["Maria Santos -> Mar"])
        self.assertEqual(done.text, "The call of Maria Santos comes to your phone.")
        self.assertIn("1998", done.headers["expires"])
        self.assertEqual((self.states_at("1175"), self.states_at("1071")), (["connected"], []))
        again = await self.load(menu.items["Maria Santos -> Mar"])
        self.assertEqual(again.text, "The call of Maria Santos is at your phone.")
        self.assertEqual(await self.told("pick-up", MARIA, call=call), "The call is not there any more.")

    async def test_number_without_name(self) -> None:
        self.switch.arrive(OUTSIDE, "1071")
        self.switch.arrive("", "1068")
        self.assertEqual(await self.names("pickup"), [f"{OUTSIDE} -> Mar", "Unknown -> Ara"])

    async def test_at_the_line_of_the_phone(self) -> None:
        """The user has another line, which is the first one."""
        configuration = self.current.value
        await self.current.edit(
            self.database, lambda now: edits.change_user(now, configuration.user("Rafael.Hidalgo").id,  # type: ignore
            {"lines": ("1077", "1175")}), lambda connection, change: None,
        )  # fmt: skip
        self.switch.arrive(OUTSIDE, "1071", "Bob")
        await self.load((await self.page("pickup", RAFAEL)).items["Bob -> Mar"])
        self.assertEqual((self.states_at("1175"), self.states_at("1077")), (["connected"], []))

    async def test_others_cannot(self) -> None:
        call = self.switch.arrive(OUTSIDE, "1071")
        self.assertEqual(await self.told("pickup", CHIYO), "No call rings that you could pick up.")
        self.assertEqual(await self.told("pick-up", CHIYO, call=call), "The call is not there any more.")

    async def test_own_calls_are_not_there(self) -> None:
        """Neither what rings at the own line nor what the own line calls."""
        self.switch.arrive(OUTSIDE, "1175")
        self.switch.arrive("1175", "1071")
        self.assertEqual(await self.told("pickup"), "No call rings that you could pick up.")

    async def test_caller_has_gone(self) -> None:
        call = self.switch.arrive(OUTSIDE, "1071", "Bob")
        menu = await self.page("pickup")
        self.switch.caller_hangs_up(call)
        self.assertEqual((await self.load(menu.items["Bob -> Mar"])).text, "The call is not there any more.")

    async def test_own_phone_is_out_of_service(self) -> None:
        self.switch.arrive(OUTSIDE, "1071", "Bob")
        self.switch.set_in_service("1175", False)
        self.assertEqual((await self.load((await self.page("pickup")).items["Bob -> Mar"])).text,
                         "The phone is out of service.")  # fmt: skip


class MarkedVipTests(MenuCase):
    def edited(self, configuration: Configuration) -> Configuration:
        return with_group(configuration, 45, show_vip_calls=ShowVipCalls.MARKED)

    async def test_mark(self) -> None:
        self.switch.arrive("1077", "5555")
        await self.until(lambda: self.states_at("1071") == ["alerting"])
        self.assertEqual(await self.names("pickup"), ["Gabriela Kronberger <VIP> -> Mar"])
