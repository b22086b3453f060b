"""The header of the WAV files that are recorded: 16 bit, mono, with a note (RIFF INFO); one cut short is mended."""

import os
import struct
from dataclasses import replace
from pathlib import Path

from magroup.model.fixed import fixed

LONGEST_NOTE = 4096
_LARGEST_HEADER = 256 + LONGEST_NOTE
_FORMAT = struct.Struct("<HHIIHH")
_CHUNK = struct.Struct("<4sI")
SAMPLE_BYTES = 2


class WavError(ValueError):
    """A file that is none of ours; the text is one line."""


@fixed
class WavHeader:
    """What stands before the samples: their rate, the note, and how many octets of header and of samples there are."""

    rate: int
    note: str = ""
    octets: int = 0
    data: int = 0

    @property
    def seconds(self) -> float:
        return self.data / SAMPLE_BYTES / self.rate


def header(rate: int, note: str, data: int = 0) -> bytes:
    """The header of a file with ``data`` octets of samples; it has the same length whatever their number."""
    text = note.encode()[:LONGEST_NOTE] + b"\0"
    text += b"\0" * (len(text) % 2)
    info = b"INFO" + _CHUNK.pack(b"ICMT", len(text)) + text
    chunks = _CHUNK.pack(b"fmt ", _FORMAT.size) + _FORMAT.pack(1, 1, rate, rate * SAMPLE_BYTES, SAMPLE_BYTES, 16)
    chunks += _CHUNK.pack(b"LIST", len(info)) + info + _CHUNK.pack(b"data", data)
    return _CHUNK.pack(b"RIFF", 4 + len(chunks) + data) + b"WAVE" + chunks


def read_header(path: Path) -> WavHeader:
    """The header of a file made here, with the samples that the file has, whatever it says. Blocks.

    Raises WavError, OSError.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(_LARGEST_HEADER)
    if start[:4] != b"RIFF" or start[8:12] != b"WAVE":
        raise WavError(f"{path} is no WAV file")
    at, rate, note = 12, 0, ""
    while at + _CHUNK.size <= len(start):
        kind, length = _CHUNK.unpack_from(start, at)
        at += _CHUNK.size
        if kind == b"data":
            if not rate:
                break
            return WavHeader(rate, note, at, (size - at) // SAMPLE_BYTES * SAMPLE_BYTES)
        body = start[at : at + length]
        if kind == b"fmt " and len(body) == _FORMAT.size:
            form, channels, rate, _, _, bits = _FORMAT.unpack(body)
            if (form, channels, bits) != (1, 1, 16):
                break
        elif kind == b"LIST" and body[:8] == b"INFOICMT":
            note = body[12:].rstrip(b"\0").decode("utf-8", "replace")
        at += length + length % 2
    raise WavError(f"{path} is no recording")


def mend(path: Path) -> WavHeader:
    """Let the header of a file that was not closed say how much is in it; blocks. Raises WavError, OSError."""
    found = read_header(path)
    start = header(found.rate, found.note, found.data)
    size = found.octets + found.data
    with path.open("r+b") as file:
        if len(start) != found.octets:
            # One that was not written here has another header: the samples are moved.
            file.seek(found.octets)
            start += file.read(found.data)
            file.seek(0)
            size = len(start)
        file.write(start)
        file.truncate(size)
        file.flush()
        os.fsync(file.fileno())
    return replace(found, octets=size - found.data)
