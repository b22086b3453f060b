"""Who has a gadget open: users are there from their first one on, and for a moment after their last one."""

from collections.abc import Callable
from typing import Any

from magroup.model.clock import Clock
from magroup.web.gadget.gadget import Gadget

LINGER = 5.0
"""Seconds for which a closed gadget counts as open, as when its page is loaded again."""


class Present:
    """``told`` hears of a user, by name, that the first gadget was opened or the last one closed."""

    def __init__(self, clock: Clock, told: Callable[[str], None]) -> None:
        self._clock = clock
        self._told = told
        self._of_user: dict[str, dict[Gadget, None]] = {}
        self._lingering: dict[str, Any] = {}
        self._is_stopped = False

    def __contains__(self, user_key: str) -> bool:
        return user_key in self._of_user or user_key in self._lingering

    def of(self, user_key: str) -> tuple[Gadget, ...]:
        """The user's gadgets, the oldest first."""
        return tuple(self._of_user.get(user_key, ()))

    def add(self, gadget: Gadget) -> None:
        own = self._of_user.setdefault(gadget.key, {})
        own[gadget] = None
        lingering = self._lingering.pop(gadget.key, None)
        if lingering is not None:
            lingering.cancel()
        elif len(own) == 1:
            self._told(gadget.visitor.user_name)

    def remove(self, gadget: Gadget) -> None:
        own = self._of_user[gadget.key]
        del own[gadget]
        if not own:
            del self._of_user[gadget.key]
            if not self._is_stopped:
                self._lingering[gadget.key] = self._clock.callLater(LINGER, self._left, gadget.visitor.user_name)

    def stop(self) -> None:
        """Nobody is told any more."""
        self._is_stopped = True
        for timer in self._lingering.values():
            timer.cancel()
        self._lingering.clear()

    def _left(self, user_name: str) -> None:
        del self._lingering[user_name.casefold()]
        self._told(user_name)
