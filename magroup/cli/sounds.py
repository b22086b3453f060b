"""Makes the sounds that ship with the product: `python -m magroup.cli.sounds OUTDIR`.

Announcements (`*.wav`: 16 kHz, mono, 16 bit) are spoken by espeak-ng or composed; ringtones of the browser
gadget (`gadget/*.mp3`) and tones of Cisco phones (`phone/*.raw`: mu-law, 8 kHz, 240 to 16080 samples in steps of
240) are composed. What the voicemail says is spoken too, and small (`prompts/*.wav`: 8 kHz, mono,
ADPCM). The same espeak-ng, numpy and libsndfile give the same bytes.
"""

import argparse
import io
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, gcd
from pathlib import Path

import numpy as np
import soundfile

from magroup.cli.music import RINGTONES, Samples, beep, faded, hold_music
from magroup.cli.prompts import PROMPTS, VOICES
from magroup.model.languages import Language

WIDEBAND = 16000
"""Samples per second of the announcements (G.722's rate)."""

PHONE = 8000
"""Samples per second of the tones of the phones."""

PHONE_SAMPLES = 16080
"""The longest tone a Cisco phone plays by `Play:`, 67 blocks of 240 samples."""

GADGET = 44100
"""Samples per second of the gadget's ringtones."""

GADGET_SECONDS = 3.4
PROMPT_PAUSES = (0.02, 0.1)
"""Seconds of silence before and after each piece of what the voicemail says."""

SPEECH_LEVEL = -18.0
MUSIC_LEVEL = -23.0
CEILING = -4.0
"""Levels in dBFS: speech and music as RMS while something sounds, the ceiling as peak."""

WAV_TONES = {"Analog": "Analog1", "Harp": "Harp"}
"""Tones of the phones that ship as WAV too, and the ringtone each is."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What espeak-ng says, in which of its voices."""

    text: str
    voice: str = "en-us+f2"


SPEECHES: dict[str, Speech] = {
    "Welcome": Speech("Welcome. Please hold the line, we are connecting you."),
    "Willkommen": Speech("Willkommen. Bitte bleiben Sie am Apparat, wir verbinden Sie.", "de+f2"),
    "Waiting1": Speech("All our lines are busy at the moment. Please hold the line."),
    "Waiting2": Speech("Thank you for your patience. We will be with you in a moment."),
    "Busy": Speech("The line is busy at the moment. Please call again later."),
    "NotAvailable": Speech("The person you are calling is not available at the moment. Please try later."),
    "VoicemailGreeting": Speech("Nobody can take your call now. Please leave a message after the tone."),
    "Goodbye": Speech("Thank you for calling. Goodbye."),
}

Say = Callable[[Speech], tuple[Samples, int]]
"""Speaks: the sound and its samples per second."""


class SoundError(Exception):
    """A sound cannot be made; the text is one line for the person who asked."""


def say(speech: Speech) -> tuple[Samples, int]:
    """`speech` by espeak-ng, at 150 words a minute. Raises SoundError."""
    command = ["espeak-ng", "-v", speech.voice, "-s", "150", "--stdout", "--", speech.text]
    try:
        spoken = subprocess.run(command, capture_output=True, check=True, timeout=60)
        sound, rate = soundfile.read(io.BytesIO(spoken.stdout), dtype="float64")
    except FileNotFoundError:
        raise SoundError("espeak-ng is not installed; --no-speech makes the other sounds") from None
    except (subprocess.SubprocessError, soundfile.SoundFileError) as error:
        raise SoundError(f"espeak-ng cannot say {speech.text!r} as {speech.voice}: {error}") from None
    if sound.ndim != 1 or not np.any(sound):
        raise SoundError(f"espeak-ng said nothing for {speech.text!r} as {speech.voice}")
    return sound, int(rate)


def resampled(
    sound: Samples, source: int, target: int, low: tuple[float, float], high: tuple[float, float]
) -> Samples:
    """`sound` at `target` samples per second, band-limited: rising over `low`, falling over `high` (Hz, Hz).

    Done in one Fourier transform; `high` lies below half of both rates.
    """
    unit = gcd(source, target)
    blocks = ceil(len(sound) / (source // unit))
    before, after = blocks * (source // unit), blocks * (target // unit)
    frequencies = np.fft.rfftfreq(before, 1.0 / source)
    rise = np.clip((frequencies - low[0]) / (low[1] - low[0]), 0.0, 1.0)
    fall = np.clip((high[1] - frequencies) / (high[1] - high[0]), 0.0, 1.0)
    spectrum = np.fft.rfft(sound, before) * np.sin(0.5 * np.pi * rise) ** 2 * np.sin(0.5 * np.pi * fall) ** 2
    kept = np.zeros(after // 2 + 1, dtype=np.complex128)
    common = min(len(kept), len(spectrum))
    kept[:common] = spectrum[:common]
    result: Samples = np.fft.irfft(kept, after) * (after / before)
    return result


def active_level(sound: Samples, rate: int) -> float:
    """RMS in dBFS of the 20 ms frames within 30 dB of the loudest: what a listener takes for the level.

    Silence has -inf.
    """
    frame = rate // 50
    power = np.mean(sound[: len(sound) // frame * frame].reshape(-1, frame) ** 2, axis=1)
    active = power[power >= np.max(power, initial=0.0) / 1000.0]
    with np.errstate(divide="ignore"):
        return float(10.0 * np.log10(np.mean(active))) if active.size else -np.inf


def limited(sound: Samples, rate: int, ceiling: float) -> Samples:
    """`sound` with no sample above `ceiling` (full scale 1.0), the gain moving smoothly within 5 ms."""
    if np.max(np.abs(sound)) <= ceiling:
        return sound
    reach = rate // 200
    padded = np.pad(np.abs(sound), reach, mode="edge")
    loudest = np.max(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)
    gain = np.minimum(1.0, ceiling / np.maximum(loudest, ceiling))
    window = np.hanning(2 * reach + 3)[1:-1]
    return sound * np.convolve(np.pad(gain, reach, mode="edge"), window / np.sum(window), mode="valid")


def levelled(sound: Samples, rate: int, level: float) -> Samples:
    """`sound` at an active level of `level` dBFS with peaks held at the ceiling."""
    for _ in range(4):
        gain = 10.0 ** ((level - active_level(sound, rate)) / 20.0)
        sound = limited(sound * gain, rate, 10.0 ** (CEILING / 20.0))
    return sound


def announcement(speech: Speech, speak: Say, before: float = 0.1, after: float = 0.4) -> Samples:
    """`speech` at 16 kHz: 100 Hz to 7 kHz, levelled, so many seconds of silence before and after."""
    sound, rate = speak(speech)
    sound = resampled(sound, rate, WIDEBAND, (80.0, 160.0), (6400.0, 7400.0))
    loud = np.flatnonzero(np.abs(sound) > 0.005 * np.max(np.abs(sound)))
    edge = WIDEBAND // 50
    sound = sound[max(loud[0] - edge, 0) : loud[-1] + edge]
    sound = faded(levelled(sound, WIDEBAND, SPEECH_LEVEL), WIDEBAND, 0.015, 0.015)
    return np.pad(sound, (round(WIDEBAND * before), round(WIDEBAND * after)))


def _at_ceiling(sound: Samples) -> Samples:
    result: Samples = sound * (10.0 ** (CEILING / 20.0) / np.max(np.abs(sound)))
    return result


def _encoded(sound: Samples, rate: int, container: str, coding: str) -> bytes:
    """The bytes of a sound file; rounding to 16 bits happens here, before libsndfile."""
    data = io.BytesIO()
    if container == "MP3":
        settings = {"compression_level": 0.75, "bitrate_mode": "CONSTANT"}
        soundfile.write(data, sound, rate, coding, format=container, **settings)
    else:
        soundfile.write(data, np.round(sound * 32767.0).astype(np.int16), rate, coding, format=container)
    return data.getvalue()


def composed() -> dict[str, bytes]:
    """The sounds made without speech: path below the sounds' folder -> the file."""
    music = levelled(hold_music(WIDEBAND), WIDEBAND, MUSIC_LEVEL)
    tone = levelled(beep(WIDEBAND), WIDEBAND, SPEECH_LEVEL)
    files = {
        "Music.wav": _encoded(music, WIDEBAND, "WAV", "PCM_16"),
        "VoicemailBeep.wav": _encoded(tone, WIDEBAND, "WAV", "PCM_16"),
    }
    tones = {}
    for name, piece in RINGTONES.items():
        tones[name] = _at_ceiling(piece(PHONE_SAMPLES / PHONE, PHONE))
        ring = _at_ceiling(piece(GADGET_SECONDS, GADGET))
        files[f"gadget/{name}.mp3"] = _encoded(ring, GADGET, "MP3", "MPEG_LAYER_III")
        files[f"phone/{name}.raw"] = _encoded(tones[name], PHONE, "RAW", "ULAW")
    for name, same in WAV_TONES.items():
        files[f"phone/{name}.wav"] = _encoded(tones[same], PHONE, "WAV", "PCM_16")
    return files


def spoken(speak: Say = say) -> dict[str, bytes]:
    """The spoken announcements: path below the sounds' folder -> the file. Raises SoundError."""
    files = {
        f"{name}.wav": _encoded(announcement(speech, speak), WIDEBAND, "WAV", "PCM_16")
        for name, speech in SPEECHES.items()
    }
    for name, texts in PROMPTS.items():
        for language, text in zip(Language, texts, strict=True):
            sound = announcement(Speech(text, VOICES[language]), speak, *PROMPT_PAUSES)
            narrow = resampled(sound, WIDEBAND, PHONE, (80.0, 160.0), (3400.0, 3800.0))
            files[f"prompts/{language.value}-{name}.wav"] = _encoded(narrow, PHONE, "WAV", "IMA_ADPCM")
    return files


def main(arguments: Sequence[str] | None = None, speak: Say = say) -> int:
    """Write the sounds below a folder; nothing is written unless all of them can be made."""
    parser = argparse.ArgumentParser(
        prog="python -m magroup.cli.sounds", description="Make the sounds that ship with magroup."
    )
    parser.add_argument("folder", metavar="OUTDIR", type=Path)
    parser.add_argument("--no-speech", action="store_true", help="leave out what espeak-ng speaks")
    options = parser.parse_args(arguments)
    try:
        files = ({} if options.no_speech else spoken(speak)) | composed()
        for name, content in sorted(files.items()):
            path: Path = options.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except (SoundError, OSError) as error:
        print(f"sounds: {error}", file=sys.stderr)
        return 1
    print(f"{len(files)} sounds, {sum(map(len, files.values()))} bytes, in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
