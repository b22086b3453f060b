"""A worker among the others: where each is reached, which dialogs have moved, and what is handed to whom."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from magroup.cluster.bus import Bus
from magroup.cluster.others_calls import OthersCalls
from magroup.cluster.shared import Shared
from magroup.cluster.wire import of_kind
from magroup.groups.application import Application
from magroup.model.configuration import Configuration
from magroup.model.settings import Settings
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.wire import UdpNetwork
from magroup.telephony import Telephony
from magroup.workers.handing import Handing
from magroup.workers.lost_phones import LostPhones
from magroup.workers.steering import Steering
from magroup.workers.whereabouts import Whereabouts
from magroup.workers.worker import Worker

WORKER: Final = "worker"
DIALOG: Final = "dialog"
NETWORK: Final = "127.77.71."
"""Workers reach each other's connections at addresses of this network, by their numbers."""

LAST_WORDS = 6.0
MOST_FAREWELLS: Final = 1_000
"""Seconds before a worker was found to be gone in which it may not have heard what it was told, and how often that is
said again: that a phone hangs up, by a connection, on which it does not repeat it.
"""


class Among:
    """``open`` when SIP is listened for."""

    def __init__(
        self, worker: Worker, reactor: Any, bus: Bus, shared: Shared, others: OthersCalls, telephony: Telephony,
        application: Application, configuration: Callable[[], Configuration], settings: Callable[[], Settings],
    ) -> None:  # fmt: skip
        self._worker = worker
        self._bus = bus
        self._shared = shared
        self._telephony = telephony
        self._server = worker.hands_by[:4].hex()
        self._numbers: dict[str, int] = {}
        self._siblings: set[str] = set()
        self._inside: dict[int, tuple[str, int]] = {}
        self._tags: dict[str, tuple[str, ...]] = {}
        self._farewells: deque[tuple[float, int, bytes, Hop]] = deque(maxlen=MOST_FAREWELLS)
        whereabouts = Whereabouts(
            self._numbers, worker.number, others, telephony.switch, application, configuration, settings
        )  # fmt: skip
        self._steering = Steering(reactor, worker.number, worker.count, whereabouts)
        self._lost_phones = LostPhones(telephony.switch)
        self._handing: Handing
        self._reactor = reactor
        others.monitor_start(self._steering.heard)
        for call in others.calls():
            self._steering.know(call)

    @property
    def numbers(self) -> Mapping[str, int]:
        """Of the others that are there, by their names as nodes."""
        return self._numbers

    @property
    def handed(self) -> int:
        """How many messages went to others."""
        return self._handing.handed

    @property
    def inside(self) -> tuple[str, int]:
        """Where the other workers reach this one's connections."""
        return self._inside[self._worker.number]

    def open(self) -> None:
        """Hand over, and take, from now on."""
        transports = self._telephony.transports
        host = f"{NETWORK}{self._worker.number}"
        self._inside[self._worker.number] = host, transports.listen_inside(host)
        self._telephony.guard.trusted = (f"{NETWORK}0/24",)
        self._handing = Handing(
            UdpNetwork(self._reactor), self._steering, self._worker.hands_by, transports.deliver, host,
            self._reactor,
        )  # fmt: skip
        transports.steers = self._handing.steers
        self._steering.changed = self._stand_in
        self._stand_in()
        self._shared.kind(WORKER, self._told)
        self._shared.kind(DIALOG, self._moved)
        self._bus.watch(lambda node: None, self._left, lambda node: None)
        self._shared.put(
            WORKER, self._bus.node, [self._server, self._worker.number, self._handing.port, self.inside[1]]
        )  # fmt: skip

    def _stand_in(self) -> None:
        """The first of those that live reads what comes for the others."""
        living = self._steering.living
        gone = set(range(1, self._worker.count + 1)) - living
        self._worker.network.stand_in(gone if min(living) == self._worker.number else set())

    def close(self) -> None:
        self._steering.changed = lambda: None
        self._worker.network.stand_in(set())
        self._telephony.transports.steers = None
        self._handing.close()

    def elsewhere(self, request: Request, hop: Hop) -> tuple[str, int] | None:
        """Where a request goes that has come by a connection; None: it is in no dialog of a worker, and served here."""
        data = request.encode()
        number, is_to_choose = self._steering.of(data)
        if is_to_choose:
            number = self._worker.number if request.to.tag else self._steering.choose(data)
        if number == self._worker.number:
            return None if is_to_choose else self.inside
        if request.method == "BYE":
            self._farewells.append((self._reactor.seconds(), number, data, hop))
        return self._inside.get(number)

    # dialogs that a worker has made which is gone

    def resumed(self, call_id: str, tags: tuple[str, ...]) -> None:
        """The call goes on here: what its phones send is this worker's."""
        self._tags[call_id] = tags
        for tag in tags:
            self._steering.moved[tag.encode()] = self._worker.number
            self._shared.put(DIALOG, tag, self._worker.number)

    def is_found(self, node: str, hop: Hop) -> bool:
        """All workers are at the same place."""
        return node in self._siblings

    def over(self, call_id: str) -> None:
        """It has ended."""
        for tag in self._tags.pop(call_id, ()):
            self._steering.moved.pop(tag.encode(), None)
            self._shared.put(DIALOG, tag, None)

    def _moved(self, tag: str, value: Any, node: str) -> None:
        if value is None:
            self._steering.moved.pop(tag.encode(), None)
        else:
            self._steering.moved[tag.encode()] = of_kind(value, int)

    # the others

    def _told(self, node: str, value: Any, teller: str) -> None:
        if value is None:
            return
        server, number, port, inside = of_kind(value, tuple[str, int, int, int])
        if server == self._server and number != self._worker.number:
            self._numbers[node] = number
            self._siblings.add(node)
            self._inside[number] = f"{NETWORK}{number}", inside
            self._handing.places[number] = port
            self._steering.joined(number)

    def _left(self, node: str) -> None:
        number = self._numbers.pop(node, 0)
        if number:
            self._shared.forget(WORKER, node)
            self._handing.places.pop(number, None)
            self._inside.pop(number, None)
            self._steering.left(number)
            self._lost_phones.lost(f"{NETWORK}{number}")
            since = self._reactor.seconds() - LAST_WORDS
            for at, to, data, hop in tuple(self._farewells):
                if to == number and at > since:
                    self._telephony.transports.deliver(data, hop)
