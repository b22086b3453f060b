"""Who gets what of the API: without a login, with scopes, with privileges, in the own groups and in others."""

from collections.abc import Sequence

from magroup.model.people import Privilege
from magroup.web.api import OPERATIONS
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, company, header

VALUES = {
    "user_id": "2", "contact_id": "1", "trunk_id": "1", "group_id": "45", "member_id": "198", "announcement_id": "633",
    "vip_id": "253", "token_id": "1", "number": "1175", "device_name": "x", "kind": "waves",
}  # fmt: skip


def path_of(template: str) -> str:
    """A path that there may be."""
    return "/".join(VALUES.get(part.strip("{}"), "x") if part[:1] == "{" else part for part in template.split("/"))


class WhoTests(ApiCase):
    """Tokens, scopes and privileges."""

    async def test_nobody(self) -> None:
        """Not one operation without a login, nor with a token that is none, nor with Basic."""
        for operation in OPERATIONS:
            body = {} if operation.body is not None else None
            for wrong in ("", "mag_wrong"):
                reply = await self.refused(401, operation.method, path_of(operation.path), body, bearer=wrong)
                self.assertIn("Bearer realm=", header(reply, "WWW-Authenticate"))
        await self.refused(401, "GET", "/groups", None, bearer="", Authorization="Basic TWFyaWEuUm9zc2k6c2VjcmV0")

    async def test_scopes(self) -> None:
        """A token needs the very scope; to write is to read as well."""
        for scope, reads, writes in (("groups:read", 200, 403), ("groups:write", 200, 200), ("users:write", 403, 403)):
            token = await self.token(ADMIN, [scope])
            self.assertEqual((await self.send("GET", "/groups/45", bearer=token)).code, reads)
            reply = await self.send("PATCH", "/groups/45", {}, bearer=token)
            self.assertEqual(reply.code, writes)
            if writes == 403:
                self.assertIn('error="insufficient_scope", scope="groups:write"', header(reply, "WWW-Authenticate"))
            self.assertEqual((await self.send("GET", "/me", bearer=token)).code, 200)

    async def test_privileges_of_a_member(self) -> None:
        """What an assistant may do in the own group 45 and in group 26, by the privileges given."""
        everything = {
            "GET /groups/45": 200, "GET /groups/26": 404, "GET /groups/45/members": 200, "GET /groups/26/members": 404,
            "PATCH /groups/26": 404, "DELETE /groups/26": 404, "POST /groups/26/members": 404, "PATCH /groups/45": 403,
            "PATCH /groups/45/members/198": 403, "POST /groups/45/announcements": 403, "GET /groups/45/vips": 403,
            "PATCH /groups/45/vips/253": 403, "POST /groups": 403, "GET /users": 403, "PATCH /users/3": 403,
            "GET /contacts": 200, "POST /contacts": 403, "GET /lines": 403, "GET /trunks": 403, "GET /phones": 403,
            "PATCH /me": 200, "DELETE /groups/45": 403,
        }  # fmt: skip
        groups = {"PATCH /groups/45": 200, "PATCH /groups/45/members/198": 200, "POST /groups/45/announcements": 201,
                  "POST /groups": 201, "GET /users": 200, "GET /lines": 200, "DELETE /groups/45": 204}  # fmt: skip
        everywhere = {"GET /groups/26": 200, "GET /groups/26/members": 200, "PATCH /groups/26": 200}
        for privileges, other in (
            ((), {}),
            ((Privilege.GROUPS,), groups),
            ((Privilege.MEMBERS_MANAGEMENT,), {
                "PATCH /groups/45/members/198": 200, "GET /users": 200, "GET /lines": 200,
            }),
            ((Privilege.VIP_LIST,), {
                "GET /groups/45/vips": 200, "PATCH /groups/45/vips/253": 200, "POST /contacts": 201,
            }),
            ((Privilege.ADMIN,), everywhere | {
                "DELETE /groups/26": 403, "POST /groups/26/members": 201, "PATCH /groups/45": 200,
                "PATCH /groups/45/members/198": 200, "POST /groups/45/announcements": 201, "GET /groups/45/vips": 200,
                "PATCH /groups/45/vips/253": 200, "GET /users": 200, "POST /contacts": 201, "GET /lines": 200,
                "GET /trunks": 200, "GET /phones": 200,
            }),
            ((Privilege.USER_ADMINISTRATION,), {
                "GET /users": 200, "PATCH /users/3": 200, "POST /contacts": 201, "GET /lines": 200, "GET /phones": 200,
            }),
            ((Privilege.SETTINGS, Privilege.REPORTS, Privilege.TEAMMATE_STATUS), {}),
        ):  # fmt: skip
            await self.try_all(privileges, everything | other)

    async def try_all(self, privileges: Sequence[Privilege], expected: dict[str, int]) -> None:
        bodies = {
            "POST /groups": {"name": "x"}, "POST /groups/26/members": {"user_name": "Romeo.Girard"},
            "POST /groups/45/announcements": {"wave": "busy.wav"}, "POST /contacts": {"number": "1"},
        }  # fmt: skip
        await self.stop_serving()
        await self.begin(company(Rafael_Hidalgo=privileges))
        token = await self.token(ASSISTANT)
        for request, code in expected.items():
            method, path = request.split()
            body = None if method in ("GET", "DELETE") else bodies.get(request, {})
            reply = await self.send(method, path, body, bearer=token)
            self.assertEqual(reply.code, code, (privileges, request, reply))

    async def test_no_more_than_one_has(self) -> None:
        """Who administers users without Admin can neither give Admin nor get hold of an account that has it."""
        await self.stop_serving()
        await self.begin(company(Rafael_Hidalgo=[Privilege.USER_ADMINISTRATION], Maria_Rossi=Privilege))
        token = await self.token(ASSISTANT)
        for method, path, body in (
            ("PATCH", "/users/2", {"privileges": ["UserAdministration", "Admin"]}),
            ("PATCH", "/users/1", {"password": "correct horse"}),
            ("PUT", "/users/1", {"name": "Maria.Rossi"}),
            ("DELETE", "/users/1", None),
            ("POST", "/users", {"name": "x", "privileges": ["Admin"]}),
        ):
            await self.refused(403, method, path, body, bearer=token)
        self.assertEqual((await self.send("PATCH", "/users/3", {"privileges": ["Groups"]}, bearer=token)).code, 200)

    async def test_nobody_is_locked_out_by_themselves(self) -> None:
        await self.refused(403, "DELETE", "/users/1")
        await self.refused(403, "PATCH", "/users/1", {"privileges": ["Admin"]})
        await self.refused(403, "PUT", "/users/1", {"name": ADMIN})
        await self.done("PATCH", "/users/1", {"privileges": ["UserAdministration"]})

    async def test_renaming_takes_another_privilege(self) -> None:
        """Admin edits groups; to rename one takes Groups."""
        await self.stop_serving()
        await self.begin(company(Rafael_Hidalgo=[Privilege.ADMIN]))
        token = await self.token(ASSISTANT)
        await self.refused(403, "PATCH", "/groups/45", {"name": "x"}, bearer=token)
        self.assertEqual((await self.send("PATCH", "/groups/45", {"name": "Accounting"}, bearer=token)).code, 200)
