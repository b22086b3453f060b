"""The HTTP connections that are open: so many in all, so many from one address; further ones are closed at once."""

from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from twisted.internet.interfaces import IAddress, IProtocol
from twisted.internet.protocol import Protocol
from twisted.logger import Logger
from twisted.protocols.policies import ProtocolWrapper

from magroup.model.settings import HttpSettings
from magroup.web.admission.client import Clients
from magroup.web.admission.throttle import network_of

RESERVED = 20
"""Connections that this machine may open beyond the limit: its probes see how a crowded server does."""

MINUTE = 60.0


class Connections:
    """``settings`` gives the limits, ``clients`` tells this machine and trusted proxies: many people come by those, and
    only the limit for all holds for them. ``seconds`` gives a time.
    """

    log = Logger()

    def __init__(
        self, settings: Callable[[], HttpSettings], clients: Callable[[], Clients], seconds: Callable[[], float]
    ) -> None:
        self.refused = 0
        self._settings = settings
        self._clients = clients
        self._seconds = seconds
        self._count = 0
        self._by_place: Counter[str] = Counter()
        self._told_at = -MINUTE
        self._told = 0

    def __len__(self) -> int:
        """How many are open."""
        return self._count

    def admitted(self, protocol: IProtocol, peer: IAddress | None) -> Protocol:
        """What speaks with ``peer``: ``protocol``, or one that closes the connection where there are too many."""
        who = self._clients().peer(peer)
        place = network_of(who.address)
        limits = self._settings()
        if self._count >= limits.max_connections + (RESERVED if who.is_this_machine else 0):
            self._refuse(who.address, f"{self._count} are open")
        elif not who.is_shared and self._by_place[place] >= limits.connections_per_address:
            self._refuse(who.address, f"{self._by_place[place]} are open from there")
        else:
            return _Open(self, place, protocol)
        return _Refused()

    def registerProtocol(self, opened: "_Open") -> None:
        self._count += 1
        self._by_place[opened.place] += 1

    def unregisterProtocol(self, closed: "_Open") -> None:
        self._count -= 1
        self._by_place[closed.place] -= 1
        if not self._by_place[closed.place]:
            del self._by_place[closed.place]

    def _refuse(self, address: str, reason: str) -> None:
        """One line a minute: whoever floods the server does not flood the log."""
        self.refused += 1
        now = self._seconds()
        if now - self._told_at >= MINUTE:
            self.log.warn(
                "HTTP connection from {address} refused: {reason}; {count} refused since this was last told",
                address=address, reason=reason, count=self.refused - self._told,
            )  # fmt: skip
            self._told_at, self._told = now, self.refused


class _Open(ProtocolWrapper):
    """Stands between the connection and what speaks on it: it is counted until its end, whoever takes it over."""

    def __init__(self, connections: Connections, place: str, protocol: IProtocol) -> None:
        super().__init__(cast(Any, connections), protocol)
        self.place = place


class _Refused(Protocol):
    """A connection that is closed before anything is read from it."""

    def connectionMade(self) -> None:
        cast(Any, self.transport).abortConnection()
