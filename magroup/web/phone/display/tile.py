"""One tile: on the left the presence with the index, on the right the line with the call, the name, the forwarding."""

from functools import lru_cache

from PIL import Image, ImageDraw

from magroup.groups.picture.status import CallSymbol, Tile
from magroup.model.lines import LineState
from magroup.model.presence import Presence
from magroup.web.phone.display.colours import BLACK, EXTERNAL, GREY_PRESENCE, LINES, PRESENCES, WHITE, Look
from magroup.web.phone.display.layout import Box, TilePlan
from magroup.web.phone.display.lettering import Align, write
from magroup.web.phone.display.palette import palette
from magroup.web.phone.display.signs import call_sign, forward_sign, presence_sign

_DASH = 3
_HATCH = 5


def paste_tile(image: Image.Image, at: tuple[int, int], tile: Tile, plan: TilePlan, greys: int) -> None:
    """Put a tile into a picture of numbers of colours (P). Parts that look alike are drawn once."""
    left, top = at
    image.paste(_presence_part(plan, greys, tile.index, tile.is_manager, tile.presence), at)
    name = plan.name(tile.short)
    image.paste(_line_part(plan, greys, name, tile.line, tile.call, tile.forwarded), (left + plan.left, top))


@lru_cache(maxsize=1024)
def _presence_part(plan: TilePlan, greys: int, index: str, is_manager: bool, presence: Presence) -> Image.Image:
    width, height = plan.left, plan.height
    image = Image.new("RGB", (width, height), GREY_PRESENCE if greys else PRESENCES[presence])
    ink = WHITE if is_manager else BLACK
    sign = presence_sign(presence, plan.sign)
    if not plan.has_index:
        image.paste(ink, ((width - plan.sign) // 2, (height - plan.sign) // 2), sign)
    elif plan.stacked:
        gap = (height - plan.size - plan.sign) // 3
        middle = gap + plan.size
        write(image, (0, gap, width, middle), index, plan.size, ink, bold=True, align=Align.MIDDLE)
        image.paste(ink, ((width - plan.sign) // 2, middle + gap), sign)
    else:
        beside = width - plan.sign - 2
        write(image, (0, 0, beside, height), index, plan.size, ink, bold=True, align=Align.MIDDLE)
        image.paste(ink, (beside, (height - plan.sign) // 2), sign)
    return palette(greys).reduced(image)


@lru_cache(maxsize=4096)
def _line_part(
    plan: TilePlan, greys: int, name: str, line: LineState, call: CallSymbol | None, forwarded: str | None
) -> Image.Image:  # fmt: skip
    look = LINES[line]
    image = Image.new("RGB", (plan.width - plan.left, plan.height), look.ground)
    _draw_line(image, line, look)
    _draw_words(image, plan, look, name, call, forwarded)
    return palette(greys).reduced(image)


def _draw_line(image: Image.Image, line: LineState, look: Look) -> None:
    """Beside its colour each state has its own border or pattern."""
    draw = ImageDraw.Draw(image)
    right, bottom = image.width - 1, image.height - 1
    match line:
        case LineState.IDLE:
            draw.rectangle((0, 0, right, bottom), outline=look.edge)
        case LineState.RINGING:
            draw.rectangle((0, 0, right, bottom), outline=look.edge, width=2)
        case LineState.BUSY:
            draw.rectangle((0, 0, right, bottom), outline=look.edge)
            draw.rectangle((0, bottom - 2, right, bottom), look.edge)
        case LineState.HELD:
            for x in range(0, right + 1, 2 * _DASH):
                draw.line((x, 0, min(x + _DASH - 1, right), 0), look.edge)
                draw.line((x, bottom, min(x + _DASH - 1, right), bottom), look.edge)
            for y in range(0, bottom + 1, 2 * _DASH):
                draw.line((0, y, 0, min(y + _DASH - 1, bottom)), look.edge)
                draw.line((right, y, right, min(y + _DASH - 1, bottom)), look.edge)
        case LineState.OUT_OF_SERVICE:
            for x in range(-bottom, right, _HATCH):
                draw.line((x, 0, x + bottom, bottom), look.trace)
            draw.rectangle((0, 0, right, bottom), outline=look.edge)


def _draw_words(
    image: Image.Image, plan: TilePlan, look: Look, name: str, call: CallSymbol | None, forwarded: str | None
) -> None:  # fmt: skip
    left, right = 2, image.width - 3
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
        image.paste(EXTERNAL if call.external else look.ink, (left, (bottom - plan.sign) // 2), sign)
    write(image, (left + plan.room, 0, end, bottom), name, plan.size, look.ink)


def _draw_forwarding(image: Image.Image, box: Box, plan: TilePlan, look: Look, index: str) -> None:
    left, top, right, bottom = box
    image.paste(look.ink, (left, top + (bottom - top - plan.sign) // 2), forward_sign(plan.sign))
    if plan.has_index:
        write(image, (left + plan.sign + 1, top, right, bottom), index, plan.size, look.ink, bold=True)
