"""The settings of the journal of calls: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model.setting import setting


@dataclass(frozen=True)
class JournalSettings:
    """The journal of calls, written behind the call."""

    queue_limit: int = setting(
        100_000, "Records kept in memory while the database does not answer.", low=100, high=10_000_000
    )
    retention_days: int = setting(
        0, "Age at which call records are deleted; 0: never.", unit="days", low=0, high=36500
    )
