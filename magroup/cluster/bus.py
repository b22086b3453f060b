"""The bus between nodes, and leases: nobody waits for either on behalf of a call."""

from collections.abc import Awaitable, Callable
from typing import Protocol

LONGEST_BODY = 1 << 20
MOST_WAITING = 10_000
"""Messages that may be on their way; further ones are lost, which whoever misses them is told."""

BEAT = 0.2
GONE_AFTER = 1.3
LATE = 0.5
"""Seconds: how often each node says that it is there, and how long after its last word it is not. One that is busy for
a second is there all the time; two seconds after its end another one has its calls. Who looks that much too late, or
waits so long for its own words, gives the others time to be heard.
"""

SETTLES = 3.0
"""Seconds after the bus has come (back) in which nobody's calls are taken: who is not heard yet may well be there."""

Listener = Callable[[str, bytes], None]
"""Takes the name of the node that sent it and the body."""


class BusDown(Exception):
    """The bus is not there now."""


class Bus(Protocol):
    """One node's end. What one node sends comes to the others in the order in which it was sent, or not at all."""

    @property
    def node(self) -> str:
        """The own name."""
        ...

    @property
    def is_up(self) -> bool:
        """Whether what is sent goes anywhere."""
        ...

    @property
    def nodes(self) -> frozenset[str]:
        """The others that are there, as far as is known."""
        ...

    def life(self, node: str) -> str:
        """The life in which another node was heard last, in the eyes of who hears by ``watch`` that it left."""
        ...

    def listen(self, topic: str, listener: Listener) -> None:
        """Hear what other nodes send on ``topic``; what this one sends it does not hear."""
        ...

    def watch(self, joined: Callable[[str], None], left: Callable[[str], None], missed: Callable[[str], None]) -> None:
        """Hear of nodes that come and go, and that messages were missed: look at everything again.

        ``missed`` takes the name of the node whose messages they were; "" when the bus is there, or there again, and
        nobody knows what went by.
        """
        ...

    def send(self, topic: str, body: bytes) -> None:
        """Tell the other nodes, never waiting. While the bus is down it is lost, and they will hear that they missed
        something. ValueError for more than LONGEST_BODY.
        """
        ...


class Leases(Protocol):
    """What one node may do at a time. Both raise BusDown."""

    def take(self, name: str, seconds: float) -> Awaitable[bool]:
        """Take the lease, or keep it, for so many seconds; False where somebody else has it."""
        ...

    def leave(self, name: str) -> Awaitable[None]:
        """Give it up, where it is the own one."""
        ...
