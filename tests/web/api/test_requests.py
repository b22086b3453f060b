"""What nobody should send, and what every answer has."""

import json
from dataclasses import replace

from magroup.groups.editing import NotSavedError
from magroup.model.settings import HttpSettings
from magroup.web.api import OPERATIONS
from tests.web.api.server import ApiCase, header


class Requests(ApiCase):
    """Each is a clear 4xx; nothing is changed."""

    http = replace(HttpSettings(), body_limit=1 << 16)

    async def test_addresses(self) -> None:
        for path in ("/", "", "/group", "/groups/", "/groups/45/", "/groups/0", "/groups/-1", "/groups/045",
                     "/groups/4.5",
                     "/groups/9223372036854775808", "/groups/45/members/27", "/groups/%3Cscript%3E",
                     "/lines/%27%20OR%201", "/users/1%2Ftokens", "/groups/99/members"):  # fmt: skip
            await self.refused(404, "GET", path)
        for path in ("/groups/%FF", "/groups/%00", "/groups/a%0Ab", "/users/%E2%80%AE"):
            await self.refused(400, "GET", path)

    async def test_methods(self) -> None:
        for method, path, allow in (
            ("POST", "/groups/45", "DELETE, GET, HEAD, PATCH, PUT"),
            ("DELETE", "/groups", "GET, HEAD, POST"),
            ("OPTIONS", "/groups", "GET, HEAD, POST"),
            ("POST", "/openapi.json", "GET, HEAD"),
        ):
            reply = await self.refused(405, method, path)
            self.assertEqual(header(reply, "Allow"), allow)
        reply = await self.send("HEAD", "/groups/45")
        self.assertEqual((reply.code, reply.body), (200, ""))
        self.assertTrue(header(reply, "ETag"))

    async def test_bodies(self) -> None:
        for body, code in (
            (b"", 400), (b"{", 400), (b"\xff", 400), (b'{"name": "\xff"}', 400), (b'{"name": "\\ud800"}', 400),
            (b"[]", 422), (b"null", 422), (b'"x"', 422), (b"[" * 50_000, 422), (b'{"name":' * 5_000, 422),
            (b"{}{}", 400), (b"NaN", 400), (b'{"manager_timeout": 1e999}', 422), (b'{"manager_timeout": 1.5}', 422),
        ):  # fmt: skip
            reply = await self.send("PATCH", "/groups/45", body)
            self.assertEqual(reply.code, code, (body[:40], reply))
        for kind in ("text/plain", "application/x-www-form-urlencoded", "", "application/jsonx", "multipart/form-data"):
            await self.refused(415, "PATCH", "/groups/45", {}, "Content-Type", Content_Type=kind)
        reply = await self.send("PATCH", "/groups/45", {"name": "x" * (1 << 17)})
        self.assertEqual(reply.code, 413)
        self.assertEqual(self.flushLoggedErrors(), [])

    async def test_ten_thousand_parameters(self) -> None:
        await self.refused(400, "GET", "/groups?" + "&".join(f"a{i}=1" for i in range(1000)))
        await self.refused(400, "GET", "/groups?q=%FF")

    async def test_hostile_texts(self) -> None:
        """Kept as they are, and never as markup: JSON has its own escapes."""
        for text in ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "'; DROP TABLE groups;--", "../../etc/passwd",
                     "\u202egnp.exe", "\U0001f600 Ünï", '"\\', "a" * 255):  # fmt: skip
            made = await self.done("POST", "/groups", {"name": text}, 201)
            self.assertEqual((await self.done("GET", f"/groups/{made['id']}"))["name"], text)
            self.assertEqual((await self.stored()).group_by_id[made["id"]].name, text)
            await self.send("DELETE", f"/groups/{made['id']}")

    async def test_one_line_in_the_log(self) -> None:
        self.lines = []
        await self.refused(422, "PATCH", "/groups/45", {"name": "x\n" * 100})
        self.assertEqual(len(self.lines), 1, self.lines)
        self.assertLess(len(self.lines[0]), 600)
        self.assertNotIn("\n", self.lines[0])

    async def test_too_often(self) -> None:
        self.rate = 0.2
        codes = [(await self.send("GET", "/groups/45")).code for _ in range(4)]
        self.assertEqual(codes, [200, 200, 429, 429])
        reply = await self.refused(429, "GET", "/groups/45")
        self.assertGreaterEqual(int(header(reply, "Retry-After")), 1)

    async def test_database_away(self) -> None:
        async def edit(*arguments: object) -> None:
            raise NotSavedError("the disk is full")

        self.patch(self.api_service._parts.editing, "edit", edit)
        reply = await self.refused(503, "PATCH", "/groups/45", {})
        self.assertTrue(header(reply, "Retry-After"))
        self.assertNotIn("disk", reply.body)

    async def test_an_error_of_ours(self) -> None:
        async def edit(*arguments: object) -> None:
            raise RuntimeError("secret detail")

        self.patch(self.api_service._parts.editing, "edit", edit)
        reply = await self.refused(500, "PATCH", "/groups/45", {})
        self.assertNotIn("secret", reply.body)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)

    async def test_document(self) -> None:
        """Everybody may read it; it has each operation with its scope, and no reference without its target."""
        reply = await self.send("GET", "/openapi.json", bearer="")
        document = reply.json
        self.assertEqual((reply.code, document["openapi"]), (200, "3.1.0"))
        found = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
        self.assertEqual(found, {(operation.method, operation.path) for operation in OPERATIONS})
        ids = [operation.id for operation in OPERATIONS]
        self.assertEqual(len(ids), len(set(ids)))
        for operation in OPERATIONS:
            shown = document["paths"][operation.path][operation.method.lower()]
            if operation.scope:
                self.assertEqual(shown["security"][0], {"token": [operation.scope]})
            self.assertIn(operation.tag, [tag["name"] for tag in document["tags"]])
        text = reply.body
        for reference in set(part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]):
            self.assertIn(reference, document["components"]["schemas"])
        self.assertNotIn("$defs", json.dumps(document))
