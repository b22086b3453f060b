"""The choice before a report: all, one group or one member, and whether outbound calls are in it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from magroup.model.configuration import Configuration
from magroup.web.admin.reports.four_eyes import guarded
from magroup.web.admin.reports.question import OUTPUTS, Question, WrongQuestion, question
from magroup.web.admin.reports.start import first_page
from magroup.web.admin.tabs import REPORTS
from magroup.web.admin.visit import AdminVisit, Outcome, PageFunction, Route, Shown

PAGES = {"screen": "reports/show", "graph": "reports/graph", "xlsx": "reports/save", "csv": "reports/save"}


def answering(page: Callable[[AdminVisit, Question], Any]) -> PageFunction:
    """The page for what is asked; what is wrong is said at the first page's form."""

    @wraps(page)
    async def run(visit: AdminVisit) -> Outcome:
        try:
            asked = question(visit)
        except WrongQuestion as error:
            return await first_page(visit, dict(error.wrong))
        return await page(visit, asked)  # type: ignore[no-any-return]

    return guarded(run)


def note(visit: AdminVisit, asked: Question) -> None:
    """Who looks at what is kept in the audit trail."""
    admission = visit.parts.admission
    admission.record(admission.change(visit.identity, "report", asked.title, "", asked.told))


async def choice(visit: AdminVisit, asked: Question) -> Outcome:
    return Shown("admin/reports/choice.html", {
        "asked": asked, "fields": {name: asked.fields[name] for name in ("kind", "output", "month", "start", "end")},
        "groups": _groups(visit.configuration), "url": visit.url(PAGES[asked.output]), "is_file": asked.output in (
            "xlsx", "csv"), "output": dict(OUTPUTS)[asked.output], "back": visit.url(REPORTS.name),
    })  # fmt: skip


def _groups(configuration: Configuration) -> list[tuple[str, int, list[tuple[str, str]]]]:
    return [
        (group.name, group.id, [
            (f"{group.id}:{member.number}", f"{configuration.name_of_number(member.number)} {member.number}".strip())
            for member in configuration.members_of(group.id)
        ])
        for group in sorted(configuration.groups, key=lambda group: group.name.casefold())
    ]  # fmt: skip


ROUTES = (Route("reports/choice", REPORTS, answering(choice)),)
