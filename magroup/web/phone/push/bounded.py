"""Connections to phones: to numeric addresses only, each for one answer that is limited as a whole."""

from typing import Any, cast

from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web.client import URI, Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory, IBodyProducer, IResponse
from zope.interface import implementer

MOST_BYTES = 16_384
CONNECT_SECONDS = 5


class _Limited(ProtocolWrapper):
    """Header fields count too: Twisted would take any number of them."""

    received = 0

    def dataReceived(self, data: bytes) -> None:
        self.received += len(data)
        if self.received > MOST_BYTES:
            cast(Any, self.transport).abortConnection()
            return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _LimitedFactory(WrappingFactory):
    protocol = _Limited
    noisy = False


@implementer(IStreamClientEndpoint)
class _LimitedEndpoint:
    def __init__(self, endpoint: Any) -> None:
        self._endpoint = endpoint

    def connect(self, factory: IProtocolFactory) -> Any:
        limited = cast(Factory, factory)
        # Else there would be two lines in the log for each push.
        limited.noisy = False
        connecting = self._endpoint.connect(_LimitedFactory(limited))  # type: ignore[no-untyped-call]
        return connecting.addCallback(lambda wrapper: wrapper.wrappedProtocol)


@implementer(IAgentEndpointFactory)
class _Endpoints:
    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def endpointForURI(self, uri: URI) -> Any:
        host = uri.host.decode("ascii").strip("[]")
        kind = TCP6ClientEndpoint if ":" in host else TCP4ClientEndpoint
        return _LimitedEndpoint(kind(self._reactor, host, uri.port, CONNECT_SECONDS))


@implementer(IAgent)
class PhoneAgent:
    """An agent whose answers are as they came: what is packed is not unpacked, for little can become very much."""

    def __init__(self, reactor: Any) -> None:
        pool = HTTPConnectionPool(reactor, persistent=False)
        self._agent: Any = Agent.usingEndpointFactory(reactor, _Endpoints(reactor), pool)

    def request(
        self, method: bytes, uri: bytes, headers: Headers | None = None, bodyProducer: IBodyProducer | None = None
    ) -> Any:  # fmt: skip
        if headers is not None:
            headers.removeHeader(b"accept-encoding")
        return self._agent.request(method, uri, headers, bodyProducer).addCallback(_as_it_is)


def _as_it_is(response: IResponse) -> IResponse:
    response.headers.removeHeader(b"content-encoding")
    return response
