"""The datagrams of one wire: messages one by one, keep-alives put aside (RFC 3261 section 18.3, RFC 5626)."""

from collections.abc import Callable
from typing import Final

from magroup.sip.addresses import is_wildcard
from magroup.sip.bans import Bans
from magroup.sip.hop import Hop
from magroup.sip.limits import Counters, Limits
from magroup.sip.stun import binding_response, is_stun
from magroup.sip.wire import Network

SHORTEST: Final = 12
MOST_HOPS: Final = 4096
"""Peers whose hop is kept: they send again and again."""


class Datagrams:
    """Opens a wire and gives what comes as ``deliver(data, hop, False)``, but for what comes from those in ``bans``.

    ``refuse(data, hop)`` says of what would have to wait whether it has been refused instead. Raises CannotListenError.

    ``host`` is "" when the wire is bound to all addresses, as in the hops it makes.
    """

    def __init__(
        self,
        network: Network,
        host: str,
        port: int,
        deliver: Callable[[bytes, Hop, bool], object],
        refuse: Callable[[bytes, Hop], bool],
        limits: Limits,
        counters: Counters,
        bans: Bans,
    ) -> None:
        self._bans = bans
        self._deliver = deliver
        self._refuse = refuse
        self.largest = limits.message
        self._counters = counters
        self._hops: dict[tuple[str, int], Hop] = {}
        self.wire = wire = network.open(host, port, self._received, self._refuses)
        self.host = "" if is_wildcard(wire.host) else wire.host
        self.port = wire.port

    def _received(self, data: bytes, host: str, port: int) -> None:
        banned = self._bans.by_place
        if banned and (host in banned or ":" in host) and self._bans.drops(host):
            return
        if len(data) < SHORTEST or data[0] < 0x20:
            data = self._unusual(data, host, port)
            if not data:
                return
        if len(data) > self.largest:
            self._counters.dropped += 1
            return
        self._deliver(data, self._hops.get((host, port)) or self._new_hop(host, port), False)

    def _refuses(self, data: bytes, host: str, port: int) -> bool:
        if self._bans.by_place and self._bans.drops(host):
            return True
        hop = self._hops.get((host, port)) or self._new_hop(host, port)
        return len(data) <= self.largest and self._refuse(data, hop)

    def _new_hop(self, host: str, port: int) -> Hop:
        if len(self._hops) >= MOST_HOPS:
            self._hops.clear()
        hop = self._hops[host, port] = Hop("udp", host, port, self.host, self.port)
        return hop

    def _unusual(self, data: bytes, host: str, port: int) -> bytes:
        """What is left when keep-alives are served: line ends say nothing, STUN is answered."""
        if is_stun(data):
            answer = binding_response(data, host, port)
            if answer is not None:
                self.wire.send(answer, host, port)
            data = b""
        data = data.lstrip(b"\r\n")
        if len(data) < SHORTEST:
            self._counters.keepalives += 1
            return b""
        return data
