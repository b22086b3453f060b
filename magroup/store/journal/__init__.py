"""The journal of calls: an append-only file that survives a crash, and the tables it is moved into."""

from magroup.store.journal.journal import Journal
from magroup.store.journal.moving import CLOSED_BY_RESTART
from magroup.store.journal.recovery import Recovered
from magroup.store.journal.rows import Page, call_by_id, calls_between

__all__ = ["CLOSED_BY_RESTART", "Journal", "Page", "Recovered", "call_by_id", "calls_between"]
