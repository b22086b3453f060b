"""What the tab Switch, and the states in other lists, are made from."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

from prometheus_client.registry import Collector

from magroup.model.explained import Explained
from magroup.model.fixed import fixed
from magroup.model.lines import Registration
from magroup.model.standing import (
    BanStanding,
    Defence,
    Figures,
    Held,
    Layer,
    LineStanding,
    LinkStanding,
    MonitorStanding,
    Registered,
    Strain,
    StreamStanding,
    TrunkStanding,
    WorkerStanding,
)
from magroup.web.admin.pages import not_there
from magroup.web.admin.switch.metrics import SwitchCollector
from magroup.web.admin.visit import AdminVisit


class Standing(Protocol):
    """How the switch stands at the moment of the question, answered from memory."""

    def figures(self) -> Figures: ...

    def registrations(self) -> list[Registration]: ...

    def registered(self, registration: Registration) -> Registered: ...

    def of_line(self, number: str) -> tuple[Registration, ...]: ...

    def line(self, number: str) -> LineStanding: ...

    def end(self, number: str, contact: str) -> bool: ...

    def trunk(self, trunk_id: int) -> TrunkStanding | None: ...

    def trunks(self) -> list[TrunkStanding]: ...

    def bans(self) -> list[BanStanding]: ...

    def lift(self, place: str) -> bool: ...

    def locked(self) -> dict[str, float]: ...

    def unlock(self, line: str) -> bool: ...

    def defence(self) -> Defence: ...

    def strain(self) -> Strain: ...

    def monitors(self) -> list[MonitorStanding]: ...

    def link(self) -> LinkStanding | None: ...

    def streams(self, most: int) -> list[StreamStanding]: ...

    def listening(self) -> list[str]: ...

    def layers(self) -> list[Layer]: ...

    def layer(self, name: str, most: int) -> Layer | None: ...


class Workers(Protocol):
    """The processes of a server that has several: this one, which asks the others."""

    @property
    def numbers(self) -> Sequence[int]: ...

    async def all(self) -> Sequence[WorkerStanding]: ...

    async def streams(self, most: int) -> Sequence[StreamStanding]: ...

    async def held(self) -> Sequence[Held]: ...

    async def trunk_calls(self) -> Mapping[int, int]: ...

    async def unlock(self, line: str) -> bool: ...

    async def layers(self, number: int) -> Sequence[Layer]: ...

    async def layer(self, number: int, name: str, most: int) -> Layer | None: ...

    async def phones(self, registrations: Iterable[Registration]) -> Mapping[tuple[str, str], Registered]: ...


@fixed
class Switching:
    """``explain`` takes who calls, the number dialled and when (UTC seconds); ``versions`` gives names with theirs.

    ``workers`` is None where this process is the only one.
    """

    standing: Standing
    explain: Callable[[str, str, float], Awaitable[Explained]]
    seconds: Callable[[], float]
    versions: Callable[[], Sequence[tuple[str, str]]] = tuple
    workers: Workers | None = None

    @property
    def metrics(self) -> Collector:
        return SwitchCollector(self.standing)


def switching(visit: AdminVisit) -> Switching:
    """Raises NotFound where there is no switch."""
    found = visit.parts.switching
    if found is None:
        raise not_there()
    return found
