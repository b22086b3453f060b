"""The presence book: what people say of themselves, true in memory, saved behind (spec 2)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from twisted.logger import Logger

from magroup.model.clock import Clock
from magroup.model.presence import AVAILABLE, Presence, PresenceState

LONGEST_MESSAGE = 255
"""Characters of a presence message."""

_WITH_MESSAGE = frozenset({Presence.AWAY, Presence.BUSY, Presence.DND})

Save = Callable[[str, PresenceState], None]
"""Takes a casefolded user name and the new state; must not wait."""

Subscriber = Callable[[str, PresenceState], None]
"""Hears of each change: the casefolded user name and the new state."""


class PresenceError(ValueError):
    """A presence that cannot be set; the message is one sentence for people."""


class PresenceBook:
    """Everybody's presence; who is not in it is available. Whoever sets it has checked that the user exists."""

    log = Logger()

    def __init__(self, clock: Clock, save: Save, loaded: Mapping[str, PresenceState] | None = None) -> None:
        self._clock = clock
        self._save = save
        self._states = {name.casefold(): state for name, state in (loaded or {}).items()}
        self._subscribers: list[Subscriber] = []

    def __len__(self) -> int:
        """How many people are in the book."""
        return len(self._states)

    @property
    def states(self) -> Mapping[str, PresenceState]:
        """By casefolded user name; the mapping is never changed, a new one takes its place."""
        return MappingProxyType(self._states)

    def get(self, user_name: str) -> PresenceState:
        return self._states.get(user_name.casefold(), AVAILABLE)

    def set(self, user_name: str, value: int, message: str = "", changed_by: str = "") -> PresenceState:
        """Set a presence by its number; ``message`` is kept with 1, 3 and 4 only. Raises PresenceError.

        Setting what is set already changes nothing and is told to nobody.
        """
        try:
            presence = Presence(value)
        except ValueError:
            raise PresenceError(f"{value} is no presence: 0, 1, 3, 4 or 6") from None
        message = " ".join(message.split()) if presence in _WITH_MESSAGE else ""
        if len(message) > LONGEST_MESSAGE:
            raise PresenceError(f"The message is longer than {LONGEST_MESSAGE} characters")
        if not message.isprintable():
            raise PresenceError("The message has characters that cannot be shown")
        key, old = user_name.casefold(), self.get(user_name)
        state = PresenceState(presence, message, self._clock.seconds(), changed_by)
        if replace(state, since=old.since, changed_by=old.changed_by) == old:
            return old
        self._states = {**self._states, key: state}
        self._save(key, state)
        self._tell(key, state)
        return state

    def keep_only(self, user_names: Mapping[str, object]) -> None:
        """Forget those who are not among the casefolded ``user_names``: their users are gone."""
        self._states = {name: state for name, state in self._states.items() if name in user_names}

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell ``subscriber`` of each change, until what is returned is called."""
        self._subscribers = [*self._subscribers, subscriber]

        def unsubscribe() -> None:
            self._subscribers = [other for other in self._subscribers if other is not subscriber]

        return unsubscribe

    def _tell(self, user_name: str, state: PresenceState) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(user_name, state)
            except Exception:
                self.log.failure("A subscriber of presence failed")
