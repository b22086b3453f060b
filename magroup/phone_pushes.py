"""Pushes to phones, put together with the switch that some of them are registered to."""

from collections.abc import Callable
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
from magroup.process import ALONE, Process
from magroup.reloading import Reload
from magroup.sip.addresses import source_address
from magroup.store.current import CurrentConfiguration
from magroup.switch.registrar import Registrar
from magroup.telephony import Telephony
from magroup.web.phone.display import Display
from magroup.web.phone.push.pushes import Pushes


def start_pushes(
    at_stop: AtStop, board: Board, telephony: Telephony, switch: Switch, application: Application,
    states: MemberStates, current: CurrentConfiguration, reload: Reload, display: Display, clock: Any,
    nodes: Nodes | None, process: Process = ALONE,
) -> Pushes:  # fmt: skip
    """``board`` and ``states`` run already, ``clock`` is a reactor."""

    registrar = telephony.registrar

    def own(registration: Registration) -> str:
        if process.count > 1 and (registration.number, registration.contact) in registrar.elsewhere:
            # Its hop leads to the other process.
            return source_address(registration.received[0])
        host, _ = telephony.transports.shown(telephony.bindings.hop(registration))
        return host

    pushes = Pushes(
        board, switch, application, states, lambda: current.value, lambda: reload.settings,
        telephony.bindings.contacts, telephony.remote, own, lambda: http_port(reload.settings.http.listen), display,
        clock, keeper(nodes, registrar, process),
    )  # fmt: skip
    pushes.start()
    current.subscribe(lambda old, new: pushes.configured())
    for path in (("phones",), ("public_url",)):
        reload.takes(path, lambda settings: pushes.configured())
    registrar.appeared.append(pushes.appeared)
    if process.count > 1:
        hear_of_others(registrar, pushes.appeared)
    at_stop("pushes", pushes.stop)
    return pushes


def keeper(
    nodes: Nodes | None, registrar: Registrar, process: Process
) -> Callable[[str, Registration | None], bool]:  # fmt: skip
    """Tells whether a phone, by its casefolded name and its registration, is kept here.

    That node keeps a phone at which it has registered; one that is registered nowhere, one of them all. Of several
    workers the first one does: phones ask the web site about pushes, which only that has.
    """

    def is_ours(device: str, registration: Registration | None) -> bool:
        if nodes is None:
            return True
        if not process.is_first:
            return False
        if registration is not None:
            key = (registration.number, registration.contact)
            return nodes.is_of_this_server(registrar.elsewhere.get(key, nodes.node))
        names = sorted((nodes.node, *nodes.bus.nodes))
        return nodes.is_of_this_server(names[crc32(device.encode()) % len(names)])

    return is_ours


def hear_of_others(registrar: Registrar, appeared: Callable[[Registration], None]) -> None:
    """Of phones that have registered at another process, and were not there."""
    known: set[tuple[str, str]] = set()

    def taken(registration: Registration) -> None:
        key = (registration.number, registration.contact)
        if key not in known:
            known.add(key)
            appeared(registration)

    registrar.taken.append(taken)
    registrar.disappeared.append(lambda registration: known.discard((registration.number, registration.contact)))


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
