"""Files that are what they are said to be, and files that are not."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.resources import sound
from magroup.rtp.audio_content import check_mp3, check_wav
from magroup.rtp.audio_file import SoundError

CHIME, WELCOME = sound("gadget", "Chime.mp3").read_bytes(), sound("Welcome.wav").read_bytes()
ID3 = b"ID3\x04\x00\x00\x00\x00\x01\x00" + bytes(128)
SILENT_FRAME = b"\xff\xfb\x10\x00" + bytes(100)
"""MPEG-1 layer III, 32 kbit/s, 44100 Hz: 144 * 32000 / 44100 = 104 bytes."""


class Content(SynchronousTestCase):
    """``check_mp3`` and ``check_wav``."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    def written(self, content: bytes) -> Path:
        self.path.write_bytes(content)
        return self.path

    def test_all_that_ship(self) -> None:
        for path in sound("gadget").glob("*.mp3"):
            check_mp3(path)
        for path in sound().rglob("*.wav"):
            check_wav(path)

    def test_mp3(self) -> None:
        for content in (
            SILENT_FRAME * 3,
            ID3 + CHIME,
            CHIME + b"TAG" + bytes(125),
            CHIME + bytes(500),
            CHIME[:-50],
            SILENT_FRAME * 3 + b"APETAGEX" + b"\x01" * 50,
        ):
            check_mp3(self.written(content))

    def test_no_mp3(self) -> None:
        for content in (
            b"",
            SILENT_FRAME * 2,
            SILENT_FRAME * 3 + b"<html>",
            WELCOME,
            ID3,
            ID3[:8],
            b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + CHIME,
            b"\xff\xfb\x00\x00" * 100,
            b"\xff\xfb\xf0\x00" * 100,
            b"\xff\xfb\x1c\x00" * 100,
            b"\xff\xeb\x10\x00" * 100,
            b"\xff\xff\x10\x00" * 100,
        ):
            self.assertRaises(SoundError, check_mp3, self.written(content))

    def test_frames_of_two_kinds(self) -> None:
        other = b"\xff\xfb\x14\x00" + bytes(92)
        self.assertRaises(SoundError, check_mp3, self.written(SILENT_FRAME * 3 + other * 3))

    @given(st.binary(max_size=300))
    def test_anything(self, content: bytes) -> None:
        """Never anything but SoundError."""
        for check, some in ((check_mp3, content), (check_mp3, b"\xff\xfb" + content), (check_wav, content)):
            self.assertRaises(SoundError, check, self.written(some))
        try:
            check_wav(self.written(WELCOME[:12] + content + WELCOME[44:200]))
        except SoundError as error:
            self.assertNotIn("\n", str(error))
