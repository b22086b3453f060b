"""Who is asking, and tokens: a person makes them, programs cannot."""

from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, header
from tests.web.rest.server import Reply


class MeTests(ApiCase):
    """A browser's session beside the token."""

    async def log_in(self, user_name: str = ADMIN) -> None:
        self.jar = str(self.folder / "jar")
        reply = await self.curl("-c", self.jar, f"http://{self.host}/LogonPage.asp?user={user_name}&pwd=secret")
        self.assertEqual(reply.code, 302, reply)
        self.csrf = (await self.by_session("GET", "/me")).json["csrf_token"]

    async def by_session(self, method: str, path: str, body: str = "", csrf: str = "") -> Reply:
        more = ["-H", f"X-CSRF-Token: {csrf}"] if csrf else []
        more += ["-H", "Content-Type: application/json", "-d", body] if body else []
        return await self.curl("-b", self.jar, "-X", method, *more, f"http://{self.host}/api/v1{path}")

    async def test_me(self) -> None:
        token = await self.token(ASSISTANT)
        me = (await self.send("GET", "/me", bearer=token)).json
        group = {"group_id": 45, "group_name": "Accounting", "member_id": 198, "is_manager": False}
        self.assertEqual((me["groups"], me["user_name"]), ([group], ASSISTANT))
        self.assertEqual((me["lines"], me["privileges"], me["csrf_token"]), (["1175"], [], ""))
        self.assertEqual((await self.done("PATCH", "/me", {"language": "de"}, bearer=token))["language"], "de")
        await self.refused(422, "PATCH", "/me", {"language": "?"}, "language", bearer=token)
        await self.refused(422, "PATCH", "/me", {"privileges": ["Admin"]}, "privileges", bearer=token)

    async def test_sessions_need_the_token_of_their_page(self) -> None:
        await self.log_in()
        self.assertEqual((await self.by_session("GET", "/groups/45")).code, 200)
        for csrf in ("", "wrong"):
            self.assertEqual((await self.by_session("PATCH", "/groups/45", "{}", csrf)).code, 403)
        self.assertEqual((await self.by_session("PATCH", "/groups/45", "{}", self.csrf)).code, 200)

    async def test_life_of_a_token(self) -> None:
        await self.log_in(ASSISTANT)
        body = '{"name": "Dashboard", "scopes": ["groups:read"], "expires_at": 0}'
        made = await self.by_session("POST", "/me/tokens", body, self.csrf)
        self.assertEqual(made.code, 201, made)
        self.assertEqual(header(made, "Location"), f"/api/v1/me/tokens/{made.json['id']}")
        secret = made.json["secret"]
        self.assertEqual((await self.send("GET", "/groups/45", bearer=secret)).code, 200)
        listed = (await self.by_session("GET", "/me/tokens")).json["items"]
        self.assertEqual([(one["name"], one["scopes"]) for one in listed], [("Dashboard", ["groups:read"])])
        self.assertNotIn("secret", listed[0])
        gone = await self.by_session("DELETE", f"/me/tokens/{made.json['id']}", csrf=self.csrf)
        self.assertEqual(gone.code, 204)
        await self.refused(401, "GET", "/groups/45", bearer=secret)
        self.assertEqual((await self.by_session("DELETE", f"/me/tokens/{made.json['id']}", csrf=self.csrf)).code, 404)
        for entry in self.kept.audit:
            self.assertNotIn(secret, entry.old + entry.new)

    async def test_wrong_tokens(self) -> None:
        await self.log_in()
        for body, field in (
            ('{"name": "", "scopes": ["groups:read"]}', "name"),
            ('{"name": "x", "scopes": []}', "scopes"),
            ('{"name": "x", "scopes": ["all"]}', "scopes[0]"),
            ('{"name": "x", "scopes": ["groups:read"], "expires_at": 1}', "expires_at"),
        ):
            reply = await self.by_session("POST", "/me/tokens", body, self.csrf)
            self.assertEqual((reply.code, reply.json["errors"][0]["field"]), (422, field), reply)

    async def test_tokens_make_no_tokens(self) -> None:
        for method, path, body in (
            ("GET", "/me/tokens", None), ("POST", "/me/tokens", {"name": "x", "scopes": ["groups:read"]}),
            ("DELETE", "/me/tokens/1", None), ("GET", "/users/1/tokens", None), ("DELETE", "/users/1/tokens/1", None),
        ):  # fmt: skip
            await self.refused(403, method, path, body)

    async def test_tokens_of_others(self) -> None:
        """A user administrator sees and revokes them; nobody else does."""
        secret = await self.token(ASSISTANT)
        await self.log_in()
        (token,) = (await self.by_session("GET", "/users/2/tokens")).json["items"]
        self.assertEqual((await self.by_session("DELETE", f"/users/1/tokens/{token['id']}", csrf=self.csrf)).code, 404)
        self.assertEqual((await self.by_session("DELETE", f"/me/tokens/{token['id']}", csrf=self.csrf)).code, 404)
        self.assertEqual((await self.by_session("DELETE", f"/users/2/tokens/{token['id']}", csrf=self.csrf)).code, 204)
        await self.refused(401, "GET", "/me", bearer=secret)
        await self.log_in(ASSISTANT)
        self.assertEqual((await self.by_session("GET", "/users/1/tokens")).code, 403)
        self.assertEqual((await self.by_session("GET", "/users/999/tokens")).code, 403)
