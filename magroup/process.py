"""This process as one of several that listen at the same ports: its part of what they share."""

from collections.abc import Callable
from typing import Final

from magroup.model.fixed import fixed
from magroup.model.listen import PortRange
from magroup.sip.wire import Network


@fixed
class Process:
    """``number`` from 1, of ``count``; ``mark`` begins its tokens, ``secret`` (b"": an own one) makes nonces that all
    of them know, ``network`` (None: the usual one) has their sockets.
    """

    number: int = 1
    count: int = 1
    mark: str = ""
    secret: bytes = b""
    network: Network | None = None

    @property
    def is_first(self) -> bool:
        return self.number == 1

    def part_of(self, ports: PortRange) -> PortRange:
        """Its ports for sound: pairs, as many as the others have. Raises ValueError where there are too few."""
        if self.count == 1:
            return ports
        size = (ports.last - ports.first + 1) // self.count // 2 * 2
        if size < 4:
            raise ValueError(f"rtp.ports must hold at least {4 * self.count} ports for {self.count} workers")
        first = ports.first + (self.number - 1) * size
        return PortRange(first, first + size - 1)

    def token(self, made: Callable[[], str]) -> Callable[[], str]:
        """What makes its tokens."""
        mark = self.mark
        return (lambda: mark + made()) if mark else made


ALONE: Final = Process()
