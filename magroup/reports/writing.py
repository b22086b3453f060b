"""A report read from the database and written into a file, piece by piece."""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from magroup.model.report import Form, Kind
from magroup.reports.columns import Value, headers, of_details, of_members
from magroup.reports.csv_file import CsvFile
from magroup.reports.details import count, details
from magroup.reports.excel_file import ExcelFile
from magroup.reports.order import Order
from magroup.reports.totals import members

PIECE = 500
"""Rows read at a time, each piece in a transaction of its own."""

TITLES = {Kind.DETAILS: "Details", Kind.COUNT: "Call count", Kind.DURATION: "Call duration"}


def write(order: Order, read: Callable[..., Any], progress: Callable[[int, int], None]) -> None:
    """``read(work, ...)`` does ``work(connection, ...)`` in a transaction. Blocks for as long as it takes.

    Raises StoreError, OSError; then, as whenever it is left before its end, there is no file.
    """
    make = ExcelFile if order.form is Form.EXCEL else CsvFile
    book: ExcelFile | CsvFile = make(Path(order.file), TITLES[order.kind], headers(order.kind, order.asked.outbound))
    try:
        total, done = read(count, order.asked) if order.kind is Kind.DETAILS else 0, 0
        progress(done, total)
        for rows in _pieces(order, read):
            book.add(rows)
            done += len(rows)
            progress(done, max(done, total))
        book.close()
    except BaseException:
        book.discard()
        raise


def _pieces(order: Order, read: Callable[..., Any]) -> Iterator[Sequence[tuple[Value, ...]]]:
    if order.kind is not Kind.DETAILS:
        yield list(of_members(order.kind, read(members, order.asked), order.asked.outbound))
        return
    zone: tzinfo | None = ZoneInfo(order.zone) if order.zone else None
    after = None
    while True:
        page = read(details, order.asked, PIECE, after)
        if page.calls:
            yield list(of_details(page.calls, zone))
        if page.next is None:
            return
        after = page.next
