"""A report as an Excel workbook (ECMA-376), written row by row; openpyxl is imported with the first one."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from magroup.reports.columns import Value

MOST_ROWS = 1_048_576
"""What a sheet holds, the header included; further ones follow in another sheet."""

FORMATS = {datetime: "yyyy-mm-dd hh:mm:ss", timedelta: "[h]:mm:ss"}
WIDTHS = {datetime: 20, timedelta: 16, int: 14, str: 24}


class ExcelFile:
    """As CsvFile. Cells have types; no text is a formula."""

    def __init__(self, path: Path, title: str, headers: Sequence[str]) -> None:
        from openpyxl import Workbook

        self._path = path
        self._claimed = path.open("xb")
        self._title = title
        self._headers = headers
        self._book: Any = Workbook(write_only=True)
        self._sheet: Any = None
        self._cells: list[Any] = []
        self._rows = 0

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        for row in rows:
            if self._sheet is None or self._rows == MOST_ROWS:
                self._next_sheet(row)
            for cell, value in zip(self._cells, row, strict=True):
                _put(cell, value)
            self._sheet.append(self._cells)
            self._rows += 1

    def close(self) -> None:
        if self._sheet is None:
            self._next_sheet([""] * len(self._headers))
        self._end_sheet()
        with self._claimed:
            self._book.save(self._claimed)

    def discard(self) -> None:
        # openpyxl keeps each sheet's rows in a file of its own until the workbook is saved.
        try:
            self._claimed.close()
            self._end_sheet()
            for sheet in self._book.worksheets:
                with suppress(OSError, ValueError):
                    sheet._writer.cleanup()
        finally:
            self._path.unlink(missing_ok=True)

    def _next_sheet(self, row: Sequence[Value]) -> None:
        """With the columns' widths by the types in its first row."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._end_sheet()
        count = len(self._book.worksheets)
        self._sheet = sheet = self._book.create_sheet(f"{self._title} {count + 1}" if count else self._title)
        sheet.freeze_panes = "A2"
        heads = [WriteOnlyCell(sheet, header) for header in self._headers]
        for place, (head, value) in enumerate(zip(heads, row, strict=True), 1):
            head.font = Font(bold=True)
            width = max(WIDTHS[type(value)], len(head.value) + 4)
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.append(heads)
        self._rows = 1
        self._cells = [WriteOnlyCell(sheet) for _ in self._headers]
        for cell, value in zip(self._cells, row, strict=True):
            if type(value) in FORMATS:
                cell.number_format = FORMATS[type(value)]

    def _end_sheet(self) -> None:
        if self._sheet is None:
            return
        from openpyxl.utils import get_column_letter

        self._sheet.auto_filter.ref = f"A1:{get_column_letter(len(self._headers))}{self._rows}"
        sheet, self._sheet = self._sheet, None
        sheet.close()


def _put(cell: Any, value: Value) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    else:
        cell.value = value
