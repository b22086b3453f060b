"""Twisted's epoll reactor with a short way to readers that ask for it: datagrams come one by one, many a second."""

import select
import sys
from typing import Any, ClassVar

from twisted.internet import main
from twisted.internet.epollreactor import EPollReactor
from twisted.logger import Logger
from twisted.python import log as older_log

READABLE = select.EPOLLIN


class ShortWays(EPollReactor):
    """A reader with ``is_plain`` true is called straight when there is something to be read.

    It has no need of what takes Twisted longer than many a datagram takes us: a context of its own for the older log,
    and to be disconnected for what it returns or raises.
    """

    log: ClassVar = Logger()

    def doPoll(self, timeout: float | None) -> None:
        """Wait for events, and tell those whom they are for."""
        try:
            events = self._poller.poll(-1 if timeout is None else timeout, len(self._selectables))
        except InterruptedError:
            return
        for descriptor, event in events:
            selectable = self._selectables.get(descriptor)
            if selectable is None:
                continue
            if event == READABLE and getattr(selectable, "is_plain", False):
                try:
                    selectable.doRead()
                except Exception:
                    self.log.failure("{reader} failed", reader=selectable.logPrefix())
            else:
                older_log.callWithLogger(selectable, self._doReadOrWrite, selectable, descriptor, event)

    doIteration = doPoll


def install() -> None:
    """As the reactor of this process, where none was chosen: by ``twistd --reactor`` for instance."""
    if "twisted.internet.reactor" in sys.modules:
        return
    reactor: Any = ShortWays()  # type: ignore[no-untyped-call]
    # Not parts of Twisted's public interface: without one of them its own reactor does.
    if all(hasattr(reactor, name) for name in ("_poller", "_selectables", "_doReadOrWrite")):
        main.installReactor(reactor)
