"""Several nodes on one clock and network, each a whole switch with its groups and journal, and phones around them."""

from typing import Any

from magroup.cluster.memory import Hub, MemoryBus
from magroup.groups.application import Application
from magroup.groups.forwarding import ForwardingBook
from magroup.groups.presence import PresenceBook
from magroup.model.calls import CallRecord
from magroup.model.configuration import Configuration
from magroup.sip.dialog import hop_for
from magroup.sip.hop import Hop
from magroup.switch.call import SwitchCall
from magroup.takeover import Takeover
from magroup.telephony import Telephony
from tests.switch.bench import Bench, Phone, run


class Records:
    """A journal in memory; ``open`` are the calls that are up."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.finished: list[CallRecord] = []

    def begin(self, call_id: str, known: object) -> None:
        self.open.add(call_id)

    def leave(self, call_id: str) -> None:
        self.open.discard(call_id)

    def finish(self, call: CallRecord) -> None:
        self.open.discard(call.id)
        self.finished.append(call)


class Node:
    """``node.die()``, or ``node.stall()`` and ``node.wake()``: it neither hears nor says anything meanwhile."""

    def __init__(self, office: "Office", name: str, address: str, life: str = "first") -> None:
        async def resolve(uri: Any) -> list[Hop]:
            hop = hop_for(uri)
            return [hop] if hop else []

        self.office = office
        self.name = name
        self.address = address
        self.bus = MemoryBus(office.hub, name, f"{life}{name}")
        self.telephony = Telephony(
            office.clock, office.settings, lambda: office.configuration, office.store, office.library,  # type: ignore[arg-type]
            office.recordings, office.wires, resolve, office.network, office.token, node=name,
        )  # fmt: skip
        self.switch = self.telephony.switch
        run(self.telephony.listen((f"udp:{address}:5060",)))
        self.telephony.configure(None, office.configuration)
        self.records = Records()
        self.application = Application(
            self.switch, office.clock, PresenceBook(office.clock, lambda *what: None, {}),
            ForwardingBook(
                office.clock, office.configuration, lambda *what: None, lambda *what: None, {}, {}
            ), self.records, office.configuration,
        )  # fmt: skip
        self.application.start()
        self.takeover = Takeover(
            self.bus, office.clock, self.switch, self.application, self.telephony.transports.when_served
        )  # fmt: skip
        self.takeover.start()
        self.bus.start()

    @property
    def call(self) -> SwitchCall:
        """The only one."""
        (call,) = self.switch.calls_by_id.values()
        return call

    @property
    def calls(self) -> list[str]:
        return list(self.switch.calls_by_id)

    def hop(self) -> Hop:
        return Hop("udp", self.address, 5060)

    def die(self) -> None:
        """kill -9."""
        run(self.telephony.transports.stop())
        self.office.hub.ends.remove(self.bus)
        self.bus.lose()

    def stall(self) -> None:
        self.office.hub.ends.remove(self.bus)
        self.office.deaf.add(self.address)
        self.bus.send = lambda topic, body: None  # type: ignore[method-assign]

    def wake(self) -> None:
        del self.bus.send
        self.office.deaf.discard(self.address)
        self.office.hub.ends.append(self.bus)
        # What was due meanwhile comes first.
        self.bus.send("beat", b"")


class Office(Bench):
    """``office.node("a")`` is at 127.0.0.1, the next one at 127.0.0.2."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(configuration)
        self.hub = Hub(self.clock)
        self.nodes: list[Node] = []
        self.deaf: set[str] = set()
        self.lives = iter(("second", "third"))
        self.network.lose = lambda datagram: datagram.source[0] in self.deaf or datagram.target[0] in self.deaf

    def start(self) -> None:
        """The nodes are started one by one."""

    def node(self, name: str) -> Node:
        node = Node(self, name, f"127.0.0.{len(self.nodes) + 1}")
        self.nodes.append(node)
        return node

    def again(self, node: Node) -> Node:
        """A node that has died starts again."""
        return Node(self, node.name, node.address, next(self.lives))

    def phone_at(self, number: str, node: Node) -> Phone:
        """Registered at the node, over UDP; the others reach it too."""
        phone = Phone(self, number, f"127.0.0.{11 + len(self.phones)}", to=node.hop())
        self.phones.append(phone)
        phone.register()
        for other in self.nodes:
            for registration in node.telephony.bindings.contacts(number):
                if other is not node:
                    other.telephony.registrar.take(registration, node.name, False)
        return phone
