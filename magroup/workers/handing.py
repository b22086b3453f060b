"""Datagrams handed from one worker to another, with where they came from: over UDP on the loopback interface."""

import struct
from collections.abc import Callable
from hmac import compare_digest
from typing import Final

from twisted.logger import Logger

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

Take = Callable[[bytes, Hop], object]


class Handing:
    """``take`` reads a message as if it had come here. ``places`` has the ports of the other workers' wires.

    Only who knows the ``secret`` hands something over. What comes to the address ``inside`` another worker has sent to
    this one.
    """

    log = Logger()

    def __init__(self, network: Network, steering: Steering, secret: bytes, take: Take, inside: str) -> None:
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

    def steers(self, data: bytes, hop: Hop) -> bool:
        """Whether the message is another worker's, and was handed to it, or nobody's. Streams stay where they are."""
        if self._is_taking or hop.transport != "udp" or hop.local_host == self._inside:
            return False
        steering = self._steering
        number, is_to_choose = steering.of(data)
        if number == steering.own and is_to_choose:
            number, is_to_choose = steering.choose(data), False
        if number == steering.own:
            return False
        if number != DROPPED:
            self._hand(number, CHOICE if is_to_choose else NO_CHOICE, data, hop)
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
            self._take(data, hop)
        finally:
            self._is_taking = False
