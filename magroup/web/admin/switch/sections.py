"""The sections of the tab Switch."""

from typing import Any

from magroup.web.admin.reports.question import zone
from magroup.web.admin.switch.switching import switching
from magroup.web.admin.switch.times import clock_time
from magroup.web.admin.visit import AdminVisit

SECTIONS = (
    ("switch", "Overview"),
    ("switch/registrations", "Registrations"),
    ("switch/bans", "Attacks"),
    ("switch/number", "Why does this number go there?"),
    ("switch/layers", "Layers"),
)


def common(visit: AdminVisit, path: str) -> dict[str, Any]:
    """What all pages show: the sections, and as of when."""
    return {
        "sections": [(title, visit.url(at), at == path) for at, title in SECTIONS],
        "as_of": clock_time(switching(visit).seconds(), zone(visit)),
    }
