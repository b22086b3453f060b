"""Twisted's epoll reactor with a short way to readers that ask for it: datagrams come one by one, many a second."""

import sys
from typing import Any

from twisted.internet import main
from twisted.internet.epollreactor import EPollReactor

from magroup.polling import NEEDED, wait_and_tell


class ShortWays(EPollReactor):
    """A reader with ``is_plain`` true is called straight when there is something to be read.

    It has no need of what takes Twisted longer than many a datagram takes us: a context of its own for the older log,
    and to be disconnected for what it returns or raises.
    """

    def doPoll(self, timeout: float | None) -> None:
        """Wait for events, and tell those whom they are for."""
        wait_and_tell(self, timeout)

    doIteration = doPoll


def install() -> None:
    """As the reactor of this process, where none was chosen: by ``twistd --reactor`` for instance."""
    if "twisted.internet.reactor" in sys.modules:
        return
    reactor: Any = ShortWays()  # type: ignore[no-untyped-call]
    # Without one of them Twisted's own reactor does.
    if all(hasattr(reactor, name) for name in NEEDED):
        main.installReactor(reactor)
