"""What is told once everything runs: where the web pages are, where phones register, how to log in."""

import sys
from dataclasses import dataclass, field
from typing import Any

from twisted.logger import Logger

from magroup.version import VERSION

_EVERYWHERE = {"0.0.0.0": "localhost", "::": "localhost", "": "localhost"}


@dataclass
class Announcement:
    """Addresses, and ``notes`` for people: lines that are printed but never logged, for they may hold a password."""

    web: list[str] = field(default_factory=list)
    sip: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    log = Logger()

    def tell(self, for_people: bool) -> None:
        """Print it on standard output, or log the addresses where nobody reads that."""
        if for_people and sys.__stdout__ is not None:
            print(self.text(), file=sys.__stdout__, flush=True)
        else:
            self.log.info("ready; web {web}; SIP {sip}", web=", ".join(self.web), sip=", ".join(self.sip))

    def text(self) -> str:
        """The lines for people."""
        lines = ["", f"magroup {VERSION} is ready."]
        for title, addresses in (("Web", self.web), ("SIP", self.sip)):
            lines += [f"  {title if place == 0 else '':<4} {address}" for place, address in enumerate(addresses)]
        lines += [f"  {note}" if note else "" for note in self.notes]
        return "\n".join([*lines, "  Ctrl-C ends it.", ""])


def web_address(host: Any, kind: str) -> str:
    """The URL at a listening port's ``getHost()``; ``kind`` is the endpoint's: tcp, ssl, unix."""
    if kind == "unix":
        return f"unix socket {host.name.decode() if isinstance(host.name, bytes) else host.name}"
    scheme, usual = ("https", 443) if kind == "ssl" else ("http", 80)
    name = _EVERYWHERE.get(host.host, host.host)
    name = f"[{name}]" if ":" in name else name
    return f"{scheme}://{name}/" if host.port == usual else f"{scheme}://{name}:{host.port}/"
