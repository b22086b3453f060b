"""Where everything stands in the picture (manual, "Phone status display").

It depends on the members' names and not on what they are doing, so that nothing moves when they do something. Where
room is short the names are cut to three letters, then indices are left out, and calls at last.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from magroup.groups.picture.status import StatusView
from magroup.web.phone.display.frame import Frame
from magroup.web.phone.display.lettering import first_letters, width_of

Box = tuple[int, int, int, int]
LARGEST, SMALLEST = 24, 9
LEAST_WHOLE, LARGEST_CUT = 11, 12
"""Names are rather cut than written in smaller letters than the first; where they are cut, letters are no larger than
the second.
"""

SHORT_NAME = 3
_WIDEST_INDEX = "O"
_MEASURED = 4
_SIDES = 5
"""The room at the sides of what is written in the right part of a tile."""


@dataclass(frozen=True)
class TilePlan:
    """How all tiles of a picture are made. ``left`` is the width of the part with the presence, ``sign`` the side of a
    sign, ``size`` that of the letters.

    ``stacked``: the index stands over the sign of the presence, else beside it. ``two_rows``: the forwarding stands
    below the name, else beside it. ``shares_place``: the forwarding is only shown in the place of a call.
    """

    width: int
    height: int
    left: int
    size: int
    sign: int
    cuts_names: bool
    has_index: bool
    has_calls: bool
    stacked: bool = False
    two_rows: bool = False
    shares_place: bool = False

    @property
    def room(self) -> int:
        """The width of the place of a call."""
        return self.sign + 3 if self.has_calls else 0

    @property
    def forward_width(self) -> int:
        return self.sign + (1 + _index_width(self.size) if self.has_index else 0)

    @property
    def name_width(self) -> int:
        beside = self.has_calls and not self.two_rows and not self.shares_place
        return self.width - self.left - _SIDES - self.room - (self.forward_width + 2 if beside else 0)

    def name(self, short_name: str) -> str:
        """As much of it as is shown."""
        if self.cuts_names and width_of(short_name, self.size) > self.name_width:
            return first_letters(short_name, SHORT_NAME)
        return short_name


@dataclass(frozen=True)
class Layout:
    """``tiles`` are the boxes (left, top, right, bottom) in list order; ``title`` and ``calls`` are None where there is
    no place. There are ``lines`` lines for calls.
    """

    title: Box | None
    calls: Box | None
    lines: int
    plan: TilePlan
    tiles: tuple[Box, ...]


def layout(frame: Frame, view: StatusView) -> Layout:
    """Raises ValueError where there are more tiles than the frame takes."""
    if len(view.tiles) > frame.most_tiles:
        raise ValueError(f"{frame.most_tiles} tiles have room, not {len(view.tiles)}")
    return _laid_out(frame, tuple(tile.short for tile in view.tiles), view.shows_calls, bool(view.ringing))


@lru_cache(maxsize=512)
def _laid_out(frame: Frame, names: tuple[str, ...], shows_calls: bool, rings: bool) -> Layout:
    title = 0 if frame.is_strip else max(15, min(24, frame.height // 11))
    lines = _call_lines(frame) if shows_calls else 0
    below = lines * max(13, min(20, frame.height // 13)) + (2 if lines else 0)
    area = (0, title, frame.width, frame.height - below)
    plan, rows, columns = _best(frame, area, names)
    if frame.is_strip and not rings:
        # Its tiles are low enough: they have the place of the calls while there are none.
        lines = below = 0
        plan = replace(plan, height=(frame.height - 1) // rows - 1)
    return Layout(
        (0, 0, frame.width, title) if title else None,
        (0, frame.height - below, frame.width, frame.height) if lines else None,
        lines,
        plan,
        tuple(_cell(area, plan, columns, position) for position in range(len(names))),
    )


def _call_lines(frame: Frame) -> int:
    if frame.is_strip:
        return 1
    return 0 if frame.height < 100 else 2 if frame.height < 200 else 3


def _best(frame: Frame, area: Box, names: tuple[str, ...]) -> tuple[TilePlan, int, int]:
    """The grid that shows most of each member, in the largest letters, in the best shape; its rows and columns."""
    left, top, right, bottom = area
    count = max(1, len(names))
    found = []
    for rows in range(1, frame.rows + 1):
        columns = -(-count // rows)
        if columns > frame.columns or columns * (rows - 1) >= count:
            continue
        width, height = (right - left - 1) // columns - 1, (bottom - top - 1) // rows - 1
        lacks, plan = _plan(width, height if frame.is_strip else min(height, frame.height * 2 // 5), names)
        found.append((lacks, -plan.size, abs(width - 2.5 * height), plan, rows, columns))
    *_, plan, rows, columns = min(found, key=lambda one: one[:3])
    return plan, rows, columns


def _cell(area: Box, plan: TilePlan, columns: int, position: int) -> Box:
    row, column = divmod(position, columns)
    room = area[2] - area[0] - 1
    left = area[0] + 1 + room * column // columns
    top = area[1] + 1 + row * (plan.height + 1)
    return left, top, left + plan.width, top + plan.height


def _plan(width: int, height: int, names: tuple[str, ...]) -> tuple[int, TilePlan]:
    """The plan, and how much it leaves out."""
    whole, cut = _widest(names), _widest(tuple(first_letters(name, SHORT_NAME) for name in names))
    for lacks, (cuts, index, calls, shares) in enumerate(_LACKS):
        largest, smallest = (LARGEST_CUT, SMALLEST) if cuts else (LARGEST, LEAST_WHOLE)
        for size in range(largest, smallest - 1, -1):
            longest = max((width_of(name, size) for name in (cut if cuts else whole)), default=0)
            for two_rows in (True, False) if calls and not shares else (False,):
                plan = _made(width, height, size, cuts, index, calls, two_rows, shares)
                if _fits(plan, longest):
                    return lacks, plan
    return len(_LACKS), _made(width, height, SMALLEST, True, False, False, False, False)


@lru_cache(maxsize=512)
def _widest(names: tuple[str, ...]) -> tuple[str, ...]:
    """The few that are the widest in letters of any size: measuring takes time."""
    return tuple(sorted(names, key=lambda name: width_of(name, LARGEST))[-_MEASURED:])


_LACKS = (
    (False, True, True, False),
    (True, True, True, False),
    (True, False, True, False),
    (True, False, True, True),
    (True, False, False, False),
)
"""What is left out one after the other: whether names are cut, indices are shown, calls are shown, the latter with the
forwarding in their place.
"""


def _made(
    width: int, height: int, size: int, cuts: bool, index: bool, calls: bool, two_rows: bool, shares: bool
) -> TilePlan:  # fmt: skip
    sign = max(7, round(size * 0.8)) | 1
    letter = _index_width(size)
    stacked = index and height >= size + sign + 5
    beside = letter + sign + 6 if index else sign + 3
    left = max(letter, sign) + 5 if stacked else beside
    return TilePlan(width, height, left, size, sign, cuts, index, calls, stacked, two_rows, shares)


def _fits(plan: TilePlan, name: int) -> bool:
    rows = 2 if plan.two_rows else 1
    inner = plan.width - plan.left - _SIDES
    below = plan.room + plan.forward_width if plan.two_rows else 0
    return plan.height >= rows * plan.size + 4 and plan.name_width >= name and inner >= below


def _index_width(size: int) -> int:
    return width_of(_WIDEST_INDEX, size, bold=True)
