"""What the web site knows of the running server: it is handed in, never looked for."""

from collections.abc import Callable, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry

from magroup.model.fixed import fixed
from magroup.model.standing import WorkerStanding


@fixed
class GroupStatus:
    """A group on the status page: its name, its manager number and how many people are in it."""

    name: str
    number: str
    members: int


@fixed
class Status:
    """The server at this moment. ``sip_addresses`` are written as ``udp 127.0.0.1:5060``."""

    sip_addresses: tuple[str, ...] = ()
    lines: int = 0
    registered_lines: int = 0
    calls: int = 0
    groups: tuple[GroupStatus, ...] = ()


class Others(Protocol):
    """The other processes of this server."""

    async def refresh(self) -> None:
        """Ask them how they do: the status and readiness tell it from then on."""
        ...

    async def all(self) -> Sequence[WorkerStanding]:
        """How they and this one do."""
        ...

    async def exposition(self, registry: CollectorRegistry) -> bytes:
        """The metrics of all; those in ``registry`` are this one's."""
        ...


class StatusSource(Protocol):
    """Gives the status of this moment; asked at each request, so it answers from memory."""

    def __call__(self) -> Status: ...


class Readiness:
    """Why the server is not ready: one sentence by part. With no reason left it is ready."""

    def __init__(self, **reasons: str) -> None:
        self._reasons = dict(reasons)
        self._parts = set(reasons)
        self._watched: dict[str, Callable[[], str]] = {}

    def not_ready(self, part: str, reason: str) -> None:
        """``part`` cannot do its work, because of ``reason``."""
        self._reasons[part] = reason
        self._parts.add(part)

    def ready(self, part: str) -> None:
        """``part`` does its work."""
        self._reasons.pop(part, None)

    def watch(self, part: str, reason: Callable[[], str]) -> None:
        """``part`` is asked each time why it cannot do its work, "" when it can."""
        self._watched[part] = reason

    def reasons(self) -> list[str]:
        """A line for each part that is not ready."""
        return [f"{part}: {reason}" for part, reason in sorted(self._why().items())]

    def works(self) -> dict[str, bool]:
        """Each part that there is, and whether it does its work."""
        why = self._why()
        return {part: part not in why for part in sorted(self._parts | self._watched.keys())}

    def _why(self) -> dict[str, str]:
        watched = {part: reason for part, ask in self._watched.items() if (reason := ask())}
        return {**watched, **self._reasons}
