"""The configuration in force: one immutable value in memory, replaced as a whole after each committed change."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection
from twisted.internet.defer import Deferred, DeferredLock
from twisted.logger import Logger

from magroup.model.audit import Change, Told
from magroup.model.audited import audited
from magroup.model.configuration import Configuration
from magroup.store.configuration import load, load_other
from magroup.store.meta import version_of
from magroup.store.saving import save

T = TypeVar("T")
R = TypeVar("R")
Listener = Callable[[Configuration, Configuration], None]

Edit = Callable[[Configuration], Configuration]
"""Makes a new configuration of one, pure; the very same where there is nothing to change. Runs in a thread."""

Record = Callable[[Connection, Change], None]
"""Takes note of a change within its transaction."""


class Writes(Protocol):
    """The part of a Database that is used here."""

    def run(self, work: Callable[..., R], /, *args: Any) -> Coroutine[Deferred[Any], Any, R]: ...


class CurrentConfiguration:
    """Holds the configuration; ``value`` is what a decision is made from, and stays as it is while it is made.

    ``changed_by`` is whose change listeners hear of now, "" for one that nobody made here. With ``is_shared`` other
    nodes change it too: edits are made on what they have stored.
    """

    log = Logger()

    def __init__(self, value: Configuration) -> None:
        self.value = value
        self.changed_by = ""
        self.is_shared = False
        self._listeners: list[Listener] = []
        self._editing = DeferredLock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """``listener(old, new)`` after each change, in the order of subscription. Returns what ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def replace(self, new: Configuration, who: str = "") -> None:
        """Put ``new`` in force. One that is older than what is in force comes too late and is left out."""
        old = self.value
        if new.version < old.version:
            return
        self.value, self.changed_by = new, who
        for listener in tuple(self._listeners):
            try:
                listener(old, new)
            except Exception:
                self.log.failure("a listener failed on configuration {version}", version=new.version)

    async def edit(
        self, database: Writes, edit: Edit, record: Record, at: float = 0.0, who: str = "", where: str = ""
    ) -> Configuration:  # fmt: skip
        """The one way to change it: what ``edit`` makes of the newest is saved, recorded, and in force when committed.

        Edits are done one after the other, also when whoever waits for one has gone. ``record`` is told of each thing
        that ``who`` changed from ``where``, within the transaction. Raises StoreError, or what ``edit`` raises:
        nothing is changed then.
        """
        waiting: Deferred[Configuration] = Deferred()
        done = Deferred.fromCoroutine(self._edit(database, edit, record, at, who, where))
        done.addCallbacks(waiting.callback, waiting.errback)
        return await waiting

    async def beside(
        self, database: Writes, work: Callable[[Configuration], Sequence[Told]], record: Record, at: float, who: str,
        where: str,
    ) -> None:  # fmt: skip
        """Do ``work`` in a thread between two edits: what it does to files does not meet an edit that names them.

        What it says was changed is recorded. Raises StoreError, before anything is done, or what ``work`` raises.
        """

        def done(connection: Connection) -> tuple[None, None]:
            for what, key, old, new in work(self.value):
                record(connection, Change(at, who, where, what, key, old, new))
            return None, None

        await self.between_edits(lambda: database.run(done), lambda nothing: None)

    async def between_edits(
        self, work: Callable[[], Awaitable[tuple[T, Configuration | None]]], then: Callable[[T], R]
    ) -> R:
        """Do ``work`` between two edits; the configuration that it returns beside its result, if any, is in force then.

        ``work`` is begun when it is its turn; what ``then``, which follows at once, makes of its result is returned.
        """
        await self._editing.acquire()
        try:
            result, new = await work()
            if new is not None:
                self.replace(new)
            return then(result)
        finally:
            self._editing.release()

    async def read_again(self, database: Writes) -> None:
        """Put in force what another node has stored, after the edits that are under way. Raises StoreError."""

        async def work() -> tuple[None, Configuration | None]:
            return None, await database.run(load_other, self.value.plan, self.value.version)

        await self.between_edits(work, lambda nothing: None)

    async def _edit(
        self, database: Writes, edit: Edit, record: Record, at: float, who: str, where: str
    ) -> Configuration:  # fmt: skip
        await self._editing.acquire()
        try:
            new = await database.run(_edited, self.value, self.is_shared, edit, record, at, who, where)
            if new is not self.value:
                self.replace(new, who)
            return new
        finally:
            self._editing.release()


def _edited(
    connection: Connection, old: Configuration, is_shared: bool, edit: Edit, record: Record, at: float, who: str,
    where: str,
) -> Configuration:  # fmt: skip
    """In the database's thread."""
    if is_shared and version_of(connection, locked=True) != old.version:
        old = load(connection, old.plan)
    new = edit(old)
    if new is old:
        return old
    saved = save(connection, old, new)
    for change in audited(old, new, at, who, where):
        record(connection, change)
    return saved
