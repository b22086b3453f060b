"""Where a request comes from: the peer, or what a trusted proxy says of its client."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from twisted.internet.interfaces import IAddress
from twisted.web.http import Request

from magroup.model.fixed import fixed

_PROXY_FIELDS = (b"x-forwarded-for", b"forwarded", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"via")
MOST_PROXIES = 16
"""Addresses in X-Forwarded-For that are looked at, from the last on."""


@fixed
class Client:
    """``address`` is of the client itself, ``unix`` where it came by a unix socket without saying more.

    ``secure``: it speaks TLS, to us, to a proxy that we trust, or to whatever stands at the public URL.
    ``is_this_machine``: no proxy passed it on, and it comes from the loopback interface. ``is_certain``: the address is
    that of the client, as far as that can be known; not so when a proxy that we do not trust has passed the request on,
    or one that does not say for whom.
    """

    address: str
    secure: bool
    is_this_machine: bool
    is_certain: bool = True


class Peer(NamedTuple):
    """Who a connection comes from; ``is_shared`` are this machine and trusted proxies, by which many may come."""

    address: str
    is_this_machine: bool
    is_shared: bool


class Networks:
    """Addresses and networks, as settings name them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._networks: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, texts))

    def has(self, address: str) -> bool:
        """Whether one of them has ``address``, which may be any text."""
        parsed = _address(address)
        return parsed is not None and self.holds(parsed)

    def holds(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._networks)


class Clients:
    """``of`` a request. ``trusted`` holds addresses and networks of proxies; who uses a unix socket is one too.

    ``public_url`` is where browsers reach us, "" where that is not said.
    """

    def __init__(self, trusted: Iterable[str] = (), public_url: str = "") -> None:
        self._trusted = Networks(trusted)
        url = urlsplit(public_url.lower())
        self._secure_host = url.netloc.removesuffix(":443").encode() if url.scheme == "https" else b""

    def peer(self, address: IAddress | None) -> Peer:
        """Of a connection, before anything is said on it."""
        host = getattr(address, "host", None)
        peer = _address(host) if isinstance(host, str) else None
        if peer is None or peer.is_loopback:
            return Peer(str(peer or "unix"), True, True)
        return Peer(str(peer), False, self._trusted.holds(peer))

    def of(self, request: Request) -> Client:
        """Of a request, whose header fields are there."""
        asked: Any = request
        found: tuple[Clients, Client] | None = getattr(asked, "client_found", None)
        if found is None or found[0] is not self:
            found = asked.client_found = (self, self._find(request))
        return found[1]

    def _find(self, request: Request) -> Client:
        host = getattr(request.getClientAddress(), "host", None)
        peer = _address(host) if isinstance(host, str) else None
        headers = request.requestHeaders
        hosts = [host.lower().removesuffix(b":443") for host in headers.getRawHeaders(b"host") or []]
        secure = bool(request.isSecure()) or (bool(self._secure_host) and hosts == [self._secure_host])
        address = str(peer or "unix")
        direct = not any(headers.hasHeader(name) for name in _PROXY_FIELDS)
        is_certain = direct
        if peer is None or self._trusted.holds(peer):
            said = headers.getRawHeaders(b"x-forwarded-for") or []
            address, is_certain = self._forwarded(b",".join(said), address)
            scheme = headers.getRawHeaders(b"x-forwarded-proto") or []
            secure = secure or (len(scheme) == 1 and scheme[0].strip().lower() == b"https")
            is_certain = is_certain or direct
        return Client(address, secure, direct and peer is not None and peer.is_loopback, is_certain)

    def _forwarded(self, said: bytes, peer: str) -> tuple[str, bool]:
        """The last address that is not one of ours; each proxy has added the one it saw at the end. Is it certain?"""
        found = peer
        for text in reversed(said.split(b",")[-MOST_PROXIES:]):
            address = _address(text.decode("ascii", "replace").strip())
            if address is None:
                return found, False
            found = str(address)
            if not self._trusted.holds(address):
                break
        return found, True


@lru_cache(maxsize=1024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
