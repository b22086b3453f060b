"""Changes of accounts, each in one transaction with its entry in the audit trail."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from magroup.model.accounts import StoredAccess, Token
from magroup.model.audit import Change
from magroup.model.configuration import Configuration
from magroup.store import access
from magroup.store.audit import record
from magroup.store.current import CurrentConfiguration
from magroup.store.database import Database


class Accounts:
    """The accounts in ``database``. Raises StoreError; nothing is changed then."""

    def __init__(self, database: Database, current: CurrentConfiguration) -> None:
        self._database = database
        self._current = current

    async def load(self, now: float, idle: float, lifetime: float) -> StoredAccess:
        """The sessions and tokens that are valid."""
        return await self._database.run(access.load_access, now, idle, lifetime)

    async def set_password(self, user_key: str, old: str, new: str, change: Change | None) -> bool:
        """Put the hash ``new`` in the place of ``old`` and in force; False when it is not the old one any more.

        ``change`` is for the audit trail in the place of what would tell of a new hash; None: nothing is told.
        """

        def edit(configuration: Configuration) -> Configuration:
            user = configuration.user_by_name.get(user_key)
            if user is None or user.password_hash != old:
                raise Changed
            users = (replace(one, password_hash=new) if one is user else one for one in configuration.users)
            return configuration.changed(users=tuple(users))

        def tell(connection: Connection, _of_the_hash: Change) -> None:
            if change is not None:
                record(connection, change)

        try:
            await self._current.edit(self._database, edit, tell)
        except Changed:
            return False
        return True

    async def add_token(self, token: Token, change: Change) -> Token | None:
        """Store a token; it gets its id. None: its user is gone."""
        return await self._database.run(access.add_token, token, change)

    async def delete_tokens(self, ids: Sequence[int], user_key: str, changes: Sequence[Change]) -> None:
        """Delete those of these tokens that are the user's."""
        await self._database.run(access.delete_tokens, ids, user_key, changes)


class Changed(Exception):
    """Somebody else has changed it before."""
