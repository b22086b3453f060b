"""Keeps presence, forwardings, registrations and messages in the database behind the call; the truth is elsewhere."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Protocol

from sqlalchemy import Connection
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.clock import Clock, ahead
from magroup.model.forwarding import Forwarding
from magroup.model.lines import Registration
from magroup.model.messages import Message
from magroup.model.presence import PresenceState
from magroup.store import state
from magroup.store.behind import Behind
from magroup.store.errors import RefusedError
from magroup.store.state import Change
from magroup.store.turns import in_turns

INTERVAL = 0.5
"""Seconds in which changes are collected before they are written together."""

BATCH = 5_000
"""Changes written in one transaction."""

Key = tuple[str, tuple[str | int, ...]]


class Writes(Protocol):
    """The part of a Database that is used here."""

    def run(
        self, work: Callable[[Connection, Sequence[Change]], None], changes: Sequence[Change], /
    ) -> Coroutine[Deferred[Any], Any, None]: ...


class StateWriter:
    """Takes changes at once and writes them soon; of several changes of one thing the last is written.

    At most ``limit`` things wait, so that a database that is away costs a bounded amount of memory: what comes beyond
    is counted in ``lost`` and stays as it was stored until it changes again.
    """

    log = Logger()

    def __init__(self, database: Writes, clock: Clock, limit: int = 200_000) -> None:
        self.lost = 0
        self._database = database
        self.clock = clock
        self._limit = limit
        self._full = False
        self._waiting: dict[Key, Change] = {}
        self._behind = Behind("saving presence, forwardings and registrations", self._write, clock, INTERVAL)

    def __len__(self) -> int:
        """How many changes wait."""
        return len(self._waiting)

    @property
    def failing(self) -> bool:
        """Whether the last attempt to write failed."""
        return self._behind.failing

    def save_presence(self, user_name: str, presence: PresenceState) -> None:
        by = ahead(self.clock)
        if by and presence.since:
            presence = replace(presence, since=presence.since + by)
        self._take(state.presence_change(user_name, presence))

    def save_application_forwarding(self, member_id: int, forwarding: Forwarding) -> None:
        self._take(state.application_forwarding_change(member_id, forwarding))

    def save_line_forwarding(self, number: str, forwarding: Forwarding) -> None:
        """``number`` as the line is stored."""
        self._take(state.line_forwarding_change(number, forwarding))

    def save_do_not_disturb(self, number: str, is_on: bool) -> None:
        """``number`` as the line is stored."""
        self._take(state.do_not_disturb_change(number, is_on))

    def save_registration(self, registration: Registration) -> None:
        """A registration is identified by its number and contact."""
        self._take(state.registration_change(ending_by_the_calendar(registration, self.clock)))

    def remove_registration(self, number: str, contact: str) -> None:
        self._take(state.registration_removed(number, contact))

    def save_message(self, message: Message) -> None:
        self._take(state.message_change(message))

    def remove_message(self, message_id: str) -> None:
        self._take(state.message_removed(message_id))

    async def flush(self) -> bool:
        """Write what waits now; False when the database does not take it."""
        return await self._behind.flush()

    async def stop(self) -> bool:
        """``flush``, and no more after it."""
        return await self._behind.stop()

    def _take(self, change: Change) -> None:
        key = (change.table.name, change.key)
        if len(self._waiting) >= self._limit and key not in self._waiting:
            self.lost += 1
            if not self._full:
                self._full = True
                self.log.error("{limit} changes of state wait to be saved, more are not kept", limit=self._limit)
            return
        self._waiting[key] = change
        self._behind.wake()

    async def _write(self) -> bool:
        while self._waiting:
            batch = dict(islice(self._waiting.items(), BATCH))
            for key in batch:
                del self._waiting[key]
            try:
                await self._save(list(batch.values()))
            except BaseException:
                self._waiting = {**batch, **self._waiting}
                raise
        self._full = False
        return False

    async def _save(self, changes: list[Change]) -> None:
        """Save them together; when one is refused, all but that one."""
        try:
            await self._database.run(in_turns(state.write_state), changes)
        except (RefusedError, ValueError, TypeError, OverflowError) as error:
            if len(changes) == 1:
                self.log.error("a change of {table} is refused: {reason}", table=changes[0].table.name, reason=error)
                return
            middle = len(changes) // 2
            await self._save(changes[:middle])
            await self._save(changes[middle:])


def ending_by_the_calendar(registration: Registration, clock: Clock) -> Registration:
    """As it is stored and told to others."""
    by = ahead(clock)
    return replace(registration, expires_at=registration.expires_at + by) if by else registration
