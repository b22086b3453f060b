"""The colours that a picture is drawn with are made those that a phone shows."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from PIL import Image

from magroup.web.phone.display.colours import BLACK, STEP, WHITE, Colour, mixtures

_WEIGHTS = (299, 587, 114)
"""Of red, green and blue in what is seen as bright (ITU-R BT.601)."""


class Palette:
    """At most 256 ``colours``, and the way from any colour to the nearest of them."""

    def __init__(self, colours: Sequence[Colour], is_grey: bool) -> None:
        self.colours = bytes(channel for colour in colours for channel in colour)
        axis = np.arange(16, dtype=np.int32) * STEP
        cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
        if is_grey:
            cube = np.repeat((cube @ _WEIGHTS // sum(_WEIGHTS))[:, np.newaxis], 3, axis=1)
        self._nearest = np.zeros(len(cube), np.uint8)
        nearest = np.full(len(cube), np.iinfo(np.int32).max)
        # One after the other: all at once takes long enough to hold up what else runs.
        for number, colour in enumerate(colours):
            distances = ((cube - np.array(colour)) ** 2).sum(axis=-1)
            is_nearer = distances < nearest
            nearest[is_nearer] = distances[is_nearer]
            self._nearest[is_nearer] = number

    def empty(self, width: int, height: int, ground: Colour) -> Image.Image:
        """A picture of numbers of colours (P)."""
        red, green, blue = (channel // STEP for channel in ground)
        return Image.new("P", (width, height), int(self._nearest[red << 8 | green << 4 | blue]))

    def reduced(self, image: Image.Image) -> Image.Image:
        """A picture in RGB as one of numbers of colours (P)."""
        steps = ((np.asarray(image).astype(np.uint16) + STEP // 2) // STEP) @ np.array((256, 16, 1), np.uint16)
        return Image.frombytes("P", image.size, self._nearest[steps].tobytes())


@cache
def palette(greys: int) -> Palette:
    """That of phones with so many shades of grey, of phones with colours for 0."""
    if not greys:
        return Palette(tuple(dict.fromkeys((WHITE, BLACK, *mixtures()))), is_grey=False)
    steps = (round(level * 255 / (greys - 1)) for level in range(greys))
    return Palette([(step, step, step) for step in steps], is_grey=True)
