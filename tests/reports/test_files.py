"""Reports saved as files and read back."""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from openpyxl import load_workbook

from magroup.model.calls import LegOutcome
from magroup.model.report import Asked, Form, Kind
from magroup.reports import excel_file, writing
from magroup.store import StoreError
from tests.reports.journals import AUGUST, BOARD, RAF, JournalCase, at, call, leg

NOON = at("2024-08-14T12:00")
FORMULA = '=HYPERLINK("http://x","y")'


class FileTests(JournalCase):
    """``save``."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        self.folder.mkdir()
        self.put(
            call("a", NOON, leg(RAF, LegOutcome.ANSWERED, BOARD, 4000), group_id=BOARD, caller_name=FORMULA,
                 caller_number="+41311234567", lasted=90_061.0),
            call("b", NOON + 60.5, leg(RAF, LegOutcome.MISSED, BOARD), group_id=BOARD, caller_name="@x\x01\x00Ü"),
        )  # fmt: skip
        self.told: list[tuple[int, int]] = []

    async def save(self, kind: Kind, form: Form, **asked: Any) -> Path:
        file = self.folder / f"{kind.value}.{form.value}"
        await self.reports.save(kind, Asked(AUGUST, **asked), form, file, lambda *at: self.told.append(at))
        return file

    async def test_excel_details(self) -> None:
        book = load_workbook(await self.save(Kind.DETAILS, Form.EXCEL))
        sheet: Any = book["Details"]
        self.assertEqual((sheet.freeze_panes, sheet.auto_filter.ref), ("A2", "A1:F3"))
        head, first, second = sheet.iter_rows()
        self.assertEqual([cell.value for cell in head], [
            "Date/Time", "Caller number", "Caller name", "Called number", "Called name", "Duration"])  # fmt: skip
        self.assertEqual([cell.value for cell in first], [
            datetime(2024, 8, 14, 12), "+41311234567", FORMULA, "8973", "Board", timedelta(seconds=90_061),
        ])  # fmt: skip
        self.assertEqual([cell.data_type for cell in first], ["d", "s", "s", "s", "s", "d"])
        self.assertEqual([first[0].number_format, first[5].number_format], ["yyyy-mm-dd hh:mm:ss", "[h]:mm:ss"])
        self.assertEqual((second[0].value, second[2].value), (datetime(2024, 8, 14, 12, 1), "@xÜ"))
        self.assertEqual(self.told, [(0, 2), (2, 2)])

    async def test_excel_members(self) -> None:
        for outbound, count, duration in ((False, 5, 4), (True, 7, 8)):
            for kind, columns in ((Kind.COUNT, count), (Kind.DURATION, duration)):
                file = await self.save(kind, Form.EXCEL, group_id=BOARD, outbound=outbound)
                rows = list(load_workbook(file).worksheets[0].iter_rows(values_only=True))
                self.assertEqual([len(row) for row in rows], [columns] * 3)
                self.assertEqual(rows[2][:2], (RAF, "Raf Meier"))
                if kind is Kind.COUNT:
                    self.assertEqual((rows[2][2], rows[2][3], rows[2][-1]), (1, 1, 2))
                else:
                    self.assertEqual(rows[2][2], timedelta(seconds=4000))
                file.unlink()

    async def test_more_than_a_sheet_holds(self) -> None:
        self.patch(excel_file, "MOST_ROWS", 2)
        book = load_workbook(await self.save(Kind.DETAILS, Form.EXCEL))
        self.assertEqual(book.sheetnames, ["Details", "Details 2"])
        self.assertEqual([sheet.max_row for sheet in book.worksheets], [2, 2])

    async def test_empty(self) -> None:
        file = await self.save(Kind.DETAILS, Form.EXCEL, group_id=99)
        self.assertEqual(load_workbook(file)["Details"].max_row, 1)

    async def test_csv(self) -> None:
        file = await self.save(Kind.DETAILS, Form.CSV)
        self.assertTrue(file.read_bytes().startswith(b"\xef\xbb\xbfDate/Time,"))
        _, first, second = csv.reader(file.read_text("utf-8-sig").splitlines())
        self.assertEqual(
            first, ["2024-08-14 12:00:00", "+41311234567", "'" + FORMULA, "8973", "Board", "25:01:01"]
        )
        self.assertEqual(second[2][:2], "'@")

    async def test_in_pieces(self) -> None:
        self.put(*(call(f"more {n}", NOON + n, leg(RAF, LegOutcome.MISSED, BOARD), group_id=BOARD) for n in range(30)))
        self.patch(writing, "PIECE", 15)
        file = await self.save(Kind.DETAILS, Form.CSV)
        self.assertEqual(len(file.read_text("utf-8-sig").splitlines()), 33)
        self.assertEqual(self.told, [(0, 32), (15, 32), (30, 32), (32, 32)])

    async def test_nothing_is_left_after_an_error(self) -> None:
        for error in (StoreError("gone"), SystemExit(143)):
            for form in Form:
                with mock.patch.object(writing, "details", side_effect=error), self.assertRaises(type(error)):
                    await self.save(Kind.DETAILS, form)
                self.assertEqual(list(self.folder.iterdir()), [])

    async def test_files_are_not_overwritten(self) -> None:
        file = self.folder / "details.csv"
        file.write_text("mine")
        with self.assertRaises(FileExistsError):
            await self.save(Kind.DETAILS, Form.CSV)
        self.assertEqual(file.read_text(), "mine")
