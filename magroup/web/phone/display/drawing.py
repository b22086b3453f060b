"""The whole picture of a group for one kind of phone."""

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from magroup.groups.picture.status import RingingCall, StatusView
from magroup.model.lines import LineState
from magroup.web.phone.display.colours import GROUND, LINES, TITLE
from magroup.web.phone.display.frame import Frame
from magroup.web.phone.display.layout import Box, Layout, layout
from magroup.web.phone.display.lettering import Align, shortened, width_of, write
from magroup.web.phone.display.palette import palette, png
from magroup.web.phone.display.tile import tile_picture

ARROW = "▸"


@dataclass(frozen=True)
class Drawn:
    """A PNG, and where the members are in it: their ids with left, top, right and bottom, the last two not included."""

    content: bytes
    members: tuple[tuple[int, Box], ...]


def draw(view: StatusView, frame: Frame) -> Drawn:
    """Takes a few milliseconds; for a thread."""
    plan = layout(frame, view)
    image = palette(frame.greys).empty(frame.width, frame.height, GROUND)
    if plan.title is not None:
        image.paste(_title(_size(plan.title), view.title, view.more, frame.greys), plan.title[:2])
    for tile, box in zip(view.tiles, plan.tiles, strict=True):
        image.paste(tile_picture(tile, plan.plan, frame.greys), box[:2])
    if plan.calls is not None and view.ringing:
        image.paste(_calls(plan, view.ringing, frame.greys), plan.calls[:2])
    ids = (tile.member_id for tile in view.tiles)
    return Drawn(png(image), tuple(zip(ids, plan.tiles, strict=True)))


@lru_cache(maxsize=256)
def _title(size: tuple[int, int], title: str, more: int, greys: int) -> Image.Image:
    width, height = size
    image = Image.new("RGB", size, TITLE.ground)
    letters = round(height * 0.66)
    end = width - 4
    if more:
        count = f"+{more}"
        write(image, (0, 0, end, height), count, letters, TITLE.trace, align=Align.RIGHT)
        end -= width_of(count, letters) + 6
    shown = shortened(title, end - 4, letters, bold=True)
    write(image, (4, 0, end, height), shown, letters, TITLE.ink, bold=True)
    return palette(greys).reduced(image)


def _calls(plan: Layout, calls: tuple[RingingCall, ...], greys: int) -> Image.Image:
    """Each in a line of its own, the last one with how many more there are."""
    assert plan.calls is not None
    width, height = _size(plan.calls)
    image = Image.new("RGB", (width, height), GROUND)
    line = (height - 2) // plan.lines
    for number, call in enumerate(calls[: plan.lines]):
        more = len(calls) - plan.lines if number == plan.lines - 1 else 0
        _draw_call(image, (1, 2 + number * line, width - 1, 1 + (number + 1) * line), call, more)
    return palette(greys).reduced(image)


def _draw_call(image: Image.Image, box: Box, call: RingingCall, more: int) -> None:
    look = LINES[LineState.RINGING]
    left, top, right, bottom = box
    image.paste(look.ground, box)
    image.paste(look.edge, (left, top, left + 2, bottom))
    size = round((bottom - top) * 0.76)
    end = right - 4
    if more > 0:
        count = f"+{more}"
        write(image, (left, top, end, bottom), count, size, look.edge, bold=True, align=Align.RIGHT)
        end -= width_of(count, size, bold=True) + 6
    rung = shortened(f"{ARROW} {', '.join(call.rung)}", (right - left) // 2, size, bold=True)
    write(image, (left, top, end, bottom), rung, size, look.ink, bold=True, align=Align.RIGHT)
    end -= width_of(rung, size, bold=True) + 6
    caller = shortened(f"{call.caller}  {call.number}".strip() or "?", end - left - 6, size)
    write(image, (left + 6, top, end, bottom), caller, size, look.ink)


def _size(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]
