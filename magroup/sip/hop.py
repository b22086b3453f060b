"""Where a message came from or goes to."""

from typing import NamedTuple


class Hop(NamedTuple):
    """One hop: transport (``udp``, ``tcp``, ``tls``), the peer's numeric address, and which local end is used.

    ``flow`` is the number of an open connection (0: none known, or UDP). ``local_host``/``local_port`` are the bound
    address it came in at ("" and 0: any). ``name`` is the host name that a TLS certificate must hold ("" unchecked).
    ``anew`` is where another connection is made to when that flow is gone, if not to the peer's address and port: those
    of a connection that the peer has made lead nowhere without it.
    """

    transport: str
    host: str
    port: int
    local_host: str = ""
    local_port: int = 0
    flow: int = 0
    name: str = ""
    anew: tuple[str, int] | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport}:{host}:{self.port}"
