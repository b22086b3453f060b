"""A sound that can be played: sampled audio, encoded once into the 20 ms payloads of every codec."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import soxr

from magroup.rtp.codec import CODECS, FRAMES_PER_SECOND, Codec
from magroup.rtp.g711 import Samples

Audio = npt.NDArray[np.float32]

SAMPLE_RATES = tuple(sorted({codec.sample_rate for codec in CODECS.values()}))


@dataclass(frozen=True, eq=False)
class Sound:
    """An immutable sound. ``frames`` has, by the name of the codec, one payload for each 20 ms; all have the same
    number of them, the last one filled up with silence. ``seconds`` is the length before that."""

    name: str
    seconds: float
    frames: Mapping[str, tuple[bytes, ...]] = field(repr=False)

    def __len__(self) -> int:
        """The number of frames."""
        return len(next(iter(self.frames.values())))


class Resampler:
    """Takes mono audio in pieces (float32, full scale 1.0, ``rate`` Hz) and keeps it at the rate of every codec."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._samples = 0
        self._pieces: dict[int, list[Audio]] = {wanted: [] for wanted in SAMPLE_RATES}
        self._streams = {
            wanted: soxr.ResampleStream(rate, wanted, 1, dtype="float32")
            for wanted in SAMPLE_RATES
            if wanted != rate
        }

    def add(self, audio: Audio) -> None:
        """The next piece."""
        self._samples += len(audio)
        for wanted, pieces in self._pieces.items():
            stream = self._streams.get(wanted)
            pieces.append(audio if stream is None else stream.resample_chunk(audio))

    def finish(self, name: str) -> Sound:
        """The sound of all pieces, made quieter where its peaks would clip."""
        for wanted, stream in self._streams.items():
            self._pieces[wanted].append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
        seconds = self._samples / self._rate
        count = -(-self._samples * FRAMES_PER_SECOND // self._rate)
        at_rate = {
            wanted: _filled(np.concatenate(pieces), count * (wanted // FRAMES_PER_SECOND))
            for wanted, pieces in self._pieces.items()
        }
        pcm = {wanted: _pcm(audio) for wanted, audio in at_rate.items()}
        frames = {codec.name: _frames(codec, pcm[codec.sample_rate]) for codec in CODECS.values()}
        return Sound(name, seconds, MappingProxyType(frames))


def make_sound(name: str, audio: Audio, rate: int) -> Sound:
    """A sound of mono ``audio`` (float32, full scale 1.0) of ``rate`` Hz."""
    resampler = Resampler(rate)
    resampler.add(audio)
    return resampler.finish(name)


def _filled(audio: Audio, length: int) -> Audio:
    filled = np.zeros(length, np.float32)
    kept = audio[:length]
    filled[: len(kept)] = kept
    return filled


def _pcm(audio: Audio) -> Samples:
    gain = 32768.0 / max(float(np.abs(audio).max(initial=0.0)), 1.0)
    pcm: Samples = np.clip(np.rint(audio * gain), -32768, 32767).astype(np.int16)
    return pcm


def _frames(codec: Codec, pcm: Samples) -> tuple[bytes, ...]:
    encode = codec.new_encoder()
    # A decoder of G.722 comes from the end of this sound, or of a like one, more often than it comes from nothing:
    # with an encoder that does, the seams of repeated sounds are loud clicks.
    encode(pcm[-codec.sample_rate :])
    # A second at a time: encoding holds the interpreter's lock, and the calls want it back.
    payloads = b"".join(
        encode(pcm[start : start + codec.sample_rate]) for start in range(0, len(pcm), codec.sample_rate)
    )
    size = codec.frame_bytes
    return tuple(payloads[start : start + size] for start in range(0, len(payloads), size))
