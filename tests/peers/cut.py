"""A wire between a client and a server that can be cut, can swallow everything without a word, and can be mended."""

from typing import Any

from twisted.internet.defer import CancelledError
from twisted.internet.endpoints import TCP4ClientEndpoint, UNIXClientEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import TestCase

from tests.peers.addresses import address
from tests.peers.waiting import reactor


class Wire(Factory):
    """Listens on an address of its own, and leads to ``host`` and ``port``; a path with port 0 is that of a socket.

    ``cut``: connections break and none is made. ``swallow``: they stay, nothing goes through, new ones hear nothing.
    """

    noisy = False

    def __init__(self, test: TestCase, host: str, port: int) -> None:
        self.ip = address(test).ip
        self.port = port or 5432
        self.is_cut = self.swallows = False
        self.ends: set[_End] = set()
        self.target: Any = (
            TCP4ClientEndpoint(reactor, host, port) if port else UNIXClientEndpoint(reactor, host)
        )  # fmt: skip
        self._listening = reactor.listenTCP(self.port, self, interface=self.ip)
        test.addCleanup(self.close)

    def buildProtocol(self, place: object) -> Protocol | None:
        return None if self.is_cut else _End(self)

    def cut(self) -> None:
        self.is_cut = True
        for end in tuple(self.ends):
            end.abort()

    def swallow(self) -> None:
        self.swallows = True
        for end in self.ends:
            end.pause()

    def mend(self) -> None:
        """Both ends hear what was said meanwhile, as by TCP's repetition."""
        self.is_cut = self.swallows = False
        for end in tuple(self.ends):
            end.go_on()

    async def close(self) -> None:
        await self._listening.stopListening()
        for end in tuple(self.ends):
            end.abort()


class _End(Protocol):
    """One side of a connection through the wire; ``other`` is the other one, once it is there."""

    def __init__(self, wire: Wire, other: "_End | None" = None) -> None:
        self.wire = wire
        self.other = other
        self._connecting: Any = None

    def connectionMade(self) -> None:
        self.wire.ends.add(self)
        if self.wire.swallows:
            self.pause()
        if self.other is None:
            self.pause()
            if not self.wire.swallows:
                self._connect()

    def _connect(self) -> None:
        factory = Factory.forProtocol(lambda: _End(self.wire, self))
        factory.noisy = False
        self._connecting = self.wire.target.connect(factory)
        self._connecting.addCallbacks(self._connected, self._failed)

    def _connected(self, other: "_End") -> None:
        self.other = other
        if not self.wire.swallows:
            self.go_on()

    def _failed(self, failure: Failure) -> None:
        failure.trap(OSError, CancelledError, Exception)
        self.abort()

    def pause(self) -> None:
        transport: Any = self.transport
        transport.pauseProducing()

    def go_on(self) -> None:
        if self.other is None and self._connecting is None:
            self._connect()
        elif self.other is not None:
            transport: Any = self.transport
            transport.resumeProducing()

    def abort(self) -> None:
        transport: Any = self.transport
        transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        assert self.other is not None
        transport: Any = self.other.transport
        if transport is not None:
            transport.write(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.wire.ends.discard(self)
        if self.other is not None and self.other in self.wire.ends:
            self.other.abort()
