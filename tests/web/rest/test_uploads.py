"""Uploads: what becomes a file, and what leaves nothing behind."""

import os
import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import soundfile
from twisted.internet.defer import CancelledError, Deferred

from magroup.model.settings import HttpSettings
from magroup.resources import sound
from magroup.store.errors import StoreError
from magroup.web.identity import Identity
from magroup.web.rest import FUNCTIONS
from magroup.web.rest.call import Call
from magroup.web.rest.parameters import Parameters
from tests.peers import until
from tests.web.rest.company import COMPANY
from tests.web.rest.server import EVERYTHING, RestCase

WAV, MP3 = "files/uploadWAV.asp", "files/uploadMP3.asp"
CHIME, WELCOME = sound("gadget", "Chime.mp3").read_bytes(), sound("Welcome.wav").read_bytes()


def wav(seconds: float = 0.1, rate: int = 8000, channels: int = 1, subtype: str = "PCM_16") -> bytes:
    file = BytesIO()
    soundfile.write(file, np.zeros((int(seconds * rate), channels)), rate, subtype, format="WAV")
    return file.getvalue()


class Uploads(RestCase):
    """``uploadWAV`` and ``uploadMP3``."""

    http = HttpSettings(body_limit=1 << 20, upload_limit=12 << 20)

    async def setUp(self) -> None:
        await self.serve(COMPANY)

    def form(self, name: str, content: bytes, field: str = "upload") -> tuple[str, str]:
        """The arguments for a file that the client calls ``name``."""
        path = self.folder / f"source{len(list(self.folder.glob('source*')))}"
        path.write_bytes(content)
        return "-F", f'{field}=@{path};filename="{name}"'

    async def uploaded(self, path: str, *forms: tuple[str, str]) -> str:
        reply = await self.curl(*(argument for form in forms for argument in form), self.url(path))
        self.assertEqual((reply.code, reply.content_type), (200, "text/xml; charset=utf-8"), reply)
        return reply.word

    def files(self, folder: str = "sounds") -> list[str]:
        return sorted(os.listdir(self.folder / folder))

    async def test_many_at_once(self) -> None:
        forms = [self.form(f"Sound {number}.wav", wav()) for number in range(5)]
        self.assertEqual(await self.uploaded(WAV, *forms, self.form("e.wav", wav(), "Upload[]")), "OK")
        self.assertEqual(self.files(), [*(f"Sound {number}.wav" for number in range(5)), "e.wav"])
        self.assertEqual(self.refreshes, 1)
        names = [element.text for element in (await self.ask("files/getWAVs.asp", "GET")).xml.iter("WAVFile")]
        self.assertEqual(names, ["e.wav", *(f"Sound {number}.wav" for number in range(5))])

    async def test_kinds(self) -> None:
        for kind in (
            {"rate": 44100, "channels": 2},
            {"rate": 48000, "subtype": "PCM_24"},
            {"subtype": "ULAW"},
            {"subtype": "ALAW"},
            {"subtype": "FLOAT"},
            {"subtype": "IMA_ADPCM", "seconds": 1.0},
        ):
            self.assertEqual(await self.uploaded(WAV, self.form("a.wav", wav(**kind))), "OK", kind)  # type: ignore[arg-type]

    async def test_names(self) -> None:
        for sent, stored in (
            ("../../etc/Alert.wav", "Alert.wav"),
            ("/Über uns_1-2.WAV", "Über uns_1-2.WAV"),
            ("a<b>&|;$`'.wav", "ab.wav"),
            ("=1+1.wav", "11.wav"),
        ):
            self.assertEqual(await self.uploaded(WAV, self.form(sent, wav())), "OK", sent)
            self.assertEqual(self.files(), [stored])
            (self.folder / "sounds" / stored).unlink()

    async def test_names_that_are_none(self) -> None:
        for sent in ("a.mp3", "a", ".wav", "..wav", "<>.wav", "a.wav/", ".hidden.wav", "x" * 200 + ".wav", "a.wav.exe"):
            self.assertEqual(await self.uploaded(WAV, self.form(sent, wav())), "ERROR", sent)
            self.assertEqual(self.files(), [], sent)

    async def test_wrong_content(self) -> None:
        for path, name, content in (
            (WAV, "a.wav", b""),
            (WAV, "a.wav", b"<html>" * 1000),
            (WAV, "a.wav", CHIME),
            (WAV, "a.wav", wav()[:20]),
            (WAV, "a.wav", wav(seconds=0)),
            (WAV, "a.wav", b"RIFF\xff\xff\xff\xffWAVE" + os.urandom(5000)),
            (WAV, "a.wav", wav(seconds=601, rate=1000)),
            (MP3, "a.mp3", b""),
            (MP3, "a.mp3", WELCOME),
            (MP3, "a.mp3", os.urandom(50_000)),
            (MP3, "a.mp3", CHIME[:5000] + b"<script>" + CHIME[5000:]),
            (MP3, "a.mp3", b"ID3\x04\0\0\0\0\0\0" + os.urandom(5000)),
        ):
            self.lines = []
            self.assertEqual(await self.uploaded(path, self.form(name, content)), "ERROR")
            self.assertEqual((self.files(), self.files("tones"), len(self.lines)), ([], [], 1), self.lines)
        self.assertEqual(self.refreshes, 0)

    async def test_all_or_none(self) -> None:
        good, bad = self.form("good.wav", wav()), self.form("bad.wav", b"no")
        self.assertEqual(await self.uploaded(WAV, good, bad), "ERROR")
        self.assertEqual(await self.uploaded(WAV, good, self.form("GOOD.wav", wav())), "ERROR")
        self.assertEqual(self.files(), [])

    async def test_nothing_sent(self) -> None:
        self.assertEqual(await self.uploaded(WAV, ("-F", "upload=text")), "ERROR")
        self.assertEqual(await self.uploaded(WAV, self.form("a.wav", wav(), "file")), "ERROR")
        reply = await self.curl("--data", "upload=x", self.url(WAV))
        self.assertEqual(reply.code, 415)
        forms = [self.form(f"{number}.wav", wav(0.01)) for number in range(51)]
        reply = await self.curl(*(argument for form in forms for argument in form), self.url(WAV))
        self.assertEqual((reply.code, self.files()), (413, []))

    async def test_replaced(self) -> None:
        """In one step, under the name that is stored; who has the old file open keeps it."""
        self.assertEqual(await self.uploaded(WAV, self.form("Welcome.wav", wav(0.1))), "OK")
        with (self.folder / "sounds/Welcome.wav").open("rb") as old:
            self.assertEqual(await self.uploaded(WAV, self.form("WELCOME.WAV", wav(0.3))), "OK")
            self.assertEqual(old.read(), wav(0.1))
        self.assertEqual(self.files(), ["Welcome.wav"])
        self.assertEqual((self.folder / "sounds/Welcome.wav").read_bytes(), wav(0.3))

    async def test_told_to_the_audit(self) -> None:
        """Each file that was taken, with the size before and now; a refused upload is not told."""
        await self.uploaded(WAV, self.form("a.wav", wav(0.1)), self.form("b.wav", wav(0.2)))
        await self.uploaded(WAV, self.form("A.wav", wav(0.3)))
        await self.uploaded(MP3, self.form("c.mp3", CHIME))
        await self.uploaded(MP3, self.form("d.mp3", b"x"))
        a, b, new, c = (f'{{"size": {len(content)}}}' for content in (wav(0.1), wav(0.2), wav(0.3), CHIME))
        self.assertEqual(
            [(one.what, one.key, one.old, one.new) for one in self.changes],
            [
                ("sound", "waves/a.wav", "", a), ("sound", "waves/b.wav", "", b), ("sound", "waves/a.wav", a, new),
                ("sound", "tones/c.mp3", "", c),
            ],
        )  # fmt: skip
        self.assertEqual({(one.who, one.where) for one in self.changes}, {("", "127.0.0.1")})

    async def test_nothing_without_the_audit(self) -> None:
        async def away(*arguments: object) -> None:
            raise StoreError("away")

        self.patch(self.database, "run", away)
        self.assertEqual(await self.uploaded(WAV, self.form("a.wav", wav())), "ERROR")
        self.assertEqual((self.files(), self.refreshes), ([], 0))

    async def test_beside_those_that_ship(self) -> None:
        self.ship("Welcome.wav", "Chime.mp3")
        self.assertEqual(await self.uploaded(MP3, self.form("chime.mp3", CHIME), self.form("New.mp3", CHIME)), "OK")
        names = [element.text for element in (await self.ask("files/getMP3s.asp", "GET")).xml.iter("MP3File")]
        self.assertEqual(names, ["chime.mp3", "New.mp3"])
        self.assertEqual(await self.word("groups/editGroup.asp", gr_id="45", gr_mngCallAlarmJ="NEW.mp3"), "OK")

    async def test_folder_missing(self) -> None:
        for folder, getting, putting, form in (
            ("sounds", "files/getWAVs.asp", WAV, self.form("a.wav", wav())),
            ("tones", "files/getMP3s.asp", MP3, self.form("a.mp3", CHIME)),
        ):
            shutil.rmtree(self.folder / folder)
            self.assertEqual(await self.word(getting, "GET"), "FOLDER_MISSING")
            self.assertEqual(await self.uploaded(putting, form), "FOLDER_MISSING")

    async def test_size(self) -> None:
        """More than a body may have elsewhere, up to the limit of uploads."""
        big = wav(seconds=300, rate=16_000)
        self.assertGreater(len(big), 9 << 20)
        self.assertEqual(await self.uploaded(WAV.upper(), self.form("big.wav", big)), "OK")
        reply = await self.curl(*self.form("huge.wav", bytes(13 << 20)), self.url(WAV))
        self.assertEqual((reply.code, self.files()), (413, ["big.wav"]))
        reply = await self.curl(*self.form("big.wav", big), self.url("groups/addGroup.asp"))
        self.assertEqual(reply.code, 413)

    async def test_the_client_goes_away(self) -> None:
        """What was sent as a whole is taken, and used, all the same."""
        content = b'--b\r\nContent-Disposition: form-data; name="upload"; filename="a.wav"\r\n\r\n' + wav()
        call = Call(
            self.rest._parts, Parameters(()), Identity("", EVERYTHING, ""), "", "", BytesIO(content + b"\r\n--b--\r\n"),
            "multipart/form-data; boundary=b",
        )  # fmt: skip
        waiting = Deferred.fromCoroutine(FUNCTIONS["files", "uploadwav"].run(call))
        waiting.cancel()
        await self.assertFailure(waiting, CancelledError)
        await until(lambda: self.refreshes, what="the new file is used")
        self.assertEqual(self.files(), ["a.wav"])

    async def test_what_a_killed_upload_has_left(self) -> None:
        left = Path(self.folder, "sounds", ".upload-abc")
        left.write_bytes(b"x")
        self.waves.make()
        self.assertEqual(self.files(), [])
