"""Letters in small pictures: the fonts, how wide a text is, and how it is shortened."""

import unicodedata
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from magroup.resources import resource
from magroup.web.phone.display.colours import Colour

ELLIPSIS = "…"
_CAPITALS = 0.73
"""The height of a capital letter, as a part of the font's size."""

_FILES = {False: "DejaVuSansCondensed.ttf", True: "DejaVuSansCondensed-Bold.ttf"}


class Align(Enum):
    LEFT = 0
    MIDDLE = 1
    RIGHT = 2


@lru_cache(maxsize=64)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(resource("fonts", _FILES[bold]), size)


@lru_cache(maxsize=8192)
def width_of(text: str, size: int, bold: bool = False) -> int:
    """In pixels, rounded up."""
    return -int(-_font(size, bold).getlength(text) // 1)


def shortened(text: str, width: int, size: int, bold: bool = False) -> str:
    """As much of ``text`` as there is room for, with an ellipsis where something is left out."""
    if width_of(text, size, bold) <= width:
        return text
    parts = list(_letters(text))
    while parts and width_of("".join(parts) + ELLIPSIS, size, bold) > width:
        parts.pop()
    return "".join(parts).rstrip() + ELLIPSIS if parts else ""


def first_letters(text: str, count: int) -> str:
    """The first letters, each with the accents that belong to it."""
    return "".join(letter for letter, _ in zip(_letters(text), range(count), strict=False))


def _letters(text: str) -> Iterator[str]:
    letter = ""
    for character in unicodedata.normalize("NFC", text):
        if letter and not unicodedata.combining(character):
            yield letter
            letter = ""
        letter += character
    if letter:
        yield letter


def write(
    image: Image.Image, box: tuple[int, int, int, int], text: str, size: int, ink: Colour, *,
    bold: bool = False, align: Align = Align.LEFT,
) -> None:  # fmt: skip
    """Write a line into ``box`` (left, top, right, bottom) of a picture in RGB; nothing comes outside of it."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if width <= 0 or height <= 0 or not text:
        return
    mask = Image.new("L", (width, height))
    at = max(0, (width - width_of(text, size, bold)) * align.value // 2)
    baseline = (height + round(size * _CAPITALS)) // 2
    ImageDraw.Draw(mask).text((at, baseline), text, 255, _font(size, bold), anchor="ls")
    image.paste(ink, (left, top), mask)
