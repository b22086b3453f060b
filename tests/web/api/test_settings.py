"""The settings through the API: listed, changed as a whole, refused with each name."""

from typing import Any

from magroup.model.people import Privilege
from magroup.model.settings_reading import entries
from tests.web.api.server import ASSISTANT, ApiCase, company, header


class SettingsTests(ApiCase):
    """By somebody who has the privilege Settings."""

    async def named(self, name: str) -> dict[str, Any]:
        return dict(await self.done("GET", f"/settings/{name}"))

    async def test_listed(self) -> None:
        listed = (await self.done("GET", "/settings"))["items"]
        self.assertEqual([one["name"] for one in listed], [entry.name for entry in entries().values()])
        one = await self.named("calls.max_calls")
        self.assertIn(one, listed)
        self.assertEqual((one["value"], one["source"], one["low"], one["at_start"]), (1000, "default", 1, False))
        await self.refused(404, "GET", "/settings/calls.nothing")
        await self.refused(404, "PATCH", "/settings/calls.nothing", {"value": 1})

    async def test_changed(self) -> None:
        values = {"calls.max_calls": 7, "language": "de", "http.framed_by": ["https://a"], "rtp.ports": "20000-20010"}
        listed = {one["name"]: one for one in (await self.done("PATCH", "/settings", {"values": values}))["items"]}
        for name, value in values.items():
            one = listed[name]
            self.assertEqual((one["next_value"], one["source"], one["is_stored"]), (value, "stored", True))
            self.assertEqual(one["value"] == value, not one["at_start"], name)
        self.assertEqual(self.reload.settings.calls.max_calls, 7)
        self.assertEqual({change.key for change in self.changes}, set(values))
        self.assertEqual({change.who for change in self.changes}, {"Maria.Rossi"})
        self.assertEqual((await self.done("PATCH", "/settings/language", {"value": None}))["value"], "en")
        self.assertEqual((await self.named("language"))["source"], "default")

    async def test_refused(self) -> None:
        """Each that is wrong is named, and nothing is changed, not even what is right."""
        values = {"calls.max_calls": 0, "language": "xx", "nothing.here": 1, "calls.ring_timeout": 30, "data": "/x"}
        reply = await self.refused(422, "PATCH", "/settings", {"values": values})
        self.assertEqual(
            {error["field"] for error in reply.json["errors"]}, {"calls.max_calls", "language", "nothing.here", "data"}
        )
        self.assertEqual(self.reload.settings.calls.ring_timeout, 180)
        for name, value in (
            ("calls.max_calls", "5"), ("calls.max_calls", 1.5), ("calls.max_calls", 2**70), ("language", True),
            ("public_url", "javascript:alert(1)"), ("http.framed_by", ["https://a.example", "https://a.example"]),
            ("sip.server_name", "a\r\nb"), ("sip.min_se", 4000),
        ):  # fmt: skip
            await self.refused(422, "PATCH", f"/settings/{name}", {"value": value})
        await self.refused(422, "PATCH", "/settings/language", {}, "value")
        await self.refused(409, "PATCH", "/settings/voicemail.pilot", {"value": "1071"})
        self.assertEqual(self.changes, [])

    async def test_secrets(self) -> None:
        one = await self.done("PATCH", "/settings/redis.url", {"value": "redis://:hush@localhost/0"})
        self.assertEqual((one["value"], one["next_value"], one["is_set"]), (None, None, True))
        self.assertNotIn("hush", str(await self.done("GET", "/settings")) + str(self.changes) + str(self.lines))

    async def test_two_writers(self) -> None:
        for path, first, second in (
            ("/settings", {"values": {"language": "de"}}, {"values": {"language": "fr"}}),
            ("/settings/language", {"value": "de"}, {"value": "fr"}),
        ):
            tag = header(await self.send("GET", path), "ETag")
            await self.done("PATCH", path, first, If_Match=tag)
            await self.refused(412, "PATCH", path, second, If_Match=tag)
            self.assertEqual(self.reload.settings.language, "de")
            await self.done("PATCH", "/settings/language", {"value": None})

    async def test_who_may(self) -> None:
        for privileges, code in (([Privilege.SETTINGS], 200), ([Privilege.ADMIN], 403), ([], 403)):
            await self.begin(company(Rafael_Hidalgo=privileges))
            token = await self.token(ASSISTANT)
            for method, path, body in (("GET", "/settings", None), ("PATCH", "/settings", {"values": {}}),
                                       ("PATCH", "/settings/language", {"value": "fr"})):  # fmt: skip
                self.assertEqual((await self.send(method, path, body, bearer=token)).code, code, (privileges, path))
