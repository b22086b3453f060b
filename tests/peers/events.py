"""What a phone reported, and waiting for the next report of a kind."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from tests.peers.waiting import within

Event = dict[str, Any]
Matches = Callable[[Event], bool]


class Events:
    """Every event in the order of arrival; each is handed out once, in any order of asking.

    `mark` forgets what was not handed out so far, so that a wait cannot be satisfied by the call before.
    """

    def __init__(self, owner: str, report: Callable[[], str]) -> None:
        """`report` describes the owner's state when a wait ends without its event."""
        self.seen: list[Event] = []
        self._owner = owner
        self._report = report
        self._fresh: list[Event] = []
        self._waiting: list[tuple[Matches, Deferred[Event]]] = []
        self._ended: Exception | None = None

    def add(self, event: Event) -> None:
        """Record an event and hand it to the first that waits for it."""
        self.seen.append(event)
        for waiter in self._waiting:
            matches, arrived = waiter
            if matches(event):
                self._waiting.remove(waiter)
                arrived.callback(event)
                return
        self._fresh.append(event)

    def mark(self) -> None:
        """Forget the events that nobody asked for yet."""
        self._fresh.clear()

    def forget_before(self, event: Event) -> None:
        """Forget the events older than this one that nobody asked for yet."""
        older = self.seen[: self.seen.index(event)]
        self._fresh = [fresh for fresh in self._fresh if not any(fresh is old for old in older)]

    def end(self, reason: Exception) -> None:
        """No event will come any more: whoever waits fails with `reason`."""
        self._ended = reason
        waiting, self._waiting = self._waiting, []
        for _, arrived in waiting:
            arrived.errback(Failure(reason))

    async def wait(self, matches: Matches, what: str, timeout: float) -> Event:
        """The first event since the mark that matches and was not handed out, or the next one to come."""
        for event in self._fresh:
            if matches(event):
                self._fresh.remove(event)
                return event
        if self._ended is not None:
            raise self._ended
        arrived: Deferred[Event] = Deferred()
        waiter = (matches, arrived)
        self._waiting.append(waiter)
        try:
            return await within(arrived, timeout, what=f"{self._owner}: {what}", seen=self._report)
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)


def matching(kind: str, wanted: dict[str, Any]) -> Matches:
    """A test for events of type `kind` whose fields have the wanted values."""
    return lambda event: event.get("type") == kind and all(event.get(k) == v for k, v in wanted.items())


def asked(kind: str, wanted: dict[str, Any]) -> str:
    """The words for such a wait in an error message."""
    return " ".join([kind, *(f"{k}={v}" for k, v in wanted.items())])
