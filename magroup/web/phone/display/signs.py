"""The signs in tiles, each of its own shape so that none is told by its colour alone: the gadget's, for few pixels."""

from functools import lru_cache

from PIL import Image, ImageDraw

from magroup.model.presence import Presence

_SCALE = 8
"""Signs are drawn so many times as large, and made smaller."""


@lru_cache(maxsize=256)
def presence_sign(presence: Presence, size: int) -> Image.Image:
    """A tick, a clock, a diamond, a circle with a bar, or a cross, as a mask (L)."""
    sign = _Sign(size)
    match presence:
        case Presence.AVAILABLE:
            sign.line((0.04, 0.52), (0.38, 0.88), (0.96, 0.14))
        case Presence.AWAY:
            sign.ring()
            sign.line((0.5, 0.2), (0.5, 0.54), (0.78, 0.54), width=0.8)
        case Presence.BUSY:
            sign.area((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5))
        case Presence.DND:
            sign.disc()
            sign.line((0.2, 0.5), (0.8, 0.5), width=1.3, is_cut=True)
        case Presence.UNAVAILABLE:
            sign.line((0.1, 0.1), (0.9, 0.9))
            sign.line((0.9, 0.1), (0.1, 0.9))
    return sign.mask()


@lru_cache(maxsize=64)
def call_sign(inbound: bool, external: bool, size: int) -> Image.Image:
    """An arrow to the left for a call to the member, to the right for one from the member; with a full head where the
    other end is outside.
    """
    sign = _Sign(size)
    if external:
        sign.area((0.0, 0.5), (0.6, 0.0), (0.6, 1.0))
        sign.line((0.5, 0.5), (1.0, 0.5), width=2.2)
    else:
        sign.line((0.06, 0.5), (1.0, 0.5))
        sign.line((0.46, 0.1), (0.06, 0.5), (0.46, 0.9))
    return sign.mask() if inbound else sign.mask().transpose(Image.Transpose.FLIP_LEFT_RIGHT)


@lru_cache(maxsize=16)
def forward_sign(size: int) -> Image.Image:
    """An arrow that turns to the right."""
    sign = _Sign(size)
    sign.line((0.08, 1.0), (0.08, 0.42), (0.9, 0.42))
    sign.line((0.58, 0.06), (0.94, 0.42), (0.58, 0.78))
    return sign.mask()


class _Sign:
    """A square to draw in, with coordinates from 0 to 1."""

    def __init__(self, size: int) -> None:
        self._side = size * _SCALE
        self._image = Image.new("L", (self._side, self._side))
        self._draw = ImageDraw.Draw(self._image)
        self._pen = max(1, round(size / 7)) * _SCALE

    def line(self, *points: tuple[float, float], width: float = 1.0, is_cut: bool = False) -> None:
        pen = round(self._pen * width)
        self._draw.line(self._inside(points), 0 if is_cut else 255, pen, joint="curve")

    def area(self, *points: tuple[float, float]) -> None:
        self._draw.polygon([(x * (self._side - 1), y * (self._side - 1)) for x, y in points], 255)

    def ring(self) -> None:
        self._draw.ellipse((0, 0, self._side - 1, self._side - 1), outline=255, width=round(self._pen * 0.8))

    def disc(self) -> None:
        self._draw.ellipse((0, 0, self._side - 1, self._side - 1), 255)

    def mask(self) -> Image.Image:
        return self._image.reduce(_SCALE)

    def _inside(self, points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
        """Lines are as thick at the border as elsewhere."""
        room, half = self._side - self._pen, self._pen / 2
        return [(half + x * room, half + y * room) for x, y in points]
