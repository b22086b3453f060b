"""The link to a phone or a switch by uaCSTA: a session, and another one after a pause when it has ended."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, succeed

from magroup.csta.link import Reconnecting
from magroup.csta.message import Message
from magroup.csta.switch import CstaSwitch
from magroup.model.clock import Clock
from magroup.uacsta.client import PhoneSession

Make = Callable[[Callable[[Message], None], Callable[[PhoneSession], None], Callable[[str], None]], PhoneSession]
"""A session by what it is to call: ``heard``, ``up`` and ``down``."""


class PhoneLink(Reconnecting):
    """``make`` makes the sessions."""

    def __init__(self, clock: Clock, switch: CstaSwitch, make: Make, chance: Callable[[], float]) -> None:
        super().__init__(clock, switch, chance)
        self._make = make

    def _begin(self) -> Deferred[Any]:
        session = self._make(self._switch.heard, self._is_up, self._is_down)
        self._session = session
        session.start()
        return succeed(None)
