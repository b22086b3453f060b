"""The UDP sockets of all workers: opened by who starts them, known to each, read by their own or who stands in."""

import os
import socket
from typing import Any, Final

from twisted.logger import Logger

from magroup.model.listen import SipListen
from magroup.sip.sockets import bound_socket
from magroup.sip.wire import Received, Refuses, UdpNetwork, UdpWire, Wire
from magroup.workers.kernel_steering import attach

log: Final = Logger(__name__)


def opened(listen: tuple[str, ...], count: int) -> list[tuple[str, list[socket.socket]]]:
    """For each place where UDP is listened for, as in the settings, a socket for each worker.

    Raises CannotListenError also where another server shares its port, which would not be noticed else; ValueError for
    a port 0.
    """
    found = []
    for text in listen:
        where = SipListen.parse(text)
        if not where.port:
            raise ValueError(f"sip.listen {text}: several workers need a port, not 0")
        kind = socket.SOCK_DGRAM if where.transport == "udp" else socket.SOCK_STREAM
        bound_socket(kind, where.host, where.port).close()
        if where.transport != "udp":
            continue
        ends = [bound_socket(kind, where.host, where.port, True) for _ in range(count)]
        found.append((f"{where.host or '0.0.0.0'} {where.port}", ends))
        try:
            attach(ends[0], count)
        except OSError as error:
            log.info("The system cannot tell whose datagrams are whose, the workers hand them over: {why}",
                     why=error.strerror)  # fmt: skip
    return found


class WorkerNetwork:
    """The wires of worker ``own``. ``ends`` has the sockets' numbers by host and port, that of worker 1 first."""

    def __init__(self, reactor: Any, own: int, ends: dict[tuple[str, int], list[int]]) -> None:
        self._reactor = reactor
        self._elsewhere = UdpNetwork(reactor, True)
        self._own = own
        self._ends = ends
        self._receivers: dict[tuple[str, int], tuple[Received, Refuses | None]] = {}
        self._others: dict[int, list[Wire]] = {}

    def open(self, host: str, port: int, received: Received, refuses: Refuses | None = None) -> Wire:
        place = (host or "0.0.0.0", port)
        if place not in self._ends:
            return self._elsewhere.open(host, port, received, refuses)
        self._receivers[place] = received, refuses
        return self._wire(place, self._own)

    def stand_in(self, numbers: set[int]) -> None:
        """Read what comes for these workers too, and for no others."""
        for number in [one for one in self._others if one not in numbers]:
            for wire in self._others.pop(number):
                wire.close()
        for number in numbers - self._others.keys():
            self._others[number] = [self._wire(place, number) for place in self._receivers]

    def _wire(self, place: tuple[str, int], number: int) -> Wire:
        end = socket.socket(fileno=os.dup(self._ends[place][number - 1]))
        received, refuses = self._receivers[place]
        return UdpWire(self._reactor, *place, received, end, refuses)
