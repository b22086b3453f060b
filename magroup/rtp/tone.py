"""Call progress tones made by numpy, by default those of Europe (ETSI TR 101 041: 425 Hz and its cadences)."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from magroup.rtp.sound import Sound, make_sound

RATE = 16000
FREQUENCY = 425.0
LEVEL = -13.0
FADE_SECONDS = 0.004
FULL_SCALE_DBM0 = 3.14
"""A sine of full scale in G.711 has this level (ITU-T G.711 section 4)."""


def tone(
    name: str,
    cadence: Sequence[float],
    frequencies: Sequence[float] = (FREQUENCY,),
    *,
    level: float = LEVEL,
) -> Sound:
    """A tone to be played over and over: seconds on, off, on, off ...; their sum must be whole 20 ms frames.

    ``frequencies`` (Hz) sound together, at ``level`` dBm0 in all. Each part that sounds is faded in and out; where
    the cadence is one single part, the tone goes on without a break and the frequencies must fit into it whole.
    """
    total = sum(cadence)
    frames = round(total * 50)
    if frames < 1 or abs(frames - total * 50) > 1e-6 or min(cadence) <= 0:
        raise ValueError(f"tone {name}: the cadence {list(cadence)} is no whole number of 20 ms frames")
    steady = len(cadence) == 1
    if steady and any(abs(frequency * total - round(frequency * total)) > 1e-6 for frequency in frequencies):
        raise ValueError(f"tone {name}: {list(frequencies)} Hz do not fit into {total:g} s without a click")
    parts = []
    start = 0.0
    for number, seconds in enumerate(cadence):
        first, end = round(start * RATE), round((start + seconds) * RATE)
        length = end - first
        parts.append(np.zeros(length) if number % 2 else _part(length, frequencies, level, steady))
        start += seconds
    return make_sound(name, np.concatenate(parts).astype(np.float32), RATE)


@cache
def ringback() -> Sound:
    """Ringing at the called end: 1 s on, 4 s off."""
    return tone("ringback", (1.0, 4.0))


@cache
def busy() -> Sound:
    """The called party is busy: 0.5 s on, 0.5 s off."""
    return tone("busy", (0.5, 0.5))


@cache
def congestion() -> Sound:
    """The call cannot be put through: 0.25 s on, 0.25 s off."""
    return tone("congestion", (0.25, 0.25))


def beep(seconds: float = 0.4, frequency: float = 1000.0, *, level: float = LEVEL) -> Sound:
    """A short tone, once, that asks the caller to speak; followed by 20 ms of silence."""
    samples = _part(round(seconds * RATE), (frequency,), level, steady=False)
    return make_sound("beep", np.concatenate((samples, np.zeros(RATE // 50))).astype(np.float32), RATE)


@cache
def silence(seconds: float = 1.0) -> Sound:
    """Nothing to hear, for streams that must not fall silent."""
    return make_sound("silence", np.zeros(round(seconds * RATE), np.float32), RATE)


def _part(length: int, frequencies: Sequence[float], level: float, steady: bool) -> npt.NDArray[np.float64]:
    time = np.arange(length) / RATE
    # Frequencies that sound together share the power.
    amplitude = 10 ** ((level - FULL_SCALE_DBM0) / 20) / np.sqrt(len(frequencies))
    wave = amplitude * sum(np.sin(2 * np.pi * frequency * time) for frequency in frequencies)
    if not steady:
        fade = np.minimum(np.arange(length), np.arange(length)[::-1]) / (FADE_SECONDS * RATE)
        wave *= np.minimum(fade, 1.0)
    return np.asarray(wave)
