"""Presence, and what lines and members are doing, over the API."""

from dataclasses import replace
from typing import Any

from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.people import Privilege
from magroup.model.presence import Presence
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, company, header

COLLEAGUE, STRANGER = "Aradhana.Jaggi", "Maria.Santos"


class PresenceTests(ApiCase):
    """Seen and set."""

    async def test_set(self) -> None:
        """Everything that is shown, the message's fate, and what is no presence."""
        path = f"/presence/{ASSISTANT}"
        before = await self.done("GET", path)
        nothing = {"value": "available", "message": "", "since": 0.0, "changed_by": "", "said": None}
        self.assertEqual(before, {"user_name": ASSISTANT, **nothing})
        away = await self.done("PUT", path.upper().replace("/PRESENCE", "/presence"), {
            "value": "away", "message": " back  at <noon> ",
        })  # fmt: skip
        self.assertEqual((away["value"], away["message"], away["changed_by"]), ("away", "back at <noon>", ADMIN))
        self.assertGreater(away["since"], 1e9)
        self.assertEqual(await self.done("GET", path), away)
        self.assertEqual((await self.done("PUT", path, {"value": "available", "message": "x"}))["message"], "")
        for word, presence in zip(("busy", "dnd", "unavailable"), (3, 4, 6), strict=True):
            self.assertEqual((await self.done("PUT", path, {"value": word}))["value"], word)
            self.assertEqual(self.presence.get(ASSISTANT).value, Presence(presence))
        for body, field in (({"value": "lunch"}, "value"), ({"value": 1}, "value"), ({}, "value"),
                            ({"value": "away", "message": "x" * 256}, "message"),
                            ({"value": "away", "message": "\x07"}, "message"),
                            ({"value": "away", "until": 5}, "until")):  # fmt: skip
            await self.refused(422, "PUT", path, body, field)
        self.assertEqual((await self.refused(422, "PUT", path, {"value": "away", "message": "a\u202eb"})).code, 422)

    async def test_said(self) -> None:
        """Whose phones are gone is unavailable; what that user has said is told beside."""
        self.presence.set(ASSISTANT, Presence.BUSY, "meeting", ASSISTANT)
        self.presence.take_out(ASSISTANT, "line 1175")
        shown = await self.done("GET", f"/presence/{ASSISTANT}")
        self.assertEqual((shown["value"], shown["changed_by"]), ("unavailable", "line 1175"))
        self.assertEqual((shown["said"]["value"], shown["said"]["message"]), ("busy", "meeting"))

    async def test_conditions(self) -> None:
        path = f"/presence/{ASSISTANT}"
        tag = header(await self.send("GET", path), "ETag")
        self.assertEqual((await self.send("GET", path, If_None_Match=tag)).code, 304)
        await self.done("PUT", path, {"value": "busy"}, If_Match=tag)
        await self.refused(412, "PUT", path, {"value": "away"}, If_Match=tag)
        self.assertEqual(self.presence.get(ASSISTANT).value, Presence.BUSY)

    async def test_rights(self) -> None:
        """Oneself; colleagues with TeammateStatus; all with Admin as well; strangers are not there at all."""
        busy = {"value": "busy"}
        status, admin = Privilege.TEAMMATE_STATUS, Privilege.ADMIN
        for privileges, codes in (
            ((), (200, 200, 403, 404, 404)), ((status,), (200, 200, 200, 404, 404)),
            ((admin,), (200, 200, 403, 200, 403)), ((admin, status), (200, 200, 200, 200, 200)),
        ):  # fmt: skip
            await self.begin(company(Rafael_Hidalgo=privileges))
            mine = await self.token(ASSISTANT, ["presence:write"])
            found = [
                (await self.send(method, f"/presence/{name}", body, bearer=mine)).code
                for method, name, body in (
                    ("PUT", ASSISTANT, busy), ("GET", COLLEAGUE, None), ("PUT", COLLEAGUE, busy),
                    ("GET", STRANGER, None), ("PUT", STRANGER, busy),
                )
            ]  # fmt: skip
            self.assertEqual(tuple(found), codes, privileges)
        for name in ("Nobody", "a%2Fb"):
            await self.refused(404, "GET", f"/presence/{name}")

    async def test_list(self) -> None:
        """Those whom the viewer knows, by user name, a page at a time."""
        everybody = [one["user_name"] for one in (await self.done("GET", "/presence"))["items"]]
        self.assertEqual(everybody, sorted((user.name for user in self.current.value.users), key=str.casefold))
        mine = await self.token(ASSISTANT, ["presence:read"])
        found, after = [], ""
        while True:
            page = await self.done("GET", f"/presence?limit=3&cursor={after}", bearer=mine)
            found += [one["user_name"] for one in page["items"]]
            after = page["next"]
            if not after:
                break
        self.assertEqual(found, ["Aradhana.Jaggi", "Leonard.Saligny", "Maria.Rossi", "Rafael.Hidalgo"])
        await self.refused(400, "GET", "/presence?cursor=%%%", field="cursor")

    async def test_long_list(self) -> None:
        """Of many users, in a thread."""
        many = company()
        last = many.users[-1]
        more = tuple(replace(last, id=100 + n, name=f"user.{n:03}", lines=()) for n in range(300))
        await self.begin(replace(many, users=(*many.users, *more)))
        page = await self.done("GET", "/presence?limit=1000")
        self.assertEqual(len(page["items"]), 309)


class StateTests(ApiCase):
    """Lines and members."""

    async def line(self, number: str = "1175", **options: Any) -> Any:
        return (await self.done("GET", f"/lines/{number}/state", **options))["state"]

    async def test_line(self) -> None:
        """Each state that there is."""
        self.assertEqual(await self.line(), "idle")
        call = self.switch.arrive("0315311111", "1175")
        self.assertEqual(await self.line(), "ringing")
        self.switch.device_answers(call, "1175")
        self.assertEqual(await self.line(), "busy")
        self.switch.device_holds(call, "1175")
        self.assertEqual(await self.line(), "held")
        self.switch.caller_hangs_up(call)
        self.switch.set_in_service("1175", False)
        self.assertEqual(await self.line(), "out_of_service")
        mine = await self.token(ASSISTANT, ["presence:read"])
        self.assertEqual(await self.line("1068", bearer=mine), "idle")
        for number in ("1201", "999", "0315311111"):
            await self.refused(404, "GET", f"/lines/{number}/state", bearer=mine)
        await self.refused(404, "GET", "/lines/0315311111/state")

    async def test_group(self) -> None:
        """As getMembers of the XML services shows it."""
        self.presence.set(ASSISTANT, Presence.AWAY, "lunch", ASSISTANT)
        self.forwarding.set_line("1175", Forwarding(ForwardTo.NUMBER, "0791234567"), ASSISTANT)
        self.forwarding.set_application(72, Forwarding(ForwardTo.GROUP), ADMIN)
        mine = await self.token(ASSISTANT, ["presence:read"])
        page = await self.done("GET", "/groups/45/states", bearer=mine)
        self.assertEqual(page["next"], "")
        manager, first, *_ = page["items"]
        self.assertEqual((manager["member_id"], manager["is_manager"], manager["forwarded_to"]), (72, True, "group"))
        since = first["presence"].pop("since")
        self.assertGreater(since, 1e9)
        self.assertEqual(first, {
            "member_id": 198, "user_name": ASSISTANT, "short_name": "Raf", "number": "1175", "is_manager": False,
            "presence": {"value": "away", "message": "lunch", "changed_by": ASSISTANT},
            "forwarded_to": "0791234567", "line": "idle",
        })  # fmt: skip
        await self.refused(404, "GET", "/groups/26/states", bearer=mine)
        await self.refused(404, "GET", "/groups/9999/states")
