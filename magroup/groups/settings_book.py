"""The settings seen by people: listed, changed as a whole and stored, read again; what is changed holds at once."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.groups.editing import NotSavedError
from magroup.groups.settings_change import Decided, Held, SettingsRefusedError, change, hold, read_again
from magroup.groups.settings_listing import ListedSetting, listed
from magroup.model.audit import Change
from magroup.model.clock import Clock, utc
from magroup.model.configuration import Configuration
from magroup.model.settings import Settings
from magroup.model.settings_layers import Layers
from magroup.model.settings_reading import Path, SettingsError, entries
from magroup.policy.editing import EditError, Problem
from magroup.store.current import CurrentConfiguration, Record, Writes
from magroup.store.errors import StoreError
from magroup.store.settings import load_settings, save_settings, values_of

__all__ = ["InForce", "ListedSetting", "SettingsBook", "SettingsRefusedError"]

T = TypeVar("T")


class InForce(Protocol):
    """The settings in force, and those that are wanted from the next start on."""

    settings: Settings
    wanted: Settings
    layers: Layers
    read: Callable[[], Layers]
    """Reads all sources but the database. Blocks. Raises SettingsError."""

    def begin(self, layers: Layers) -> None: ...

    def take_over(self, layers: Layers) -> list[Path]: ...


class SettingsBook:
    """``stored`` is what the database holds, as JSON by name. Changes are made between two edits of the configuration,
    whose numbers they must fit; ``record`` is told of each within its transaction.
    """

    log = Logger()

    def __init__(
        self, in_force: InForce, stored: Mapping[str, str], current: CurrentConfiguration, database: Writes,
        clock: Clock, record: Record, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]],
    ) -> None:  # fmt: skip
        self._in_force = in_force
        self._current = current
        self._database = database
        self._clock = clock
        self._record = record
        self._in_thread = in_thread
        self._held = Held(in_force.layers, stored, {})
        self.is_shared = False
        """Other nodes store settings too."""
        self.changed: Callable[[Sequence[str], str], None] = lambda names, who: None
        """Hears which settings are others now, and who has changed them: "" where they were read again."""

    def begin(self) -> None:
        """Put in force what is stored, before the parts start, without what cannot be. Raises SettingsError."""
        self._held = hold(self._in_force.layers, self._held.stored)
        self._tell_left_out()
        self._in_force.begin(self._held.layers)

    @property
    def tag(self) -> str:
        """What is another one after each change of what is stored: fit for an ETag."""
        text = json.dumps(sorted(self._held.stored.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def listing(self) -> tuple[ListedSetting, ...]:
        """Every setting, in the order of the help page."""
        held, in_force = self._held, self._in_force
        wrong = {path: problem.message for path, problem in held.left_out.items()}
        stored = frozenset(values_of(held.stored))
        return tuple(listed(in_force.settings, in_force.wanted, held.layers, stored, wrong))

    async def change(self, values: Mapping[str, object], who: str, where: str, expected: str = "") -> list[str]:
        """Store ``values`` by the names of the settings, None to take one away, for a user at an address.

        All of them or none; they are in force when this returns the names of the settings that are others now.
        Changes are done one after the other, also when whoever waits for one has gone. ``expected`` is the ``tag``
        that must still hold. Raises SettingsRefusedError, EditError (conflict), NotSavedError.
        """
        return await _to_its_end(self._change(values, who, where, expected))

    async def read_again(self) -> None:
        """Read the other sources again; a line is logged for each problem, with which all stays as it is."""
        await _to_its_end(self._read_again())

    async def read_stored(self) -> None:
        """Another node has stored others: they are in force here too. Raises StoreError."""
        await _to_its_end(self._read_stored())

    async def _read_stored(self) -> None:
        async def work() -> tuple[Decided | None, Configuration | None]:
            stored = await self._database.run(load_settings)
            if stored == self._held.stored:
                return None, None
            held = Held(self._held.layers, stored, self._held.left_out)
            decided = read_again(self._held.layers, held, self._current.value)
            return decided, decided.configuration

        try:
            names = await self._current.between_edits(work, lambda decided: self._take_over(decided) if decided else [])
        except SettingsError as error:
            for problem in error.problems:
                self.log.error("settings of another node not taken over: {problem}", problem=str(problem))
            return
        self._tell(names, "")

    async def _change(self, values: Mapping[str, object], who: str, where: str, expected: str) -> list[str]:
        by = partial(Change, utc(self._clock), who, where)

        async def work() -> tuple[Decided, Configuration | None]:
            if expected and expected != self.tag:
                raise EditError(Problem.CONFLICT, "", "the settings were changed by somebody else meanwhile")
            decided = await self._database.run(
                _changed, values, self._held, self.is_shared, self._current.value, by, self._record
            )  # fmt: skip
            return decided, decided.configuration

        try:
            names = await self._current.between_edits(work, self._take_over)
        except StoreError as error:
            self.log.error("the settings cannot be changed: {reason}", reason=str(error))
            raise NotSavedError(str(error)) from error
        self.log.info("{who} has changed settings: {names}", who=who or "somebody", names=", ".join(names) or "none")
        self._tell(names, who)
        return names

    async def _read_again(self) -> None:
        async def work() -> tuple[Decided, Configuration | None]:
            decided = await self._in_thread(partial(self._decide_again, self._held, self._current.value))
            return decided, decided.configuration

        try:
            names = await self._current.between_edits(work, self._take_over)
        except SettingsError as error:
            for problem in error.problems:
                self.log.error("configuration not reloaded: {problem}", problem=str(problem))
            return
        self._tell_left_out()
        self.log.info("configuration reloaded: {count} settings changed", count=len(names))
        self._tell(names, "")

    def _decide_again(self, held: Held, configuration: Configuration) -> Decided:
        return read_again(self._in_force.read(), held, configuration)

    def _tell_left_out(self) -> None:
        for problem in self._held.left_out.values():
            self.log.error("setting left out: {problem}", problem=str(problem))

    def _tell(self, names: list[str], who: str) -> None:
        if names:
            self.changed(names, who)
        if later := [name for name in names if entries()[tuple(name.split("."))].described.at_start]:
            self.log.warn("at the next start only: {names}", names=", ".join(later))

    def _take_over(self, decided: Decided) -> list[str]:
        self._held = decided.held
        return [".".join(path) for path in self._in_force.take_over(decided.held.layers)]


def _changed(
    connection: Any, values: Mapping[str, object], held: Held, is_shared: bool, configuration: Configuration,
    by: Callable[..., Change], record: Record,
) -> Decided:  # fmt: skip
    """In the database's thread."""
    if is_shared and (stored := load_settings(connection)) != held.stored:
        held = hold(held.layers, stored)
    decided = change(values, held, configuration, by)
    if decided.changes:
        one = decided.changes[0]
        save_settings(connection, held.stored, decided.held.stored, one.at, one.who)
        for entry in decided.changes:
            record(connection, entry)
    return decided


async def _to_its_end(work: Coroutine[Deferred[Any], Any, T]) -> T:
    """What ``work`` gives; it goes on when whoever waits for it is gone."""
    waiting: Deferred[T] = Deferred()
    Deferred.fromCoroutine(work).addCallbacks(waiting.callback, waiting.errback)
    return await waiting
