"""Reports on calls, put together: their numbers, the processes that write files, and what the pages need."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from magroup.lifecycle import AtStop
from magroup.model.settings import Settings
from magroup.reports import StoredReports, Writers
from magroup.store.database import Database
from magroup.web.admin.reports.reporting import Reporting
from magroup.web.sounds import InThread


async def start_reporting(
    reactor: Any, database: Database, folder: Path, settings: Callable[[], Settings], in_thread: InThread,
    at_stop: AtStop,
) -> Reporting:  # fmt: skip
    """Files are in ``folder`` until they are fetched. Raises OSError."""
    writers = Writers(reactor)
    at_stop("reports' processes", writers.stop)
    reporting = Reporting(
        StoredReports(database, writers, lambda: _zone(settings()), reactor.seconds), reactor, folder, in_thread
    )  # fmt: skip
    await reporting.jobs.start()
    at_stop("reports", reporting.jobs.stop)
    return reporting


def _zone(settings: Settings) -> ZoneInfo | None:
    return ZoneInfo(settings.time_zone) if settings.time_zone else None
