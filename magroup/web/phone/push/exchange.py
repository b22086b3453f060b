"""A request to a phone and its response, on a connection of its own to a numeric address.

Twisted's own client takes more than twice as long, and as many header fields as somebody sends.
"""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.python.failure import Failure

from magroup.web.phone.push.place import Place
from magroup.web.phone.push.response import Response, ResponseReader

CONNECT_SECONDS = 5


def exchange(reactor: Any, place: Place, request: bytes) -> Deferred[Response]:
    """What the phone answers. Fails with ConnectError and its kin, or ValueError for what is no response.

    Cancelled, the connection is broken off.
    """
    factory = _Factory(request)
    done = factory.done
    factory.connector = reactor.connectTCP(place.host, place.port, factory, CONNECT_SECONDS)
    return done


class _Factory(ClientFactory):
    noisy = False
    connector: Any = None
    exchange: "_Exchange | None" = None

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.done: Deferred[Response] = Deferred(self._cancelled)

    def buildProtocol(self, addr: IAddress | None) -> "_Exchange":
        self.exchange = _Exchange(self)
        return self.exchange

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self.failed(reason)
        self._forget(connector)

    def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
        self._forget(connector)

    def failed(self, reason: Failure) -> None:
        if not self.done.called:
            self.done.errback(reason)

    def _forget(self, connector: Any) -> None:
        """What holds each other is left to the garbage collector, which would stop the reactor for thousands of it."""
        connector.transport = self.connector = self.exchange = None
        del self.done

    def _cancelled(self, done: Deferred[Response]) -> None:
        if self.exchange is not None:
            self.exchange.abort()
        else:
            self.connector.stopConnecting()


class _Exchange(Protocol):
    transport: Any

    def __init__(self, factory: _Factory) -> None:
        self._factory = factory
        self._reader = ResponseReader()

    def connectionMade(self) -> None:
        self.transport.write(self._factory.request)

    def dataReceived(self, data: bytes) -> None:
        done = self._factory.done
        if done.called:
            return
        try:
            response = self._reader.feed(data)
        except ValueError:
            self.abort()
            self._factory.failed(Failure())
            return
        if response is not None:
            self.transport.loseConnection()
            done.callback(response)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        done = self._factory.done
        if done.called:
            return
        try:
            response = self._reader.end()
        except ValueError:
            self._factory.failed(reason)
        else:
            done.callback(response)

    def abort(self) -> None:
        self.transport.abortConnection()
