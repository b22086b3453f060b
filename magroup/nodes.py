"""This server as one of several nodes: what they tell each other, put together with the parts that it is about."""

import re
import socket
from collections.abc import Callable
from dataclasses import replace
from os import urandom
from pathlib import Path
from random import random
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.cluster.asking import Asking
from magroup.cluster.name import NodeName
from magroup.cluster.others_calls import OthersCalls
from magroup.cluster.own_calls import OwnCalls
from magroup.cluster.served_calls import serve_calls
from magroup.cluster.shared import Shared
from magroup.cluster.together import Together
from magroup.cti.switch import Switch
from magroup.groups.application import Application
from magroup.groups.settings_book import SettingsBook
from magroup.groups.unavailability import Unavailability
from magroup.lifecycle import AtStop, StartError
from magroup.model.lines import Registration
from magroup.model.redis_place import RedisPlace
from magroup.model.settings import Settings
from magroup.model.settings_rules import node_or_empty
from magroup.nodes_defence import SharedOutsideCalls, share_bans
from magroup.nodes_state import REGISTRATION, SharedWriter, is_line, take_mail, take_state
from magroup.sip.edge import Edge, nowhere
from magroup.store.current import CurrentConfiguration
from magroup.store.database import Database
from magroup.store.errors import StoreError
from magroup.store.journal import Journal
from magroup.store.meta import company_id
from magroup.takeover import Takeover, that_go_on
from magroup.telephony import Telephony
from magroup.voicemail.mailboxes import Mailboxes

if TYPE_CHECKING:
    from magroup.cluster.redis import RedisBus
    from magroup.workers.among import Among
    from magroup.workers.worker import Worker

CONFIGURATION = "configuration"
SETTINGS = "settings"
GADGET = "gadget"
ADDRESS = "address"
AGAIN = 5.0
"""Seconds until what could not be read from the database is tried again."""


def node_name(settings: Settings) -> str:
    """As it is set, else the first part of this machine's name. Raises StartError."""
    if settings.cluster.node:
        return settings.cluster.node
    name = re.sub("[^a-z0-9]", "", socket.gethostname().partition(".")[0].lower())[:16]
    try:
        node_or_empty(name)
    except ValueError:
        name = ""
    if not name:
        raise StartError("cluster.node must name this node: the machine's name is none")
    return name


def owner_of(folder: Path) -> str:
    """Who holds the lease on the name: the node with this data folder, when it starts again too.

    Containers beside each other may have one machine's name and one path for folders that are not the same.
    """
    return f"{socket.gethostname()}:{folder}:{folder.stat().st_ino}"


def redis_bus(reactor: Any, settings: Settings, node: str, folder: Path, company: str) -> "RedisBus":
    """The bus of the nodes of one database, whose id is ``company``. Raises StartError."""
    # Most servers are the only node: what speaks to Redis is read where there is one.
    from magroup.cluster.redis import RedisBus
    from magroup.cluster.redis_open import opener

    place = RedisPlace.parse(settings.redis.url)
    return RedisBus(
        reactor, place, opener(reactor, place.tls), node, urandom(4).hex(), f"magroup:{company}",
        owner_of(folder), random,
    )  # fmt: skip


async def nodes_of(
    reactor: Any, settings: Settings, folder: Path, current: CurrentConfiguration, database: Database, bus: Any,
    worker: "Worker | None" = None,
) -> "Nodes | None":
    """None where the settings name no Redis, and no ``bus`` is handed in. Raises StartError, StoreError."""
    if settings.redis.url and (bus is None or worker is not None):
        node = worker.begin.node if worker is not None else node_name(settings)
        bus = redis_bus(reactor, settings, node, folder, await database.run(company_id))
    return Nodes(reactor, bus, current, database, worker) if bus is not None else None


class Nodes:
    """Its parts are there at once; nothing is told before ``start``."""

    log = Logger()

    def __init__(
        self, reactor: Any, bus: Any, current: CurrentConfiguration, database: Database,
        worker: "Worker | None" = None,
    ) -> None:  # fmt: skip
        self.bus = bus
        self._worker = worker
        self.node: str = bus.node
        self._begins = f"{bus.node}-"
        self.shared = Shared(bus, reactor)
        self.asking = Asking(bus, reactor)
        self.others = OthersCalls(bus, reactor)
        self.writer = SharedWriter(self.shared, database, reactor)
        self._reactor = reactor
        self._current = current
        self._database = database
        self._name = NodeName(bus, reactor)
        self._gadgets: set[str] = set()
        self._hosts: dict[str, str] = {}
        self._unavailability: Unavailability
        self._book: SettingsBook
        self._telephony: Telephony
        self._application: Application
        self._takeover: Takeover
        self.among: Among | None = None
        """Of workers only, from ``listening`` on."""
        self._at_stop: AtStop
        self._is_looking = False
        self._is_to_look = False
        self._later: Any = None
        current.is_shared = True

    def together(self, own: Switch) -> Switch:
        """The switches of all nodes, of which ``own`` is this one's."""
        return Together(own, self.others, self.asking)

    async def start(
        self, at_stop: AtStop, telephony: Telephony, application: Application, own: Switch, book: SettingsBook,
        unavailability: Unavailability, mailboxes: Mailboxes,
    ) -> None:  # fmt: skip
        """Tell and hear from now on. Raises StartError where another node has the name."""
        self._book = book
        self._at_stop = at_stop
        self._telephony = telephony
        self._application = application
        self._unavailability = unavailability
        book.is_shared = True
        self.others.is_here = lambda call_id: call_id in telephony.switch.calls_by_id
        application.vip_elsewhere = self.others.vip
        application.is_elsewhere = lambda call_id: bool(self.others.node_of(call_id))
        take_state(self.shared, application, telephony, self.writer)
        take_mail(self.shared, mailboxes)
        share_bans(self.shared, telephony.guard)
        SharedOutsideCalls(self.shared, self.bus, telephony.outside)
        self.shared.kind(GADGET, self._gadget)
        self.shared.kind(ADDRESS, self._address)
        serve_calls(self.asking, own, application.pickup)
        self._takeover = Takeover(
            self.bus, self._reactor, telephony.switch, application, telephony.transports.when_served
        )  # fmt: skip
        current, is_route_point = self._current, telephony.switch.is_route_point
        calls = OwnCalls(
            self.bus, self._reactor, own, self._is_own, self._is_line, application.vip_here,
            lambda number: is_line(current.value, number) or is_route_point(number), not self._shows_alone,
        )  # fmt: skip
        calls.start()
        at_stop("calls of other nodes", calls.stop)
        self._share_configuration(at_stop)
        self.bus.watch(lambda node: self._look_again(), self._left, lambda node: self._look_again())
        self.bus.start()
        if not await self._name.claim():
            raise StartError(f"cluster.node: another node is called {self.node} already")
        at_stop("name of the node", self._name.leave)

    def is_of_this_server(self, node: str) -> bool:
        """Whether it is this node, or a worker beside it."""
        return node == self.node or (self.among is not None and node in self.among.numbers)

    @property
    def _shows_alone(self) -> bool:
        """Whether all others are workers of this server, of which the first one has what people look at."""
        return self._worker is not None and self._worker.bus is self.bus and self._worker.is_first

    def _is_line(self, number: str) -> bool:
        return is_line(self._current.value, number)

    def _is_own(self, call_id: str) -> bool:
        return call_id.startswith(self._begins) or call_id in self._takeover.taken

    async def start_calls(self, at_stop: AtStop, journal: Journal) -> None:
        """What the last run has left is written, but for calls that go on; those of others are taken from now on."""
        owned = that_go_on(self._takeover, self.bus, self._reactor)
        await journal.start(owned)
        self._takeover.start()
        at_stop("calls that others may take", self._takeover.stop)

    def listening(self, telephony: Telephony, settings: Callable[[], Settings]) -> None:
        """SIP is listened for: other nodes reach the phones' connections by this one from now on."""
        worker, among = self._worker, None
        if worker is not None:
            # Read where there are several, as the bus.
            from magroup.workers.among import Among

            among = Among(
                worker, self._reactor, self.bus, self.shared, self.others, telephony, self._application,
                lambda: self._current.value, settings,
            )  # fmt: skip
            among.open()
            self.among = among
            if worker.bus is self.bus:
                # All others are workers of this server.
                telephony.switch.counted = self.others
            self._at_stop("other workers", among.close)
            self._takeover.resumed, self._takeover.over = among.resumed, among.over
            self._takeover.is_found = among.is_found
        self._takeover.go_on()
        place = among.inside if among is not None else next((
            (telephony.transports.own_address(host), port) for transport, host, port in telephony.transports.listening()
            if transport == "udp"
        ), None)  # fmt: skip
        if place is None:
            self.log.warn("SIP is not listened for over UDP: other nodes do not reach phones that connect to this one")
            return
        edge = Edge(
            telephony.transports, telephony.layer.receive, place, self._is_node, urandom(32),
            among.elsewhere if among is not None else nowhere, worker.mark if worker is not None else "",
        )  # fmt: skip
        telephony.transports.receive = edge.receive

        def by_this_node(registration: Registration) -> Registration:
            if registration.transport == "udp" or registration.path:
                return registration
            flow = telephony.bindings.hop(registration).flow
            return replace(registration, path=(edge.path(flow),)) if flow else registration

        self.writer.by_this_node = by_this_node
        # Of a call that it has taken it may itself be the one by which the phone is reached.
        self._hosts[self.node] = place[0]
        self.shared.put(ADDRESS, self.node, place[0])

    def _is_node(self, host: str) -> bool:
        return host in self._hosts.values()

    def _address(self, key: str, value: Any, node: str) -> None:
        self._hosts[key] = str(value)

    # gadgets: who has one open anywhere is there

    def gadget_changed(self, user_key: str, is_open: bool) -> None:
        """A gadget of the user was opened or closed here."""
        if is_open != (user_key in self._gadgets):
            (self._gadgets.add if is_open else self._gadgets.discard)(user_key)
            self.shared.put(GADGET, f"{self.node} {user_key}", True if is_open else None)

    def has_gadget(self, user_key: str) -> bool:
        """Whether the user has one open at another node."""
        return any(self.shared.has(GADGET, f"{node} {user_key}") for node in self.bus.nodes)

    def _gadget(self, key: str, value: Any, node: str) -> None:
        self._unavailability.look_at(key.partition(" ")[2], "gadget")

    def _left(self, node: str) -> None:
        for key in self.shared.of(GADGET, node):
            self.shared.forget(GADGET, key)
            self._unavailability.look_at(key.partition(" ")[2], "gadget")
        if self.bus.is_up:
            for key in self.shared.of(REGISTRATION, node):
                self._connections_gone(key, node)

    def _connections_gone(self, key: str, node: str) -> None:
        """With the node the connections of its phones are gone; they are told of again when it is back."""
        number, _, contact = key.partition(" ")
        for registration in self._telephony.bindings.contacts(number):
            if registration.contact == contact and registration.transport != "udp":
                self._telephony.registrar.take(registration, node, True)
                self.shared.forget(REGISTRATION, key)

    # configuration and settings: read again from the database

    def _share_configuration(self, at_stop: AtStop) -> None:
        def changed(old: Any, new: Any) -> None:
            if new.version != old.version:
                self.bus.send(CONFIGURATION, str(new.version).encode())

        at_stop("configuration of other nodes", self._current.subscribe(changed))
        told = self._book.changed

        def settings_changed(names: Any, who: str) -> None:
            told(names, who)
            self.bus.send(SETTINGS, b"")

        self._book.changed = settings_changed
        self.bus.listen(CONFIGURATION, self._configuration_changed)
        self.bus.listen(SETTINGS, lambda node, body: self._look_again())
        at_stop("looking again", self._stop_looking)

    def _configuration_changed(self, node: str, body: bytes) -> None:
        if int(body) != self._current.value.version:
            self._look_again()

    def _look_again(self) -> None:
        """One look at a time; what happens meanwhile is another one's."""
        self._is_to_look = True
        if not self._is_looking:
            self._is_looking = True
            Deferred.fromCoroutine(self._look()).addErrback(
                lambda failure: self.log.failure("what other nodes have stored cannot be taken", failure)
            )

    async def _look(self) -> None:
        try:
            while self._is_to_look:
                self._is_to_look = False
                await self._current.read_again(self._database)
                await self._book.read_stored()
        except StoreError as error:
            self.log.error("what other nodes have stored is not read: {reason}", reason=str(error))
            self._later = self._reactor.callLater(AGAIN, self._look_again)
        finally:
            self._is_looking = False

    def _stop_looking(self) -> None:
        if self._later is not None and self._later.active():
            self._later.cancel()
