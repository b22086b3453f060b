"""Pictures as PNG with a palette: opaque and not interlaced, as all phones read them (PNG 11.2.2)."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image

from magroup.web.phone.display.colours import BLACK, STEP, WHITE, Colour, mixtures

_WEIGHTS = (299, 587, 114)
"""Of red, green and blue in what is seen as bright (ITU-R BT.601)."""

COMPRESSION = 6


class Palette:
    """``colours`` and the way from any colour to the nearest of them."""

    def __init__(self, colours: Sequence[Colour], is_grey: bool) -> None:
        self._colours = tuple(dict.fromkeys(colours))
        axis = np.arange(16) * STEP
        cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
        if is_grey:
            cube = np.repeat((cube @ _WEIGHTS // sum(_WEIGHTS))[:, np.newaxis], 3, axis=1)
        distances = ((cube[:, np.newaxis, :] - np.array(self._colours)[np.newaxis]) ** 2).sum(axis=-1)
        self._nearest = distances.argmin(axis=-1).astype(np.uint8)
        self._flat = [channel for colour in self._colours for channel in colour]

    def __len__(self) -> int:
        return len(self._colours)

    def empty(self, width: int, height: int, ground: Colour) -> Image.Image:
        """A picture in these colours."""
        red, green, blue = (channel // STEP for channel in ground)
        image = Image.new("P", (width, height), int(self._nearest[red << 8 | green << 4 | blue]))
        image.putpalette(self._flat)
        return image

    def reduced(self, image: Image.Image) -> Image.Image:
        """A picture in RGB in these colours."""
        steps = ((np.asarray(image).astype(np.uint16) + STEP // 2) // STEP) @ np.array((256, 16, 1), np.uint16)
        made = Image.frombytes("P", image.size, self._nearest[steps].tobytes())
        made.putpalette(self._flat)
        return made


@cache
def palette(greys: int) -> Palette:
    """That of phones with so many shades of grey, of phones with colours for 0."""
    if not greys:
        return Palette((WHITE, BLACK, *mixtures()), is_grey=False)
    steps = (round(level * 255 / (greys - 1)) for level in range(greys))
    return Palette([(step, step, step) for step in steps], is_grey=True)


def png(image: Image.Image) -> bytes:
    """A picture with a palette as a file."""
    file = BytesIO()
    image.save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()
