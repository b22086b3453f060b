"""Writes what a caller says into a WAV file: decoded, levelled in time, complete or not there at all; blocks."""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from magroup.model.fixed import fixed
from magroup.rtp.codec import CLOCK_RATE, CODECS, Codec, Decode
from magroup.rtp.g711 import Samples
from magroup.rtp.playout import Piece
from magroup.rtp.wav import SAMPLE_BYTES, header

PART = ".part"
"""The end of the name while the file is not complete."""

LOUD = 200.0
"""Root mean square from which 20 ms are no silence (about -44 dBFS, above the hum of a line)."""

_STATIC = {codec.payload_type: codec for codec in CODECS.values()}


class RecordingError(Exception):
    """Nothing can be recorded; the text is one line."""


@fixed
class Progress:
    """How much was recorded (seconds), and up to where there is more to hear than silence."""

    seconds: float = 0.0
    sound_until: float = 0.0


class RecordingFile:
    """One file. ``payloads`` says which payload types stand for which codec beside the static ones.

    It is looked at with each packet: a call may change to another codec.
    """

    def __init__(
        self, path: Path, note: str, rate: int, longest: float, payloads: Mapping[int, Codec], free: int = 0
    ) -> None:
        """Begin it under a temporary name. Raises RecordingError, also where less than ``free`` octets are left."""
        self._path = path
        self._part = path.with_name(path.name + PART)
        self._note = note
        self._rate = rate
        self._longest = int(longest * rate)
        self._payloads = payloads
        self._decoders: dict[int, Decode] = {}
        self._samples = 0
        self._sound_until = 0
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            left = shutil.disk_usage(path.parent).free
            if left < free:
                raise RecordingError(f"only {left >> 20} MiB are left on the disk of {path.parent}")
            self._file = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RecordingError(f"{path.parent}: {error.strerror}") from error
        try:
            self._write(header(rate, note))
        except OSError as error:
            self.abandon()
            raise RecordingError(f"{path.parent}: {error.strerror}") from error

    def append(self, pieces: Sequence[Piece]) -> Progress:
        """Write what follows; what comes after the longest time is left out. Raises OSError."""
        for piece in pieces:
            # One by one: packets that claim long pauses between them must not take the memory of all.
            if self._samples >= self._longest:
                break
            samples = np.concatenate(self._decoded(piece))[: self._longest - self._samples]
            self._listen(samples)
            self._write(samples.astype("<i2").tobytes())
            self._samples += len(samples)
        return Progress(self._samples / self._rate, self._sound_until / self._rate)

    def finish(self, pieces: Sequence[Piece], shortest: float, keep_silence: float) -> float:
        """Write the rest and give the file its name; the seconds it holds, of silence at the end ``keep_silence``.

        0.0: there was nothing to hear for ``shortest`` seconds, no file is left. Raises OSError.
        """
        progress = self.append(pieces)
        if progress.sound_until < max(shortest, 1 / self._rate):
            self.abandon()
            return 0.0
        self._samples = min(self._samples, self._sound_until + int(keep_silence * self._rate))
        data = self._samples * SAMPLE_BYTES
        begin = header(self._rate, self._note, data)
        os.ftruncate(self._file, len(begin) + data)
        os.pwrite(self._file, begin, 0)
        os.fsync(self._file)
        os.close(self._file)
        self._file = -1
        os.replace(self._part, self._path)
        return self._samples / self._rate

    def abandon(self) -> None:
        """Leave nothing of it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        with suppress(OSError):
            self._part.unlink()

    def _decoded(self, piece: Piece) -> list[Samples]:
        """The pause before a piece, never more than is wanted in all, and the piece itself, at the file's rate."""
        per_tick = self._rate // CLOCK_RATE
        pause = min(piece.pause * per_tick, self._longest - self._samples + self._rate)
        silence = [np.zeros(pause, np.int16)] if pause > 0 else []
        codec = self._payloads.get(piece.payload_type) or _STATIC.get(piece.payload_type)
        if codec is None:
            return [*silence, np.zeros(len(piece.payload) * per_tick, np.int16)]
        if piece.payload_type not in self._decoders:
            self._decoders[piece.payload_type] = codec.new_decoder()
        samples = self._decoders[piece.payload_type](piece.payload)
        return [*silence, _at_rate(samples, codec.sample_rate, self._rate)]

    def _listen(self, samples: Samples) -> None:
        """Find the last 20 ms that are no silence."""
        frame = self._rate // 50
        for start in range(len(samples) // frame * frame, -1, -frame):
            part = samples[start : start + frame].astype(np.float64)
            if len(part) and float(np.sqrt(np.mean(part**2))) >= LOUD:
                self._sound_until = self._samples + min(start + frame, len(samples))
                return

    def _write(self, content: bytes) -> None:
        written = 0
        while written < len(content):
            written += os.write(self._file, content[written:])


def _at_rate(samples: Samples, rate: int, wanted: int) -> Samples:
    """Straight lines between the samples do where a call changes its codec in the middle."""
    if rate == wanted or not len(samples):
        return samples
    places = np.arange(len(samples) * wanted // rate) * (rate / wanted)
    made: Samples = np.interp(places, np.arange(len(samples)), samples).astype(np.int16)
    return made
