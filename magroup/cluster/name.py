"""The name of a node is its own: a lease on it, so that no other one of the same name begins beside it."""

from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.cluster.bus import Bus, BusDown, Leases
from magroup.model.clock import Clock, DelayedCall

HELD = 10.0
RENEWED = 3.0
FIRST_PATIENCE = 2.0
LOOK_EVERY = 0.02
"""Seconds: how long the lease holds, how often it is renewed, and how long a start waits for the bus."""


class Leased(Bus, Leases, Protocol):
    """A bus with its leases."""


class NodeName:
    """``claim`` it before anything is told, and ``leave`` it at the end."""

    log = Logger()

    def __init__(self, bus: Leased, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._timer: DelayedCall | None = None
        self._is_ours = True

    async def claim(self) -> bool:
        """False where another node has it. A bus that is not there is not waited for: it is claimed later then."""
        until = self._clock.seconds() + FIRST_PATIENCE
        while not self._bus.is_up and self._clock.seconds() < until:
            pause: Deferred[None] = Deferred()
            self._clock.callLater(LOOK_EVERY, pause.callback, None)
            await pause
        is_ours = await self._take()
        if is_ours:
            self._timer = self._clock.callLater(RENEWED, self._renew)
        return is_ours

    async def leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            try:
                await self._bus.leave(self._lease)
            except BusDown:
                return

    @property
    def _lease(self) -> str:
        return f"node {self._bus.node}"

    async def _take(self) -> bool:
        try:
            return await self._bus.take(self._lease, HELD)
        except BusDown:
            return True

    def _renew(self) -> None:
        self._timer = self._clock.callLater(RENEWED, self._renew)
        Deferred.fromCoroutine(self._take()).addCallbacks(self._renewed, self._failed)

    def _renewed(self, is_ours: bool) -> None:
        if not is_ours and self._is_ours:
            self.log.critical("Another node is called {node} too: give each its own name (cluster.node)",
                              node=self._bus.node)  # fmt: skip
        self._is_ours = is_ours

    def _failed(self, failure: Any) -> None:
        self.log.failure("The name of the node cannot be kept", failure)
