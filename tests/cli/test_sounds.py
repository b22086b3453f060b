"""The shipped sounds, and the program that makes them."""

import contextlib
import io
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import numpy as np
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial import unittest

from magroup.cli import music, sounds
from magroup.model.languages import Language
from magroup.voicemail.prompts import PIECES, name_of

SHIPPED = Path(__file__).parents[2] / "sounds"


def heard(data: bytes, name: str) -> tuple[music.Samples, int]:
    """The sound of a file and its samples per second."""
    if name.endswith(".raw"):
        return soundfile.read(  # type: ignore[no-any-return]
            io.BytesIO(data), samplerate=8000, channels=1, format="RAW", subtype="ULAW"
        )
    return soundfile.read(io.BytesIO(data))  # type: ignore[no-any-return]


@cache
def composed() -> dict[str, bytes]:
    """What the program composes, made once for all tests."""
    return sounds.composed()


def decibel(value: float) -> float:
    return float(20.0 * np.log10(value))


def names(folder: Path) -> set[str]:
    """The sounds below a folder."""
    files = {path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"}
    return {path.relative_to(folder).as_posix() for path in files}


def shipped(pattern: str) -> list[Path]:
    found = sorted(SHIPPED.glob(pattern))
    assert found, pattern
    return found


def tone(speech: sounds.Speech) -> tuple[music.Samples, int]:
    """A voice for tests: 300 Hz in syllables at 22050 Hz, half a second of silence before and after it."""
    time = np.arange(round(22050 * 0.05 * len(speech.text))) / 22050
    sound = np.sin(2 * np.pi * 300 * time) * (0.1 + 0.4 * np.sin(2 * np.pi * 2 * time) ** 2)
    return np.pad(sound, 11025), 22050


class Shipped(unittest.TestCase):
    """The files in sounds/ are as the telephone, the gadget and the phones need them."""

    def test_names(self) -> None:
        spoken = {f"{name}.wav" for name in sounds.SPEECHES}
        spoken |= {f"{name_of(piece, language)}" for piece in PIECES for language in Language}
        self.assertEqual(names(SHIPPED), spoken | composed().keys())
        for name in ("Welcome.wav", "Willkommen.wav", "Busy.wav", "Music.wav"):
            self.assertIn(name, names(SHIPPED))
        for name in ("gadget/Analog1.mp3", "gadget/Analog2.mp3"):
            self.assertIn(name, names(SHIPPED))
        for name in ("phone/Analog1.raw", "phone/Analog2.raw", "phone/Harp.wav", "phone/Analog.wav"):
            self.assertIn(name, names(SHIPPED))

    def test_total_size(self) -> None:
        self.assertLess(sum(path.stat().st_size for path in shipped("**/*.*")), 3_500_000)

    def test_announcements(self) -> None:
        for path in shipped("*.wav"):
            info = soundfile.info(path)
            self.assertEqual(
                (info.samplerate, info.channels, info.subtype), (16000, 1, "PCM_16"), path.name
            )
            sound, _ = heard(path.read_bytes(), path.name)
            self.assertLess(decibel(np.max(np.abs(sound))), -3.0, path.name)
            self.assertLess(abs(np.mean(sound)), 0.001, path.name)
            self.assertLess(np.max(np.abs(sound[[0, -1]])), 0.001, path.name)

    def test_speech(self) -> None:
        for name in sounds.SPEECHES:
            sound, rate = heard((SHIPPED / f"{name}.wav").read_bytes(), f"{name}.wav")
            self.assertTrue(2.0 < len(sound) / rate < 6.0, name)
            self.assertApproximates(sounds.active_level(sound, rate), -18.0, 0.5, name)
            power = np.abs(np.fft.rfft(sound)) ** 2
            frequencies = np.fft.rfftfreq(len(sound), 1 / rate)
            band = (frequencies > 300) & (frequencies < 3400)
            self.assertGreater(np.sum(power[band]) / np.sum(power), 0.7, name)
            self.assertLess(np.sum(power[frequencies > 7400]) / np.sum(power), 0.001, name)

    def test_prompts(self) -> None:
        """Every piece that the voicemail may say, with little silence around it."""
        for piece in PIECES:
            for language in Language:
                name = name_of(piece, language)
                sound, rate = heard((SHIPPED / name).read_bytes(), name)
                self.assertTrue(0.3 < len(sound) / rate < 20.0, name)
                self.assertApproximates(sounds.active_level(sound, rate), -18.0, 1.5, name)
                loud = np.flatnonzero(np.abs(sound) > 0.01)
                self.assertLess(max(loud[0], len(sound) - loud[-1]) / rate, 0.6, name)

    def test_greeting_is_short(self) -> None:
        self.assertLess(soundfile.info(SHIPPED / "Welcome.wav").duration, 5.0)

    def test_music_loops(self) -> None:
        sound, rate = heard((SHIPPED / "Music.wav").read_bytes(), "Music.wav")
        self.assertTrue(20.0 <= len(sound) / rate <= 30.0)
        self.assertApproximates(sounds.active_level(sound, rate), sounds.MUSIC_LEVEL, 0.5)
        around = np.concatenate([sound[-rate // 10 :], sound[: rate // 10]])
        self.assertLess(np.max(np.abs(np.diff(around))), np.max(np.abs(np.diff(sound))) / 10)
        self.assertLess(abs(sound[0] - sound[-1]), 0.001)

    def test_music_has_no_gap(self) -> None:
        sound, rate = heard((SHIPPED / "Music.wav").read_bytes(), "Music.wav")
        inside = sound[rate // 2 : -rate * 3 // 2].reshape(-1, rate // 2)
        self.assertGreater(10 * np.log10(np.min(np.mean(inside**2, axis=1))), sounds.MUSIC_LEVEL - 12)

    def test_ringtones(self) -> None:
        for path in shipped("gadget/*.mp3"):
            sound, rate = heard(path.read_bytes(), path.name)
            self.assertEqual((soundfile.info(path).format, sound.ndim), ("MP3", 1), path.name)
            self.assertTrue(2.0 <= len(sound) / rate <= 4.0, path.name)
            self.assertTrue(-12.0 < decibel(np.max(np.abs(sound))) < -3.0, path.name)
            self.assertLess(np.max(np.abs(sound[-rate // 100 :])), 0.01, path.name)

    def test_phone_tones(self) -> None:
        for path in shipped("phone/*.raw"):
            size = path.stat().st_size
            self.assertTrue(240 <= size <= 16080, path.name)
            self.assertEqual(size % 240, 0, path.name)
            sound, _ = heard(path.read_bytes(), path.name)
            self.assertTrue(-12.0 < decibel(np.max(np.abs(sound))) < -3.0, path.name)
            self.assertLess(abs(np.mean(sound)), 0.001, path.name)
            self.assertTrue((SHIPPED / "gadget" / f"{path.stem}.mp3").exists(), path.name)

    def test_phone_tones_as_wav(self) -> None:
        for path in shipped("phone/*.wav"):
            sound, rate = heard(path.read_bytes(), path.name)
            same = SHIPPED / "phone" / f"{sounds.WAV_TONES[path.stem]}.raw"
            other, _ = heard(same.read_bytes(), same.name)
            self.assertEqual(rate, 8000)
            self.assertLess(np.max(np.abs(sound - other)), 0.02)


class Composed(unittest.TestCase):
    """What needs no speech is made again as it ships."""

    def test_uncoded_files_are_identical(self) -> None:
        for name, content in composed().items():
            if not name.endswith(".mp3"):
                self.assertEqual(content, (SHIPPED / name).read_bytes(), name)

    def test_twice_the_same(self) -> None:
        self.assertEqual(composed(), sounds.composed())

    def test_mp3_sounds_the_same_whatever_the_encoder(self) -> None:
        for name, content in composed().items():
            if name.endswith(".mp3"):
                made, rate = heard(content, name)
                ships, _ = heard((SHIPPED / name).read_bytes(), name)
                self.assertLess(abs(len(made) - len(ships)), rate / 10, name)
                common = min(len(made), len(ships))
                difference = made[:common] - ships[:common]
                self.assertLess(np.sum(difference**2), 0.01 * np.sum(ships**2), name)


class Music(unittest.TestCase):
    def test_keys(self) -> None:
        for key, pitch in ((69, 440.0), (57, 220.0), (60, 261.626), (81, 880.0)):
            self.assertAlmostEqual(music.frequency(key), pitch, places=3)

    def test_partials_above_the_rate_are_left_out(self) -> None:
        bright = (music.Partial(1.0, 1.0, 0.5), music.Partial(10.0, 1.0, 0.5))
        plain = (music.Partial(1.0, 1.0, 0.5),)
        np.testing.assert_array_equal(music.struck(500.0, bright, 8000), music.struck(500.0, plain, 8000))

    def test_every_ringtone_has_the_length_asked_for(self) -> None:
        for name, piece in music.RINGTONES.items():
            for seconds in (1.0, 2.01, 3.4):
                sound = piece(seconds, 8000)
                self.assertEqual(len(sound), round(seconds * 8000), name)
                self.assertGreater(np.max(np.abs(sound)), 0.1, name)
                self.assertLess(abs(sound[-1]), 0.001, name)

    def test_beep(self) -> None:
        sound = music.beep(16000)
        self.assertEqual(len(sound), 8000)
        self.assertEqual(np.argmax(np.abs(np.fft.rfft(sound))) * 16000 / len(sound), 1000.0)

    def test_faded_keeps_the_middle(self) -> None:
        sound = music.faded(np.ones(100), 100, 0.1, 0.2)
        np.testing.assert_array_equal(sound[10:80], np.ones(70))
        self.assertEqual((sound[0], sound[-1]), (0.0, 0.0))


class Levels(unittest.TestCase):
    def test_resampled_keeps_a_tone_in_the_band(self) -> None:
        time = np.arange(22050) / 22050
        for pitch, gain in ((40.0, 0.0), (1000.0, 1.0), (5000.0, 1.0), (7800.0, 0.0), (10000.0, 0.0)):
            sound = np.sin(2 * np.pi * pitch * time)
            made = sounds.resampled(sound, 22050, 16000, (80.0, 160.0), (6400.0, 7400.0))
            self.assertEqual(len(made), 16000)
            wanted = gain * np.sin(2 * np.pi * pitch * np.arange(16000) / 16000)
            self.assertLess(np.max(np.abs(made - wanted)), 0.001, pitch)

    def test_resampled_upwards(self) -> None:
        sound = np.sin(2 * np.pi * 500.0 * np.arange(8000) / 8000)
        made = sounds.resampled(sound, 8000, 16000, (80.0, 160.0), (3000.0, 3800.0))
        wanted = np.sin(2 * np.pi * 500.0 * np.arange(16000) / 16000)
        self.assertLess(np.max(np.abs(made - wanted)), 0.001)

    def test_active_level_leaves_pauses_out(self) -> None:
        sound = 0.5 * np.sin(2 * np.pi * 400.0 * np.arange(16000) / 16000)
        wanted = decibel(0.5 / np.sqrt(2))
        self.assertAlmostEqual(sounds.active_level(sound, 16000), wanted, places=2)
        self.assertAlmostEqual(sounds.active_level(np.pad(sound, 32000), 16000), wanted, places=2)
        self.assertEqual(sounds.active_level(np.zeros(16000), 16000), -np.inf)

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=400), st.floats(0.1, 1.0))
    def test_limited_never_exceeds_the_ceiling(self, values: list[float], ceiling: float) -> None:
        sound = np.array(values)
        made = sounds.limited(sound, 8000, ceiling)
        self.assertEqual(made.shape, sound.shape)
        self.assertLessEqual(np.max(np.abs(made)), ceiling * 1.000001)
        if np.max(np.abs(sound)) <= ceiling:
            np.testing.assert_allclose(made, sound)


class Program(unittest.TestCase):
    """`python -m magroup.cli.sounds`, with a voice of the tests."""

    def run_with(self, arguments: list[str], speak: sounds.Say) -> tuple[int, str, str]:
        """Exit status, what was printed, what was complained of."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = sounds.main(arguments, speak)
        return status, out.getvalue(), err.getvalue()

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "made"

    def test_announcement(self) -> None:
        sound = sounds.announcement(sounds.Speech("Twenty characters ok"), tone)
        self.assertApproximates(len(sound) / 16000, 1.0 + 0.5, 0.1)
        self.assertApproximates(sounds.active_level(sound, 16000), -18.0, 0.5)
        self.assertTrue(not np.any(sound[:1600]) and not np.any(sound[-6400:]))
        self.assertLess(np.max(np.abs(sound)), 10 ** (sounds.CEILING / 20) * 1.001)

    def test_makes_everything_that_ships(self) -> None:
        status, out, err = self.run_with([str(self.folder)], tone)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(names(self.folder), names(SHIPPED))
        self.assertTrue(out.startswith(f"{len(names(SHIPPED))} sounds, "))

    def compose_nothing(self) -> None:
        """What is composed was composed before; that it is the same each time is tested above."""
        patched = mock.patch.object(sounds, "composed", return_value=dict(composed()))
        patched.start()
        self.addCleanup(patched.stop)

    def test_without_speech(self) -> None:
        self.compose_nothing()

        def silent(speech: sounds.Speech) -> tuple[music.Samples, int]:
            raise AssertionError(speech)

        status, _, _ = self.run_with([str(self.folder), "--no-speech"], silent)
        self.assertEqual(status, 0)
        self.assertEqual(names(self.folder), set(composed()))

    def test_nothing_is_written_when_speech_fails(self) -> None:
        def broken(speech: sounds.Speech) -> tuple[music.Samples, int]:
            raise sounds.SoundError("no voice")

        self.assertEqual(self.run_with([str(self.folder)], broken), (1, "", "sounds: no voice\n"))
        self.assertFalse(self.folder.exists())

    def test_folder_that_is_a_file(self) -> None:
        self.compose_nothing()
        self.folder.write_text("a file")
        status, out, err = self.run_with([str(self.folder), "--no-speech"], tone)
        self.assertEqual((status, out, err.count("\n")), (1, "", 1))
        self.assertTrue(err.startswith("sounds: "))

    def espeak(self, script: str) -> None:
        """Let `espeak-ng` be this shell script."""
        programs = self.folder.with_name("programs")
        programs.mkdir()
        (programs / "espeak-ng").write_text(f"#!/bin/sh\n{script}\n")
        (programs / "espeak-ng").chmod(0o755)
        self.path(f"{programs}:{os.environ['PATH']}")

    def path(self, path: str) -> None:
        patched = mock.patch.dict(os.environ, PATH=path)
        patched.start()
        self.addCleanup(patched.stop)

    def test_espeak_is_asked_for_voice_and_text(self) -> None:
        ships = SHIPPED / "VoicemailBeep.wav"
        asked = self.folder.with_name("asked")
        self.espeak(f"printf '%s|' \"$@\" > {asked}; cat {ships}")
        sound, rate = sounds.say(sounds.Speech("-f is no option", "de"))
        self.assertEqual((len(sound), rate), (8000, 16000))
        self.assertEqual(asked.read_text(), "-v|de|-s|150|--stdout|--|-f is no option|")

    def test_espeak_missing(self) -> None:
        self.path(str(self.folder))
        status, out, err = self.run_with([str(self.folder)], sounds.say)
        self.assertEqual((status, out), (1, ""))
        self.assertEqual(err, "sounds: espeak-ng is not installed; --no-speech makes the other sounds\n")

    def test_espeak_failing_or_saying_rubbish(self) -> None:
        self.espeak('[ "$2" = fails ] && exit 3; [ "$2" = rubbish ] && echo rubbish; exit 0')
        for voice in ("fails", "rubbish", "nothing"):
            error = self.assertRaises(sounds.SoundError, sounds.say, sounds.Speech("Hello", voice))
            self.assertIn(f"'Hello' as {voice}", str(error))
            self.assertNotIn("\n", str(error))
