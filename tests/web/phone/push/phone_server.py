"""A phone's web server on a socket, for pushes: it answers as it is told, well or ill."""

import base64
import gzip
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from twisted.internet import reactor as any_reactor
from twisted.internet.defer import maybeDeferred
from twisted.internet.protocol import Factory, Protocol
from twisted.trial.unittest import TestCase

reactor: Any = any_reactor

RESPONSE = b'<CiscoIPPhoneResponse><ResponseItem Status="0" Data="Success" URL=""/></CiscoIPPhoneResponse>'


def answer(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> bytes:
    """A whole answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Type: text/xml", b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


class PhoneServer:
    """``says`` is what it answers to a request, b"" nothing; ``pushed`` are the documents, ``asked`` the requests."""

    def __init__(self, test: TestCase, host: str = "127.0.0.1") -> None:
        self.says: bytes | Callable[[Any], None] = answer(RESPONSE)
        self.asked: list[bytes] = []
        self.connections: list[Any] = []
        factory = Factory.forProtocol(_Connection)
        factory.noisy = False
        factory.phone = self
        self._port = reactor.listenTCP(0, factory, interface=host)
        self.host, self.port = host, int(self._port.getHost().port)
        test.addCleanup(self.stop)

    @property
    def address(self) -> str:
        """As an administrator would write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def pushed(self) -> list[str]:
        return [parse_qs(raw.partition(b"\r\n\r\n")[2].decode())["XML"][0] for raw in self.asked]

    def credentials(self, index: int = -1) -> list[str]:
        """User and password of a push."""
        (line,) = [one for one in self.asked[index].split(b"\r\n") if one.lower().startswith(b"authorization:")]
        return base64.b64decode(line.split()[2]).decode().split(":", 1)

    async def stop(self) -> None:
        """Close everything."""
        for connection in tuple(self.connections):
            connection.transport.abortConnection()
        await maybeDeferred(self._port.stopListening)


class _Connection(Protocol):
    def __init__(self) -> None:
        self.received = b""

    def connectionMade(self) -> None:
        self.phone.connections.append(self)

    @property
    def phone(self) -> PhoneServer:
        return self.factory.phone  # type: ignore[no-any-return, union-attr]

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        lengths = [line.split()[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        if end and lengths and len(body) >= int(lengths[0]):
            self.phone.asked.append(self.received)
            self.received = b""
            says = self.phone.says
            if callable(says):
                says(self.transport)
            elif says:
                assert self.transport is not None
                self.transport.write(says)

    def connectionLost(self, reason: Any = None) -> None:
        self.phone.connections.remove(self)


def floods(transport: Any) -> None:
    """Header fields without end."""
    transport.write(b"HTTP/1.1 200 OK\r\n")

    def more() -> None:
        if transport.connected and not transport.disconnecting:
            transport.write(b"".join(b"X-%d: %s\r\n" % (n, b"x" * 500) for n in range(20)))
            reactor.callLater(0.001, more)

    more()


BOMB = answer(gzip.compress(b"\0" * (8 << 20)), b"200 OK", b"Content-Encoding: gzip")
"""A small answer that becomes a large one where somebody unpacks it."""
