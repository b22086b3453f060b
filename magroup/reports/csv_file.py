"""A report as CSV (RFC 4180), in UTF-8 with a mark that makes Excel read it so, and without formulas."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from magroup.reports.columns import Value

FORMULA = re.compile(r"[=+\-@\t\r]")
"""How what a spreadsheet takes for a formula begins."""

PHONE_NUMBER = re.compile(r"\+[0-9]+")


class CsvFile:
    """Open until ``close`` or ``discard``. Blocks; raises OSError."""

    def __init__(self, path: Path, title: str, headers: Sequence[str]) -> None:
        self._path = path
        self._file = path.open("x", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(headers)

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        self._writer.writerows([_text(value) for value in row] for row in rows)

    def close(self) -> None:
        self._file.close()

    def discard(self) -> None:
        try:
            self._file.close()
        finally:
            self._path.unlink(missing_ok=True)


def _text(value: Value) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, str) and FORMULA.match(value) and not PHONE_NUMBER.fullmatch(value):
        return f"'{value}"
    return value
