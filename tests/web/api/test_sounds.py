"""Sounds in the API: listed, downloaded, uploaded, replaced, deleted."""

import os
from dataclasses import replace
from urllib.parse import quote

from magroup.model.people import Privilege
from magroup.model.settings import HttpSettings
from magroup.resources import sound
from magroup.store.errors import StoreError
from tests.web.api.server import ADMIN, ASSISTANT, ApiCase, company, header
from tests.web.rest.company import SOUNDS
from tests.web.rest.server import Reply
from tests.web.rest.test_uploads import wav

CHIME = sound("gadget", "Chime.mp3").read_bytes()
USED = "Welcome.wav"
TONE = "Analog1.mp3"


class SoundCase(ApiCase):
    """``put`` uploads."""

    http = HttpSettings(body_limit=1 << 16, upload_limit=4 << 20)

    async def put(
        self, path: str, content: bytes, kind: str = "audio/wav", bearer: str | None = None
    ) -> Reply:  # fmt: skip
        return await self.send("PUT", f"/sounds/{path}", content, bearer, Content_Type=kind)

    def files(self, folder: str = "sounds") -> list[str]:
        return sorted(os.listdir(self.folder / folder))

    def told(self) -> list[tuple[str, str, str, str]]:
        return [(one.who, one.key, one.old, one.new) for one in self.changes if one.what == "sound"]


class Sounds(SoundCase):
    """``/sounds`` and what is below."""

    async def test_listed(self) -> None:
        await self.put("waves/mine.wav", wav(1.5))
        everything = (await self.done("GET", "/sounds"))["items"]
        names = [(one["kind"], one["name"]) for one in everything]
        waves = sorted([*(name for name in SOUNDS if name.endswith(".wav")), "mine.wav"], key=str.casefold)
        tones = sorted((name for name in SOUNDS if name.endswith(".mp3")), key=str.casefold)
        self.assertEqual(names, [*(("tones", name) for name in tones), *(("waves", name) for name in waves)])
        (mine,) = (await self.done("GET", "/sounds?q=MINE"))["items"]
        self.assertEqual(mine, {
            "kind": "waves", "name": "mine.wav", "size": len(wav(1.5)), "seconds": 1.5, "is_own": True, "ships": False,
            "used_by": [],
        })  # fmt: skip
        only = await self.done("GET", "/sounds?kind=tones&limit=1")
        self.assertEqual(([one["kind"] for one in only["items"]], bool(only["next"])), (["tones"], len(tones) > 1))
        seen, cursor = [], ""
        while cursor is not None:
            page = await self.done("GET", f"/sounds?limit=2&cursor={cursor}")
            seen += [one["name"] for one in page["items"]]
            cursor = page["next"] or None
        self.assertEqual(seen, [name for _, name in names])
        await self.refused(400, "GET", "/sounds?kind=x", field="kind")

    async def test_where_they_are_used(self) -> None:
        await self.done("PATCH", "/groups/45", {"welcome": USED, "manager_alarm_gadget": TONE})
        await self.done("POST", "/groups/26/announcements", {"wave": USED}, 201)
        for query, expected in (
            (f"?q={USED}", [(26, "announcements"), (45, "welcome")]),
            (f"?q={TONE}", [(45, "manager_alarm_gadget")]),
        ):
            (one,) = (await self.done("GET", f"/sounds{query}"))["items"]
            uses = sorted((use["group_id"], use["field"]) for use in one["used_by"])
            self.assertEqual([use for use in uses if use in expected], expected)
        # Who has to do with the group 45 only sees that one's use.
        self.current.replace(replace(self.current.value, users=company(Rafael_Hidalgo=[Privilege.GROUPS]).users))
        token = await self.token(ASSISTANT, ["sounds:read"])
        (one,) = (await self.send("GET", f"/sounds?q={USED}", bearer=token)).json["items"]
        self.assertEqual({use["group_id"] for use in one["used_by"]}, {45})

    async def test_download(self) -> None:
        content = wav(2.0, rate=44_100, channels=2)
        self.assertEqual((await self.put(quote("waves/Über uns.wav"), content)).code, 200)
        file = self.folder / "got"
        url = f"http://{self.host}/api/v1/sounds/waves/{quote('ÜBER UNS.wav')}"
        reply = await self.curl("-o", str(file), "-H", f"Authorization: Bearer {self.bearer}", url)
        self.assertEqual((reply.code, reply.content_type, file.read_bytes()), (200, "audio/wav", content))
        self.assertEqual((await self.put(quote("waves/U\u0308ber uns.wav"), content)).json["name"], "Über uns.wav")
        reply = await self.send("HEAD", f"/sounds/waves/{quote('Über uns.wav')}")
        self.assertEqual(reply.code, 200)
        self.assertIn("attachment; filename*=UTF-8''%C3%9Cber%20uns.wav", reply.headers + reply.body)
        for path in ("waves/none.wav", "tones/Welcome.wav", "waves/..%2Fmagroup.db", "waves/%2Fetc%2Fpasswd", "x/a.wav",
                     "waves/.wav", "waves/%2e%2e", "waves/?", "waves"):  # fmt: skip
            await self.refused(404, "GET", f"/sounds/{path}")

    async def test_upload(self) -> None:
        reply = await self.put("waves/a.wav", wav(0.5))
        self.assertEqual((reply.code, reply.json["seconds"], self.refreshes), (200, 0.5, 1))
        for kind in ("audio/x-wav", "application/octet-stream", "audio/wav; codec=1"):
            self.assertEqual((await self.put("waves/A.WAV", wav(0.25), kind)).json["name"], "a.wav")
        self.assertEqual((await self.put("tones/t.mp3", CHIME, "audio/mpeg")).json["size"], len(CHIME))
        self.assertEqual((self.files(), self.files("tones")), (["a.wav"], ["t.mp3"]))
        first, second = f'{{"size": {len(wav(0.5))}}}', f'{{"size": {len(wav(0.25))}}}'
        self.assertEqual(self.told(), [
            (ADMIN, "waves/a.wav", "", first), (ADMIN, "waves/a.wav", first, second),
            (ADMIN, "waves/a.wav", second, second), (ADMIN, "waves/a.wav", second, second),
            (ADMIN, "tones/t.mp3", "", f'{{"size": {len(CHIME)}}}'),
        ])  # fmt: skip

    async def test_who_hears_the_old_one_hears_it_on(self) -> None:
        await self.put("waves/a.wav", wav(0.5))
        with (self.folder / "sounds/a.wav").open("rb") as old:
            await self.put("waves/a.wav", wav(0.25))
            self.assertEqual(old.read(), wav(0.5))

    async def test_wrong_uploads(self) -> None:
        """Nothing is stored, nothing is left, nothing is told."""
        for path, content, kind, code, field in (
            ("waves/a.wav", b"", "audio/wav", 422, "body"), ("waves/a.wav", CHIME, "audio/wav", 422, "body"),
            ("waves/a.wav", b"<html>" * 99, "audio/wav", 422, "body"),
            ("tones/a.mp3", wav(), "audio/mpeg", 422, "body"),
            ("waves/a.wav", wav(601, rate=1000), "audio/wav", 422, "body"),
            ("waves/a.wav", wav(), "text/plain", 415, "Content-Type"), ("waves/a.wav", wav(), "audio/mpeg", 415, None),
            ("tones/a.mp3", CHIME, "application/json", 415, None), ("waves/a.mp3", CHIME, "audio/wav", 422, "sound"),
            ("waves/a", wav(), "audio/wav", 422, "sound"), ("waves/a%3Cb%3E.wav", wav(), "audio/wav", 422, "sound"),
            ("waves/..%2Fa.wav", wav(), "audio/wav", 422, "sound"), ("waves/.a.wav", wav(), "audio/wav", 422, "sound"),
            ("waves/%20a.wav", wav(), "audio/wav", 422, "sound"), ("waves/%00.wav", wav(), "audio/wav", 400, None),
            ("waves/" + "x" * 200 + ".wav", wav(), "audio/wav", 422, "sound"),
            ("waves/%3D1%2B1.wav", wav(), "audio/wav", 422, "sound"), ("other/a.wav", wav(), "audio/wav", 404, None),
        ):  # fmt: skip
            await self.refused(code, "PUT", f"/sounds/{path}", content, field, Content_Type=kind)
        self.assertEqual((self.files(), self.files("tones"), self.told(), self.refreshes), ([], [], [], 0))

    async def test_size(self) -> None:
        self.assertEqual((await self.put("waves/a.wav", wav(100, rate=16_000))).code, 200)
        self.assertEqual((await self.put("waves/b.wav", bytes(5 << 20))).code, 413)
        self.assertEqual((await self.put("a.wav", bytes(1 << 17))).code, 413)
        self.assertEqual((await self.send("PATCH", "/groups/45", bytes(1 << 17))).code, 413)
        self.assertEqual(self.files(), ["a.wav"])

    async def test_deleted(self) -> None:
        await self.put("waves/a.wav", wav(0.5))
        await self.done("DELETE", "/sounds/waves/A.wav", code=204)
        self.assertEqual((self.files(), self.refreshes), ([], 2))
        self.assertEqual(self.told()[-1], (ADMIN, "waves/a.wav", f'{{"size": {len(wav(0.5))}}}', ""))
        await self.refused(404, "DELETE", "/sounds/waves/a.wav")
        reply = await self.refused(409, "DELETE", f"/sounds/waves/{USED}")
        self.assertIn("came along", reply.json["detail"])

    async def test_not_while_a_group_uses_it(self) -> None:
        await self.put("waves/a.wav", wav())
        await self.done("PATCH", "/groups/45", {"welcome": "a.wav"})
        group = self.current.value.group_by_id[45].name
        reply = await self.refused(409, "DELETE", "/sounds/waves/A.WAV", field="sound")
        self.assertEqual(reply.json["detail"], f"a.wav is used by groups: {group}.")
        await self.done("PATCH", "/groups/45", {"welcome": ""})
        await self.done("POST", "/groups/26/announcements", {"wave": "a.wav"}, 201)
        self.current.replace(replace(self.current.value, users=company(Rafael_Hidalgo=[Privilege.GROUPS]).users))
        token = await self.token(ASSISTANT, ["sounds:write"])
        reply = await self.refused(409, "DELETE", "/sounds/waves/a.wav", bearer=token)
        self.assertEqual(reply.json["detail"], "a.wav is used by groups: 1 of others.")
        self.assertEqual(self.files(), ["a.wav"])

    async def test_the_one_that_came_along_is_back(self) -> None:
        """Also where a group uses it."""
        shipped = (self.folder / "shipped" / USED).stat().st_size
        await self.done("PATCH", "/groups/45", {"welcome": USED})
        one = (await self.put(f"waves/{USED.upper()}", wav())).json
        self.assertEqual((one["is_own"], one["ships"], one["size"]), (True, True, len(wav())))
        await self.done("DELETE", f"/sounds/waves/{USED}", code=204)
        (one,) = (await self.done("GET", f"/sounds?q={USED}"))["items"]
        self.assertEqual((one["is_own"], one["ships"], one["size"]), (False, True, shipped))

    async def test_who_may(self) -> None:
        everything_else = frozenset(Privilege) - {Privilege.GROUPS}
        self.current.replace(replace(self.current.value, users=company(Rafael_Hidalgo=everything_else).users))
        token = await self.token(ASSISTANT)
        for method, path in (("GET", ""), ("GET", f"/waves/{USED}"), ("DELETE", f"/waves/{USED}")):
            await self.refused(403, method, f"/sounds{path}", bearer=token)
        self.assertEqual((await self.put("waves/a.wav", wav(), bearer=token)).code, 403)
        token = await self.token(ADMIN, ["sounds:read"])
        self.assertEqual((await self.put("waves/a.wav", wav(), bearer=token)).code, 403)
        await self.refused(403, "DELETE", f"/sounds/waves/{USED}", bearer=token)
        self.assertEqual(self.files(), [])

    async def test_nothing_without_the_audit(self) -> None:
        """The database is away: no file is changed."""
        await self.put("waves/a.wav", wav(0.5))

        async def away(*arguments: object) -> None:
            raise StoreError("away")

        self.patch(self.database, "run", away)
        self.assertEqual((await self.put("waves/a.wav", wav(0.25))).code, 503)
        self.assertEqual((await self.put("waves/b.wav", wav(0.25))).code, 503)
        await self.refused(503, "DELETE", "/sounds/waves/a.wav")
        self.assertEqual(self.files(), ["a.wav"])
        self.assertEqual((self.folder / "sounds/a.wav").read_bytes(), wav(0.5))

    async def test_the_folder_is_gone(self) -> None:
        (self.folder / "tones").rmdir()
        for method, path in (("GET", "/sounds"), ("DELETE", "/sounds/tones/Chime.mp3")):
            reply = await self.refused(503, method, path)
            self.assertEqual(header(reply, "Retry-After"), "60")
        self.assertEqual((await self.put("tones/t.mp3", CHIME, "audio/mpeg")).code, 503)
