"""Transfer call: one that rings goes at once, others after a consultation; what happens meanwhile is told."""

from magroup.cti.fake_phones import Phone
from magroup.cti.types import ConnectionId
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from tests.web.phone.menu.case import ARADHANA, CHIYO, OUTSIDE, MenuCase, with_member
from tests.web.phone.server import Shown

SET_UP = "Consultation transfer is set up."
COLLEAGUES = ["Maria Rossi", "Aradhana Jaggi", "Léonard Saligny"]


class RingingTests(MenuCase):
    async def test_redirected_at_once(self) -> None:
        self.switch.arrive(OUTSIDE, "1175", "Bob")
        menu = await self.at("IndependentServices.asp?action=transferCall")
        self.assertEqual(menu.title, "Transfer call")
        self.assertEqual(list(menu.items), ["Maria Rossi", "Aradhana Jaggi", "Léonard Saligny"])
        done = await self.load(menu.items["Aradhana Jaggi"])
        self.assertEqual(done.text, "The call goes to Aradhana Jaggi.")
        self.assertEqual((self.states_at("1175"), self.states_at("1068")), ([], ["alerting"]))
        self.assertEqual((await self.load(menu.items["Aradhana Jaggi"])).text, "The call is not there any more.")

    async def test_nothing_to_transfer(self) -> None:
        self.assertEqual(await self.told("transfer"), "You have no call that could be transferred.")

    async def test_caller_has_gone(self) -> None:
        call = self.switch.arrive(OUTSIDE, "1175")
        menu = await self.page("transfer")
        self.switch.caller_hangs_up(call)
        self.assertEqual((await self.load(menu.items["Maria Rossi"])).text, "The call is not there any more.")

    async def test_others_calls_are_refused(self) -> None:
        call = self.talking("1071")
        for page in ("transfer-call", "transfer-to"):
            self.assertEqual(await self.told(page, call=call, member=102), "The call is not there any more.")
        mine = self.talking()
        self.assertEqual(await self.told("transfer-to", call=mine, member=279), "There is no such member.")
        self.assertEqual(await self.told("transfer-call", call=mine, group=64), "There is no such group.")

    async def test_several_calls(self) -> None:
        self.talking()
        self.switch.arrive("1201", "1175")
        menu = await self.page("transfer")
        self.assertEqual(list(menu.items), ["Bob (active)", "Maria Santos (ringing)"])
        await self.load((await self.load(menu.items["Maria Santos (ringing)"])).items["Maria Rossi"])
        self.assertEqual((self.states_at("1175"), self.states_at("1071")), (["connected"], ["alerting"]))


class ConsultationTests(MenuCase):
    async def setUp(self) -> None:
        await super().setUp()
        self.call = self.talking()

    async def consulted(self, name: str = "Aradhana Jaggi") -> Shown:
        return await self.load((await self.page("transfer")).items[name])

    def second(self) -> str:
        (found,) = [call.id for call in self.states.calls_at("1175") if call.id != self.call]
        return found

    async def test_completed(self) -> None:
        page = await self.consulted()
        self.assertEqual(page.text, f"{SET_UP}\nAradhana Jaggi is being called.")
        self.assertEqual(list(page.keys), ["Exit", "Complete", "Cancel"])
        self.switch.device_answers(self.second(), "1068")
        self.assertEqual((await self.page("transfer")).text, f"{SET_UP}\nYou are talking to Aradhana Jaggi.")
        self.assertEqual((await self.key(page, "Complete")).text, "The call goes to Aradhana Jaggi.")
        self.assertEqual((self.states_at("1175"), self.states_at("1068")), ([], ["connected"]))
        gone = "This call is not on your phone any more: it was transferred, or is over."
        for name in ("Complete", "Cancel"):
            self.assertEqual((await self.key(page, name)).text, gone)

    async def test_keys_of_the_models(self) -> None:
        menu = await self.page("transfer", model="CP-7945G")
        page = await self.load(menu.items["Aradhana Jaggi"], "CP-7945G")
        self.assertEqual(list(page.keys), ["Complete", "Cancel", "Exit"])

    async def test_completed_while_it_rings(self) -> None:
        page = await self.consulted()
        self.assertEqual((await self.key(page, "Complete")).text, "The call goes to Aradhana Jaggi.")
        self.assertEqual(self.states_at("1175"), [])

    async def test_pressed_twice(self) -> None:
        menu = await self.page("transfer")
        first = await self.load(menu.items["Aradhana Jaggi"])
        again = await self.load(menu.items["Aradhana Jaggi"])
        self.assertEqual((again.text, again.keys), (first.text, first.keys))
        self.assertEqual(len(self.states.calls_at("1175")), 2)

    async def test_cancelled(self) -> None:
        page = await self.consulted()
        for _ in range(2):
            self.assertEqual((await self.key(page, "Cancel")).text, "You have Bob back.")
        self.assertEqual((self.states_at("1175"), self.states_at("1068")), (["connected"], []))
        self.assertEqual((await self.key(page, "Complete")).text, "You have Bob back.")

    async def test_caller_hangs_up_meanwhile(self) -> None:
        page = await self.consulted()
        self.switch.device_answers(self.second(), "1068")
        self.switch.caller_hangs_up(self.call)
        text = "The caller has hung up. You are still in the call with Aradhana Jaggi."
        for name in ("Complete", "Cancel"):
            self.assertEqual((await self.key(page, name)).text, text)

    async def test_the_other_one_is_busy(self) -> None:
        self.switch.phones["1068"] = Phone.BUSY
        page = await self.consulted()
        self.assertEqual(page.text, "The consultation is over. Bob is on hold.")
        self.assertEqual(list(page.keys), ["Exit", "Resume"])
        for _ in range(2):
            self.assertEqual((await self.key(page, "Resume")).text, "You have Bob back.")
        self.assertEqual(self.states_at("1175"), ["connected"])

    async def test_the_other_one_hangs_up(self) -> None:
        page = await self.consulted()
        self.switch.device_declines(self.second(), "1068")
        self.assertEqual((await self.key(page, "Complete")).text, "The consultation is over. Bob is on hold.")
        self.assertEqual((await self.key(page, "Cancel")).text, "You have Bob back.")

    async def test_out_of_service(self) -> None:
        self.switch.set_in_service("1068", False)
        self.assertEqual((await self.consulted("Aradhana Jaggi - out of service")).text,
                         "The consultation is over. Bob is on hold.")  # fmt: skip

    async def test_of_a_held_call(self) -> None:
        self.switch.device_holds(self.call, "1175")
        self.assertEqual((await self.consulted()).text, f"{SET_UP}\nAradhana Jaggi is being called.")

    async def test_two_held_calls(self) -> None:
        """The consultation belongs to the call that was held last; the other one stays as it is."""
        second = (await self.switch.consultation_call(ConnectionId(self.call, "1175"), "1201")).call_id
        self.switch.device_answers(second, "1201")
        page = await self.load((await self.page("transfer-call", call=second)).items["Aradhana Jaggi"])
        self.switch.device_answers(self.states.calls_at("1068")[0].id, "1068")
        again = await self.page("transfer")
        self.assertEqual(again.keys, page.keys)
        self.assertEqual((await self.key(page, "Complete")).text, "The call goes to Aradhana Jaggi.")
        self.assertEqual((self.states_at("1175"), self.states_at("1201")), (["hold"], ["connected"]))

    async def test_unknown_ids(self) -> None:
        for page in ("complete", "cancel"):
            self.assertIn("not on your phone", await self.told(page, call="x", held="y"))
        self.assertEqual(await self.told("resume", call="x"), "The call is not there any more.")
        other = self.talking("1071")
        self.assertIn("not on your phone", await self.told("complete", call=other, held=other))


class SeveralGroupsTests(MenuCase):
    privileges = {"Chiyo_Fujimoto": frozenset({Privilege.ADMIN})}

    def edited(self, configuration: Configuration) -> Configuration:
        return with_member(configuration, 900, 64, "Aradhana.Jaggi")

    async def test_group_then_member(self) -> None:
        self.switch.arrive(OUTSIDE, "1068")
        groups = await self.page("transfer", ARADHANA)
        self.assertEqual(list(groups.items), ["Accounting", "Sales"])
        members = await self.load(groups.items["Sales"])
        await self.load(members.items["Romeo Girard"])
        self.assertEqual(self.states_at("1203"), ["alerting"])

    async def test_own_groups_with_admin(self) -> None:
        self.switch.arrive(OUTSIDE, "1202")
        self.assertEqual(len(await self.names("transfer", CHIYO)), 4)
