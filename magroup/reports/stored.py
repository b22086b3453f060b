"""The reports of a database, read in its threads and saved in one of their own."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from magroup.model.records import Place
from magroup.model.report import Asked, DetailsPage, Form, GroupTotals, Kind, MemberTotals, Traffic
from magroup.model.report_range import Month, months_between
from magroup.reports.columns import Value, headers, of_details, of_members
from magroup.reports.csv_file import CsvFile
from magroup.reports.details import count, details, traffic
from magroup.reports.excel_file import ExcelFile
from magroup.reports.totals import groups, members
from magroup.store import tables as t
from magroup.store.database import Database
from magroup.store.worker import Runs

PIECE = 500
"""Rows read and written at a time."""

TITLES = {Kind.DETAILS: "Details", Kind.COUNT: "Call count", Kind.DURATION: "Call duration"}


class StoredReports:
    """``Reports`` of ``database``. ``thread``, which has but one, writes files; ``zone`` is the site's, None this
    machine's; ``now`` in UTC seconds."""

    def __init__(
        self, database: Database, thread: Runs, zone: Callable[[], tzinfo | None], now: Callable[[], float]
    ) -> None:  # fmt: skip
        self._database = database
        self._thread = thread
        self._zone = zone
        self._now = now

    async def months(self) -> tuple[Month, ...]:
        oldest = await self._database.read(_oldest)
        return () if oldest is None else tuple(months_between(oldest, self._now(), self._zone()))

    async def details(self, asked: Asked, limit: int = 50, after: Place | None = None) -> DetailsPage:
        return await self._database.read(details, asked, limit, after)

    async def count(self, asked: Asked) -> int:
        return await self._database.read(count, asked)

    async def traffic(self, asked: Asked) -> Traffic:
        return await self._database.read(traffic, asked, self._zone())

    async def members(self, asked: Asked) -> tuple[MemberTotals, ...]:
        return await self._database.read(members, asked)

    async def groups(self, asked: Asked) -> tuple[GroupTotals, ...]:
        return await self._database.read(groups, asked)

    async def save(
        self, kind: Kind, asked: Asked, form: Form, file: Path, progress: Callable[[int, int], None]
    ) -> None:  # fmt: skip
        make = ExcelFile if form is Form.EXCEL else CsvFile
        book: ExcelFile | CsvFile | None = None
        saved = False

        def open_book() -> None:
            nonlocal book
            book = make(file, TITLES[kind], headers(kind, asked.outbound))

        def discard() -> None:
            if book is not None:
                book.discard()

        try:
            await self._thread.run(open_book)
            assert book is not None
            total, done = await self._size(kind, asked), 0
            progress(done, total)
            async for rows in self._pieces(kind, asked):
                await self._thread.run(book.add, rows)
                done += len(rows)
                progress(done, max(done, total))
            await self._thread.run(book.close)
            saved = True
        finally:
            # Behind the work that still runs when the waiter is cancelled: the thread is but one.
            if not saved:
                await self._thread.run(discard)

    async def _size(self, kind: Kind, asked: Asked) -> int:
        return await self.count(asked) if kind is Kind.DETAILS else 0

    async def _pieces(self, kind: Kind, asked: Asked) -> AsyncIterator[Sequence[tuple[Value, ...]]]:
        if kind is not Kind.DETAILS:
            rows = list(of_members(kind, await self.members(asked), asked.outbound))
            for start in range(0, len(rows), PIECE):
                yield rows[start : start + PIECE]
            return
        zone, after = self._zone(), None
        while True:
            page = await self.details(asked, PIECE, after)
            if page.calls:
                yield list(of_details(page.calls, zone))
            if page.next is None:
                return
            after = page.next


def _oldest(connection: Connection) -> Any:
    return connection.scalar(select(func.min(t.calls.c.started_at)))
