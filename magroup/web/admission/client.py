"""Where a request comes from: the peer, or what a trusted proxy says of its client."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from twisted.web.http import Request

_PROXY_FIELDS = (b"x-forwarded-for", b"forwarded", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip", b"via")
MOST_PROXIES = 16
"""Addresses in X-Forwarded-For that are looked at, from the last on."""


@dataclass(frozen=True)
class Client:
    """``address`` is of the client itself, ``unix`` where it came by a unix socket without saying more.

    ``secure``: it speaks TLS, to us or to a proxy that we trust. ``is_this_machine``: no proxy passed it on, and it
    comes from the loopback interface.
    """

    address: str
    secure: bool
    is_this_machine: bool


class Clients:
    """``of`` a request. ``trusted`` holds addresses and networks of proxies; who uses a unix socket is one too."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted: tuple[IPv4Network | IPv6Network, ...] = tuple(map(ip_network, trusted))

    def of(self, request: Request) -> Client:
        host = getattr(request.getClientAddress(), "host", None)
        peer = _address(host) if isinstance(host, str) else None
        secure = bool(request.isSecure())
        headers = request.requestHeaders
        address = str(peer or "unix")
        if peer is None or self._trusts(peer):
            said = headers.getRawHeaders(b"x-forwarded-for") or []
            address = self._forwarded(b",".join(said), address)
            scheme = headers.getRawHeaders(b"x-forwarded-proto") or []
            secure = secure or (len(scheme) == 1 and scheme[0].strip().lower() == b"https")
        direct = not any(headers.hasHeader(name) for name in _PROXY_FIELDS)
        return Client(address, secure, direct and peer is not None and peer.is_loopback)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)

    def _forwarded(self, said: bytes, peer: str) -> str:
        """The last address that is not one of ours; each proxy has added the one it saw at the end."""
        found = peer
        for text in reversed(said.split(b",")[-MOST_PROXIES:]):
            address = _address(text.decode("ascii", "replace").strip())
            if address is None:
                return found
            found = str(address)
            if not self._trusts(address):
                return found
        return found


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
