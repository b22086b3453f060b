"""Pushes to phones, put together with the switch that some of them are registered to."""

from typing import Any
from zlib import crc32

from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.board import Board
from magroup.groups.member_states import MemberStates
from magroup.lifecycle import AtStop
from magroup.model.lines import Registration
from magroup.model.listen import HttpListen
from magroup.nodes import Nodes
from magroup.reloading import Reload
from magroup.store.current import CurrentConfiguration
from magroup.telephony import Telephony
from magroup.web.phone.display import Display
from magroup.web.phone.push.pushes import Pushes


def start_pushes(
    at_stop: AtStop, board: Board, telephony: Telephony, switch: Switch, application: Application,
    states: MemberStates, current: CurrentConfiguration, reload: Reload, display: Display, clock: Any,
    nodes: Nodes | None,
) -> Pushes:  # fmt: skip
    """``board`` and ``states`` run already, ``clock`` is a reactor."""

    def is_ours(device: str, registration: Registration | None) -> bool:
        """That node keeps a phone at which it has registered; one that is registered nowhere here, one of them all."""
        if nodes is None:
            return True
        if registration is not None:
            return (registration.number, registration.contact) not in telephony.registrar.elsewhere
        names = sorted((nodes.node, *nodes.bus.nodes))
        return bool(names[crc32(device.encode()) % len(names)] == nodes.node)

    def own(registration: Registration) -> str:
        host, _ = telephony.transports.shown(telephony.bindings.hop(registration))
        return host

    pushes = Pushes(
        board, switch, application, states, lambda: current.value, lambda: reload.settings,
        telephony.bindings.contacts, telephony.remote, own, lambda: http_port(reload.settings.http.listen), display,
        clock, is_ours,
    )  # fmt: skip
    pushes.start()
    current.subscribe(lambda old, new: pushes.configured())
    for path in (("phones",), ("public_url",)):
        reload.takes(path, lambda settings: pushes.configured())
    telephony.registrar.appeared.append(pushes.appeared)
    at_stop("pushes", pushes.stop)
    return pushes


def http_port(listen: tuple[str, ...]) -> int:
    """The first port for plain HTTP at which others than this machine reach the web server; 0 where there is none."""
    for text in listen:
        where = HttpListen.parse(text)
        if where.kind not in ("tcp", "tcp6"):
            continue
        port = where.named.get("port") or "".join(where.arguments)
        if port.isdigit() and int(port):
            return int(port)
    return 0
