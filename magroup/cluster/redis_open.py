"""Connections to Redis and its Sentinels: over TCP, TLS or a socket of this machine."""

from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint, wrapClientTLS
from twisted.internet.ssl import optionsForClientTLS

CONNECT_SECONDS = 4.0


def opener(reactor: Any, tls: bool) -> Callable[[str, int, Any], Awaitable[Any]]:
    """What ``RedisBus`` opens connections by; ``tls`` checks the certificate by this machine's authorities."""

    def open(host: str, port: int, factory: Any) -> Awaitable[Any]:
        endpoint: Any
        if not port:
            endpoint = UNIXClientEndpoint(reactor, host, CONNECT_SECONDS)
        else:
            endpoint = HostnameEndpoint(reactor, host, port, CONNECT_SECONDS)
            if tls:
                endpoint = wrapClientTLS(optionsForClientTLS(host), endpoint)
        opened: Awaitable[Any] = endpoint.connect(factory)
        return opened

    return open
