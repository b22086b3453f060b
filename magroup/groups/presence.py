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
"""Hears of each change: the casefolded user name and the state that is shown now."""


class PresenceError(ValueError):
    """A presence that cannot be set; the message is one sentence for people."""


class PresenceBook:
    """Everybody's presence; who is not in it is available. Whoever sets it has checked that the user exists.

    What people ``said`` is saved and decides about calls. Who is out of service is shown as Unavailable whatever that
    is, and as said before with the first phone; calls need no other word for it than that the lines are out of service.
    """

    log = Logger()

    def __init__(self, clock: Clock, save: Save, loaded: Mapping[str, PresenceState] | None = None) -> None:
        self._clock = clock
        self._save = save
        self._states = {name.casefold(): state for name, state in (loaded or {}).items()}
        self._out: dict[str, PresenceState] = {}
        self._shown: Mapping[str, PresenceState] | None = None
        self._subscribers: list[Subscriber] = []

    def __len__(self) -> int:
        """How many people are in the book."""
        return len(self._states)

    @property
    def said(self) -> Mapping[str, PresenceState]:
        """By casefolded user name; the mapping is never changed, a new one takes its place."""
        return MappingProxyType(self._states)

    @property
    def states(self) -> Mapping[str, PresenceState]:
        """As ``said``, with those Unavailable who are out of service."""
        if self._shown is None:
            self._shown = MappingProxyType({**self._states, **self._out})
        return self._shown

    def get(self, user_name: str) -> PresenceState:
        """What is shown of a user."""
        key = user_name.casefold()
        return self._out.get(key) or self._states.get(key, AVAILABLE)

    def get_said(self, user_name: str) -> PresenceState:
        """What a user has set, to be true again when out of service no more."""
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
        key, old = user_name.casefold(), self.get_said(user_name)
        state = PresenceState(presence, message, self._clock.seconds(), changed_by)
        if replace(state, since=old.since, changed_by=old.changed_by) == old:
            return old
        self._put(key, state)
        return state

    def put_back(self, user_name: str, state: PresenceState) -> None:
        """Let a state be true that was so before, with who set it, as when what took its place is over."""
        self._put(user_name.casefold(), state)

    def take(self, key: str, state: PresenceState) -> None:
        """Another node, which has saved it, says so of the user with this casefolded name."""
        if self._states.get(key) != state:
            self._states = {**self._states, key: state}
            self._shown = None
            self._tell(key)

    def _put(self, key: str, state: PresenceState) -> None:
        self._states = {**self._states, key: state}
        self._shown = None
        self._save(key, state)
        self._tell(key)

    def take_out(self, user_name: str, changed_by: str) -> None:
        """The user is out of service from now on; ``changed_by`` is what the last phone or gadget was."""
        key = user_name.casefold()
        if key not in self._out:
            self._out[key] = PresenceState(Presence.UNAVAILABLE, "", self._clock.seconds(), changed_by)
            self._shown = None
            self._tell(key)

    def bring_back(self, user_name: str) -> None:
        """The user is in service again."""
        key = user_name.casefold()
        if self._out.pop(key, None) is not None:
            self._shown = None
            self._tell(key)

    def keep_only(self, user_names: Mapping[str, object]) -> None:
        """Forget those who are not among the casefolded ``user_names``: their users are gone."""
        self._states = {name: state for name, state in self._states.items() if name in user_names}
        self._out = {name: state for name, state in self._out.items() if name in user_names}
        self._shown = None

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Tell ``subscriber`` of each change, until what is returned is called."""
        self._subscribers = [*self._subscribers, subscriber]

        def unsubscribe() -> None:
            self._subscribers = [other for other in self._subscribers if other is not subscriber]

        return unsubscribe

    def _tell(self, user_name: str) -> None:
        state = self.get(user_name)
        for subscriber in self._subscribers:
            try:
                subscriber(user_name, state)
            except Exception:
                self.log.failure("A subscriber of presence failed")
