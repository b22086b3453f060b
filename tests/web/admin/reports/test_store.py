"""The tab over calls in a database: tables, graphs, and files that openpyxl reads."""

from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import load_workbook

from magroup.model.calls import CallRecord, LegOutcome, LegRecord
from magroup.model.people import Privilege
from magroup.reports import StoredReports
from magroup.store.engine import transaction
from magroup.store.journal.rows import insert_calls
from tests.reports.journals import WritesAtOnce
from tests.web.admin.reports.site import ReportsWeb
from tests.web.admin.site import AdminCase, company, rows

BEGAN = 1_722_500_000.0
"""2024-08-01 08:13:20 UTC."""

UTC = ZoneInfo("UTC")


class OverTheStore(AdminCase):
    """Maria was called three times in August 2024, and answered twice."""

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.web = web = ReportsWeb(begin=company(Maria_Rossi=(Privilege.REPORTS,)), folder=Path(folder.name))
        self.addCleanup(web.database.engine.dispose)
        database: Any = web.database
        database.read, database.url = database.run, ""
        writers = WritesAtOnce(partial(transaction, database.engine))
        web.reporting.reports = StoredReports(database, writers, lambda: UTC, lambda: BEGAN)
        web.reporting.jobs._reports = web.reporting.reports
        self.addCleanup(web.reporting.jobs.stop)
        self.group = web.current.value.groups[0]
        self.maria = web.current.value.members_of(self.group.id)[0]
        with web.database.engine.begin() as connection:
            insert_calls(connection, [self.call(0, True), self.call(1, True), self.call(2, False)])
        self.browser = self.logged_in("Maria.Rossi")
        self.august = "start=2024-08-01T00:00&end=2024-09-01T00:00"

    def call(self, number: int, answered: bool) -> CallRecord:
        at, id = BEGAN + 3600 * number, f"n1-{number}"
        leg = LegRecord(
            f"{id}-a", id, self.maria.number, "Maria Rossi", self.maria.user_name, self.maria.id, self.group.id, True,
            at, at + 10 if answered else 0.0, at + 70,
            LegOutcome.ANSWERED if answered else LegOutcome.MISSED,
        )  # fmt: skip
        return CallRecord(
            id, at, "0301", "=1+1", self.group.number, self.group.name, self.group.id, leg.answered_at, at + 70,
            external=True, legs=(leg,),
        )  # fmt: skip

    def test_screens(self) -> None:
        page = self.browser.page(f"reports/show?kind=details&output=screen&{self.august}")
        self.assertEqual([row[0] for row in rows(page)], [
            "01.08.2024 08:13:20", "01.08.2024 09:13:20", "01.08.2024 10:13:20"])  # fmt: skip
        self.assertEqual(rows(page)[0][3], "0:01:10")
        page = self.browser.page(f"reports/show?kind=count&output=screen&who={self.group.id}&{self.august}")
        self.assertEqual(rows(page)[0], [self.maria.number, "Maria Rossi", "1", "2", "3"])
        page = self.browser.page(f"reports/show?kind=duration&output=screen&{self.august}")
        self.assertEqual(rows(page)[0][2:], ["0:02:00", "0:01:00"])

    def test_graphs(self) -> None:
        page = self.browser.page(f"reports/graph?kind=details&output=graph&{self.august}")
        self.assertEqual([row[1] for row in rows(page)][8:11], ["1", "1", "1"])
        page = self.browser.page(f"reports/graph?kind=count&output=graph&{self.august}")
        self.assertIn([self.group.name, "2", "1"], rows(page))

    def test_excel(self) -> None:
        for kind, columns, lines in (("details", 4, 3), ("count", 5, 1), ("duration", 4, 1)):
            job = self.browser.fill(f"reports/choice?kind={kind}&output=xlsx&{self.august}").headers["location"]
            self.assertEqual(len(self.browser.page(job).xpath("//a[@id='file']")), 1)
            (file,) = (self.web.folder / "reports").iterdir()
            sheet = load_workbook(BytesIO(file.read_bytes())).active
            assert sheet is not None
            self.assertGreaterEqual(sheet.max_column, columns)
            self.assertGreaterEqual(sheet.max_row, lines + 1)
            self.assertFalse([cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"])
            self.web.reporting.jobs.end(*self.web.reporting.jobs._jobs.values())
