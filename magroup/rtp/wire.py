"""The seam to the network: where datagrams go out and come in."""

import ipaddress
import socket
from collections.abc import Callable
from typing import Protocol

Address = tuple[str, int] | tuple[str, int, int, int]
"""As sockets have it: host and port, for IPv6 also flow and scope."""

Received = Callable[[bytes, Address], None]


class Wire(Protocol):
    """One bound UDP port. ``send`` never raises and never waits: what cannot be sent now is counted in ``dropped``
    (no room) or ``failed`` (any other error, such as no route)."""

    address: Address
    dropped: int
    failed: int

    def send(self, data: bytes, address: Address, /) -> None: ...

    def close(self) -> None:
        """Nothing is received or sent after this; closing twice does no harm."""


class Wires(Protocol):
    """What opens wires: ``SocketWires`` in service, ``MemoryWires`` in tests."""

    def open(self, host: str, port: int, received: Received) -> Wire:
        """A wire on that local IP address and port. Raises OSError, as socket.bind does."""


def numeric_address(host: str, port: int) -> Address:
    """The socket address of an IPv4 or IPv6 literal; ValueError for anything else: nothing here asks the DNS."""
    if not 0 <= port <= 65535:
        raise ValueError(f"{port} is no UDP port")
    try:
        if ipaddress.ip_address(host).version == 4:
            return host, port
        # In the spelling that sockets have, for comparison, and with the number of the scope.
        found = socket.getaddrinfo(host, port, socket.AF_INET6, socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError) as error:
        raise ValueError(f"{host[:60]!r} is no IP address") from error
    address: Address = found[0][4]  # type: ignore[assignment]
    return address


def is_unspecified(address: Address) -> bool:
    """Whether nothing can be sent there: port 0, or the address of old that means hold (RFC 3264 section 8.4)."""
    return not address[1] or address[0] in ("0.0.0.0", "::")
