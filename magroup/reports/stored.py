"""The reports of a database, read in its threads and saved by processes of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from magroup.model.records import Place
from magroup.model.report import Asked, DetailsPage, Form, GroupTotals, Kind, MemberTotals, Traffic
from magroup.model.report_range import Month, months_between
from magroup.reports.details import count, details, traffic
from magroup.reports.order import Order
from magroup.reports.totals import groups, members
from magroup.reports.writers import Writes
from magroup.store import tables as t
from magroup.store.database import Database


class StoredReports:
    """``Reports`` of ``database``; ``zone`` is the site's, None this machine's; ``now`` in UTC seconds."""

    def __init__(
        self, database: Database, writers: Writes, zone: Callable[[], ZoneInfo | None], now: Callable[[], float]
    ) -> None:  # fmt: skip
        self._database = database
        self._writers = writers
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
        zone = self._zone()
        name = zone.key if zone is not None else ""
        await self._writers.write(Order(self._database.url, kind, asked, form, str(file.absolute()), name), progress)


def _oldest(connection: Connection) -> Any:
    return connection.scalar(select(func.min(t.calls.c.started_at)))
