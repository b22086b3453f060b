"""ETags: who has read an old version is told, and what was changed since."""

from twisted.internet.defer import Deferred, gatherResults

from tests.web.api.server import ApiCase, header


class Conditions(ApiCase):
    """If-Match and If-None-Match."""

    async def tag(self, path: str) -> str:
        return header(await self.send("GET", path), "ETag")

    async def test_not_modified(self) -> None:
        for path in ("/groups/45", "/groups/45/members/72", "/users/1", "/lines/1071"):
            tag = await self.tag(path)
            for value in (tag, f'"x", W/{tag}', "*"):
                reply = await self.send("GET", path, If_None_Match=value)
                self.assertEqual((reply.code, reply.body), (304, ""))
                self.assertEqual(header(reply, "ETag"), tag)
            self.assertEqual((await self.send("GET", path, If_None_Match='"x"')).code, 200)

    async def test_two_writers(self) -> None:
        """The second is told which field the first has changed."""
        tag = await self.tag("/groups/45")
        await self.done("PATCH", "/groups/45", {"manager_timeout": 7}, If_Match=tag)
        for method, body in (("PATCH", {"manager_timeout": 8}), ("PUT", {"name": "Accounting"}), ("DELETE", None)):
            await self.refused(412, method, "/groups/45", body, "manager_timeout", If_Match=tag)
        self.assertEqual((await self.done("GET", "/groups/45"))["manager_timeout"], 7)
        fresh = await self.tag("/groups/45")
        self.assertNotEqual(fresh, tag)
        await self.done("PATCH", "/groups/45", {"manager_timeout": 8}, If_Match=f'"other", {fresh}')
        await self.done("PATCH", "/groups/45", {"manager_timeout": 9}, If_Match="*")

    async def test_both_at_once(self) -> None:
        tag = await self.tag("/groups/45")
        replies = await gatherResults([
            Deferred.fromCoroutine(self.curl(
                "-X", "PATCH", "-H", f"Authorization: Bearer {self.bearer}", "-H", "Content-Type: application/json",
                "-H", f"If-Match: {tag}", "-d", f'{{"assistant_timeout": {seconds}}}',
                f"http://{self.host}/api/v1/groups/45",
            )) for seconds in (31, 32)
        ])  # fmt: skip
        self.assertEqual(sorted(reply.code for reply in replies), [200, 412])

    async def test_what_is_in_a_group_counts(self) -> None:
        """Its members, announcements and VIPs are a part of it."""
        for path, body in (
            ("/groups/45/members", {"user_name": "Romeo.Girard"}),
            ("/groups/45/announcements", {"wave": "welcome.wav"}),
            ("/groups/45/vips", {"number": "1"}),
        ):
            tag = await self.tag("/groups/45")
            await self.done("POST", path, body, 201)
            await self.refused(412, "PATCH", "/groups/45", {"manager_timeout": 1}, "If-Match", If_Match=tag)

    async def test_not_a_list_of_tags(self) -> None:
        for value in ("", "abc", '"a" "b"', '"a', ",", "W/", '"a",,"b"', f'"{"x" * 9000}"'):
            await self.refused(400, "PATCH", "/groups/45", {}, "If-Match", If_Match=value)
            await self.refused(400, "GET", "/groups/45", None, "If-None-Match", If_None_Match=value)
        tag = await self.tag("/groups/45")
        await self.refused(412, "PATCH", "/groups/45", {}, "If-Match", If_Match=f"W/{tag}")
