"""Editing the configuration: what may be edited is the policy's, saving and recording it the store's."""

from collections.abc import Callable, Sequence

from twisted.logger import Logger

from magroup.model.audit import Told
from magroup.model.clock import Clock, utc
from magroup.model.configuration import Configuration
from magroup.policy import editing as edits
from magroup.policy.editing import EditError, Problem, Rules
from magroup.store.current import CurrentConfiguration, Edit, Record, Writes
from magroup.store.errors import StoreError

__all__ = ["EditError", "Editing", "NotSavedError", "Problem", "Rules", "edits"]


class NotSavedError(Exception):
    """An edit that is right but cannot be saved now, with the reason in one sentence; nothing is changed."""


class Editing:
    """The one way to change the configuration. ``rules`` gives what edits must know beside it, at this moment."""

    log = Logger()

    def __init__(
        self, current: CurrentConfiguration, database: Writes, clock: Clock, rules: Callable[[], Rules], record: Record
    ) -> None:  # fmt: skip
        self._current = current
        self._database = database
        self._clock = clock
        self._rules = rules
        self._record = record

    @property
    def configuration(self) -> Configuration:
        """What is in force."""
        return self._current.value

    @property
    def rules(self) -> Rules:
        return self._rules()

    async def edit(self, edit: Edit, who: str, where: str) -> Configuration:
        """Do the edit, for a user at an address; returns what is in force with it. Raises EditError, NotSavedError."""
        try:
            return await self._current.edit(
                self._database, edit, self._record, utc(self._clock), who, where
            )  # fmt: skip
        except StoreError as error:
            self.log.error("the configuration cannot be changed: {reason}", reason=str(error))
            raise NotSavedError(str(error)) from error

    async def beside(self, work: Callable[[Configuration], Sequence[Told]], who: str, where: str) -> None:
        """Do ``work`` with files in a thread, between two edits, and record what it says was changed.

        Raises NotSavedError, or what ``work`` raises.
        """
        try:
            await self._current.beside(
                self._database, work, self._record, utc(self._clock), who, where
            )  # fmt: skip
        except StoreError as error:
            self.log.error("no files can be changed: {reason}", reason=str(error))
            raise NotSavedError(str(error)) from error
