"""Own greetings in the API: sent, heard, refused, deleted."""

import os

from tests.web.api.mail import MINE, MailCase
from tests.web.api.server import ADMIN, ASSISTANT
from tests.web.rest.test_uploads import CHIME, wav

GREETING = "/voicemail/9175/greeting"


class Greetings(MailCase):
    """``/voicemail/{box}/greeting``; the longest one has 10 s here."""

    def files(self) -> list[str]:
        folder = self.folder / "mailboxes"
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    async def put(self, content: bytes, code: int = 204, path: str = GREETING, kind: str = "audio/wav") -> str:
        reply = await self.send("PUT", path, content, self.mine, Content_Type=kind)
        self.assertEqual(reply.code, code, reply)
        return str(reply.json["detail"]) if reply.body else ""

    async def test_sent_heard_deleted(self) -> None:
        first, second = wav(1.0), wav(2.0, 44_100, 2)
        await self.refused(404, "GET", GREETING, bearer=self.mine)
        await self.refused(404, "DELETE", GREETING, bearer=self.mine)
        for content in (first, second):
            await self.put(content)
            reply, octets = await self.loaded(GREETING)
            self.assertEqual((reply.code, reply.content_type, octets), (200, "audio/wav", content))
            path = self.mailboxes.greeting("9175")
            assert path is not None
            self.assertEqual(path.read_bytes(), content)
        reply, octets = await self.loaded(f"{GREETING}?download=true", "-H", "Range: bytes=0-3")
        self.assertEqual((reply.code, octets), (206, b"RIFF"))
        self.assertTrue((await self.done("GET", "/voicemail/9175", bearer=self.mine))["has_greeting"])
        await self.done("DELETE", GREETING, code=204, bearer=self.mine)
        await self.refused(404, "DELETE", GREETING, bearer=self.mine)
        self.assertEqual((self.files(), self.mailboxes.greeting("9175")), ([], None))
        told = [(who, key) for who, what, key in self.kept.told if what == "greeting"]
        self.assertEqual(told, [(ASSISTANT, "9175")] * 3)

    async def test_refused(self) -> None:
        """What was there stays, and nothing is left behind."""
        await self.put(wav(1.0))
        for content, words in (
            (b"", "is no WAV file"), (CHIME, "is no WAV file"), (wav(10.5), "lasts 10.5 s, at most 10 s are allowed"),
            (wav(0.0), "holds no sound"), (wav(1.0)[:30], "is no WAV file that can be read"),
        ):  # fmt: skip
            self.assertIn(f"The greeting {words}", await self.put(content, 422))
        await self.put(wav(1.0), 415, kind="audio/mpeg")
        await self.put(wav(1.0), 404, f"/voicemail/{MINE}/greeting")
        await self.put(wav(1.0), 404, "/voicemail/1/greeting")
        self.assertEqual(self.files(), ["9175/greeting.wav"])
        self.assertEqual(len((await self.loaded(GREETING))[1]), len(wav(1.0)))

    async def test_folder_is_gone(self) -> None:
        (self.folder / "mailboxes").write_bytes(b"no folder")
        self.assertIn("cannot be stored", await self.put(wav(1.0), 503))
        os.unlink(self.folder / "mailboxes")
        await self.put(wav(1.0))

    async def test_for_somebody_else(self) -> None:
        """An administrator may."""
        reply = await self.send("PUT", GREETING, wav(1.0), Content_Type="application/octet-stream")
        self.assertEqual((reply.code, self.kept.told[-1]), (204, (ADMIN, "greeting", "9175")))

    async def test_larger_than_other_bodies(self) -> None:
        await self.put(wav(9.0, 48_000, 2))
        self.assertEqual((await self.send("PUT", GREETING, bytes(5 << 20), self.mine)).code, 413)

    async def test_file_is_gone(self) -> None:
        await self.put(wav(1.0))
        os.unlink(self.folder / "mailboxes" / "9175" / "greeting.wav")
        await self.refused(404, "GET", GREETING, bearer=self.mine)
        await self.done("DELETE", GREETING, code=204, bearer=self.mine)
