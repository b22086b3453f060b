"""The colours of the status display, those of the gadget on steps that phones with 12 bits a pixel have.

Indices are white or black on the colour of the presence: each of these is as far from the one as from the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from magroup.model.lines import LineState
from magroup.model.presence import Presence

Colour = tuple[int, int, int]
STEP = 0x11
"""What 4 bits a channel tell apart."""


def _colour(text: str) -> Colour:
    red, green, blue = (int(digit, 16) * STEP for digit in text)
    return red, green, blue


@dataclass(frozen=True)
class Look:
    """``trace`` is what is drawn into the ground without standing out."""

    ground: Colour
    edge: Colour
    ink: Colour
    trace: Colour


WHITE = _colour("fff")
BLACK = _colour("000")
GROUND = _colour("eee")
EXTERNAL = _colour("03c")
TITLE = Look(_colour("058"), _colour("058"), WHITE, _colour("adf"))

LINES: Mapping[LineState, Look] = {
    LineState.IDLE: Look(WHITE, _colour("9ab"), _colour("123"), WHITE),
    LineState.RINGING: Look(_colour("fd7"), _colour("a70"), _colour("320"), _colour("fd7")),
    LineState.BUSY: Look(_colour("fcb"), _colour("c32"), _colour("400"), _colour("fcb")),
    LineState.HELD: Look(_colour("dde"), _colour("56a"), _colour("225"), _colour("dde")),
    LineState.OUT_OF_SERVICE: Look(_colour("ccc"), _colour("777"), _colour("222"), _colour("999")),
}
PRESENCES: Mapping[Presence, Colour] = {
    Presence.AVAILABLE: _colour("184"),
    Presence.AWAY: _colour("b70"),
    Presence.BUSY: _colour("c50"),
    Presence.DND: _colour("d33"),
    Presence.UNAVAILABLE: _colour("777"),
}
GREY_PRESENCE = _colour("888")
"""That of all on phones without colours: their own shades would be dark, and too much alike to be told apart."""

SHADES = 4
"""Those of the edge of a letter, from the ground to the ink."""


def mixtures() -> Iterator[Colour]:
    """All colours that a picture has."""
    yield GROUND
    for look in (*LINES.values(), TITLE):
        yield look.edge
        for ink in (look.ink, EXTERNAL, look.edge, look.trace, TITLE.trace):
            yield from _between(look.ground, ink)
    for presence in PRESENCES.values():
        for ink in (WHITE, BLACK):
            yield from _between(presence, ink)


def _between(ground: Colour, ink: Colour) -> Iterator[Colour]:
    for step in range(SHADES):
        parts = (round((g + (i - g) * step / (SHADES - 1)) / STEP) * STEP for g, i in zip(ground, ink, strict=True))
        red, green, blue = parts
        yield red, green, blue
