"""Groups as the status display shows them."""

from dataclasses import replace

from magroup.groups.picture.status import INDICES, CallSymbol, RingingCall, StatusView, Tile
from magroup.model.lines import LineState
from magroup.model.presence import Presence

NAMES = (
    "Ann", "Raf", "Ara", "Mia", "Šar", "Łuk", "Ωme", "Жан", "Zoë", "Jür", "Dvoř", "Bea", "Cem", "Ida", "Noa", "Olu",
    "Pia", "Quy", "Rui", "Sio", "Tom", "Uwe", "Vic", "Wim",
)  # fmt: skip
LONG_NAMES = (
    "Annelies", "Brigitte", "Wolfgang", "Šarić-Mö", "Maximili", "Łukasz W", "Ωmega-WM", "Ðorđević", "MMMMMMMM",
    "Ив", "مريم", "山田太郎", "Christop", "Elisabet", "Friederi", "Gwendoly", "Heinrich", "Isabella", "Katharin",
    "Leonardo", "Marianne", "Nathalie", "Philippa", "Sebastia",
)  # fmt: skip
IN, OUT = CallSymbol(True, False), CallSymbol(False, False)
FROM_OUTSIDE, TO_OUTSIDE = CallSymbol(True, True), CallSymbol(False, True)
STATES = (
    {}, {"line": LineState.RINGING, "call": FROM_OUTSIDE}, {"line": LineState.BUSY, "call": IN},
    {"presence": Presence.AWAY, "forwarded": "3"}, {"line": LineState.BUSY, "call": TO_OUTSIDE},
    {"presence": Presence.BUSY, "line": LineState.HELD, "call": OUT}, {"presence": Presence.DND, "forwarded": ""},
    {"presence": Presence.UNAVAILABLE, "line": LineState.OUT_OF_SERVICE},
    {"presence": Presence.AWAY, "line": LineState.RINGING, "call": IN, "forwarded": "A"},
    {"presence": Presence.DND, "line": LineState.BUSY, "call": FROM_OUTSIDE, "forwarded": "1"},
)  # fmt: skip
"""What members may be doing, one after the other."""

CALLS = (
    RingingCall("Eva Kunz", "+49 30 901820", ("Ann",)),
    RingingCall("Chairman's office <VIP>", "8973", ("Ann", "Raf")),
    RingingCall("", "0170 5551234", ("Mia",)),
    RingingCall("Bundesministerium für Wirtschaft und Klimaschutz, Referat 17", "030186150", ("Wolfgang",)),
    RingingCall("Δημήτρης", "2310", ("Zoë",)),
)  # fmt: skip


def tile(position: int, short: str = "", **state: object) -> Tile:
    made = Tile(position + 1, INDICES[position : position + 1], short or NAMES[position % len(NAMES)], position == 0)
    return replace(made, **state)  # type: ignore[arg-type]


def view(
    members: int, most: int = 24, names: tuple[str, ...] = NAMES, ringing: int = 0, title: str = "Accounting",
    quiet: bool = False,
) -> StatusView:  # fmt: skip
    """A group with so many members, who do all that can be done, or nothing."""
    shown = min(members, most)
    tiles = tuple(
        tile(position, names[position % len(names)], **({} if quiet else STATES[position % len(STATES)]))
        for position in range(shown)
    )  # fmt: skip
    return StatusView(title, tiles, members - shown, True, CALLS[:ringing])
