"""Reports on calls: what was counted with each call, read, summed and saved (resources/help/reports.md)."""

from magroup.reports.stored import StoredReports
from magroup.reports.writers import Writers

__all__ = ["StoredReports", "Writers"]
