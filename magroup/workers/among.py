"""A worker among the others: where each is reached, which dialogs have moved, and what is handed to whom."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from magroup.cluster.bus import Bus
from magroup.cluster.others_calls import OthersCalls
from magroup.cluster.shared import Shared
from magroup.cluster.wire import of_kind
from magroup.sip.errors import GrammarError
from magroup.sip.message import Request
from magroup.sip.wire import UdpNetwork
from magroup.telephony import Telephony
from magroup.workers.handing import Handing
from magroup.workers.steering import Steering
from magroup.workers.worker import Worker

WORKER: Final = "worker"
DIALOG: Final = "dialog"
NETWORK: Final = "127.77.71."
"""Workers reach each other's connections at addresses of this network, by their numbers."""


class Among:
    """``open`` when SIP is listened for."""

    def __init__(
        self, worker: Worker, reactor: Any, bus: Bus, shared: Shared, others: OthersCalls, telephony: Telephony,
        is_line: Callable[[str], bool], is_first_ones: Callable[[bytes], bool],
    ) -> None:  # fmt: skip
        self._worker = worker
        self._bus = bus
        self._shared = shared
        self._telephony = telephony
        self._server = worker.hands_by[:4].hex()
        self._numbers: dict[str, int] = {}
        self._inside: dict[int, tuple[str, int]] = {}
        self._tags: dict[str, tuple[str, ...]] = {}
        self._steering = Steering(
            reactor, worker.number, others.node_of, lambda node: self._numbers.get(node, 0), self._has_call, is_line
        )  # fmt: skip
        self._steering.is_first_ones = is_first_ones
        self._handing: Handing
        self._reactor = reactor
        others.monitor_start(self._steering.heard)

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
            UdpNetwork(self._reactor), self._steering, self._worker.hands_by, transports.deliver
        )  # fmt: skip
        transports.steers = self._handing.steers
        self._shared.kind(WORKER, self._told)
        self._shared.kind(DIALOG, self._moved)
        self._bus.watch(lambda node: None, self._left, lambda node: None)
        self._shared.put(
            WORKER, self._bus.node, [self._server, self._worker.number, self._handing.port, self.inside[1]]
        )  # fmt: skip

    def close(self) -> None:
        self._telephony.transports.steers = None
        self._handing.close()

    def elsewhere(self, request: Request) -> tuple[str, int] | None:
        """Where a new request goes that has come by a connection; None: it is served here."""
        try:
            number = self._steering.choose(request.encode())
        except GrammarError:
            return None
        return self._inside.get(number) if number != self._worker.number else None

    # dialogs that a worker has made which is gone

    def resumed(self, call_id: str, tags: tuple[str, ...]) -> None:
        """The call goes on here: what its phones send is this worker's."""
        self._tags[call_id] = tags
        for tag in tags:
            self._steering.moved[tag.encode()] = self._worker.number
            self._shared.put(DIALOG, tag, self._worker.number)

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

    def _has_call(self, line: str) -> bool:
        return any(call.connection(line) is not None for call in self._telephony.switch.calls())
