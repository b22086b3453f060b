"""Where each node keeps what another one must know to go on with its calls, should it die; and who has taken which."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from magroup.cluster.bus import Bus

LONGEST_FORM = 65_536
"""Octets of one call."""

MOST_CALLS = 20_000
"""Calls of one node."""

AT_ONCE = 50
"""Calls that a node takes at a time: several share what a dead one has left."""

KEPT_FOR = 60.0
"""Seconds for which calls are kept after the node's last word: it may start again."""

OWNED_FOR = 86_400.0
"""Seconds for which it is known who has taken a call."""


class Kept(NamedTuple):
    """A call as it is kept; ``form`` b"" where it is over, ``is_taken`` where another node has begun it."""

    form: bytes
    is_taken: bool = False


class KeptCalls(Protocol):
    """One life of a node. All raise BusDown."""

    def keep(self, calls: Mapping[str, Kept]) -> Awaitable[Collection[str]]:
        """Keep these calls, by their ids, and go on keeping the others; those that another node has taken meanwhile are
        left alone, and given back; also such that are not among these, where it is known.
        """
        ...

    def keep_at_once(self, calls: Mapping[str, Kept]) -> bool:
        """The same where nobody needs to be asked; False: nothing was done, ``keep`` is to do it."""
        ...

    def take(self, node: str, life: str) -> Awaitable[Sequence[tuple[str, bytes]]]:
        """Some calls of a node that is dead, by id: they are kept as this one's from now on. Empty: none is left."""
        ...

    def owned(self, ids: Sequence[str]) -> Awaitable[Collection[str]]:
        """Those of the calls that some other node has taken."""
        ...

    def earlier(self) -> Awaitable[Collection[str]]:
        """The earlier lives of this node, of which calls may be kept yet."""
        ...

    def leave(self) -> Awaitable[None]:
        """Keep nothing any more."""
        ...


class KeepingBus(Bus, Protocol):
    """A bus by which calls are kept; the other fields are those of ``Post``."""

    @property
    def kept(self) -> KeptCalls: ...

    @property
    def settles(self) -> float: ...

    @property
    def overslept(self) -> list[Callable[[], None]]: ...

    @property
    def knows_ends(self) -> bool: ...
