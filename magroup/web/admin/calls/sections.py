"""The sections of the tab Calls."""

from magroup.web.admin.visit import AdminVisit

SECTIONS = (("calls", "Live calls"), ("calls/journal", "Journal"))


def sections(visit: AdminVisit, path: str) -> list[tuple[str, str, bool]]:
    """Title, address and whether it is the one at ``path``."""
    return [(title, visit.url(one), one == path) for one, title in SECTIONS]
