"""Where a phone takes pushes: an IP address, with a port where an administrator has said one."""

from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

HTTP_PORT = 80


class Place(NamedTuple):
    """``host`` is a numeric address."""

    host: str
    port: int = HTTP_PORT

    @property
    def authority(self) -> str:
        """As in the header field Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port != HTTP_PORT else host


@lru_cache(maxsize=4096)
def place_of(text: str, port: int = HTTP_PORT) -> Place | None:
    """From ``192.0.2.1``, ``192.0.2.1:8080``, ``2001:db8::1`` or ``[2001:db8::1]:8080``; None for all else.

    Names are none: to ask for an address at each push would let whoever answers say where the pushes go.
    """
    host, given = text.strip(), ""
    if host.startswith("["):
        host, end, given = host[1:].partition("]")
        if not end or (given and not given.startswith(":")):
            return None
        given = given.removeprefix(":")
    elif host.count(":") == 1:
        host, _, given = host.partition(":")
    if given:
        if not (given.isascii() and given.isdigit() and len(given) <= 5 and 0 < int(given) < 65536):
            return None
        port = int(given)
    try:
        address = ip_address(host)
    except ValueError:
        return None
    if address.is_unspecified or address.is_multicast:
        return None
    return Place(str(address), port)
