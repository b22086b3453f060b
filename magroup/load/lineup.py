"""The share of one worker: its stations, phones, callers, clients and gadgets, made from the scenario."""

from collections import deque
from collections.abc import Sequence
from typing import Any

from magroup.load.caller import Caller
from magroup.load.cisco import Handsets, Visitor
from magroup.load.gadgets import Gadget
from magroup.load.messages import Share
from magroup.load.numbers import expanded, filled
from magroup.load.phone import Phone
from magroup.load.registration import Registration
from magroup.load.requests import Client, presence_client, rest_client
from magroup.load.scenario import Callers, Scenario, Transfer
from magroup.load.station import Station
from magroup.load.surroundings import Surroundings
from magroup.load.web import Web
from magroup.sip.hop import Hop
from magroup.sip.tls import ClientTls

CALLERS_REGISTER_RATE = 100.0
CALLERS_EXPIRES = 600


class Pool:
    """The callers of one table that are free, and what they dial."""

    def __init__(self, table: Callers, around: Surroundings, worker: int, workers: int) -> None:
        self.table = table
        self.callers: list[Caller] = []
        self._around = around
        self._free: deque[Caller] = deque()
        self._dialled = expanded(table.dial)
        self._turn = worker * len(self._dialled) // workers

    def add(self, caller: Caller) -> None:
        self.callers.append(caller)
        self._free.append(caller)

    def call(self) -> bool:
        """Let the caller who has waited longest call; False when none is free."""
        if not self._free:
            return False
        self._free.popleft().dial(self._next())
        return True

    def _next(self) -> str:
        """The number that is dialled next."""
        if self.table.order == "random":
            return self._around.chance.one(self._dialled)
        self._turn = (self._turn + 1) % len(self._dialled)
        return self._dialled[self._turn]

    def how_many(self) -> int:
        """Calls that are up, or ring."""
        return sum(caller.call is not None for caller in self.callers)

    def arrive(self) -> None:
        """A call is due."""
        if not self.call():
            self._around.measures.count("calls_not_made")

    def freed(self, caller: Caller) -> None:
        self._free.append(caller)


class Lineup:
    """All of a worker. ``stations`` still have to be opened."""

    def __init__(
        self, reactor: Any, scenario: Scenario, share: Share, around: Surroundings, handsets: Handsets
    ) -> None:  # fmt: skip
        self.stations: list[Station] = []
        self.phones: list[Phone] = []
        self.pools: list[Pool] = []
        self.registrations: list[tuple[float, list[Registration]]] = []
        self.clients: list[tuple[float, Client]] = []
        self.gadgets: list[tuple[float, list[Gadget]]] = []
        self.visitors: list[Visitor] = []
        self.web: Web | None = None
        self._reactor = reactor
        self._scenario = scenario
        self._share = share
        self._around = around
        server = scenario.server
        self._tls = ClientTls(server.tls_authorities, server.tls_verify)
        sockets = scenario.network.sockets
        self._is_shared = sockets == "shared" or (sockets == "auto" and share.transport == "udp")
        self._shared: dict[str, Station] = {}
        self.main = self._station(0, True)
        self._add_people(scenario)
        if server.web:
            self._add_web(scenario, Web(reactor, server.web, server.tls_verify), handsets)

    def of_all(self, kind: Sequence[str]) -> list[tuple[int, str]]:
        """This worker's part of a list, each with its place in the whole."""
        return list(enumerate(kind))[self._share.worker :: self._share.workers]

    def _add_people(self, scenario: Scenario) -> None:
        around, share = self._around, self._share
        for table in scenario.phones:
            targets, lines = _targets(table.transfer), []
            for at, number in self.of_all(expanded(table.numbers)):
                phone = Phone(around, self._station(at), number, table, targets)
                self.phones.append(phone)
                if table.register:
                    lines.append(self._registration(phone, table.expires, table.again))
            self.registrations.append((table.register_rate / share.workers, lines))
        for callers in scenario.callers:
            targets, lines = _targets(callers.transfer), []
            pool = Pool(callers, around, share.worker, share.workers)
            self.pools.append(pool)
            for at, number in self.of_all(expanded(callers.numbers)):
                caller = Caller(around, self._station(at), number, callers, targets, pool.freed)
                pool.add(caller)
                if callers.register:
                    lines.append(self._registration(caller, CALLERS_EXPIRES, 0.0))
            self.registrations.append((CALLERS_REGISTER_RATE / share.workers, lines))

    def _add_web(self, scenario: Scenario, web: Web, handsets: Handsets) -> None:
        around, server, share = self._around, scenario.server, self._share
        self.web = web
        for rest in scenario.rest:
            self.clients.append((rest.rate / share.workers, rest_client(around, web, rest)))
        for presence in scenario.presence:
            client = presence_client(around, web, server.instance, presence)
            self.clients.append((presence.rate / share.workers, client))
        for table in scenario.gadgets:
            made = [
                Gadget(around, self._reactor, web, server.instance, user, filled(table.password, user), table.group,
                       server.tls_verify)
                for _, user in self.of_all(expanded(table.users))
            ]  # fmt: skip
            self.gadgets.append((table.open_rate / share.workers, made))
        for cisco in scenario.cisco_phones:
            for _, device in self.of_all(expanded(cisco.devices)):
                self.visitors.append(Visitor(around, handsets, cisco, device, f"{web.address}{cisco.path}"))

    def _registration(self, who: Phone | Caller, expires: int, again: float) -> Registration:
        return Registration(
            self._around, who.station, who.number, who.contact_user, who.answers, expires, again
        )  # fmt: skip

    def _station(self, at: int, is_shared: bool | None = None) -> Station:
        """The station of the phone or caller with that place."""
        share = self._share
        address = share.addresses[at // share.workers % len(share.addresses)]
        if (self._is_shared if is_shared is None else is_shared) and address in self._shared:
            return self._shared[address]
        server = Hop(share.transport, share.host, share.port, name=share.domain if share.transport == "tls" else "")
        port = self._scenario.network.sip_port
        station = Station(
            self._reactor, self._around.timers, address, server, self._around.hosts, self._tls, "magroup load",
            lambda: self._around.measures.count("repeated"), 0 if self.stations or not port else port + share.worker,
        )  # fmt: skip
        self.stations.append(station)
        if self._is_shared or is_shared:
            self._shared[address] = station
        return station

    @property
    def lines(self) -> list[Registration]:
        """All that register."""
        return [line for _, lines in self.registrations for line in lines]


def _targets(transfer: Transfer | None) -> tuple[str, ...]:
    return tuple(expanded(transfer.to)) if transfer is not None else ()
