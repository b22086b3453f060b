"""Audio for tests: tones, WAV files, ITU-T G.711, and finding a reference file in what a phone heard.

Samples are one-dimensional int16 arrays, mono; rates are in Hz, times in seconds.
"""

import struct
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

Samples = npt.NDArray[np.int16]
Floats = npt.NDArray[np.float64]

SILENCE = 100.0
"""Root mean square below which audio counts as silence: about -50 dBFS, above the noise of G.711."""


def tone(frequency: float, seconds: float, rate: int = 8000, level: float = 0.5) -> Samples:
    """A sine, `level` of full scale."""
    times = np.arange(round(seconds * rate)) / rate
    return np.asarray(np.round(32767 * level * np.sin(2 * np.pi * frequency * times)), dtype=np.int16)


def silence(seconds: float, rate: int = 8000) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * rate), dtype=np.int16)


def babble(seconds: float, rate: int = 8000, seed: int = 1) -> Samples:
    """Noise in the telephone band that comes and goes like speech: no stretch of it resembles another."""
    count = round(seconds * rate)
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / rate)
    spectrum[(frequencies < 300) | (frequencies > 3000)] = 0
    noise = np.fft.irfft(spectrum, count)
    turns = random.random(int(seconds * 10) + 2)
    syllables = np.interp(np.arange(count) / rate, 0.1 * np.arange(len(turns)), turns)
    loud = noise * (0.2 + syllables)
    return np.asarray(np.round(loud / np.max(np.abs(loud)) * 20000), dtype=np.int16)


def write_wav(path: Path, samples: Samples, rate: int = 8000) -> Path:
    """Write 16 bit mono PCM, and return the path."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def read_wav(path: Path) -> tuple[Samples, int]:
    """Samples and rate of a 16 bit PCM file, also of one that is still being written.

    A recorder fills in the sizes when it closes the file; until then all after the `data` header counts. Of
    several channels the first is taken. ValueError when it is no such file.
    """
    content = path.read_bytes()
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError(f"{path}: not a WAV file ({len(content)} octets)")
    rate, channels, at = 0, 1, 12
    while at + 8 <= len(content):
        chunk, size = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        at += 8
        if chunk == b"fmt ":
            _, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", content, at)
            if bits != 16:
                raise ValueError(f"{path}: {bits} bits a sample")
        elif chunk == b"data":
            frame = 2 * channels
            growing = size == 0 or at + size > len(content)
            octets = len(content) - at if growing else size
            usable = content[at : at + octets // frame * frame]
            return np.frombuffer(usable, "<i2")[::channels].astype(np.int16), rate
        at += size + size % 2
    raise ValueError(f"{path}: no audio data")


def level(samples: Samples) -> float:
    """Root mean square, 0 to 32768."""
    return float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))) if len(samples) else 0.0


def is_silent(samples: Samples, threshold: float = SILENCE) -> bool:
    """Whether nothing is to be heard in it; an empty piece is silent."""
    return level(samples) < threshold


def dominant_frequency(samples: Samples, rate: int) -> float:
    """The strongest frequency in Hz, to a fraction of a bin; 0 for silence."""
    if len(samples) < 16 or is_silent(samples, 1.0):
        return 0.0
    centred = samples.astype(np.float64) - samples.mean()
    spectrum = np.abs(np.fft.rfft(centred * np.hanning(len(centred))))
    peak = int(np.argmax(spectrum[1:])) + 1
    if peak + 1 >= len(spectrum):
        return peak * rate / len(centred)
    left, middle, right = np.log(spectrum[peak - 1 : peak + 2] + 1e-9)
    curve = left - 2 * middle + right
    shift = 0.0 if curve == 0 else 0.5 * (left - right) / curve
    return float((peak + shift) * rate / len(centred))


def resampled(samples: Samples, rate: int, wanted: int) -> Floats:
    """The same audio at another rate."""
    as_float = samples.astype(np.float64)
    return as_float if rate == wanted else np.asarray(soxr.resample(as_float, rate, wanted), dtype=np.float64)


def correlate(heard: Samples, rate: int, reference: Samples, reference_rate: int) -> tuple[float, float]:
    """Where in the heard audio the reference stands: its start in seconds, and how alike they are, 0 to 1.

    Normalised cross-correlation: loudness does not matter. The whole reference counts, so half of it
    heard scores about 0.7, and a start before the recording is a negative time. After G.711 a true match is
    above 0.9.
    """
    there = heard.astype(np.float64)
    sought = resampled(reference, reference_rate, rate)
    there, sought = there - _mean(there), sought - _mean(sought)
    energy = float(np.sum(sought**2))
    if not len(there) or energy == 0 or not np.any(there):
        return 0.0, 0.0
    size = 1 << (len(there) + len(sought) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(there, size) * np.conj(np.fft.rfft(sought, size)), size)
    starts = np.arange(-len(sought) + 1, len(there))
    dot = product[starts % size]
    power = np.concatenate(([0.0], np.cumsum(there**2)))
    window = power[np.clip(starts + len(sought), 0, len(there))] - power[np.clip(starts, 0, len(there))]
    floor = max(1e-6 * energy, 1e-9 * power[-1])
    score = dot / np.sqrt(np.maximum(window, floor) * energy)
    best = int(np.argmax(score))
    return float(starts[best]) / rate, float(np.clip(score[best], 0.0, 1.0))


def coverage(
    heard: Samples,
    rate: int,
    reference: Samples,
    reference_rate: int,
    *,
    piece: float = 0.5,
    wanted: float = 0.9,
) -> float:
    """The share of the reference that was heard, 0 to 1, looked for in pieces of `piece` seconds.

    Unlike `correlate` it bears a lost or doubled packet, which shifts what comes after. Silent pieces do not
    count.
    """
    length = round(piece * reference_rate)
    pieces = [reference[at : at + length] for at in range(0, max(len(reference) - length, 0) + 1, length)]
    audible = [part for part in pieces if not is_silent(part)]
    found = sum(correlate(heard, rate, part, reference_rate)[1] >= wanted for part in audible)
    return found / len(audible) if audible else 0.0


def _mean(samples: Floats) -> float:
    return float(samples.mean()) if len(samples) else 0.0


def _ulaw_table() -> Samples:
    codes = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((codes & 0x0F) << 3) + 0x84 << ((codes & 0x70) >> 4)) - 0x84
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_table() -> Samples:
    codes = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (codes & 0x70) >> 4, (codes & 0x0F) << 4
    linear = np.where(exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(codes & 0x80, linear, -linear).astype(np.int16)


G711 = {0: _ulaw_table(), 8: _alaw_table()}
"""Decoding tables by RTP payload type: 0 PCMU, 8 PCMA."""


def _encoding(table: Samples) -> npt.NDArray[np.uint8]:
    order = np.argsort(table, kind="stable")
    levels = table[order].astype(np.int32)
    borders = (levels[1:] + levels[:-1]) // 2
    samples = np.arange(-32768, 32768, dtype=np.int32)
    return order[np.searchsorted(borders, samples, side="left")].astype(np.uint8)


_ENCODE = {payload_type: _encoding(table) for payload_type, table in G711.items()}


def g711_decode(payload: bytes, payload_type: int = 0) -> Samples:
    """Samples of a PCMU (0) or PCMA (8) payload."""
    return G711[payload_type][np.frombuffer(payload, np.uint8)]


def g711_encode(samples: Samples, payload_type: int = 0) -> bytes:
    """The nearest PCMU (0) or PCMA (8) code for each sample."""
    return _ENCODE[payload_type][samples.astype(np.int32) + 32768].tobytes()
