"""Presence that people set on their SIP phones, and what becomes of it when the phone is gone (RFC 3903)."""

from collections.abc import Callable, Container
from dataclasses import replace

from twisted.logger import Logger

from magroup.groups.presence import PresenceBook, PresenceError
from magroup.model.configuration import Configuration
from magroup.model.presence import AVAILABLE, Presence, PresenceState

BY_PHONE = "line "
"""How ``changed_by`` begins for what a phone has set; the number of the line follows."""


class PhonePresence:
    """Takes publications into the presence book; ``changed_by`` is ``line`` and the number.

    A presence that a person sets on the phone is the person's presence, as if set anywhere else, and survives a
    restart: it stays until it is changed. When the publication ends, because the phone took it back or did not refresh
    it, and nobody has changed the presence meanwhile, what another of the user's phones still says is true, or what
    was before the first of them said anything; Available if that is not known, after a restart in between.

    Phones say Available by themselves when they start. That does not undo what was set elsewhere; it does undo what the
    same line has published before.
    """

    log = Logger()

    def __init__(self, book: PresenceBook, configuration: Callable[[], Configuration]) -> None:
        self._book = book
        self._configuration = configuration
        self._said: dict[str, dict[str, PresenceState]] = {}
        self._before: dict[str, PresenceState] = {}
        self._user_of: dict[str, str] = {}

    def __len__(self) -> int:
        """How many publications count."""
        return len(self._user_of)

    def published(self, line: str, key: str, value: int, message: str) -> None:
        """A phone of a line says this; ``key`` is the same as long as it goes on about the same."""
        user = self._configuration().user_of_number(line)
        if key in self._user_of and (user is None or user.key != self._user_of[key]):
            # The line is somebody else's now.
            self.withdrawn(line, key)
        if user is None:
            return
        name, by = user.key, f"{BY_PHONE}{line}"
        said = self._said.get(name, {})
        is_start = value == Presence.AVAILABLE and all(state.changed_by != by for state in said.values())
        if is_start and key not in said:
            return
        old = self._book.get_said(name)
        try:
            state = self._book.set(name, value, message, by)
        except PresenceError as error:
            self.log.info("Line {line} publishes a presence that cannot be set: {error}", line=line, error=str(error))
            return
        if name not in self._said:
            self._before[name] = AVAILABLE if old.changed_by.startswith(BY_PHONE) else old
        said = self._said.setdefault(name, {})
        said.pop(key, None)
        self._user_of[key] = name
        said[key] = state if state.changed_by == by else replace(state, changed_by=by)

    def withdrawn(self, line: str, key: str) -> None:
        """The publication is over."""
        name = self._user_of.pop(key, None)
        if name is None:
            return
        said = self._said[name]
        state, before = said.pop(key), self._before[name]
        now = self._book.get_said(name)
        is_unchanged = (now.value, now.message, now.since) == (state.value, state.message, state.since)
        if said:
            before = next(reversed(said.values()))
        else:
            del self._said[name], self._before[name]
        if is_unchanged:
            self._book.put_back(name, before)

    def keep_only(self, user_names: Container[str]) -> None:
        """Forget what phones of users said who are gone."""
        for name in [name for name in self._said if name not in user_names]:
            for key in self._said.pop(name):
                self._user_of.pop(key, None)
            self._before.pop(name, None)
