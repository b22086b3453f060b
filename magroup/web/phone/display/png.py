"""PNG files with a palette: opaque and not interlaced, as all phones read them (RFC 2083).

Pillow would write the same, but keep the reactor from running while it compresses.
"""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COMPRESSION = 6
_WITH_PALETTE = 3


def png(image: Image.Image, colours: bytes) -> bytes:
    """A file of the numbers in ``image`` (P) of ``colours``, three bytes each, at most 256."""
    return SIGNATURE + b"".join(_chunks(image, colours))


def _chunks(image: Image.Image, colours: bytes) -> Iterator[bytes]:
    bits = 4 if len(colours) <= 3 * 16 else 8
    yield _chunk(b"IHDR", struct.pack(">IIBBBBB", *image.size, bits, _WITH_PALETTE, 0, 0, 0))
    yield _chunk(b"PLTE", colours)
    yield _chunk(b"IDAT", zlib.compress(_lines(image, bits), COMPRESSION))
    yield _chunk(b"IEND", b"")


def _lines(image: Image.Image, bits: int) -> bytes:
    """Each line after a byte that says that it is as it is."""
    width, height = image.size
    numbers: NDArray[np.uint8] = np.frombuffer(image.tobytes(), np.uint8).reshape(height, width)
    if bits == 4:
        pairs = np.pad(numbers, ((0, 0), (0, width % 2)))
        numbers = (pairs[:, ::2] << 4 | pairs[:, 1::2]).astype(np.uint8)
    return np.pad(numbers, ((0, 0), (1, 0))).tobytes()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
