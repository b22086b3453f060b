"""What goes wrong between a client and another switch: the link, its answers; and that it is repaired."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from magroup.csta import monitoring_messages as m
from magroup.csta import session_messages as s
from magroup.csta.client_session import PROBE_SECONDS, Peer
from magroup.csta.computing_function import ComputingFunction
from magroup.csta.edition import LoginForm, Profile
from magroup.csta.errors import NOT_SUPPORTED, CstaError
from magroup.csta.limits import Limits
from magroup.csta.link import FIRST_PAUSE, LONGEST_PAUSE
from magroup.csta.message import Message
from magroup.csta.snapshots import SEGMENT
from magroup.csta.system_messages import SystemStatus
from magroup.csta.values import DeviceId
from magroup.cti.call_control import Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import (
    CallCleared,
    Delivered,
    Established,
    Held,
    LinkChanged,
)
from magroup.cti.types import ConnectionId, ConnectionState
from magroup.model.forwarding import Forwarding, ForwardTo
from tests.csta import sockets
from tests.csta.faults import TALKS, FaultCase
from tests.csta.peer import LINES, at


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
        self.assertEqual(error.failure, Failure.LINK_DOWN)
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
        down_at = self.clock.seconds()
        self.there.device_hangs_up(ended, "2001")
        self.there.device_holds(held, "3002")
        begun = self.there.arrive("3003", "3001")
        self.pass_time(2)
        self.assertEqual(self.states[-1], "")
        (over,) = self.told(CallCleared)
        self.assertEqual((over.call_id, over.at, over.detail), (ended, down_at, "not seen"))
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

    def test_response_lost(self) -> None:
        """The service is done there, and the link is cut before the response is here: events and looks tell of it."""
        call_id = self.talking()
        mine = ConnectionId(call_id, "3001")
        for service, state in (
            (self.csta.hold_call, ConnectionState.HOLD), (self.csta.retrieve_call, TALKS),
            (self.csta.clear_connection, None),
        ):  # fmt: skip
            asked = Deferred.fromCoroutine(service(mine))
            near, far = self.wires[-1].ends
            near.flush()
            while far.read < near.written:
                far.receive()
            self.assertNoResult(asked)
            self.cut()
            self.failureResultOf(asked, ServiceError)
            self.pass_time(LONGEST_PAUSE * 1.5)
            self.assertEqual(self.states_of(call_id).get("3001"), state)
        self.assertEqual(self.csta.calls(), ())

    def test_slow(self) -> None:
        """A switch whose bytes come one by one, each answer seconds after the request."""
        self.patch(sockets, "PIECE", 1)
        self.cut()
        self.pass_time(2)
        self.assertEqual(self.states[-1], "")
        (client,) = self.server.clients.values()
        respond = client.association.respond

        def late(invoke_id: int, message: Message) -> None:
            self.clock.callLater(5.0, respond, invoke_id, message)

        client.association.respond = late  # type: ignore[method-assign]
        call_id = self.talking()
        asked = Deferred.fromCoroutine(self.csta.hold_call(ConnectionId(call_id, "3001")))
        self.settle()
        self.assertNoResult(asked)
        self.assertEqual(self.states_of(call_id)["3001"], ConnectionState.HOLD)
        self.pass_time(6)
        self.successResultOf(asked)
        self.assertEqual(self.link.attempts, 2)

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


class Segments(FaultCase):
    """A snapshot in parts: of one device, ``calls``, each part with a call of its own."""

    def setUp(self) -> None:
        super().setUp()
        self.parts: list[Message] = []
        self.is_before = False
        self.patch(ComputingFunction, "_snapshot_device", lambda function, asked: self.snapshot(function, asked))
        self.patch(ComputingFunction, "_snapshot_call", self.refuse)

    def refuse(self, *arguments: Any) -> list[Message]:
        raise CstaError(NOT_SUPPORTED, "No snapshots of calls")

    def snapshot(self, function: ComputingFunction, asked: m.SnapshotDevice) -> list[Message]:
        is_meant = asked.snapshot_object.number == "3001"
        data = m.CrossRefOrDeviceData(service_cross_ref_id="S1") if is_meant else m.CrossRefOrDeviceData(
            snapshot_data=()
        )  # fmt: skip
        response = m.SnapshotDeviceResponse(cross_ref_id_or_snapshot_data=data)
        if not is_meant:
            return [response]
        if self.is_before:
            for part in self.parts:
                function.association.tell(part)
            return [response]
        return [response, *self.parts]

    def part(self, number: int, call_id: str, is_last: bool | None) -> Message:
        rings = m.LocalCallState(simple_call_state="callReceived")
        info = m.SnapshotDeviceResponseInfo(connection_identifier=at(call_id, "3001"), local_call_state=rings)
        return m.SnapshotDeviceData(
            service_cross_ref_id="S1", segment_id=number, last_segment=is_last, snapshot_data=(info,)
        )  # fmt: skip

    def look(self) -> list[str]:
        """The ids of the calls that are known after a look."""
        self.says(SystemStatus(system_status="messagesLost"))
        self.pass_time(30)
        self.assertEqual(self.states[-1], "")
        return sorted(call.id for call in self.csta.calls())

    def test_parts(self) -> None:
        """After the response, or before it; of another reference; the last of them missing; none at all."""
        whole = [self.part(1, "C1", False), self.part(2, "C2", True)]
        self.parts = whole
        self.assertEqual(self.look(), ["C1", "C2"])
        self.is_before = True
        self.assertEqual(self.look(), ["C1", "C2"])
        self.is_before = False
        strange = m.SnapshotDeviceData(service_cross_ref_id="S7", segment_id=1, last_segment=True, snapshot_data=())
        self.parts = [strange, *whole]
        self.assertEqual(self.look(), ["C1", "C2"])
        self.parts = [self.part(1, "C2", False)]
        self.assertEqual(self.look(), ["C2"])
        self.parts = []
        self.assertEqual(self.look(), [])

    def test_cut_between_parts(self) -> None:
        """The next look has them all."""
        self.parts = [self.part(1, "C1", False)]
        self.says(SystemStatus(system_status="messagesLost"))
        self.cut()
        self.parts = [self.part(1, "C1", False), self.part(2, "C2", True)]
        self.pass_time(3)
        self.assertEqual(sorted(call.id for call in self.csta.calls()), ["C1", "C2"])
        self.parts = []
        self.assertEqual(self.look(), [])


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
