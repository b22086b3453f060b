"""Clients of REST services, and people whose presence changes."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from magroup.load.numbers import expanded, filled
from magroup.load.scenario import Presence, Rest
from magroup.load.surroundings import Surroundings
from magroup.load.web import Web, WebError, basic

STATES = {"available": "0", "away": "1", "busy": "3", "dnd": "4"}
MOST_OPEN = 200
"""Requests of one table that are under way; further ones are not made, and count as failed."""


class Running:
    """Work that nobody waits for, until ``stop``."""

    def __init__(self) -> None:
        self._all: set[Deferred[Any]] = set()

    def __len__(self) -> int:
        return len(self._all)

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        running = Deferred.fromCoroutine(work)
        self._all.add(running)

        def through(outcome: Any) -> None:
            self._all.discard(running)
            if isinstance(outcome, Failure):
                outcome.trap(CancelledError)

        running.addBoth(through)

    def stop(self) -> None:
        """Give all of it up."""
        for running in tuple(self._all):
            running.cancel()


class Client:
    """Makes requests when ``ask`` is called. ``kind`` is what its measures begin with, as ``rest``."""

    def __init__(
        self, around: Surroundings, web: Web, kind: str, counted: str,
        make: Callable[[], tuple[str, str, bytes, dict[str, str]]], contains: bytes,
    ) -> None:  # fmt: skip
        self._around = around
        self._web = web
        self._kind = kind
        self._counted = counted
        self._make = make
        self._contains = contains
        self._running = Running()

    def ask(self) -> None:
        """Another request."""
        if len(self._running) >= MOST_OPEN:
            self._failed(f"more than {MOST_OPEN} requests were under way")
            return
        self._running.begin(self._ask(*self._make()))

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        started = self._around.now()
        try:
            answer = await self._web.ask(method, path, body, headers)
        except WebError as error:
            self._failed(str(error))
            return
        measures = self._around.measures
        measures.record(f"{self._kind}_time", self._around.now() - started)
        measures.count(self._counted)
        if not 200 <= answer.status < 300:
            self._failed(str(answer.status))
        elif self._contains not in answer.body:
            self._failed("the answer does not contain what it should")

    def _failed(self, why: str) -> None:
        self._around.measures.count(f"{self._kind}_failed")
        self._around.measures.reason(self._kind, why)

    def stop(self) -> None:
        self._running.stop()


def rest_client(around: Surroundings, web: Web, table: Rest) -> Client:
    """A client as a table says."""
    numbers = expanded(table.numbers) if table.numbers else [""]
    headers = {"Authorization": f"Bearer {table.token}"} if table.token else basic(table.user, table.password)
    if table.body:
        headers["Content-Type"] = table.content_type

    def make() -> tuple[str, str, bytes, dict[str, str]]:
        number = around.chance.one(numbers)
        return table.method, filled(table.path, number), filled(table.body, number).encode(), headers

    return Client(around, web, "rest", "rest_requests", make, table.contains.encode())


def presence_client(around: Surroundings, web: Web, instance: str, table: Presence) -> Client:
    """The same for changes of presence."""
    users, headers = expanded(table.users), basic(table.user, table.password)
    path = f"/Applications/inbound/{instance}/rest/members/setPresence"

    def make() -> tuple[str, str, bytes, dict[str, str]]:
        state = STATES[around.chance.one(table.states)]
        query = urlencode({"usr_Name": around.chance.one(users), "presenceState": state})
        return "GET", f"{path}?{query}", b"", headers

    return Client(around, web, "presence", "presence_changes", make, b"<Response>OK</Response>")
