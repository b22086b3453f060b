"""Music on hold, ringtones and the voicemail beep, composed from sine partials with numpy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
"""Mono sound, shape (n,), full scale 1.0."""

Piece = Callable[[float, int], Samples]
"""A ringtone: (seconds, samples per second) -> the sound, exactly that long, ending in silence."""


@dataclass(frozen=True, slots=True)
class Partial:
    """One decaying sine of a struck sound: multiple of the note's frequency, level, seconds to -60 dB."""

    ratio: float
    level: float
    decay: float


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a ringtone: seconds from the start, MIDI key (69 = 440 Hz)."""

    at: float
    key: int


Instrument = Sequence[Partial]

GONG: Instrument = (
    Partial(1.0, 1.0, 1.3), Partial(1.98, 0.45, 0.8), Partial(2.73, 0.35, 0.5), Partial(4.1, 0.12, 0.25),
)
HARP: Instrument = tuple(Partial(float(n), n**-1.6, 2.2 / n**0.7) for n in range(1, 9))
CHIME: Instrument = (
    Partial(1.0, 1.0, 2.4), Partial(2.0, 0.25, 1.6), Partial(2.76, 0.3, 0.9), Partial(5.4, 0.1, 0.3),
)
MUSIC_BOX: Instrument = (Partial(1.0, 1.0, 1.5), Partial(3.0, 0.18, 0.5), Partial(6.27, 0.08, 0.15))
PIANO: Instrument = tuple(
    Partial(n * (1.0 + 0.0004 * n * n) ** 0.5, n**-1.3, 2.6 / n**0.8) for n in range(1, 11)
)
SOFT_KEYS: Instrument = (
    Partial(1.0, 1.0, 3.2), Partial(2.0, 0.3, 1.8), Partial(3.0, 0.12, 1.0), Partial(4.0, 0.05, 0.5),
)


def frequency(key: int) -> float:
    """Frequency in Hz of a MIDI key in equal temperament."""
    return float(440.0 * 2.0 ** ((key - 69) / 12.0))


def struck(pitch: float, instrument: Instrument, rate: int, attack: float = 0.004) -> Samples:
    """One stroke of `instrument` at `pitch` Hz, as long as its longest decay.

    Partials above 45 % of `rate` are left out, so nothing folds back.
    """
    time = np.arange(round(max(partial.decay for partial in instrument) * rate)) / rate
    sound = np.zeros(len(time))
    for partial in instrument:
        if partial.ratio * pitch < 0.45 * rate:
            fall = 10.0 ** (-3.0 * time / partial.decay)
            sound += partial.level * fall * np.sin(2.0 * np.pi * partial.ratio * pitch * time)
    return sound * np.minimum(time / attack, 1.0)


def faded(sound: Samples, rate: int, rise: float, fall: float) -> Samples:
    """`sound` raised from and lowered to zero along half cosines of `rise` and `fall` seconds."""
    shape = np.ones(len(sound))
    for edge, seconds in ((shape, rise), (shape[::-1], fall)):
        count = min(round(seconds * rate), len(sound))
        if count > 0:
            edge[:count] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)
    return sound * shape


def _add(track: Samples, sound: Samples, start: int) -> None:
    piece = sound[: max(len(track) - start, 0)]
    track[start : start + len(piece)] += piece


def _add_around(track: Samples, sound: Samples, start: int) -> None:
    for offset in range(0, len(sound), len(track)):
        piece = sound[offset : offset + len(track)]
        track[(start + np.arange(len(piece))) % len(track)] += piece


def _played(notes: Sequence[Note], instrument: Instrument, seconds: float, rate: int) -> Samples:
    """The notes that have room to ring within `seconds`, the last sounds fading out."""
    track = np.zeros(round(seconds * rate))
    for note in notes:
        if note.at <= seconds - 0.55:
            _add(track, struck(frequency(note.key), instrument, rate), round(note.at * rate))
    return faded(track, rate, 0.0, 0.5)


def _bell(gongs: tuple[float, float], bursts: Sequence[tuple[float, float]]) -> Piece:
    """A clapper between two gongs (Hz), 40 strokes a second in each burst (start, end in seconds)."""

    def piece(seconds: float, rate: int) -> Samples:
        track = np.zeros(round(seconds * rate))
        voices = [struck(gong, GONG, rate, attack=0.001) for gong in gongs]
        for start, end in bursts:
            for stroke in range(round((end - start) * 40.0)):
                _add(track, voices[stroke % 2], round((start + stroke / 40.0) * rate))
        return faded(track, rate, 0.0, 0.5)

    return piece


def _tune(instrument: Instrument, notes: Sequence[Note]) -> Piece:
    return lambda seconds, rate: _played(notes, instrument, seconds, rate)


def _evenly(keys: Sequence[int], start: float, step: float) -> list[Note]:
    return [Note(start + step * index, key) for index, key in enumerate(keys)]


def _chord(keys: Sequence[int], at: float) -> list[Note]:
    """A chord, rolled a little from the lowest key up."""
    return [Note(at + 0.012 * index, key) for index, key in enumerate(keys)]


RINGTONES: dict[str, Piece] = {
    "Analog1": _bell((1060.0, 1270.0), [(0.0, 1.4)]),
    "Analog2": _bell((820.0, 985.0), [(0.0, 0.4), (0.6, 1.0)]),
    "Harp": _tune(
        HARP,
        _evenly([55, 59, 62, 66, 67, 71, 74, 78, 79, 83], 0.0, 0.075)
        + _evenly([83, 79, 78, 74, 71, 67, 62, 67, 71, 79], 1.5, 0.075),
    ),
    "Chime": _tune(CHIME, [Note(0.0, 79), Note(0.42, 76), Note(0.84, 72), Note(1.7, 76), Note(2.12, 79)]),
    "MusicBox": _tune(
        MUSIC_BOX,
        _evenly([84, 88, 91, 88, 93, 91, 88, 86, 84], 0.0, 0.16)
        + _evenly([86, 89, 93, 89, 91, 88, 84], 1.7, 0.16),
    ),
    "Piano1": _tune(
        PIANO,
        _chord([57, 64, 69, 73], 0.0) + _chord([59, 66, 69, 74], 0.45) + _chord([57, 64, 71, 76], 0.9)
        + _chord([62, 66, 69, 76], 1.7) + _chord([57, 64, 69, 73], 2.15),
    ),
}

BAR = 3.0
"""Seconds of one bar of the music on hold: four beats, 80 a minute."""

HARMONY: tuple[tuple[int, ...], ...] = (
    (53, 60, 65, 69), (50, 57, 60, 65), (55, 58, 62, 65), (48, 58, 64, 67),
    (57, 60, 64, 67), (50, 57, 60, 65), (46, 58, 62, 69), (48, 55, 60, 65),
)
"""The eight chords of the music on hold, a bar each, in F."""

MELODY: tuple[tuple[float, int], ...] = (
    (0, 72), (1.5, 69), (2, 77), (4, 76), (5, 74), (6, 69), (8, 70), (9.5, 74), (10, 77),
    (12, 76), (13.5, 72), (16, 79), (17.5, 76), (18, 72), (20, 74), (21, 77), (22, 81),
    (24, 79), (25.5, 77), (26, 74), (28, 72), (29, 69), (30, 65),
)
"""The melody of the music on hold: (beat, MIDI key)."""


def _pad(key: int, seconds: float, rate: int) -> Samples:
    """A soft voice of a chord: three sines slightly apart and their octaves, swelling and fading."""
    time = np.arange(round(seconds * rate)) / rate
    sound = np.zeros(len(time))
    for detune, phase in ((-0.4, 0.0), (0.0, 2.1), (0.5, 4.2)):
        pitch = frequency(key) + detune
        for ratio, level in ((1.0, 1.0), (2.0, 0.25), (3.0, 0.1)):
            sound += level * np.sin(2.0 * np.pi * ratio * pitch * time + ratio * phase)
    return faded(sound / 3.0, rate, 0.7, 0.9)


def hold_music(rate: int) -> Samples:
    """24 s of calm music, shape (24 * rate,), peak 1.0, to be played over and over.

    What still sounds at the end goes on at the start, and both ends breathe to zero: neither the loop nor
    another announcement before or after it clicks.
    """
    track = np.zeros(round(BAR * len(HARMONY) * rate))
    for bar, chord in enumerate(HARMONY):
        for key in chord:
            _add_around(track, 0.3 * _pad(key, BAR + 0.7, rate), round(bar * BAR * rate))
    keys = np.zeros(len(track))
    for beat, key in MELODY:
        stroke = struck(frequency(key), SOFT_KEYS, rate, attack=0.012)
        _add_around(keys, stroke, round(beat * BAR / 4.0 * rate))
    echo = round(0.75 * BAR / 4.0 * rate)
    track += keys + 0.3 * np.roll(keys, echo) + 0.12 * np.roll(keys, 2 * echo)
    return faded(track / np.max(np.abs(track)), rate, 0.3, 1.2)


def beep(rate: int) -> Samples:
    """The voicemail beep: 1 kHz for 0.4 s in 0.5 s, peak 1.0."""
    tone = np.sin(2.0 * np.pi * 1000.0 * np.arange(round(0.4 * rate)) / rate)
    silence = np.zeros(round(0.05 * rate))
    return np.concatenate([silence, faded(tone, rate, 0.01, 0.01), silence])
