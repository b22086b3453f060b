"""PNG files as phones take them: as large as the area, opaque, in one pass, of few colours (PNG, third edition)."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from magroup.cli.simulated_phone.models import Area, PhoneModel
from magroup.cli.simulated_phone.refusal import Refusal, Rule

LARGEST = 1 << 20
"""Bytes of a picture."""

ICON = Area(18, 18)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_GREY, _PALETTE = 0, 3
_WITH_ALPHA = frozenset((4, 6))


@dataclass(frozen=True)
class Picture:
    """What was drawn: pixels and the bytes of the file."""

    width: int
    height: int
    content: bytes


def read_picture(
    content: bytes, content_type: str, area: Area, model: PhoneModel, location: tuple[int, int]
) -> Picture:
    """The picture that is shown in ``area`` at ``location``, -1 being the middle. Raises Refusal."""
    if content_type.partition(";")[0].strip().lower() != "image/png":
        raise Refusal(Rule.CONTENT_TYPE, f"a picture is {content_type[:60]!r}, not image/png")
    chunks = list(_chunks(content))
    names = [name for name, _ in chunks]
    if names[:1] != [b"IHDR"] or names[-1:] != [b"IEND"] or len(chunks[0][1]) != 13 or b"IDAT" not in names:
        raise Refusal(Rule.PICTURE_FORMAT, "the chunks of the PNG are not complete")
    width, height, bits, colours, _, _, passes = struct.unpack(">IIBBBBB", chunks[0][1])
    if colours not in _CHANNELS or not width or not height:
        raise Refusal(Rule.PICTURE_FORMAT, "the PNG has a broken header")
    x, y = (max(place, 0) for place in location)
    if width + x > area.width or height + y > area.height:
        raise Refusal(Rule.PICTURE_SIZE, f"{width}x{height} at {x},{y} does not fit into {area.width}x{area.height}")
    if passes:
        raise Refusal(Rule.PICTURE_FORMAT, "the PNG is interlaced")
    if colours in _WITH_ALPHA or b"tRNS" in names:
        raise Refusal(Rule.PICTURE_FORMAT, "the PNG is not opaque")
    _check_depth(bits, colours, dict(chunks).get(b"PLTE", b""), model)
    _check_pixels(b"".join(data for name, data in chunks if name == b"IDAT"), width, height, bits * _CHANNELS[colours])
    return Picture(width, height, content)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not content.startswith(_SIGNATURE):
        raise Refusal(Rule.PICTURE_FORMAT, "the picture is no PNG")
    place = len(_SIGNATURE)
    while place < len(content):
        size = int.from_bytes(content[place : place + 4], "big")
        name, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
        check = content[place + 8 + size : place + 12 + size]
        if zlib.crc32(name + data).to_bytes(4, "big") != check:
            raise Refusal(Rule.PICTURE_FORMAT, f"the PNG is cut off or damaged at byte {place}")
        yield name, data
        place += 12 + size


def _check_depth(bits: int, colours: int, palette: bytes, model: PhoneModel) -> None:
    """Where the file says how many colours it has, they are no more than the display has: it would dither them."""
    if bits > 8:
        raise Refusal(Rule.PICTURE_DEPTH, f"{bits} bits for each sample")
    if model.depth <= 8:
        if colours == _GREY and bits > model.depth:
            raise Refusal(Rule.PICTURE_DEPTH, f"{bits} bits of grey, the display has {model.depth}")
        if colours == _PALETTE and len(palette) // 3 > 1 << model.depth:
            raise Refusal(Rule.PICTURE_DEPTH, f"{len(palette) // 3} colours, the display has {1 << model.depth}")
    elif model.depth == 12 and any(level % 0x11 for level in palette):
        raise Refusal(Rule.PICTURE_DEPTH, "colours in the palette that 4 bits a channel do not have")


def _check_pixels(data: bytes, width: int, height: int, bits: int) -> None:
    size = (1 + (width * bits + 7) // 8) * height
    reader = zlib.decompressobj()
    try:
        pixels = reader.decompress(data, size + 1)
    except zlib.error:
        pixels = b""
    if len(pixels) != size:
        raise Refusal(Rule.PICTURE_FORMAT, "the pixels of the PNG are not all there")
