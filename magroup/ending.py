"""SIGTERM and SIGINT end the server once: the reactor, whose they are, takes a second one amiss."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from twisted.logger import Logger

ENDING = (signal.SIGTERM, signal.SIGINT)


class Ending:
    """From ``start`` to ``stop`` the reactor hears the first of these signals, and the log tells of others."""

    log = Logger()

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._before: dict[int, Callable[[int, FrameType | None], object]] = {}
        self._is_stopping = False
        self._is_over = False

    def start(self) -> None:
        """The reactor takes the signals when it begins to run; who ignores one, as nohup does, goes on doing so."""
        self._reactor.callWhenRunning(self._take)

    def stop(self) -> None:
        self._is_over = True
        for number, before in self._before.items():
            signal.signal(number, before)

    def _take(self) -> None:
        if self._is_over:
            return
        for number in ENDING:
            before = signal.getsignal(number)
            if callable(before):
                self._before[number] = before
                signal.signal(number, self._heard)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self._is_stopping:
            self._reactor.callFromThread(self.log.info, "magroup is stopping already")
            return
        self._is_stopping = True
        self._before[number](number, frame)
