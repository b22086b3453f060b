"""Where SIP peers are found: by the DNS servers of this machine."""

from pathlib import Path
from random import Random
from typing import Any

from magroup.sip.records import Records
from magroup.sip.resolve import Locator


def locator(reactor: Any) -> Locator:
    """On ``reactor``."""
    from twisted.names.client import Resolver

    # Given its servers it does not watch the file, for which it would keep a timer that nothing stops.
    names = Resolver(servers=name_servers(Path("/etc/resolv.conf")), reactor=reactor)
    return Locator(reactor, Records(reactor, names, reactor.nameResolver), Random())


def name_servers(path: Path) -> list[tuple[str, int]]:
    """The DNS servers that a resolv.conf names, this machine itself when it names none."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    found = [words[1] for words in map(str.split, lines) if words[:1] == ["nameserver"] and len(words) > 1]
    return [(host, 53) for host in found] or [("127.0.0.1", 53)]
