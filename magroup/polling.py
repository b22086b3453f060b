"""A turn of Twisted's epoll reactor, short where only those readers have something to do that ask for a short way."""

import select
from typing import Any, Final

from twisted.logger import Logger
from twisted.python.log import callWithLogger

log: Final = Logger(__name__)
READABLE: Final[int] = select.EPOLLIN

NEEDED: Final = (
    "_poller", "_selectables", "_doReadOrWrite", "_newTimedCalls", "_pendingTimedCalls", "_justStopped",
    "threadCallQueue",
)  # fmt: skip
"""What is used of a reactor and is no part of Twisted's public interface."""


def wait_and_tell(reactor: Any, timeout: float | None) -> None:
    """Wait for events, at most ``timeout`` seconds, and tell those whom they are for; then wait again, as long as there
    is nothing else for the reactor to do: its own way round takes longer than many a datagram.
    """
    poll = reactor._poller.poll
    selectables: dict[int, Any] = reactor._selectables
    while True:
        try:
            events: list[tuple[int, int]] = poll(-1 if timeout is None else timeout, len(selectables))
        except InterruptedError:
            return
        if not _all_straight(reactor, selectables, events):
            return
        if reactor._newTimedCalls or reactor.threadCallQueue or reactor._justStopped or not reactor.running:
            return
        if timeout is not None and reactor._pendingTimedCalls:
            timeout = min(timeout, reactor._pendingTimedCalls[0].time - reactor.seconds())
            if timeout <= 0.0:
                return


def _all_straight(reactor: Any, selectables: dict[int, Any], events: list[tuple[int, int]]) -> bool:
    """Whether there were some, all of them for readers that are called straight."""
    straight = bool(events)
    for descriptor, event in events:
        selectable = selectables.get(descriptor)
        if selectable is None:
            continue
        if event == READABLE and getattr(selectable, "is_plain", False):
            try:
                selectable.doRead()
            except Exception:
                log.failure("{reader} failed", reader=selectable.logPrefix())
        else:
            straight = False
            callWithLogger(selectable, reactor._doReadOrWrite, selectable, descriptor, event)
    return straight
