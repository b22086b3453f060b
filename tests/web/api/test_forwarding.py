"""Forwarding over the API: of lines and of managers, what is refused, who may."""

from dataclasses import replace
from typing import Any

from magroup.model.forwarding import ForwardTo
from magroup.model.people import Privilege
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, company, header

LINE, MEMBER = "/forwarding/lines/1175", "/forwarding/members/72"


def number(target: str) -> dict[str, str]:
    return {"to": "number", "number": target}


class ForwardingTests(ApiCase):
    """Rafael has a mobile and a mailbox; the others have none."""

    async def setUp(self) -> None:
        given = company()
        users = tuple(
            replace(user, mobile="0791234567", voicemail="81175") if user.name == ASSISTANT else user
            for user in given.users
        )
        await self.begin(replace(given, users=users))

    async def test_line(self) -> None:
        """Each target there is, and its end."""
        nothing = {
            "kind": "line", "of_line": "1175", "of_member": 0, "user_name": ASSISTANT, "to": "none", "number": "",
            "member_id": 0, "target": "", "since": 0.0, "changed_by": "",
        }  # fmt: skip
        self.assertEqual(await self.done("GET", LINE), nothing)
        for body, target in (
            (number("0041 44 555 12 12"), "0041 44 555 12 12"), ({"to": "voicemail"}, "81175"),
            ({"to": "mobile", "number": "left out", "member_id": 7}, "0791234567"),
            ({"to": "member", "member_id": 278}, "1201"),
        ):  # fmt: skip
            shown = await self.done("PUT", LINE, body)
            self.assertEqual((shown["to"], shown["target"], shown["changed_by"]), (body["to"], target, ADMIN))
            self.assertEqual(await self.done("GET", LINE), shown)
            if body["to"] == "mobile":
                self.assertEqual((shown["number"], shown["member_id"]), ("", 0))
        self.assertEqual(self.forwarding.of_line("1175").to, ForwardTo.MEMBER)
        await self.done("DELETE", LINE, code=204)
        self.assertEqual((await self.done("GET", LINE))["to"], "none")
        await self.done("DELETE", LINE, code=204)
        self.assertEqual((await self.done("PUT", LINE, {"to": "none"}))["to"], "none")

    async def test_member(self) -> None:
        """Of managers only, to the group as well."""
        shown = await self.done("PUT", MEMBER, {"to": "group"})
        self.assertEqual((shown["kind"], shown["of_member"], shown["user_name"]), ("member", 72, ADMIN))
        self.assertEqual((await self.done("GET", "/groups/45/states"))["items"][0]["forwarded_to"], "group")
        shown = await self.done("PUT", MEMBER, {"to": "member", "member_id": 198})
        self.assertEqual(shown["target"], "1175")
        await self.done("DELETE", MEMBER, code=204)
        self.assertFalse(self.forwarding.of_member(72))
        self.assertEqual((await self.done("GET", "/forwarding/members/198"))["to"], "none")

    async def test_refused(self) -> None:
        """With the field to blame and the sentence of the policy; nothing is set."""
        await self.done("PUT", "/forwarding/lines/1068", number("1175"))
        for path, code, body, field, words in (
            (LINE, 422, number("call me"), "number", "call me is no phone number."),
            (LINE, 422, {"to": "number"}, "number", "Number is missing."),
            (LINE, 422, {"to": "member", "member_id": 9999}, "member_id", "does not exist."),
            (LINE, 422, {"to": "member"}, "member_id", "does not exist."),
            (LINE, 422, {"to": "group"}, "to", "A line cannot be forwarded to the group."),
            ("/forwarding/members/198", 409, {"to": "group"}, "to", "Application forwarding is for managers only."),
            (MEMBER, 409, {"to": "mobile"}, "to", "There is no mobile number to forward to."),
            (MEMBER, 409, {"to": "voicemail"}, "to", "There is no voicemail number to forward to."),
            (LINE, 409, number("1068"), "to", "Calls would go round in a circle: 1175 → 1068 → 1175."),
            (LINE, 409, number("1175"), "to", "Calls would go round in a circle: 1175 → 1175."),
            (LINE, 422, {"to": "moon"}, "to", ""),
            (LINE, 422, {"to": "member", "member_id": 2**63}, "member_id", ""),
            (LINE, 422, {"to": "none", "since": 5}, "since", ""),
            (LINE, 422, {}, "to", ""),
        ):  # fmt: skip
            reply = await self.refused(code, "PUT", path, body, field)
            self.assertIn(words, reply.json["detail"])
        self.assertFalse(self.forwarding.of_line("1175"))
        for path in ("/forwarding/lines/999", "/forwarding/members/9999", "/forwarding/members/0"):
            await self.refused(404, "PUT", path, {"to": "none"})
            await self.refused(404, "GET", path)

    async def test_conditions(self) -> None:
        """Of two who have read the same, the second is told."""
        tags = [header(await self.send("GET", path), "ETag") for path in (LINE, MEMBER)]
        for path, tag in zip((LINE, MEMBER), tags, strict=True):
            await self.done("PUT", path, number("0315311111"), If_Match=tag)
            await self.refused(412, "PUT", path, number("0315311112"), If_Match=tag)
            await self.refused(412, "DELETE", path, If_Match=tag)
            await self.done("DELETE", path, code=204, If_Match=header(await self.send("GET", path), "ETag"))

    async def test_list(self) -> None:
        """All that are set, first those of managers; for others those whom they know."""
        await self.done("PUT", LINE, number("1"))
        await self.done("PUT", "/forwarding/lines/1201", number("2"))
        await self.done("PUT", "/forwarding/members/27", number("3"))
        await self.done("PUT", MEMBER, {"to": "group"})
        await self.done("PUT", "/forwarding/lines/1068", number("4"))
        await self.done("DELETE", "/forwarding/lines/1068", code=204)

        async def listed(query: str, **options: Any) -> tuple[list[Any], str]:
            page = await self.done("GET", f"/forwarding{query}", **options)
            return [one["of_member"] or one["of_line"] for one in page["items"]], page["next"]

        self.assertEqual(await listed(""), ([27, 72, "1175", "1201"], ""))
        first, after = await listed("?limit=3")
        self.assertEqual((first, await listed(f"?cursor={after}")), ([27, 72, "1175"], (["1201"], "")))
        mine = await self.token(ASSISTANT, ["forwarding:read"])
        self.assertEqual(await listed("", bearer=mine), ([72, "1175"], ""))

    async def test_rights(self) -> None:
        """One's own; those of colleagues with TeammateStatus; strangers are not there; a read scope does not write."""
        body = number("0315311111")
        for privileges, codes in (((), (200, 403, 403, 404)), ((Privilege.TEAMMATE_STATUS,), (200, 200, 200, 404))):
            await self.begin(company(Rafael_Hidalgo=privileges))
            mine = await self.token(ASSISTANT, ["forwarding:write"])
            paths = (LINE, MEMBER, "/forwarding/lines/1068", "/forwarding/lines/1201")
            found = [(await self.send("PUT", path, body, bearer=mine)).code for path in paths]
            self.assertEqual(tuple(found), codes, privileges)
        self.assertEqual(self.forwarding.of_line("1068").changed_by, ASSISTANT)
        reads = await self.token(ASSISTANT, ["forwarding:read"])
        await self.refused(403, "PUT", LINE, body, bearer=reads)
        await self.done("GET", MEMBER, bearer=reads)

    async def test_target_is_gone(self) -> None:
        """A forwarding to a member who leaves is none any more."""
        await self.done("PUT", LINE, {"to": "member", "member_id": 102})
        await self.done("DELETE", "/groups/45/members/102", code=204)
        self.assertEqual((await self.done("GET", LINE))["to"], "none")
