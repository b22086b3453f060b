"""Simulated Cisco IP phones that show a page again and again."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from magroup.load.requests import Running
from magroup.load.scenario import CiscoPhones
from magroup.load.surroundings import Surroundings


class Handset(Protocol):
    """What is used of a simulated phone."""

    def open(self, url: str) -> Coroutine[Any, Any, Any]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Handsets:
    """How simulated phones are made, from model and device name; ``refusal`` is what they raise."""

    make: Callable[[str, str], Handset]
    refusal: type[Exception]
    models: tuple[str, ...]


class Visitor:
    """One phone."""

    def __init__(
        self, around: Surroundings, handsets: Handsets, table: CiscoPhones, device: str, url: str
    ) -> None:  # fmt: skip
        self._around = around
        self._refusal = handsets.refusal
        self._table = table
        self._url = url
        self._handset = handsets.make(table.model, device)
        self._running = Running()
        self._is_stopped = False

    def start(self) -> None:
        """Ask for the page from time to time, for the first time within the first interval."""
        around = self._around
        first = around.chance.random.uniform(0, around.chance.span(self._table.every))
        around.after(first, self._ask)

    def _ask(self) -> None:
        if not self._is_stopped:
            self._running.begin(self._show())
            self._around.after(max(self._around.chance.span(self._table.every), 0.1), self._ask)

    async def _show(self) -> None:
        around, started = self._around, self._around.now()
        try:
            await self._handset.open(self._url)
        except self._refusal as refusal:
            around.measures.count("pages_failed")
            around.measures.reason("pages", str(refusal))
            return
        around.measures.count("pages")
        around.measures.record("page_time", around.now() - started)

    def stop(self) -> None:
        self._is_stopped = True
        self._running.stop()
        self._handset.close()
