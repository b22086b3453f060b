"""One tile: on the left the presence with the index, on the right the line with the call, the name, the forwarding."""

from functools import lru_cache

from PIL import Image, ImageDraw

from magroup.groups.picture.status import CallSymbol, Tile
from magroup.model.lines import LineState
from magroup.model.presence import Presence
from magroup.web.phone.display.colours import BLACK, EXTERNAL, GREY_PRESENCE, LINES, PRESENCES, WHITE, Colour, Look
from magroup.web.phone.display.layout import Box, TilePlan
from magroup.web.phone.display.lettering import Align, stamp, write
from magroup.web.phone.display.palette import palette
from magroup.web.phone.display.signs import call_sign, forward_sign, presence_sign

_DASH = 3
_HATCH = 5


def tile_picture(tile: Tile, plan: TilePlan, greys: int) -> Image.Image:
    """The tile in the colours of the palette; what is shown alike is drawn once."""
    name = plan.name(tile.short)
    return _drawn(
        plan, greys, tile.index, name, tile.is_manager, tile.presence, tile.line, tile.call, tile.forwarded
    )  # fmt: skip


@lru_cache(maxsize=2048)
def _drawn(
    plan: TilePlan, greys: int, index: str, name: str, is_manager: bool, presence: Presence, line: LineState,
    call: CallSymbol | None, forwarded: str | None,
) -> Image.Image:  # fmt: skip
    image = Image.new("RGB", (plan.width, plan.height), GREY_PRESENCE if greys else PRESENCES[presence])
    _draw_presence(image, plan, index, WHITE if is_manager else BLACK, presence)
    look = LINES[line]
    box = (plan.left, 0, plan.width, plan.height)
    _draw_line(image, box, line, look)
    _draw_words(image, box, plan, look, name, call, forwarded)
    return palette(greys).reduced(image)


def _draw_presence(image: Image.Image, plan: TilePlan, index: str, ink: Colour, presence: Presence) -> None:
    sign = presence_sign(presence, plan.sign)
    left, height = plan.left, plan.height
    if not plan.has_index:
        stamp(image, ((left - plan.sign) // 2, (height - plan.sign) // 2), sign, ink)
    elif plan.stacked:
        gap = (height - plan.size - plan.sign) // 3
        middle = gap + plan.size
        write(image, (0, gap, left, middle), index, plan.size, ink, bold=True, align=Align.MIDDLE)
        stamp(image, ((left - plan.sign) // 2, middle + gap), sign, ink)
    else:
        write(image, (0, 0, left - plan.sign - 2, height), index, plan.size, ink, bold=True, align=Align.MIDDLE)
        stamp(image, (left - plan.sign - 2, (height - plan.sign) // 2), sign, ink)


def _draw_line(image: Image.Image, box: Box, line: LineState, look: Look) -> None:
    """Beside its colour each state has its own border or pattern."""
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = box[0], box[1], box[2] - 1, box[3] - 1
    draw.rectangle((left, top, right, bottom), look.ground)
    match line:
        case LineState.IDLE:
            draw.rectangle((left, top, right, bottom), outline=look.edge)
        case LineState.RINGING:
            draw.rectangle((left, top, right, bottom), outline=look.edge, width=2)
        case LineState.BUSY:
            draw.rectangle((left, top, right, bottom), outline=look.edge)
            draw.rectangle((left, bottom - 2, right, bottom), look.edge)
        case LineState.HELD:
            for x in range(left, right + 1, 2 * _DASH):
                draw.line((x, top, min(x + _DASH - 1, right), top), look.edge)
                draw.line((x, bottom, min(x + _DASH - 1, right), bottom), look.edge)
            for y in range(top, bottom + 1, 2 * _DASH):
                draw.line((left, y, left, min(y + _DASH - 1, bottom)), look.edge)
                draw.line((right, y, right, min(y + _DASH - 1, bottom)), look.edge)
        case LineState.OUT_OF_SERVICE:
            for x in range(left - bottom, right, _HATCH):
                # The part of the line from (x, 0) to (x + bottom, bottom) that is in the box.
                start, end = max(x, left), min(x + bottom, right)
                draw.line((start, start - x, end, end - x), look.trace)
            draw.rectangle((left, top, right, bottom), outline=look.edge)


def _draw_words(
    image: Image.Image, box: Box, plan: TilePlan, look: Look, name: str, call: CallSymbol | None, forwarded: str | None
) -> None:  # fmt: skip
    left, right = box[0] + 2, box[2] - 3
    if not plan.has_calls:
        call = forwarded = None
    bottom, end = plan.height, right
    if forwarded is not None and not (plan.shares_place and call is not None):
        if plan.two_rows:
            bottom = plan.height // 2 + 1
            _draw_forwarding(image, (left + plan.room, bottom - 2, right, plan.height - 2), plan, look, forwarded)
        elif plan.shares_place:
            _draw_forwarding(image, (left, 0, left + plan.sign, bottom), plan, look, "")
        else:
            end = right - plan.forward_width
            _draw_forwarding(image, (end, 0, right, bottom), plan, look, forwarded)
    if call is not None:
        sign = call_sign(call.inbound, call.external, plan.sign)
        stamp(image, (left, (bottom - plan.sign) // 2), sign, EXTERNAL if call.external else look.ink)
    write(image, (left + plan.room, 0, end, bottom), name, plan.size, look.ink)


def _draw_forwarding(image: Image.Image, box: Box, plan: TilePlan, look: Look, index: str) -> None:
    left, top, right, bottom = box
    stamp(image, (left, top + (bottom - top - plan.sign) // 2), forward_sign(plan.sign), look.ink)
    if plan.has_index:
        write(image, (left + plan.sign + 1, top, right, bottom), index, plan.size, look.ink, bold=True)
