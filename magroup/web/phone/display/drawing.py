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
from magroup.web.phone.display.palette import palette
from magroup.web.phone.display.png import png
from magroup.web.phone.display.tile import paste_tile

ARROW = "▸"
UNKNOWN = "?"
"""A caller of whom nothing is known."""


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
        paste_tile(image, box[:2], tile, plan.plan, frame.greys)
    _paste_calls(image, plan, view.ringing, frame.greys)
    ids = (tile.member_id for tile in view.tiles)
    content = png(image, palette(frame.greys).colours)
    return Drawn(content, tuple(zip(ids, plan.tiles, strict=True)))


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


def _paste_calls(image: Image.Image, plan: Layout, calls: tuple[RingingCall, ...], greys: int) -> None:
    """Each in a line of its own, the last one with how many more there are."""
    if plan.calls is None:
        return
    left, top, right, bottom = plan.calls
    height = (bottom - top - 2) // plan.lines
    for number, call in enumerate(calls[: plan.lines]):
        more = len(calls) - plan.lines if number == plan.lines - 1 else 0
        line = _call((right - left - 2, height - 1), call, more, greys)
        image.paste(line, (left + 1, top + 2 + number * height))


@lru_cache(maxsize=256)
def _call(size: tuple[int, int], call: RingingCall, more: int, greys: int) -> Image.Image:
    look = LINES[LineState.RINGING]
    width, height = size
    image = Image.new("RGB", size, look.ground)
    image.paste(look.edge, (0, 0, 2, height))
    letters = round(height * 0.8)
    end = width - 4
    if more > 0:
        count = f"+{more}"
        write(image, (0, 0, end, height), count, letters, look.edge, bold=True, align=Align.RIGHT)
        end -= width_of(count, letters, bold=True) + 6
    rung = shortened(f"{ARROW} {', '.join(call.rung)}", width // 2, letters, bold=True)
    write(image, (0, 0, end, height), rung, letters, look.ink, bold=True, align=Align.RIGHT)
    end -= width_of(rung, letters, bold=True) + 6
    caller = shortened(f"{call.caller}  {call.number}".strip() or UNKNOWN, end - 6, letters)
    write(image, (6, 0, end, height), caller, letters, look.ink)
    return palette(greys).reduced(image)


def _size(box: Box) -> tuple[int, int]:
    return box[2] - box[0], box[3] - box[1]
