"""The tab Reports over numbers that are made up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.defer import Deferred

from magroup.model.configuration import Configuration
from magroup.model.people import Privilege as P
from magroup.model.records import Place
from magroup.model.report import Asked, Detail, DetailsPage, Form, GroupTotals, Kind, MemberTotals, Totals, Traffic
from magroup.model.report_range import Month
from magroup.web.admin.reports.reporting import Reporting
from tests.web.admin.site import AdminCase, AdminWeb, at_once, company, said
from tests.web.connection import Answer

TOTALS = Totals(7, 3, 5, 4, 3700.0, 60.0)
HOURS = (0,) * 9 + (4, 9, 6) + (0,) * 12


@dataclass
class FakeReports:
    """``asked`` is what was asked for; a file is written when ``writing`` is fired, at once without it."""

    asked: list[Asked] = field(default_factory=list)
    totals: Totals = TOTALS
    writing: Deferred[None] | None = None

    async def months(self) -> tuple[Month, ...]:
        return (Month(2024, 8), Month(2024, 7))

    async def details(self, asked: Asked, limit: int = 50, after: Place | None = None) -> DetailsPage:
        self.asked.append(asked)
        if after is not None:
            return DetailsPage((Detail("c2", after[0], "0301", "", "5544", "Support", 60.0),), None)
        call = Detail("c1", asked.range.start, "0301", "<b>Raf</b>", "5544", "", 3723.4)
        return DetailsPage((call,), (asked.range.start, "c1"))

    async def count(self, asked: Asked) -> int:
        return 2

    async def traffic(self, asked: Asked) -> Traffic:
        self.asked.append(asked)
        return Traffic(HOURS, (3, 4, 5, 6, 1, 0, 0))

    async def members(self, asked: Asked) -> tuple[MemberTotals, ...]:
        self.asked.append(asked)
        return (MemberTotals("1071", "Maria Rossi", self.totals), MemberTotals("1072", "", Totals(9, 1)))

    async def groups(self, asked: Asked) -> tuple[GroupTotals, ...]:
        self.asked.append(asked)
        return (GroupTotals(45, "1st level support", self.totals), GroupTotals(999, "Gone", Totals(1)))

    async def save(
        self, kind: Kind, asked: Asked, form: Form, file: Path, progress: Callable[[int, int], None]
    ) -> None:  # fmt: skip
        self.asked.append(asked)
        progress(25, 100)
        if self.writing is not None:
            await self.writing
        file.write_text(f"{kind} {form}")


@dataclass
class ReportsWeb(AdminWeb):
    """The site with them."""

    numbers: FakeReports = field(default_factory=FakeReports)

    def more(self) -> dict[str, Any]:
        more = super().more()
        self.reporting = Reporting(self.numbers, self.clock, self.folder / "reports", at_once)
        self.reporting.jobs._clean()
        return {**more, "admin": replace(more["admin"], reporting=self.reporting)}


def offices() -> Configuration:
    """Maria may see reports, Raf and another user only together."""
    people = company(Maria_Rossi=(P.REPORTS,))
    both = [user for user in people.users if user.name != "Maria.Rossi"][:3]
    for user, privileges in zip(both, ((P.REPORTS_4_EYES,), (P.REPORTS_4_EYES,), ()), strict=True):
        people = people.changed(users=tuple(
            replace(one, privileges=frozenset(privileges)) if one is user or one.name == user.name else one
            for one in people.users
        ))  # fmt: skip
    return people


class ReportsCase(AdminCase):
    """``browser`` is Maria's; ``one`` and ``two`` have Reports4Eyes, ``other`` no privilege."""

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        begin = offices()
        self.web: ReportsWeb = ReportsWeb(begin=begin, folder=Path(folder.name))
        self.numbers = self.web.numbers
        self.addCleanup(self.web.database.engine.dispose)
        self.addCleanup(self.web.reporting.jobs.stop)
        self.one, self.two, self.other = [user.name for user in begin.users if user.name != "Maria.Rossi"][:3]
        self.browser = self.logged_in("Maria.Rossi")

    def gone_to(self, answer: Answer) -> str:
        """Where the browser is sent."""
        self.assertEqual(answer.code, 303, said(answer))
        return answer.headers["location"]
