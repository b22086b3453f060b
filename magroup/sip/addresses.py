"""Numeric addresses: their family, whether they are loopback, and where the system would send from to reach them."""

import socket
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from socket import AF_INET, AF_INET6, SOCK_DGRAM, AddressFamily
from typing import Final

_KNOWN: Final[dict[str, AddressFamily | None]] = {}
_MOST_KNOWN: Final = 4096
_LONGEST: Final = 64
_ANY: Final = ("", "0.0.0.0", "::")


def family(host: str) -> AddressFamily | None:
    """AF_INET or AF_INET6 of a numeric address without brackets, None for anything else."""
    try:
        return _KNOWN[host]
    except KeyError:
        if len(host) > _LONGEST:
            return None
    try:
        found = AF_INET if ip_address(host).version == 4 else AF_INET6
    except ValueError:
        found = None
    if len(_KNOWN) >= _MOST_KNOWN:
        _KNOWN.clear()
    _KNOWN[host] = found
    return found


def is_wildcard(host: str) -> bool:
    """Whether a socket bound to ``host`` hears every address of its family."""
    return host in _ANY


def is_loopback(host: str) -> bool:
    """Whether a numeric address is this machine for itself only."""
    return host.startswith("127.") or host == "::1"


def source_address(host: str) -> str:
    """The own address from which the system would send to ``host``; loopback when it knows no way there, or a name.

    Asks the routing table only: a connected datagram socket sends nothing.
    """
    kind = family(host)
    if kind is None:
        return "127.0.0.1"
    try:
        with socket.socket(kind, SOCK_DGRAM) as probe:
            probe.connect((host, 5060))
            return str(probe.getsockname()[0])
    except OSError:
        return "::1" if kind == AF_INET6 else "127.0.0.1"


@lru_cache(maxsize=4096)
def _network(host: str) -> str:
    try:
        return str(IPv6Address(int(IPv6Address(host.partition("%")[0])) >> 64 << 64))
    except ValueError:
        return host


def place_of(host: str) -> str:
    """What counts as one source: a numeric address, of IPv6 its first 64 bits, for a host has all the others."""
    return _network(host) if ":" in host else host
