"""Datagrams handed from one worker to another, with where they came from: over UDP on the loopback interface."""

import struct
from collections.abc import Callable
from hmac import compare_digest
from typing import Final

from twisted.logger import Logger

from magroup.model.clock import Clock, DelayedCall
from magroup.sip.hop import Hop
from magroup.sip.wire import Network
from magroup.workers.steering import DROPPED, Steering

HOST: Final = "127.0.0.1"
SECRET: Final = 16
_HEAD: Final = struct.Struct(f"!{SECRET}sBHHBB")
"""The secret of all workers, whether the receiver is to choose, port of the peer and of the own end, length of both
addresses; these and the message follow.
"""
NO_CHOICE, CHOICE = 0, 1
AGAIN = 0.2
MOST_WAITING = 1_000
"""Seconds after which what has to wait is looked at again, and how many messages may wait so."""

Take = Callable[[bytes, Hop, bool], object]
"""Takes a message, where it came from, and whether a connection has brought it."""


class Handing:
    """``take`` reads a message as if it had come here. ``places`` has the ports of the other workers' wires.

    Only who knows the ``secret`` hands something over. What comes to the address ``inside`` another worker has sent to
    this one. What a connection has brought is not repeated: for a worker that has just ended it waits until somebody
    has its calls.
    """

    log = Logger()

    def __init__(
        self, network: Network, steering: Steering, secret: bytes, take: Take, inside: str, clock: Clock
    ) -> None:  # fmt: skip
        self._clock = clock
        self._waiting: set[DelayedCall] = set()
        self._inside = inside
        self.places: dict[int, int] = {}
        self.handed = 0
        """How many messages went to another worker."""
        self._steering = steering
        self._secret = secret
        self._take = take
        self._is_taking = False
        self._wire = network.open(HOST, 0, self._received)

    @property
    def port(self) -> int:
        return self._wire.port

    def close(self) -> None:
        self._wire.close()
        for later in self._waiting:
            later.cancel()
        self._waiting.clear()

    def steers(self, data: bytes, hop: Hop) -> bool:
        """Whether the message is another worker's, and was handed to it, or nobody's; or has to wait."""
        steering = self._steering
        if hop.transport != "udp":
            return steering.is_patient and self._waits(data, hop)
        if self._is_taking or hop.local_host == self._inside:
            return False
        number, is_to_choose = steering.of(data)
        if number == steering.own and is_to_choose:
            number, is_to_choose = steering.choose(data), False
        if number == steering.own:
            return False
        if number != DROPPED:
            self._hand(number, CHOICE if is_to_choose else NO_CHOICE, data, hop)
        return True

    def _waits(self, data: bytes, hop: Hop) -> bool:
        if self._steering.of(data)[0] != DROPPED or len(self._waiting) >= MOST_WAITING:
            return False

        def again() -> None:
            self._waiting.discard(later)
            self._take(data, hop, True)

        later = self._clock.callLater(AGAIN, again)
        self._waiting.add(later)
        return True

    def _hand(self, number: int, choice: int, data: bytes, hop: Hop) -> None:
        port = self.places.get(number)
        if port is None:
            self.log.debug("worker {number} is not known: a message from {hop} is lost", number=number, hop=str(hop))
            return
        host, own = hop.host.encode("ascii"), hop.local_host.encode("ascii")
        head = _HEAD.pack(self._secret, choice, hop.port, hop.local_port, len(host), len(own))
        why = self._wire.send(head + host + own + data, HOST, port)
        if why:
            self.log.debug("a message from {hop} is lost: {why}", hop=str(hop), why=why)
        else:
            self.handed += 1

    def _received(self, envelope: bytes, host: str, port: int) -> None:
        if len(envelope) < _HEAD.size:
            return
        secret, choice, peer_port, own_port, length, own_length = _HEAD.unpack_from(envelope)
        if not compare_digest(secret, self._secret):
            return
        at = _HEAD.size
        peer = envelope[at : at + length].decode("ascii")
        at += length
        own = envelope[at : at + own_length].decode("ascii")
        data, hop = envelope[at + own_length :], Hop("udp", peer, peer_port, own, own_port)
        if choice == CHOICE:
            number = self._steering.choose(data)
            if number != self._steering.own:
                self._hand(number, NO_CHOICE, data, hop)
                return
        self._is_taking = True
        try:
            self._take(data, hop, False)
        finally:
            self._is_taking = False
