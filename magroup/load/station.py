"""A station: one SIP element of its own sockets, behind which one phone is, or many."""

from collections.abc import Callable, Collection
from typing import Any, Protocol

from magroup.sip.endpoint import ALLOW, Endpoint
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.timers import Timers
from magroup.sip.tls import ClientTls
from magroup.sip.transaction import TransactionLayer
from magroup.sip.transport import Transports
from magroup.sip.wire import Network

MOST_SENT = 8192
"""Messages that are known again: those of the last seconds."""


class Called(Protocol):
    """Who is called at a station."""

    def invited(self, transaction: InviteServerTransaction, request: Request, hop: Hop) -> None:
        """A call comes in. Raises SipError to refuse it."""


class Fence:
    """Lets messages go to these hosts only, whatever a server writes into Contact, Via and Record-Route.

    ``repeated`` is called for each message that is sent once more, since no answer came in time.
    """

    def __init__(
        self, clock: Any, transports: Transports, hosts: Collection[str], repeated: Callable[[], None]
    ) -> None:  # fmt: skip
        self._clock = clock
        self._transports = transports
        self._hosts = frozenset(hosts)
        self._repeated = repeated
        self._sent: dict[int, None] = {}

    def send(self, data: bytes, hop: Hop, failed: Callable[[str], None] | None = None) -> None:
        if hop.host in self._hosts:
            mark = hash(data)
            if mark in self._sent:
                self._repeated()
            else:
                if len(self._sent) >= MOST_SENT:
                    del self._sent[next(iter(self._sent))]
                self._sent[mark] = None
            self._transports.send(data, hop, failed)
        elif failed is not None:
            self._clock.callLater(0, failed, f"{hop.host} is not among the hosts that may be sent to")

    def local(self, hop: Hop) -> tuple[str, int]:
        return self._transports.local(hop)

    shown = local


class Station:
    """``server`` is where all requests go, ``address`` the own one, ``hosts`` are those that may be sent to.

    ``port`` is the own one, 0 any; ``network`` has the sockets of UDP, None this machine's.
    """

    def __init__(
        self, reactor: Any, timers: Timers, address: str, server: Hop, hosts: Collection[str], tls: ClientTls,
        agent: str, repeated: Callable[[], None], port: int = 0, network: Network | None = None,
    ) -> None:  # fmt: skip
        self.address = address
        self._port = port
        self.server = server._replace(local_host=address if server.transport != "udp" else "")
        self.endpoint = Endpoint(agent, 0)
        self._transports = Transports(reactor, lambda message, hop: None, client_tls=tls, network=network)
        layer = TransactionLayer(Fence(reactor, self._transports, hosts, repeated), timers, self.endpoint)
        self.endpoint.layer = layer
        self._transports.receive = layer.receive
        self._transports.malformed = layer.malformed
        self._called: dict[str, Called] = {}
        self.endpoint.methods |= {"INVITE": self._invited, "OPTIONS": _fine, "NOTIFY": _fine}

    async def open(self) -> None:
        """Open its socket. Raises CannotListenError."""
        if self.server.transport == "udp":
            await self._transports.listen_udp(self.address, self._port)
        elif self.server.transport == "tcp":
            await self._transports.listen_tcp(self.address, self._port)

    def add(self, user: str, called: Called) -> str:
        """Somebody is here; the user part of the Contact, by which calls come to it."""
        name, number = user, 1
        while name in self._called:
            number += 1
            name = f"{user}-{number}"
        self._called[name] = called
        return name

    @property
    def is_waiting(self) -> bool:
        """Whether a request of ours lacks its answer."""
        return self.endpoint.layer.is_waiting

    async def stop(self) -> None:
        await self._transports.stop()
        self.endpoint.layer.stop()

    def _invited(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        called = self._called.get(request.uri.number)
        if called is None or not isinstance(transaction, InviteServerTransaction):
            raise SipError(404)
        called.invited(transaction, request, hop)


def _fine(transaction: ServerTransaction, request: Request, hop: Hop) -> None:
    response = request.respond(200, to_tag="load")
    response.headers["Allow"] = [ALLOW]
    transaction.respond(response)
