"""The records of calls and the audit trail, read beside the writer. Raises StoreError."""

from magroup.model.calls import CallRecord
from magroup.model.records import CallPage, CallsWanted, ChangePage, ChangesWanted, Place
from magroup.store import audit
from magroup.store.database import Database
from magroup.store.journal.search import call_if, search


class StoredRecords:
    """What is kept in ``database``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def calls(self, wanted: CallsWanted, limit: int, after: Place | None = None) -> CallPage:
        """The wanted calls behind the place ``after``; None: from the first."""
        return await self._database.read(search, wanted, limit, after)

    async def call(self, id: str, of_groups: bool) -> CallRecord | None:
        """The call with that id; with ``of_groups`` only one to a group or on a member's line."""
        return await self._database.read(call_if, id, of_groups)

    async def changes(self, wanted: ChangesWanted, limit: int, before: int = 0) -> ChangePage:
        """The wanted entries of the audit trail before the one with the id ``before``; 0: from the newest."""
        return await self._database.read(audit.page, before, limit, wanted)
