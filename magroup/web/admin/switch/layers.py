"""What each layer of the switch holds: how much, and the first of it, for who looks for a fault."""

from collections.abc import Sequence

from magroup.model.standing import Layer
from magroup.web.admin.pages import not_there
from magroup.web.admin.switch.sections import common
from magroup.web.admin.switch.switching import switching
from magroup.web.admin.tabs import SWITCH
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

PAGE = "switch/layers"
MOST_LINES = 200
LONGEST_LINE = 300


async def page(visit: AdminVisit) -> Outcome:
    parts, name, wanted = switching(visit), visit.text("of", 40), visit.text("worker", 2)
    workers = parts.workers
    number = int(wanted) if workers is not None and wanted in map(str, workers.numbers) else 1
    if workers is None or number == 1:
        layers: Sequence[Layer] = parts.standing.layers()
        shown = parts.standing.layer(name, MOST_LINES) if name else None
    else:
        layers = await workers.layers(number)
        shown = await workers.layer(number, name, MOST_LINES) if name and layers else None
    if name and layers and shown is None:
        raise not_there()

    def url(worker: int, of: str) -> str:
        return visit.url(PAGE, of=of, worker=worker) if worker > 1 else visit.url(PAGE, of=of)

    return Shown("admin/switch/layers.html", {
        **common(visit, PAGE), "here": visit.url(PAGE),
        "layers": [(one.title, one.count, url(number, one.name), one.name == name) for one in layers],
        "workers": [(one, url(one, name), one == number) for one in (workers.numbers if workers is not None else ())],
        "number": number, "shown": shown, "lines": [line[:LONGEST_LINE] for line in shown.lines] if shown else (),
    })  # fmt: skip


ROUTES = (Route(PAGE, SWITCH, page),)
