"""Calls of one node as the others see them: told in order, asked for after gaps, gone with it; names of nodes."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.memory import MemoryBus
from magroup.cluster.name import HELD, NodeName
from magroup.cluster.others_calls import NOT_NOW, OthersCalls
from magroup.cluster.own_calls import GATHERED, OwnCalls
from magroup.cti.call_control import Service
from magroup.cti.events import (
    CallCleared,
    CallEvent,
    ConnectionCleared,
    Delivered,
    DeviceCapabilitiesChanged,
    DigitsGenerated,
    Diverted,
    Established,
    Event,
    Failed,
    Held,
    Originated,
    Transferred,
)
from magroup.cti.types import Call, Cause, Connection, ConnectionId, ConnectionState, Party
from magroup.model.calls import Reason, ReasonCode, Vip
from magroup.model.groups import ShowVipCalls
from tests.cluster.kit import Bench

VIP = Vip(Reason(ReasonCode.VIP_LISTED, "S1047"), ShowVipCalls.MANAGER)


class Switch:
    """Of one node: what happens there is said by ``happens``."""

    def __init__(self) -> None:
        self.up: dict[str, Call] = {}
        self.allowed = {Service.CLEAR_CONNECTION}
        self.listeners: list[Any] = []

    def monitor_start(self, listener: Any, device: str = "") -> Any:
        self.listeners.append(listener)
        return self

    def stop(self) -> None:
        self.listeners.clear()

    def calls(self) -> list[Call]:
        return list(self.up.values())

    def can(self, service: Service, connection: ConnectionId) -> str:
        return "" if service in self.allowed else "No"

    def happens(self, event: Event) -> None:
        if isinstance(event, CallEvent):
            self.up[event.call_id] = event.call
            if event.call.ended:
                del self.up[event.call_id]
        for listener in self.listeners:
            listener(event)


def call(id: str, state: ConnectionState = ConnectionState.ALERTING, ended: bool = False) -> Call:
    caller = Connection(ConnectionId(id, "1201"), ConnectionState.CONNECTED, Party("1201"), False, 1.0)
    rung = Connection(ConnectionId(id, "1047"), state, Party("1047"), True, 2.0)
    return Call(id, Party("1201", "Ara"), Party("8973"), 1.0, () if ended else (caller, rung), ended)


class Seen(SynchronousTestCase):
    """Of node a, by node b."""

    def setUp(self) -> None:
        self.bench = Bench()
        self.a, self.b = self.bench.ends("a", "b")
        self.switch = Switch()
        self.own = OwnCalls(
            self.a, self.bench.clock, self.switch, lambda id: id.startswith("a-"),  # type: ignore[arg-type]
            lambda number: number == "1047", lambda id: VIP if id == "a-1" else None, lambda number: number != "4321",
        )  # fmt: skip
        self.own.start()
        self.others = OthersCalls(self.b, self.bench.clock)
        self.without_calls(self.b)
        self.heard: list[Event] = []
        self.others.monitor_start(self.heard.append)
        self.a.start()
        self.b.start()
        self.bench.run()

    def without_calls(self, bus: MemoryBus) -> None:
        """A node that has none."""
        own = OwnCalls(bus, self.bench.clock, Switch(), bool, bool, lambda id: None, bool)  # type: ignore[arg-type]
        own.start()

    def delivered(self, id: str) -> Call:
        made = call(id)
        self.switch.happens(Delivered(made, None, "1047", 2.0))
        return made

    def kinds(self) -> list[type]:
        return [type(event) for event in self.heard]

    def test_as_it_goes(self) -> None:
        """Not before the call has gone on; the old snapshot is the one that was heard before."""
        ringing = self.delivered("a-1")
        self.assertEqual(self.heard, [])
        talking = call("a-1", ConnectionState.CONNECTED)
        self.switch.happens(Established(talking, ringing, "1047", 3.0))
        self.switch.happens(DigitsGenerated(talking, talking, "1201", 3.0, Cause.NORMAL, "1"))
        self.bench.run()
        self.assertEqual(self.heard, [
            Delivered(ringing, None, "1047", 2.0), Established(talking, ringing, "1047", 3.0)
        ])  # fmt: skip
        assert isinstance(self.heard[1], CallEvent)
        self.assertEqual(self.heard[1].devices_changed(), ["1047"])
        self.assertEqual(self.others.calls(), [talking])
        self.assertEqual((self.others.node_of("a-1"), self.others.vip("a-1")), ("a", VIP))
        self.switch.happens(CallCleared(call("a-1", ended=True), talking, "1201", 4.0))
        self.bench.run()
        self.assertEqual((self.others.calls(), self.others.node_of("a-1"), len(self.others)), ([], "", 0))

    def test_passing_through(self) -> None:
        """Only what lasts is told, as it was last, and once more when it is over; a line in it makes it another."""

        def passing(id: str, state: ConnectionState, ended: bool = False) -> Call:
            one = Connection(ConnectionId(id, "4321"), state, Party("4321"), True, 2.0)
            return Call(id, Party("4321"), Party("4321"), 1.0, () if ended else (one,), ended)

        def happens(kind: Any, id: str, state: ConnectionState = ConnectionState.ALERTING) -> Call:
            made = passing(id, state, kind is CallCleared)
            self.switch.happens(kind(made, None, "4321", 2.0))
            return made

        for id in ("a-1", "a-2"):
            happens(Delivered, id)
        self.bench.run(0.8 * GATHERED)
        happens(CallCleared, "a-2")
        happens(Delivered, "a-3")
        self.bench.run(0.8 * GATHERED)
        self.assertEqual(self.heard, [])
        talking = happens(Established, "a-1", ConnectionState.CONNECTED)
        self.bench.run(0.8 * GATHERED)
        self.assertEqual([(type(event), event.call_id) for event in self.events()],
                         [(Established, "a-1"), (Delivered, "a-3")])  # fmt: skip
        self.assertEqual((self.others.calls()[0], self.others.vip("a-1")), (talking, VIP))
        self.switch.happens(Delivered(call("a-3"), None, "1047", 3.0))
        self.bench.run()
        self.assertEqual(self.others.calls(), [talking, call("a-3")])
        self.bench.hub.cut()
        self.heard.clear()
        happens(Delivered, "a-4")
        self.bench.hub.mend()
        self.bench.run()
        self.assertEqual([event.call_id for event in self.events()], ["a-1", "a-3", "a-4"])
        for id in ("a-1", "a-4"):
            happens(CallCleared, id)
        self.bench.run(1.2 * GATHERED)
        self.assertEqual((self.others.calls(), self.kinds()[3:]), ([call("a-3")], [CallCleared, CallCleared]))
        self.assertEqual((self.own._shown, self.own._young, self.own._passing), (set(), set(), {}))

    def test_a_line_comes_into_what_passes(self) -> None:
        """By whatever event: the others hear of it at once."""
        for at, kind in enumerate((Delivered, Established, Held, Failed, ConnectionCleared, Diverted, Transferred)):
            id = f"a-{at}"
            caller = Connection(ConnectionId(id, "4321"), ConnectionState.CONNECTED, Party("4321"), False, 1.0)
            outside = Call(id, Party("4321"), Party("4321"), 1.0, (caller,), False)
            self.switch.happens(Originated(outside, None, "4321", 1.0))
            self.heard.clear()
            more: dict[str, Any] = {"new_destination": "1047"} if kind is Diverted else {}
            if kind is Transferred:
                more = {"transferred_to": Party("1047"), "other_call_id": ""}
            who = "4321" if kind in (Diverted, Transferred) else "1201"
            self.switch.happens(kind(call(id), outside, who, 2.0, **more))
            self.bench.run()
            self.assertEqual([(type(event), event.call) for event in self.events()], [(kind, call(id))])

    def events(self) -> list[CallEvent]:
        return [event for event in self.heard if isinstance(event, CallEvent)]

    def test_what_may_be_done(self) -> None:
        self.delivered("a-2")
        self.bench.run()
        self.assertEqual(self.others.can(Service.CLEAR_CONNECTION, "a-2", "1047"), "")
        for service, id, device in ((Service.ANSWER_CALL, "a-2", "1047"), (Service.CLEAR_CONNECTION, "a-2", "1201"),
                                    (Service.CLEAR_CONNECTION, "a-3", "1047")):  # fmt: skip
            self.assertEqual(self.others.can(service, id, device), NOT_NOW)
        self.switch.allowed.add(Service.ANSWER_CALL)
        self.switch.happens(DeviceCapabilitiesChanged("1047", 3.0))
        self.bench.run()
        self.assertEqual(self.others.can(Service.ANSWER_CALL, "a-2", "1047"), "")
        self.assertEqual(self.kinds(), [Delivered, DeviceCapabilitiesChanged])

    def test_shown_by_nobody_else(self) -> None:
        """What may be done with a call is not found out for those who do not show it."""
        asked: list[Service] = []
        self.switch.can = lambda service, connection: asked.append(service) or ""  # type: ignore[func-returns-value, method-assign]
        for is_shown in (False, True):
            self.own.stop()
            self.own = OwnCalls(
                self.a, self.bench.clock, self.switch, lambda id: True, lambda number: number == "1047",  # type: ignore[arg-type]
                lambda id: None, bool, is_shown,
            )  # fmt: skip
            self.own.start()
            asked.clear()
            self.delivered(f"a-{is_shown}")
            self.bench.run()
            self.assertEqual((bool(asked), self.others.node_of(f"a-{is_shown}")), (is_shown, "a"))

    def test_told_at_the_end(self) -> None:
        """What has not been told when a node stops is told then."""
        self.delivered("a-1")
        self.own.stop()
        self.bench.run()
        self.assertEqual(self.kinds(), [Delivered])

    def test_after_a_gap(self) -> None:
        """One has ended, one is new, one is the same: what is different is told, without the events in between."""
        self.delivered("a-1")
        same = self.delivered("a-2")
        self.bench.run()
        self.bench.hub.cut()
        self.assertEqual(self.kinds(), [Delivered, Delivered, CallCleared, CallCleared])
        self.heard.clear()
        self.switch.happens(CallCleared(call("a-1", ended=True), None, "1201", 4.0))
        new = self.delivered("a-3")
        self.bench.hub.mend()
        self.bench.run()
        self.assertEqual(self.others.calls(), [same, new])
        self.assertEqual(self.kinds(), [Established, Established])

    def test_many(self) -> None:
        """All that are up, in pieces, to who starts later."""
        for number in range(120):
            self.delivered(f"a-{number}")
        (bus,) = self.bench.ends("c")
        late = OthersCalls(bus, self.bench.clock)
        self.without_calls(bus)
        bus.start()
        self.bench.run()
        self.assertEqual((len(late), late.calls()), (120, self.switch.calls()))

    def test_of_somebody_else(self) -> None:
        """A PBX's calls are not told; what is no call is not taken."""
        self.switch.happens(Delivered(call("ast-1"), None, "1047", 2.0))
        self.bench.run()
        self.a.send("call", b'[[["Held","1",0.0,"normal",null],["a-1"],[null,{}]]]')
        self.a.send("calls", b"[")
        self.bench.run()
        self.assertEqual((self.heard, len(self.others)), ([], 0))
        self.assertEqual(len(self.flushLoggedErrors()), 2)
        told = b'[["%b","1",0.0,"normal",null],["a-%d",["","",false],["","",false],0,[],false],[null,{}]]'
        self.a.send("call", b"[%b,%b]" % (told % (b"Sung", 1), told % (b"Held", 2)))
        self.bench.run()
        self.assertEqual((self.kinds(), len(self.others)), ([Held], 2))
        self.assertEqual(len(self.flushLoggedErrors()), 1)

    def test_taken_over(self) -> None:
        """Who has begun the call and was thought to be dead says nothing of it that counts, once another one has it."""
        up, ended = (
            b'["c-1",["","",false],["","",false],0,[],%b]' % text for text in (b"false", b"true")
        )  # fmt: skip
        (c,) = self.bench.ends("c")
        c.start()
        c.send("call", b'[[["Held","1",0.0,"normal",null],' + up + b",[null,{}]]]")
        self.bench.run()
        self.assertEqual(self.others.node_of("c-1"), "c")
        self.a.send("call", b'[[["Established","1",0.0,"normal",null],' + up + b",[null,{}]]]")
        self.bench.run()
        self.assertEqual(self.others.node_of("c-1"), "a")
        c.send("call", b'[[["CallCleared","1",0.0,"normal",""],' + ended + b",[null,{}]]]")
        c.send("calls", b"[true,true,[[" + up + b",[null,{}]]]]")
        self.bench.run()
        self.assertEqual((self.others.node_of("c-1"), len(self.heard)), ("a", 2))
        self.bench.hub.ends.remove(c)
        self.bench.run(2.0)
        self.assertEqual(self.others.node_of("c-1"), "a")

    def test_taken_over_here(self) -> None:
        """Nor does it for the node that has the call now: whoever listens hears of that from its own switch."""
        self.others.is_here = lambda id: id == "a-1"
        self.delivered("a-1")
        self.delivered("a-2")
        self.bench.run()
        self.assertEqual([call.id for call in self.others.calls()], ["a-2"])
        self.bench.hub.cut()
        self.bench.hub.mend()
        self.bench.run()
        self.switch.happens(CallCleared(call("a-1", ended=True), call("a-1"), "1201", 4.0))
        self.bench.run()
        self.assertEqual([call.id for call in self.others.calls()], ["a-2"])
        self.assertEqual({event.call_id for event in self.heard if isinstance(event, CallEvent)}, {"a-2"})

    def test_one_device(self) -> None:
        heard: list[Event] = []
        monitors = [self.others.monitor_start(heard.append, device) for device in ("1047", "1201", "1175")]
        self.delivered("a-1")
        self.bench.run()
        self.assertEqual(len(heard), 2)
        for monitor in monitors:
            monitor.stop()
        self.delivered("a-2")
        self.bench.run()
        self.assertEqual(len(heard), 2)


class Names(SynchronousTestCase):
    """Each node its own."""

    def setUp(self) -> None:
        self.bench = Bench()

    def claim(self, owner: str) -> tuple[MemoryBus, NodeName, Deferred[bool]]:
        bus = MemoryBus(self.bench.hub, "a", owner, owner)
        name = NodeName(bus, self.bench.clock)
        if not self.bench.hub.is_cut:
            bus.start()
        claimed = Deferred.fromCoroutine(name.claim())
        self.bench.run(2.5)
        return bus, name, claimed

    def test_taken(self) -> None:
        """As long as it is kept, and a while longer where its node has died; at once where that is the same again."""
        first, name, claimed = self.claim("one")
        self.assertTrue(self.successResultOf(claimed))
        self.bench.run(2 * HELD)
        self.assertFalse(self.successResultOf(self.claim("two")[2]))
        self.assertTrue(self.successResultOf(self.claim("one")[2]))
        self.successResultOf(Deferred.fromCoroutine(name.leave()))
        self.assertTrue(first.is_up)

    def test_left(self) -> None:
        _, name, _ = self.claim("one")
        self.successResultOf(Deferred.fromCoroutine(name.leave()))
        self.assertTrue(self.successResultOf(self.claim("two")[2]))

    def test_without_a_bus(self) -> None:
        """A start does not wait for Redis."""
        self.bench.hub.cut()
        self.assertTrue(self.successResultOf(self.claim("one")[2]))
