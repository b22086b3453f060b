"""WAV files of what was said: all codecs, limits, full disks, and files that a crash has left."""

import json
import os
from pathlib import Path
from unittest import mock

import numpy as np
import soundfile
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.codec import CODECS, PCMA, PCMU
from magroup.rtp.playout import Piece
from magroup.rtp.recording_file import PART, RecordingError, RecordingFile
from magroup.rtp.wav import WavError, header, mend, read_header
from tests.peers import audio


def pieces(codec: str, samples: audio.Samples, payload_type: int | None = None) -> list[Piece]:
    """What a phone sends of it."""
    made = CODECS[codec]
    encode = made.new_encoder()
    size = made.frame_samples
    kind = made.payload_type if payload_type is None else payload_type
    return [Piece(0, kind, encode(samples[at : at + size])) for at in range(0, len(samples) - size + 1, size)]


class RecordingFileTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute() / "1047" / "message.wav"
        self.part = self.path.with_name("message.wav" + PART)

    def file(self, rate: int = 8000, longest: float = 60.0, note: str = "", **more: int) -> RecordingFile:
        return RecordingFile(self.path, note, rate, longest, {}, **more)

    def test_every_codec(self) -> None:
        for name, codec in CODECS.items():
            spoken = audio.babble(2.0, codec.sample_rate, seed=3)
            file = self.file(codec.sample_rate)
            frames = pieces(name, spoken)
            for at in range(0, len(frames), 25):
                file.append(frames[at : at + 25])
            self.assertEqual(file.finish([], 1.0, 9.0), 2.0)
            heard, rate = audio.read_wav(self.path)
            self.assertEqual(rate, codec.sample_rate)
            self.assertGreater(audio.correlate(heard, rate, spoken, rate)[1], 0.97, name)
            self.assertEqual(soundfile.info(self.path).frames, len(heard))

    def test_another_rate_than_the_files(self) -> None:
        """The call has changed its codec in the middle."""
        for rate, name in ((8000, "G722"), (16000, "PCMA")):
            spoken = audio.babble(2.0, CODECS[name].sample_rate, seed=4)
            file = self.file(rate)
            self.assertEqual(file.finish(pieces(name, spoken), 1.0, 9.0), 2.0)
            heard, _ = audio.read_wav(self.path)
            self.assertGreater(audio.correlate(heard, rate, spoken, CODECS[name].sample_rate)[1], 0.9, name)

    def test_dynamic_payload_type(self) -> None:
        spoken = audio.babble(1.0)
        file = RecordingFile(self.path, "", 8000, 60.0, {96: PCMA})
        file.finish(pieces("PCMA", spoken, 96), 0.5, 9.0)
        self.assertGreater(audio.correlate(*audio.read_wav(self.path), spoken, 8000)[1], 0.97)

    def test_pauses_and_unknown_payloads_are_silence(self) -> None:
        tone = PCMU.new_encoder()(audio.tone(440, 0.5))
        file = self.file()
        file.append([Piece(0, 0, tone), Piece(4000, 0, tone), Piece(0, 13, b"x" * 800), Piece(0, 0, tone)])
        self.assertEqual(file.finish([], 0.1, 9.0), 2.1)
        heard, _ = audio.read_wav(self.path)
        for start, silent in ((0.1, False), (0.6, True), (1.1, False), (1.52, True), (1.7, False)):
            part = heard[int(start * 8000) : int(start * 8000) + 400]
            self.assertEqual(audio.is_silent(part), silent, start)

    def test_progress(self) -> None:
        file = self.file()
        self.assertEqual(file.append([]).seconds, 0.0)
        progress = file.append([*pieces("PCMU", audio.tone(440, 1.0)), *pieces("PCMU", audio.silence(2.0))])
        self.assertEqual((progress.seconds, progress.sound_until), (3.0, 1.0))
        self.assertEqual(file.finish([], 0.5, 0.5), 1.5)

    def test_longest(self) -> None:
        file = self.file(longest=1.0)
        file.append(pieces("PCMU", audio.tone(440, 0.8)))
        file.append(pieces("PCMU", audio.tone(440, 0.8)))
        file.append([Piece(1 << 30, 0, b"x" * 160)])
        self.assertEqual(file.finish(pieces("PCMU", audio.tone(440, 0.8)), 0.5, 9.0), 1.0)

    def test_packets_that_claim_long_pauses(self) -> None:
        """Not more is made of them than the longest message holds."""
        file = self.file(longest=2.0)
        made: list[int] = []
        concatenate = np.concatenate

        def counted(parts: list[audio.Samples]) -> audio.Samples:
            made.append(sum(map(len, parts)))
            return concatenate(parts)

        with mock.patch.object(np, "concatenate", counted):
            file.append([Piece(8000, 0, b"x")] * 1000)
        self.assertLessEqual(sum(made), 4 * 8000)
        self.assertEqual(file.append([]).seconds, 2.0)
        file.abandon()

    def test_too_short_or_silent(self) -> None:
        for said in (audio.tone(440, 0.4), audio.silence(5.0)):
            self.assertEqual(self.file().finish(pieces("PCMU", said), 1.0, 9.0), 0.0)
            self.assertEqual(list(self.path.parent.iterdir()), [])

    def test_not_there_until_complete(self) -> None:
        file = self.file()
        file.append(pieces("PCMU", audio.tone(440, 1.0)))
        self.assertEqual(list(self.path.parent.iterdir()), [self.part])
        self.assertEqual(self.part.stat().st_mode & 0o777, 0o600)
        file.finish([], 0.5, 9.0)
        self.assertEqual(list(self.path.parent.iterdir()), [self.path])

    def test_abandoned(self) -> None:
        file = self.file()
        file.append(pieces("PCMU", audio.tone(440, 1.0)))
        file.abandon()
        file.abandon()
        self.assertEqual(list(self.path.parent.iterdir()), [])

    def test_disk_nearly_full(self) -> None:
        error = self.assertRaises(RecordingError, self.file, free=1 << 62)
        self.assertIn("MiB are left on the disk", str(error))
        self.assertEqual(list(self.path.parent.iterdir()), [])

    def test_disk_full(self) -> None:
        with mock.patch("os.write", side_effect=OSError(28, "No space left on device")):
            error = self.assertRaises(RecordingError, self.file)
        self.assertIn("No space left", str(error))
        self.assertEqual(list(self.path.parent.iterdir()), [])

    def test_folder_that_is_none(self) -> None:
        self.path.parent.parent.mkdir()
        self.path.parent.write_text("a file")
        self.assertRaises(RecordingError, self.file)


class WavTests(SynchronousTestCase):
    """Headers, also of files that were not closed."""

    def setUp(self) -> None:
        self.path = Path(self.mktemp()).absolute()

    def test_header(self) -> None:
        for note in ("", "x", json.dumps({"name": "Zoë"}, ensure_ascii=False)):
            self.path.write_bytes(header(16000, note, 4) + b"\1\0\2\0")
            found = read_header(self.path)
            self.assertEqual((found.rate, found.note, found.data), (16000, note, 4))
            self.assertEqual(soundfile.read(self.path, dtype="int16")[0].tolist(), [1, 2])

    def test_longest_note(self) -> None:
        self.path.write_bytes(header(8000, "n" * 10_000))
        self.assertEqual(len(read_header(self.path).note), 4096)

    def test_mend(self) -> None:
        """Cut in the middle of a sample, its header as it was at the start."""
        self.path.write_bytes(header(8000, "who") + b"\1\0" * 8000 + b"\1")
        found = mend(self.path)
        self.assertEqual((found.seconds, found.note), (1.0, "who"))
        self.assertEqual(soundfile.info(self.path).frames, 8000)
        self.assertEqual(os.path.getsize(self.path), len(header(8000, "who")) + 16000)

    def test_none_of_ours(self) -> None:
        whole = header(8000, "who")
        stereo = whole[:22] + b"\2\0" + whole[24:]
        for content in (b"", b"RIFF", b"x" * 100, whole[:30], whole[:-8], stereo, whole[:12] + whole[-8:]):
            self.path.write_bytes(content)
            self.assertRaises(WavError, read_header, self.path)

    def test_silence_is_counted(self) -> None:
        self.path.write_bytes(header(8000, "") + np.zeros(4000, "<i2").tobytes())
        self.assertEqual(read_header(self.path).seconds, 0.5)
