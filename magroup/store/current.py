"""The configuration in force: one immutable value in memory, replaced as a whole after each committed change."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from sqlalchemy import Connection
from twisted.logger import Logger

from magroup.model.configuration import Configuration
from magroup.store.database import Database

P = ParamSpec("P")
Listener = Callable[[Configuration, Configuration], None]


class CurrentConfiguration:
    """Holds the configuration; ``value`` is what a decision is made from, and stays as it is while it is made."""

    log = Logger()

    def __init__(self, value: Configuration) -> None:
        self.value = value
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """``listener(old, new)`` after each change, in the order of subscription. Returns what ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def replace(self, new: Configuration) -> None:
        """Put ``new`` in force. One that is older than what is in force comes too late and is left out."""
        old = self.value
        if new.version < old.version:
            return
        self.value = new
        for listener in tuple(self._listeners):
            try:
                listener(old, new)
            except Exception:
                self.log.failure("a listener failed on configuration {version}", version=new.version)

    async def change(
        self,
        database: Database,
        work: Callable[Concatenate[Connection, P], Configuration],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Configuration:
        """Make a change in one transaction and put what ``work`` returns in force once it is committed.

        Raises StoreError, or what ``work`` raises; what is in force stays then.
        """
        new = await database.run(work, *args, **kwargs)
        self.replace(new)
        return new
