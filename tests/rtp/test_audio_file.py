"""Audio files: every common format is read, everything else is a clear error."""

import os
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.audio_file import LIMITS, SoundError, SoundLimits, read_sound
from magroup.rtp.codec import CODECS
from magroup.rtp.sound import Sound


def sine(seconds: float, rate: int, frequency: float = 440.0, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


def heard(sound: Sound, codec: str = "PCMU") -> np.ndarray:
    """What the caller hears, full scale 1.0."""
    return CODECS[codec].new_decoder()(b"".join(sound.frames[codec])).astype(float) / 32768


def pitch(audio: np.ndarray, rate: int) -> float:
    """The loudest frequency in Hz."""
    spectrum = np.abs(np.fft.rfft(audio * np.hanning(len(audio))))
    return float(np.argmax(spectrum) * rate / len(audio))


class FolderTest(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir(parents=True)

    def written(self, name: str, audio: np.ndarray, rate: int, subtype: str | None = None) -> Path:
        path = self.folder / name
        soundfile.write(path, audio, rate, subtype)
        return path


class FormatTests(FolderTest):
    def test_formats(self) -> None:
        """Rates, widths, channels and containers: always the tone, as long and as loud as it was."""
        for name, rate, channels, subtype in (
            ("telephone.wav", 8000, 1, "PCM_16"),
            ("mu.wav", 8000, 1, "ULAW"),
            ("a.wav", 8000, 1, "ALAW"),
            ("eight.wav", 11025, 1, "PCM_U8"),
            ("studio.wav", 48000, 2, "PCM_24"),
            ("float.wav", 44100, 1, "FLOAT"),
            ("double.wav", 96000, 1, "DOUBLE"),
            ("surround.wav", 32000, 6, "PCM_32"),
            ("adpcm.wav", 22050, 1, "IMA_ADPCM"),
            ("gsm.wav", 8000, 1, "GSM610"),
            ("free.flac", 44100, 2, "PCM_16"),
            ("free.ogg", 48000, 2, "VORBIS"),
            ("opus.ogg", 48000, 1, "OPUS"),
            ("layer.mp3", 44100, 2, "MPEG_LAYER_III"),
            ("other.aiff", 16000, 1, "PCM_16"),
        ):
            audio = np.repeat(sine(1.5, rate)[:, None], channels, axis=1)
            sound = read_sound(self.written(name, audio, rate, subtype))
            self.assertEqual(sound.name, name)
            self.assertTrue(1.49 < sound.seconds < 1.6, (name, sound.seconds))
            for codec in CODECS.values():
                self.assertEqual(len(sound.frames[codec.name]), len(sound))
                self.assertEqual({len(frame) for frame in sound.frames[codec.name]}, {160})
                middle = heard(sound, codec.name)[codec.sample_rate // 4 : codec.sample_rate * 5 // 4]
                self.assertApproximates(pitch(middle, codec.sample_rate), 440, 2)
                self.assertApproximates(float(np.sqrt(2 * np.mean(middle**2))), 0.5, 0.03)

    def test_telephone_quality_is_not_touched(self) -> None:
        """A file at the codec's own rate goes out sample by sample."""
        samples = np.random.default_rng(3).integers(-32768, 32768, 1600).astype(np.int16)
        sound = read_sound(self.written("as-is.wav", samples, 8000))
        for name in ("PCMU", "PCMA"):
            self.assertEqual(b"".join(sound.frames[name]), CODECS[name].new_encoder()(samples))
        wide = read_sound(self.written("wide.wav", samples, 16000))
        encode = CODECS["G722"].new_encoder()
        encode(samples)
        self.assertEqual(b"".join(wide.frames["G722"]), encode(samples))

    def test_channels_are_mixed(self) -> None:
        audio = np.stack((sine(1, 8000, 500, 0.4), sine(1, 8000, 1500, 0.4)), axis=1)
        spectrum = np.abs(np.fft.rfft(heard(read_sound(self.written("two.wav", audio, 8000))))) / 4000
        self.assertApproximates(float(spectrum[500]), 0.2, 0.01)
        self.assertApproximates(float(spectrum[1500]), 0.2, 0.01)

    def test_last_frame_is_filled_with_silence(self) -> None:
        sound = read_sound(self.written("short.wav", sine(0.03, 8000), 8000))
        self.assertEqual((len(sound), sound.seconds), (2, 0.03))
        self.assertEqual(sound.frames["PCMA"][1][80:], CODECS["PCMA"].silence[80:])

    def test_nothing_clips(self) -> None:
        """A float file beyond full scale gets quieter, and so does a square wave that resampling makes higher."""
        loud = read_sound(self.written("loud.wav", sine(1, 8000, 440, 4.0), 8000, "FLOAT"))
        self.assertApproximates(float(np.abs(heard(loud)).max()), 0.98, 0.02)
        self.assertApproximates(float(np.sqrt(2 * np.mean(heard(loud) ** 2))), 0.98, 0.02)
        square = self.written("square.wav", np.sign(sine(1, 44100, 300)), 44100, "FLOAT")
        levels = np.unique(heard(read_sound(square)), return_counts=True)
        self.assertLess(levels[1][-1], 800, "the top level occurs as often as when it is clipped")

    def test_no_numbers(self) -> None:
        audio = sine(0.1, 8000).astype(np.float32)
        audio[100:200] = (np.nan, np.inf, -np.inf, 0.0) * 25
        sound = read_sound(self.written("nan.wav", audio, 8000, "FLOAT"))
        self.assertEqual(len(sound), 5)


class RefusalTests(FolderTest):
    def refused(self, path: Path, reason: str, limits: SoundLimits = LIMITS) -> None:
        error = self.assertRaises(SoundError, read_sound, path, limits)
        self.assertIn(path.name, str(error))
        self.assertIn(reason, str(error))
        self.assertNotIn("\n", str(error))

    def file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_no_audio(self) -> None:
        self.refused(self.file("text.wav", b"this is not a sound\n" * 100), "is no audio")
        self.refused(self.file("empty.wav", b""), "is no audio")
        self.refused(self.file("header.wav", b"RIFF\x24\0\0\0WAVEfmt "), "is no audio")

    def test_zero_length(self) -> None:
        self.refused(self.written("zero.wav", np.zeros(0), 8000), "holds no sound")

    def test_missing(self) -> None:
        self.refused(self.folder / "missing.wav", "No such file")

    def test_no_file(self) -> None:
        (self.folder / "folder.wav").mkdir()
        self.refused(self.folder / "folder.wav", "is no plain file")
        os.mkfifo(self.folder / "pipe.wav")
        self.refused(self.folder / "pipe.wav", "is no plain file")

    def test_limits(self) -> None:
        path = self.written("long.wav", np.zeros(8000 * 3), 8000)
        self.refused(path, "longer than the 2.5 s", SoundLimits(seconds=2.5))
        self.refused(path, "at most 1000 are allowed", SoundLimits(file_bytes=1000))
        self.assertEqual(len(read_sound(path, SoundLimits(seconds=3))), 150)

    def test_odd_rates(self) -> None:
        for rate in (1, 500, 2_000_000):
            self.refused(self.written(f"rate{rate}.wav", np.zeros(100), rate), "cannot be played")

    def test_header_claims_more(self) -> None:
        """A header that promises hours over a file of some bytes: what is there is played, or refused."""
        whole = self.written("liar.wav", sine(0.1, 8000), 8000).read_bytes()
        position = whole.index(b"data") + 4
        path = self.file("liar.wav", whole[:position] + b"\xf0\xff\xff\x7f" + whole[position + 4 :])
        self.assertEqual(len(read_sound(path)), 5)

    def test_names_that_cannot_be_printed(self) -> None:
        error = self.assertRaises(SoundError, read_sound, self.folder / "a\nb.wav")
        self.assertNotIn("\n", str(error))

    @given(st.data())
    def test_damaged(self, data: st.DataObject) -> None:
        """Whatever is wrong in a file, the outcome is a sound or a SoundError."""
        content = bytearray(self.written("damaged.wav", sine(0.1, 8000), 8000).read_bytes())
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, 60))] = data.draw(st.integers(0, 255))
        path = self.file("damaged.wav", bytes(content[: data.draw(st.integers(0, len(content)))]))
        try:
            self.assertGreater(len(read_sound(path)), 0)
        except SoundError as error:
            self.assertIn("damaged.wav", str(error))
