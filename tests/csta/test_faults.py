"""What goes wrong between a client and another switch: the link, the events, the answers; and that it is repaired."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.csta import call_control_messages as c
from magroup.csta import event_messages as e
from magroup.csta import monitoring_messages as m
from magroup.csta import session_messages as s
from magroup.csta.client_session import PROBE_SECONDS, ClientSession, Peer
from magroup.csta.computing_function import ComputingFunction
from magroup.csta.edition import Edition, LoginForm, Profile
from magroup.csta.errors import NOT_SUPPORTED, CstaError
from magroup.csta.limits import Limits
from magroup.csta.link import FIRST_PAUSE, LONGEST_PAUSE, Link
from magroup.csta.message import Message
from magroup.csta.resnapshot import own_state
from magroup.csta.snapshots import SEGMENT
from magroup.csta.switch import CstaSwitch
from magroup.csta.switching_function import SwitchingFunction
from magroup.csta.system_messages import SystemStatus
from magroup.csta.values import ConnectionID, DeviceId, subject
from magroup.cti.call_control import Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import (
    CallCleared,
    CallEvent,
    ConnectionCleared,
    Delivered,
    Established,
    Event,
    Held,
    LinkChanged,
    OutOfService,
    Transferred,
)
from magroup.cti.fake import FakeSwitch
from magroup.cti.types import Call, Cause, ConnectionId, ConnectionState
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from tests.csta import sockets
from tests.csta.peer import LINES, admit, at, devices_only

TALKS = ConnectionState.CONNECTED
PEER = Peer(Profile(Edition.ED4, LoginForm.OPENSCAPE, keeps_extensions=True), "recorder", "secret")


class FaultCase(SynchronousTestCase):
    """A FakeSwitch, served; and a client of it, whose connections the test makes and cuts."""

    lines: tuple[str, ...] = LINES
    peer = PEER
    limits = Limits()

    def setUp(self) -> None:
        self.clock = Clock()
        self.there = FakeSwitch(self.clock, self.lines, trunk=True)
        self.server = SwitchingFunction(self.clock, self.there, admit, lambda address: None, str, self.limits)
        self.csta = CstaSwitch(self.clock, self.lines, self.there)
        self.states: list[str] = []
        self.csta.changed = self.states.append
        self.events: list[Event] = []
        self.csta.monitor_start(self.events.append)
        self.wires: list[sockets.Link] = []
        self.is_refused = False
        self.link = Link(self.clock, self.csta, self.peer, self.connect, lambda: 0.5)
        self.link.start()
        self.settle()

    def connect(self, session: ClientSession) -> "Deferred[Any]":
        if self.is_refused:
            return fail(ConnectionRefusedError())
        self.wires.append(sockets.Link(self.server.factory, session))
        return succeed(None)

    def settle(self) -> None:
        while self.wires and self.wires[-1].pump():
            pass

    def pass_time(self, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.settle()

    def cut(self) -> None:
        self.wires[-1].cut()

    def tearDown(self) -> None:
        """Every call that was told is one unbroken chain of snapshots; nothing runs any more."""
        stopped = Deferred.fromCoroutine(self.link.stop())
        self.settle()
        self.successResultOf(stopped)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual((self.server.describe(), len(self.server.monitors)), ([], 0))
        last: dict[str, Call] = {}
        for event in self.events:
            if isinstance(event, CallEvent):
                self.assertEqual(event.old, last.get(event.call_id), event)
                self.assertFalse(event.old and event.old.ended)
                last[event.call_id] = event.call

    def told(self, *kinds: type[Event]) -> list[Any]:
        return [event for event in self.events if type(event) in kinds]

    def says(self, message: Message) -> None:
        """The server's own word to the client, out of order."""
        (client,) = self.server.clients.values()
        client.association.tell(message)
        self.settle()

    def reference(self, number: str) -> str:
        return next(one for one, device in self.csta.device_of.items() if device == number)

    def talking(self) -> str:
        """2001 talks to 3001."""
        call_id = self.there.arrive("2001", "3001")
        self.there.device_answers(call_id, "3001")
        self.settle()
        return call_id

    def states_of(self, call_id: str) -> dict[str, ConnectionState]:
        return {one.id.device: one.state for call in self.csta.calls() if call.id == call_id
                for one in call.connections}  # fmt: skip


class LinkTests(FaultCase):
    def test_up(self) -> None:
        self.assertEqual(self.states, ["The calls of the switch are looked at", ""])
        self.assertEqual(sorted(self.csta.device_of.values()), sorted(LINES))
        self.assertIn("link up, 4 monitors", self.csta.describe()[0])

    def test_cut(self) -> None:
        """Services are refused, and menus say why; the calls are as they were when it is back."""
        call_id = self.talking()
        before = self.csta.calls()
        self.cut()
        mine = ConnectionId(call_id, "3001")
        self.assertTrue(self.csta.can(Service.HOLD_CALL, mine))
        self.assertEqual(self.csta.calls(), before)
        error = self.failureResultOf(Deferred.fromCoroutine(self.csta.hold_call(mine)), ServiceError).value
        self.assertEqual(error.failure, Failure.RESOURCE_BUSY)
        told = len(self.events)
        self.pass_time(2)
        self.assertEqual(self.states[-1], "")
        self.assertEqual([type(event) for event in self.events[told:]], [LinkChanged])
        self.successResultOf(self.ask(self.csta.hold_call(mine)))
        self.assertEqual(self.states_of(call_id)["3001"], ConnectionState.HOLD)

    def ask(self, service: Any) -> "Deferred[Any]":
        asked = Deferred.fromCoroutine(service)
        self.settle()
        return asked

    def test_missed(self) -> None:
        """What happened meanwhile is told when it is back: held, transferred, ended, begun."""
        ended, held, moved = self.talking(), self.there.arrive("2001", "3002"), self.there.arrive("2001", "3003")
        for call_id, device in (held, "3002"), (moved, "3003"):
            self.there.device_answers(call_id, device)
        self.settle()
        self.cut()
        self.events.clear()
        self.there.device_hangs_up(ended, "2001")
        self.there.device_holds(held, "3002")
        begun = self.there.arrive("3003", "3001")
        self.pass_time(2)
        self.assertEqual(self.states[-1], "")
        self.assertEqual([event.call_id for event in self.told(CallCleared)], [ended])
        self.assertEqual([event.device for event in self.told(Held)], ["3002"])
        self.assertEqual([event.device for event in self.told(Delivered)], ["3001"])
        self.assertEqual(self.states_of(begun), {"3003": TALKS, "3001": ConnectionState.ALERTING})
        self.assertEqual(len(self.csta.calls()), 3)
        self.there.device_answers(begun, "3001")
        self.settle()
        self.assertEqual(self.told(Established)[-1].device, "3001")
        self.events.clear()

    def test_pauses(self) -> None:
        """They grow up to a minute; after a steady time the first one is short again."""
        self.is_refused = True
        self.cut()
        self.pass_time(3600)
        self.assertLess(self.link.attempts, 80)
        self.assertGreater(self.link.attempts, 55)
        self.is_refused = False
        self.pass_time(LONGEST_PAUSE * 2)
        self.assertEqual(self.states[-1], "")
        self.cut()
        attempts = self.link.attempts
        self.pass_time(FIRST_PAUSE * 2)
        self.assertEqual(self.link.attempts, attempts + 1)

    def test_cut_in_each_service(self) -> None:
        """The request fails at once."""
        call_id = self.talking()
        one, other = ConnectionId(call_id, "3001"), ConnectionId(call_id, "2001")
        forwarded = Forwarding(ForwardTo.NUMBER, "3002")
        switch = self.csta
        services: list[Callable[[], Any]] = [
            lambda: switch.make_call("3002", "3003"), lambda: switch.answer_call(one),
            lambda: switch.clear_connection(one), lambda: switch.hold_call(one), lambda: switch.retrieve_call(one),
            lambda: switch.alternate_call(one, other), lambda: switch.consultation_call(one, "3002"),
            lambda: switch.reconnect_call(one, other), lambda: switch.transfer_call(one, other),
            lambda: switch.single_step_transfer_call(one, "3002"), lambda: switch.deflect_call(one, "3002"),
            lambda: switch.directed_pickup_call(one, "3002"), lambda: switch.generate_digits(one, "1"),
            lambda: switch.get_forwarding("3001"), lambda: switch.set_forwarding("3001", forwarded),
            lambda: switch.get_do_not_disturb("3001"), lambda: switch.set_do_not_disturb("3001", True),
        ]  # fmt: skip
        for service in services:
            asked = Deferred.fromCoroutine(service())
            self.assertNoResult(asked)
            self.cut()
            self.failureResultOf(asked, ServiceError)
            self.pass_time(LONGEST_PAUSE * 1.5)
            self.assertEqual(self.states[-1], "")

    def test_cut_while_looking(self) -> None:
        """At every point of it."""
        call_id = self.talking()
        for count in range(1, 40):
            self.cut()
            self.clock.advance(LONGEST_PAUSE * 1.5)
            wire = self.wires[-1]
            near, far = wire.ends
            for _ in range(count):
                near.flush()
                far.receive()
                far.flush()
                near.receive()
        self.cut()
        self.pass_time(LONGEST_PAUSE * 1.5)
        self.assertEqual(self.states[-1], "")
        self.assertEqual(self.states_of(call_id), {"2001": TALKS, "3001": TALKS})

    def test_garbage(self) -> None:
        """The connection is given up, and made anew."""
        self.wires[-1].ends[1].write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        self.settle()
        self.assertTrue(self.wires[-1].ends[0].is_closed)
        self.assertIn("no CSTA", self.states[-1])
        self.pass_time(2)
        self.assertEqual(self.states[-1], "")

    def test_nobody_answers(self) -> None:
        """A switch that takes everything and says nothing."""
        wire = self.wires[-1]

        def pump() -> bool:
            if wire.is_closing:
                wire.cut()
            return False

        wire.pump = pump  # type: ignore[method-assign]
        asked = Deferred.fromCoroutine(self.csta.get_do_not_disturb("3001"))
        self.pass_time(20)
        self.failureResultOf(asked, ServiceError)
        self.pass_time(PROBE_SECONDS + 20)
        self.assertGreater(self.link.attempts, 1)
        self.pass_time(5)
        self.assertEqual(self.states[-1], "")

    def test_session_ends(self) -> None:
        self.says(s.ApplicationSessionTerminated(session_id="1"))
        self.assertIn("ends the session", self.states[-1])
        self.pass_time(2)
        self.assertEqual(self.states[-1], "")

    def test_stays_up(self) -> None:
        """The session's timer is reset, signs of life go both ways."""
        self.pass_time(600)
        self.assertEqual(self.link.attempts, 1)
        self.assertEqual(self.states, ["The calls of the switch are looked at", ""])


class WrongPassword(FaultCase):
    peer = Peer(Profile(login=LoginForm.AVAYA), "recorder", "wrong")

    def test_refused(self) -> None:
        self.assertIn("refuses the session: invalidApplicationInfo", self.states[-1])
        self.pass_time(300)
        self.assertLess(self.link.attempts, 12)


class BusySwitch(FaultCase):
    """One that takes few requests at once."""

    limits = Limits(requests_per_second=1.0)
    lines = tuple(f"30{at:02}" for at in range(20))

    def test_patient(self) -> None:
        self.assertNotEqual(self.states[-1], "")
        self.pass_time(90)
        self.assertEqual(self.states[-1], "")
        self.assertEqual(len(self.csta.device_of), len(self.lines))


class EventTests(FaultCase):
    def delivered(self, call_id: str, number: str, reference: str) -> e.DeliveredEvent:
        return e.DeliveredEvent(
            monitor_cross_ref_id=reference, connection=at(call_id, number), alerting_device=subject(number),
            calling_device=subject("0315311111"), called_device=subject(number), local_connection_info="alerting",
            cause="newCall",
        )  # fmt: skip

    def test_messages_lost(self) -> None:
        """Everything is looked at again."""
        self.talking()
        ended = self.csta.calls()[0].id
        silent = self.server.monitors._by_call.pop(ended)
        self.there.device_hangs_up(ended, "2001")
        self.settle()
        for monitor in silent:
            monitor.calls.discard(ended)
        self.says(SystemStatus(system_status="messagesLost"))
        self.assertEqual(self.states[-2:], ["The switch has lost messages", ""])
        self.assertEqual(self.csta.calls(), ())

    def test_monitor_ended_by_the_switch(self) -> None:
        reference = self.reference("3001")
        self.says(m.MonitorStop(monitor_cross_ref_id=reference))
        self.assertEqual(self.states[-1], "")
        self.assertNotEqual(self.reference("3001"), reference)

    def test_duplicates(self) -> None:
        """Told by two monitors, and by each of them twice."""
        one, other = self.reference("3001"), self.reference("3002")
        for reference in (one, other, one):
            self.says(self.delivered("X1", "3001", reference))
        self.assertEqual(len(self.told(Delivered)), 2)
        self.says(e.CallClearedEvent(monitor_cross_ref_id=one, cleared_call=ConnectionID("X1")))
        self.says(e.CallClearedEvent(monitor_cross_ref_id=other, cleared_call=ConnectionID("X1")))
        self.assertEqual(len(self.told(CallCleared)), 1)

    def test_late(self) -> None:
        """What comes after the end makes no call anew, and what nobody knows is no news."""
        reference = self.reference("3001")
        self.says(self.delivered("X1", "3001", reference))
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X1")))
        told = len(self.events)
        self.says(self.delivered("X1", "3002", reference))
        self.says(e.ConnectionClearedEvent(monitor_cross_ref_id=reference, dropped_connection=at("X1", "3001")))
        self.says(e.ConnectionClearedEvent(monitor_cross_ref_id=reference, dropped_connection=at("X2", "3001")))
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X3")))
        self.says(self.delivered("X4", "3001", "no such monitor"))
        self.assertEqual(len(self.events), told)
        self.assertEqual(self.csta.calls(), ())

    def test_out_of_order(self) -> None:
        """Answered before it rang, cleared before it was answered."""
        reference = self.reference("3001")
        self.says(e.EstablishedEvent(
            monitor_cross_ref_id=reference, established_connection=at("X1", "3001"), calling_device=subject("2001"),
            called_device=subject("3001"), cause="normal",
        ))  # fmt: skip
        self.assertEqual(self.states_of("X1"), {"2001": TALKS, "3001": TALKS})
        self.says(e.ConnectionClearedEvent(monitor_cross_ref_id=reference, dropped_connection=at("X1", "3002")))
        self.says(e.HeldEvent(monitor_cross_ref_id=reference, held_connection=at("X2", "3001")))
        self.assertEqual(self.states_of("X2"), {"3001": ConnectionState.HOLD})
        for call_id in ("X1", "X2"):
            self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID(call_id)))
        self.assertEqual((self.csta.calls(), len(self.csta.model)), ((), 0))

    def transfer(self, new_id: str) -> None:
        """3001 talks in X1 and X2, and joins them; the result has an id."""
        reference = self.reference("3001")
        for call_id, number in ("X1", "2001"), ("X2", "3002"):
            self.says(e.EstablishedEvent(
                monitor_cross_ref_id=reference, established_connection=at(call_id, number), cause="normal",
                calling_device=subject("3001"), called_device=subject(number),
            ))  # fmt: skip
        items = tuple(
            e.ConnectionListItem(new_connection=at(new_id, number), old_connection=at(old, number))
            for old, number in (("X1", "2001"), ("X2", "3002"))
        )
        self.says(e.TransferedEvent(
            monitor_cross_ref_id=reference, primary_old_call=at("X1", "3001"), secondary_old_call=at("X2", "3001"),
            transferring_device=subject("3001"), transferred_to_device=subject("3002"), transferred_connections=items,
            cause="transfer",
        ))  # fmt: skip

    def test_new_id_after_a_transfer(self) -> None:
        """The application's call keeps its own; requests go by the new one, events come by it."""
        self.transfer("X9")
        self.assertEqual(self.states_of("X1"), {"2001": TALKS, "3002": TALKS})
        (transferred,) = self.told(Transferred)
        self.assertEqual((transferred.call_id, transferred.other_call_id), ("X1", "X2"))
        self.assertEqual([event.call_id for event in self.told(CallCleared)], ["X2"])
        asked: list[Any] = []
        self.there.clear_connection = self._note(asked)  # type: ignore[method-assign]
        self.successResultOf(self._ask(self.csta.clear_connection(ConnectionId("X1", "3002"))))
        self.assertEqual(asked, [ConnectionId("X9", "3002")])
        reference = self.reference("3002")
        self.says(e.HeldEvent(monitor_cross_ref_id=reference, held_connection=at("X9", "3002")))
        self.assertEqual(self.states_of("X1")["3002"], ConnectionState.HOLD)
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X9")))
        self.assertEqual((self.csta.calls(), len(self.csta.model)), ((), 0))

    def test_the_other_id_after_a_transfer(self) -> None:
        self.transfer("X2")
        self.assertEqual(self.states_of("X2"), {"2001": TALKS, "3002": TALKS})
        self.assertEqual([event.call_id for event in self.told(CallCleared)], ["X1"])
        reference = self.reference("3002")
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X2")))
        self.assertEqual((self.csta.calls(), len(self.csta.model)), ((), 0))

    def test_conference(self) -> None:
        reference = self.reference("3001")
        self.says(e.EstablishedEvent(
            monitor_cross_ref_id=reference, established_connection=at("X1", "3001"), calling_device=subject("2001"),
            called_device=subject("3001"), cause="normal",
        ))  # fmt: skip
        items = tuple(e.ConnectionListItem(new_connection=at("X9", one)) for one in ("2001", "3001", "3002"))
        self.says(e.ConferencedEvent(
            monitor_cross_ref_id=reference, primary_old_call=at("X1", "3001"), conference_connections=items,
        ))  # fmt: skip
        self.assertEqual(self.states_of("X1"), {"2001": TALKS, "3001": TALKS, "3002": TALKS})
        self.says(e.ConnectionClearedEvent(monitor_cross_ref_id=reference, dropped_connection=at("X9", "2001")))
        self.assertEqual(self.told(ConnectionCleared)[-1].device, "2001")
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X9")))
        self.assertEqual(len(self.csta.model), 0)

    def test_no_snapshots_of_calls(self) -> None:
        """Then a call has those devices whose own snapshots show it."""

        def refuse(function: ComputingFunction, asked: m.SnapshotCall) -> list[Message]:
            raise CstaError(NOT_SUPPORTED, "No snapshots of calls")

        self.patch(ComputingFunction, "_snapshot_call", refuse)
        self.cut()
        call_id = self.there.arrive("2001", "3001")
        self.pass_time(2)
        self.assertEqual(self.states_of(call_id), {"2001": TALKS, "3001": ConnectionState.ALERTING})
        (call,) = self.csta.calls()
        self.assertEqual((call.calling.number, call.called.number), ("2001", "3001"))
        self.events.clear()
        self.there.device_hangs_up(call_id, "2001")
        self.settle()
        self.assertEqual(self.csta.calls(), ())
        self.events.clear()

    def test_states_in_snapshots(self) -> None:
        for state, expected in (
            (None, TALKS),
            (m.LocalCallState(compound_call_state=("hold", "connected")), ConnectionState.HOLD),
            (m.LocalCallState(compound_call_state=("null", "connected")), ConnectionState.NULL),
            (m.LocalCallState(compound_call_state=("unheardOf",)), TALKS),
            (m.LocalCallState(simple_call_state="callReceived"), ConnectionState.ALERTING),
            (m.LocalCallState(simple_call_state="callNull"), ConnectionState.NULL),
            (m.LocalCallState(simple_call_state="callEstablished"), TALKS),
            (m.LocalCallState(), TALKS),
        ):
            self.assertIs(own_state(state), expected, state)

    def test_initiated(self) -> None:
        """Some switches tell when a phone is lifted: the port has no event for it, and the call is there."""
        reference = self.reference("3001")
        self.events.clear()
        self.says(e.ServiceInitiatedEvent(monitor_cross_ref_id=reference, initiated_connection=at("X1", "3001")))
        self.assertEqual((self.events, self.states_of("X1")), ([], {"3001": ConnectionState.INITIATED}))
        self.says(e.OriginatedEvent(
            monitor_cross_ref_id=reference, originated_connection=at("X1", "3001"), called_device=subject("2001"),
        ))  # fmt: skip
        (call,) = self.csta.calls()
        self.assertEqual((call.calling.number, call.called.number), ("3001", "2001"))
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X1")))

    def test_services_permitted(self) -> None:
        """What the switch says itself goes before what the state says."""
        reference = self.reference("3001")
        call_id = self.talking()
        mine = ConnectionId(call_id, "3001")
        self.assertEqual(self.csta.can(Service.HOLD_CALL, mine), "")
        permitted = (("callControlServices", ("clearConnection", "retrieveCall")),)
        self.says(e.HeldEvent(
            monitor_cross_ref_id=reference, held_connection=at(call_id, "3001"), services_permitted=permitted,
        ))  # fmt: skip
        possible = {service for service in Service if not self.csta.can(service, mine)}
        self.assertEqual(possible, {Service.CLEAR_CONNECTION, Service.RETRIEVE_CALL})
        self.there.device_hangs_up(call_id, "2001")
        self.settle()
        self.assertEqual(self.csta._permitted, {})

    def test_no_such_service(self) -> None:
        """Which services there are at all is asked for when the link comes up."""
        self.csta.permitted = frozenset({"holdCall"})
        mine = ConnectionId(self.talking(), "3001")
        self.assertEqual(self.csta.can(Service.HOLD_CALL, mine), "")
        self.assertIn("no service consultationCall", self.csta.can(Service.CONSULTATION_CALL, mine))

    def test_out_of_service(self) -> None:
        """Also when it was so before we came; told once."""
        self.there.set_in_service("3002", False)
        self.settle()
        self.cut()
        self.there.set_in_service("3001", False)
        self.pass_time(2)
        self.assertEqual([event.device for event in self.told(OutOfService)], ["3002", "3001"])
        self.assertEqual([self.csta.in_service(one) for one in ("2001", "3001", "3002")], [True, False, False])

    def test_forwarding(self) -> None:
        """Only to numbers; what the switch has of other kinds is none that holds at once."""
        to_group = Forwarding(ForwardTo.MEMBER, member_id=5)
        error = self.failureResultOf(self._ask(self.csta.set_forwarding("3001", to_group)), ServiceError).value
        self.assertEqual(error.failure, Failure.INVALID_DESTINATION)
        self.assertEqual(self.successResultOf(self._ask(self.csta.get_forwarding("3001"))), NO_FORWARDING)

    def test_another_answer(self) -> None:
        """A response of the wrong kind is an error."""
        (client,) = self.server.clients.values()
        client._take = lambda invoke_id, message: None  # type: ignore[method-assign]
        client.association._take = lambda invoke_id, message: client.association.respond(  # type: ignore[method-assign]
            invoke_id, c.HoldCallResponse()
        )
        error = self.failureResultOf(self._ask(self.csta.get_do_not_disturb("3001")), ServiceError).value
        self.assertIn("HoldCallResponse", str(error))

    def _ask(self, service: Any) -> "Deferred[Any]":
        asked = Deferred.fromCoroutine(service)
        self.settle()
        return asked

    @staticmethod
    def _note(asked: list[Any]) -> Callable[[Any], Any]:
        async def service(connection: Any) -> None:
            asked.append(connection)

        return service


class DevicesOnly(FaultCase):
    """A switch that monitors devices and no calls, and so never says that a call is over."""

    def setUp(self) -> None:
        self.patch(ComputingFunction, "_monitor_start", devices_only(ComputingFunction._monitor_start))
        super().setUp()

    def test_of_people_outside(self) -> None:
        """Nothing is heard of them when the monitored one has left."""
        self.assertEqual(len(self.csta.device_of), len(LINES))
        call_id = self.there.arrive("0315311111", "3001")
        self.there.device_answers(call_id, "3001")
        self.settle()
        self.assertEqual(self.states_of(call_id), {"0315311111": TALKS, "3001": TALKS})
        self.there.device_hangs_up(call_id, "3001")
        self.settle()
        (over,) = self.told(CallCleared)
        self.assertEqual((over.device, over.cause), ("3001", Cause.NORMAL_CLEARING))
        self.assertEqual((self.csta.calls(), len(self.csta.model)), ((), 0))

    def test_transferred_outside(self) -> None:
        call_id = self.talking()
        moved = self.there.single_step_transfer_call(ConnectionId(call_id, "3001"), "0800")
        self.successResultOf(Deferred.fromCoroutine(moved))
        self.there.device_answers(call_id, "0800")
        self.settle()
        self.assertEqual(self.states_of(call_id), {"2001": TALKS, "0800": TALKS})
        self.there.device_hangs_up(call_id, "0800")
        self.settle()
        self.assertEqual(self.csta.calls(), ())


class ManyCalls(FaultCase):
    """More calls at one device than fit into one answer."""

    lines = ("3001", *(f"2{at:03}" for at in range(2 * SEGMENT + 5)))
    limits = Limits(requests_per_second=1e6)

    def test_in_parts(self) -> None:
        self.cut()
        calls = {self.there.arrive(number, "3001") for number in self.lines[1:]}
        self.pass_time(3)
        self.assertEqual(self.states[-1], "")
        self.assertEqual({call.id for call in self.csta.calls()}, calls)
        self.assertEqual(len(self.csta.snapshot_device("3001")), len(calls))
        self.assertEqual({DeviceId(event.device) for event in self.told(Delivered)}, {DeviceId("3001")})
