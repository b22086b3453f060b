"""What each layer of the switch holds: how much, and the first of it, for who looks for a fault."""

from magroup.web.admin.pages import not_there
from magroup.web.admin.switch.sections import common
from magroup.web.admin.switch.switching import switching
from magroup.web.admin.tabs import SWITCH
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

PAGE = "switch/layers"
MOST_LINES = 200
LONGEST_LINE = 300


async def page(visit: AdminVisit) -> Outcome:
    standing, name = switching(visit).standing, visit.text("of", 40)
    shown = standing.layer(name, MOST_LINES) if name else None
    if name and shown is None:
        raise not_there()
    return Shown("admin/switch/layers.html", {
        **common(visit, PAGE), "here": visit.url(PAGE),
        "layers": [(one.title, one.count, visit.url(PAGE, of=one.name), one.name == name) for one in standing.layers()],
        "shown": shown, "lines": [line[:LONGEST_LINE] for line in shown.lines] if shown else (),
    })  # fmt: skip


ROUTES = (Route(PAGE, SWITCH, page),)
