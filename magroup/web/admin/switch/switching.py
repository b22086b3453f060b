"""What the tab Switch, and the states in other lists, are made from."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from prometheus_client.registry import Collector

from magroup.model.explained import Explained
from magroup.model.fixed import fixed
from magroup.model.lines import Registration
from magroup.model.standing import (
    BanStanding,
    Defence,
    Figures,
    Layer,
    LineStanding,
    LinkStanding,
    MonitorStanding,
    Registered,
    Strain,
    StreamStanding,
    TrunkStanding,
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


@fixed
class Switching:
    """``explain`` takes who calls, the number dialled and when (UTC seconds); ``versions`` gives names with theirs."""

    standing: Standing
    explain: Callable[[str, str, float], Awaitable[Explained]]
    seconds: Callable[[], float]
    versions: Callable[[], Sequence[tuple[str, str]]] = tuple

    @property
    def metrics(self) -> Collector:
        return SwitchCollector(self.standing)


def switching(visit: AdminVisit) -> Switching:
    """Raises NotFound where there is no switch."""
    found = visit.parts.switching
    if found is None:
        raise not_there()
    return found
