"""Calls that are up, over the API: all that is known of them, for Admin only."""

from dataclasses import replace
from typing import Any

from magroup.model.people import Contact, Privilege
from magroup.model.presence import Presence
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, company

CALLER = "0315311111"
NAME = 'Böb "<script>" \\ ☎ \u2028'


class CallTests(ApiCase):
    """A company whose users speak several languages, with a contact."""

    async def setUp(self) -> None:
        given = company(Rafael_Hidalgo=[Privilege.ADMIN])
        users = tuple(replace(user, language="de-CH") if user.name == ASSISTANT else user for user in given.users)
        await self.begin(replace(given, users=users, contacts=(Contact(1, "0315311112", "Carla Contact"),)))

    async def calls(self, **options: Any) -> list[Any]:
        items: list[Any] = (await self.done("GET", "/calls", **options))["items"]
        return items

    async def test_call_to_group(self) -> None:
        """From its arrival to its end: who, since when, why; no name of a caller breaks anything."""
        self.assertEqual(await self.calls(), [])
        self.presence.set(ADMIN, Presence.AWAY)
        id = self.switch.arrive(CALLER, "5555", NAME)
        (call,) = await self.calls()
        self.assertEqual(call["calling"], {"number": CALLER, "name": NAME, "external": True})
        self.assertEqual(call["called"], {"number": "5555", "name": "", "external": False})
        self.assertEqual((call["id"], call["group_id"], call["vip"]), (id, 45, False))
        self.assertGreater(call["started_at"], 1e9)
        found = [(c["device"], c["state"], c["inbound"]) for c in call["connections"]]
        wanted = [(CALLER, "connected", False), ("5555", "queued", True), ("1175", "alerting", True)]
        self.assertEqual(found, wanted)
        self.assertEqual(call["connections"][2]["party"]["name"], "Rafael Hidalgo")
        self.assertEqual([(reason["code"], reason["who"]) for reason in call["trail"]],
                         [("manager_not_available", "Mar"), ("assistant_rings", "Raf")])  # fmt: skip
        self.assertEqual(call["trail"][0]["words"], "manager Away")
        self.assertEqual(call["trail_in_words"], "manager Away; assistant Raf rings")
        self.assertEqual(await self.done("GET", f"/calls/{id}"), call)
        german = await self.done("GET", f"/calls/{id}", bearer=await self.token(ASSISTANT, ["calls:read"]))
        self.assertEqual(german["trail_in_words"], "Manager abwesend; klingelt bei Assistenz Raf")
        self.switch.device_answers(id, "1175")
        self.switch.device_holds(id, "1175")
        self.assertEqual((await self.done("GET", f"/calls/{id}"))["connections"][1]["state"], "hold")
        self.switch.caller_hangs_up(id)
        self.assertEqual(await self.calls(), [])
        await self.refused(404, "GET", f"/calls/{id}")

    async def test_names_and_vips(self) -> None:
        """A caller without a name is shown as known here; a VIP call is marked; other calls have no group."""
        vip, plain = self.switch.arrive("080012345", "5555"), self.switch.arrive("0315311112", "1201")
        shown = {call["id"]: call for call in await self.calls()}
        self.assertEqual((shown[vip]["vip"], shown[plain]["vip"]), (True, False))
        self.assertEqual((shown[plain]["calling"]["name"], shown[plain]["group_id"]), ("Carla Contact", 0))
        self.assertEqual(shown[plain]["called"]["name"], "Maria Santos")
        for id in (vip, plain):
            self.switch.caller_hangs_up(id)

    async def test_pages(self) -> None:
        """The oldest first; a list that changes meanwhile neither repeats nor leaves out."""
        ids = [self.switch.arrive(f"03153111{n:02}", "1201") for n in range(5)]
        first = await self.done("GET", "/calls?limit=2")
        self.switch.caller_hangs_up(ids[0])
        second = await self.done("GET", f"/calls?limit=9&cursor={first['next']}")
        self.assertEqual([call["id"] for call in first["items"] + second["items"]], ids)
        self.assertEqual(second["next"], "")
        for id in ids[1:]:
            self.switch.caller_hangs_up(id)

    async def test_many(self) -> None:
        """Of many calls, in a thread."""
        ids = [self.switch.arrive(f"0315{n:05}", "1201") for n in range(250)]
        self.assertEqual(len((await self.done("GET", "/calls?limit=1000"))["items"]), 250)
        for id in ids:
            self.switch.caller_hangs_up(id)

    async def test_rights(self) -> None:
        """Admin, and the scope."""
        await self.refused(403, "GET", "/calls", bearer=await self.token("Aradhana.Jaggi"))
        await self.refused(403, "GET", "/calls/1", bearer=await self.token("Aradhana.Jaggi"))
        await self.refused(403, "GET", "/calls", bearer=await self.token(ADMIN, ["groups:write", "events:read"]))
        await self.refused(404, "GET", "/calls/x%20y")
        await self.refused(405, "POST", "/calls")
