"""Several nodes of one company in this process: each a whole server with its own end of a bus, on one database."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet import reactor

from magroup.cluster.memory import Hub, MemoryBus
from magroup.model.settings import Settings
from tests.live.case import LiveCase
from tests.live.server import Live
from tests.live.tls import with_tls
from tests.peers import until


async def nodes(
    case: LiveCase, text: str, *names: str, tls: bool = False, given: Settings | None = None
) -> tuple[Hub, list[Live]]:
    """Started one after the other, the first with the company file, and known to each other; ``tls``: they listen
    for that too.
    """
    hub = Hub(reactor)
    file = Path(case.mktemp()).absolute().with_suffix(".db")
    servers = []
    for at, name in enumerate(names):
        bus: Any = MemoryBus(hub, name, f"first{name}", name)
        settings = replace(given or Settings(), database=f"sqlite:///{file}", key_file=f"{file}.key")
        server = Live(case, text, settings=settings, sip={"options_ping_interval": 0}, bus=bus)
        case.speak(server)
        if tls:
            with_tls(server)
        servers.append(await server.start(take_company=at == 0))
    await until(lambda: all(len(one.bus.nodes) == len(names) - 1 for one in servers), what="they know each other")
    return hub, servers
