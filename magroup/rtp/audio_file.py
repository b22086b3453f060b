"""Reads an audio file of any common format (whatever libsndfile knows: WAV, FLAC, OGG, MP3 ...) into a Sound."""

import os
import stat
from pathlib import Path

import numpy as np
import soundfile

from magroup.model.fixed import fixed
from magroup.rtp.sound import Resampler, Sound

LOWEST_RATE, HIGHEST_RATE = 1000, 384_000
MOST_CHANNELS = 16


class SoundError(Exception):
    """A file that cannot be played; the text is one line that names it."""


@fixed
class SoundLimits:
    """What is refused: files of more than ``file_bytes``, sounds of more than ``seconds``."""

    file_bytes: int = 32 * 1024 * 1024
    seconds: float = 600.0


LIMITS = SoundLimits()


def read_sound(path: Path, limits: SoundLimits = LIMITS) -> Sound:
    """The sound in the file ``path``, mixed to mono; blocks. Raises SoundError."""
    try:
        # Without O_NONBLOCK a named pipe would stop the thread for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise SoundError(f"{_shown(path)}: {getattr(error, 'strerror', None) or error}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SoundError(f"{_shown(path)}: is no plain file")
        if status.st_size > limits.file_bytes:
            raise SoundError(f"{_shown(path)}: {status.st_size} bytes, at most {limits.file_bytes} are allowed")
        try:
            with soundfile.SoundFile(descriptor, closefd=False) as file:
                return _read(file, path, limits)
        except (RuntimeError, TypeError, ValueError, MemoryError) as error:
            # RuntimeError: what the libraries refuse; TypeError and ValueError: headers that they do not expect.
            reason = " ".join(str(getattr(error, "error_string", error)).split())
            raise SoundError(f"{_shown(path)}: is no audio that can be read ({reason})") from error
    finally:
        os.close(descriptor)


def _read(file: soundfile.SoundFile, path: Path, limits: SoundLimits) -> Sound:
    rate, channels = file.samplerate, file.channels
    if not LOWEST_RATE <= rate <= HIGHEST_RATE or not 1 <= channels <= MOST_CHANNELS:
        raise SoundError(f"{_shown(path)}: {rate} Hz with {channels} channels cannot be played")
    resampler = Resampler(rate)
    read = 0
    while True:
        # A second at a time: a header may claim any length, and the calls want the interpreter in between.
        block = file.read(rate, dtype="float32", always_2d=True)
        if not len(block):
            break
        read += len(block)
        if read > limits.seconds * rate:
            raise SoundError(f"{_shown(path)}: longer than the {limits.seconds:g} s that are allowed")
        resampler.add(np.nan_to_num(block.mean(axis=1), nan=0.0, posinf=1.0, neginf=-1.0))
    if not read:
        raise SoundError(f"{_shown(path)}: holds no sound")
    return resampler.finish(path.name)


def _shown(path: Path) -> str:
    return ascii(str(path))[1:-1] if not str(path).isprintable() else str(path)
