"""Whether a file is what it is said to be: a WAV that can be played, an MP3 of frames that follow each other; blocks.

MP3 frames as in ISO/IEC 11172-3 2.4.2.3 (MPEG-1) and 13818-3 (MPEG-2), layer III.
"""

from collections.abc import Callable
from pathlib import Path

import soundfile

from magroup.rtp.audio_file import HIGHEST_RATE, LIMITS, LOWEST_RATE, MOST_CHANNELS, SoundError

Check = Callable[[Path], None]
"""Raises SoundError with what is wrong, in words that follow the name of the file."""

_RIFF = (b"RIFF", b"RIFX", b"RF64")
_WAV_FORMATS = frozenset({"WAV", "WAVEX", "RF64"})
_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_1 = (44100, 48000, 32000)
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")
FEWEST_FRAMES = 3


def check_wav(path: Path) -> None:
    """A WAV of any common rate, width and number of channels that is not too long."""
    with path.open("rb") as file:
        head = file.read(12)
    # Not left to the library: for a file that is nothing it knows it tries to be a player of MP3s, and says so.
    if head[:4] not in _RIFF or head[8:12] != b"WAVE":
        raise SoundError("is no WAV file")
    try:
        with soundfile.SoundFile(path) as sound:
            if sound.format not in _WAV_FORMATS:
                raise SoundError("is no WAV file")
            if not LOWEST_RATE <= sound.samplerate <= HIGHEST_RATE or not 1 <= sound.channels <= MOST_CHANNELS:
                raise SoundError(f"{sound.samplerate} Hz with {sound.channels} channels cannot be played")
            _read(sound)
    except (RuntimeError, TypeError, ValueError, MemoryError) as error:
        reason = " ".join(str(getattr(error, "error_string", error)).split())
        raise SoundError(f"is no WAV file that can be read ({reason})") from error


def _read(sound: soundfile.SoundFile) -> None:
    read = 0
    while count := len(sound.read(sound.samplerate, dtype="float32", always_2d=True)):
        read += count
        if read > LIMITS.seconds * sound.samplerate:
            raise SoundError(f"is longer than the {LIMITS.seconds:g} s that are allowed")
    if not read:
        raise SoundError("holds no sound")


def length(path: Path) -> float:
    """Seconds that a file lasts, 0.0 where it cannot be read."""
    try:
        return round(float(soundfile.info(str(path)).duration), 3)
    except (RuntimeError, TypeError, ValueError, OSError):
        return 0.0


def check_mp3(path: Path) -> None:
    """An MP3 file: nothing but frames of one kind, with tags before and after them."""
    data = path.read_bytes()
    place = _after_id3(data)
    frames, kind = 0, None
    while (found := _frame(data, place)) is not None and found[1] == (kind or found[1]):
        length, kind = found
        place += length
        frames += 1
    rest = data[place:]
    if frames < FEWEST_FRAMES or (rest and not rest.startswith(_TAGS) and rest.strip(b"\0")):
        raise SoundError("is no MP3 file")


def _after_id3(data: bytes) -> int:
    """Where the frames begin: after an ID3v2 tag, whose length has 7 bits a byte."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    length = 0
    for byte in data[6:10]:
        length = length << 7 | byte & 0x7F
    return 10 + length + (10 if data[5] & 0x10 else 0)


def _frame(data: bytes, place: int) -> tuple[int, tuple[int, int]] | None:
    """Length and kind (version and rate) of the frame there; the last one may be cut off."""
    header = data[place : place + 4]
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    is_first = version == 3
    hertz = _RATES_1[rate] >> {3: 0, 2: 1, 0: 2}[version]
    kilobits = (_BITRATES_1 if is_first else _BITRATES_2)[bitrate]
    return (144 if is_first else 72) * kilobits * 1000 // hertz + (header[2] >> 1 & 1), (version, hertz)
