"""The tab's first page: the form for a free range, and the months."""

from magroup.web.admin.reports.four_eyes import guarded, reporting, second_of
from magroup.web.admin.reports.question import KINDS, OUTPUTS, first_times, zone
from magroup.web.admin.tabs import REPORTS
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown


async def page(visit: AdminVisit) -> Outcome:
    return await first_page(visit, {})


async def first_page(visit: AdminVisit, wrong: dict[str, str]) -> Shown:
    """With what was asked for, where that is ``wrong``."""
    months = await reporting(visit).reports.months()
    change = visit.parts.admission.change(visit.identity, "", "")
    start, end = first_times(change.at, zone(visit))
    return Shown("admin/reports/start.html", {
        "kinds": KINDS, "outputs": OUTPUTS, "start": visit.text("start") or start, "end": visit.text("end") or end,
        "kind": visit.text("kind") or KINDS[0][0], "output": visit.text("output") or OUTPUTS[0][0],
        "months": [(f"{month.year}-{month.month:02}", str(month)) for month in months],
        "choice": visit.url("reports/choice"), "second": second_of(visit), "lock": visit.url("reports/lock"),
    }, wrong)  # fmt: skip


ROUTES = (Route(REPORTS.name, REPORTS, guarded(page)),)
