"""Events that come twice, late, in another order, or of calls with other ids."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from magroup.csta import call_control_messages as c
from magroup.csta import event_messages as e
from magroup.csta import monitoring_messages as m
from magroup.csta.call_ids import LATE_SECONDS
from magroup.csta.computing_function import ComputingFunction
from magroup.csta.errors import NOT_SUPPORTED, CstaError
from magroup.csta.message import Message
from magroup.csta.resnapshot import own_state
from magroup.csta.system_messages import SystemStatus
from magroup.csta.values import ConnectionID, subject
from magroup.cti.call_control import CANNOT, NOT_PERMITTED, Service
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import (
    CallCleared,
    ConnectionCleared,
    Delivered,
    OutOfService,
    Transferred,
)
from magroup.cti.types import ConnectionId, ConnectionState
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from tests.csta.faults import TALKS, FaultCase
from tests.csta.peer import at


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

    def test_id_given_again(self) -> None:
        """A while after the end it is another call, whose own end is not that of the first; what is late is not."""
        one, other = self.reference("3001"), self.reference("3002")
        found = []
        for round in range(3):
            self.says(self.delivered("X1", "3001", one))
            (call,) = self.csta.calls()
            found.append(call.id)
            asked: list[Any] = []
            self.there.answer_call = self._note(asked)  # type: ignore[method-assign]
            self.successResultOf(self._ask(self.csta.answer_call(ConnectionId(call.id, "3001"))))
            self.assertEqual(asked, [ConnectionId("X1", "3001")])
            self.says(e.CallClearedEvent(monitor_cross_ref_id=one, cleared_call=ConnectionID("X1")))
            told = len(self.events)
            self.says(self.delivered("X1", "3001", other))
            self.says(e.CallClearedEvent(monitor_cross_ref_id=other, cleared_call=ConnectionID("X1")))
            self.assertEqual((len(self.events), len(self.csta.model)), (told, 0), round)
            self.pass_time(LATE_SECONDS + 1)
        self.assertEqual(found, ["X1", "X1.2", "X1.3"])

    def test_id_given_again_by_a_service(self) -> None:
        """The response may come before any event."""
        reference = self.reference("3001")
        self.says(self.delivered("X1", "3001", reference))
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X1")))
        self.pass_time(LATE_SECONDS + 1)

        async def make_call(calling: str, called: str) -> ConnectionId:
            return ConnectionId("X1", calling)

        self.there.make_call = make_call  # type: ignore[method-assign]
        made = self.successResultOf(self._ask(self.csta.make_call("3001", "3002")))
        self.assertEqual([call.id for call in self.csta.calls()], [made.call_id])
        self.assertNotEqual(made.call_id, "X1")
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X1")))

    def test_id_given_again_while_the_link_was_down(self) -> None:
        """Other people are in it than before: the former call has ended."""
        reference = self.reference("3001")
        self.says(self.delivered("fake-1", "3001", reference))
        self.cut()
        self.there.arrive("3002", "3003")
        self.pass_time(2)
        (over,) = self.told(CallCleared)
        (call,) = self.csta.calls()
        self.assertEqual((over.call_id, call.id), ("fake-1", "fake-1.2"))
        self.assertEqual(set(self.states_of("fake-1.2")), {"3002", "3003"})
        self.there.caller_hangs_up("fake-1")
        self.settle()

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

    def test_transferred_again(self) -> None:
        """The newest id is the one that the switch knows."""
        self.transfer("X9")
        reference = self.reference("3002")
        item = e.ConnectionListItem(new_connection=at("X12", "3003"), old_connection=at("X9", "3003"))
        stays = e.ConnectionListItem(new_connection=at("X12", "2001"), old_connection=at("X9", "2001"))
        self.says(e.TransferedEvent(
            monitor_cross_ref_id=reference, primary_old_call=at("X9", "3002"), transferring_device=subject("3002"),
            transferred_to_device=subject("3003"), transferred_connections=(stays, item), cause="transfer",
        ))  # fmt: skip
        self.assertEqual(self.states_of("X1"), {"2001": TALKS, "3003": TALKS})
        asked: list[Any] = []
        self.there.clear_connection = self._note(asked)  # type: ignore[method-assign]
        self.successResultOf(self._ask(self.csta.clear_connection(ConnectionId("X1", "3003"))))
        self.assertEqual(asked, [ConnectionId("X12", "3003")])
        self.says(e.CallClearedEvent(monitor_cross_ref_id=reference, cleared_call=ConnectionID("X12")))
        told = len(self.events)
        for late in "X1", "X9", "X12":
            self.says(self.delivered(late, "3001", reference))
        self.assertEqual((len(self.events), self.csta.calls(), len(self.csta.model)), (told, (), 0))

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
        self.assertEqual(self.csta.can(Service.HOLD_CALL, mine), f"{NOT_PERMITTED}: holdCall")
        self.says(e.RetrievedEvent(monitor_cross_ref_id=reference, retrieved_connection=at(call_id, "3001")))
        self.assertEqual(self.csta.can(Service.HOLD_CALL, mine), "")
        self.there.device_hangs_up(call_id, "2001")
        self.settle()
        self.assertEqual(self.csta._permitted, {})

    def test_services_permitted_in_snapshots(self) -> None:
        """Known again after the link was down, in other spellings too."""
        call_id = self.talking()
        mine = ConnectionId(call_id, "3001")
        info = m.SnapshotDeviceResponseInfo(
            connection_identifier=at(call_id, "3001"),
            services_permitted=(("callControlServices", ("clearConnection", "SingleStepTransfer")),),
        )
        response = m.SnapshotDeviceResponse(
            cross_ref_id_or_snapshot_data=m.CrossRefOrDeviceData(snapshot_data=(info,))
        )  # fmt: skip
        self.patch(ComputingFunction, "_snapshot_device", lambda function, asked: [response])
        self.cut()
        self.pass_time(2)
        possible = {service for service in Service if not self.csta.can(service, mine)}
        self.assertEqual(
            possible, {Service.CLEAR_CONNECTION, Service.SINGLE_STEP_TRANSFER_CALL, Service.GENERATE_DIGITS}
        )  # fmt: skip
        nothing = (("callControlServices", ()), ("callAssociatedServices", ()))
        self.csta.note_permitted(call_id, "3001", nothing)
        self.assertEqual({service for service in Service if not self.csta.can(service, mine)}, set())
        self.events.clear()

    def test_no_such_service(self) -> None:
        """Which services there are at all is asked for when the link comes up."""
        self.csta.permitted = frozenset({"holdCall"})
        mine = ConnectionId(self.talking(), "3001")
        self.assertEqual(self.csta.can(Service.HOLD_CALL, mine), "")
        why = self.csta.can(Service.CONSULTATION_CALL, mine)
        self.assertEqual(why, f"{CANNOT}: it has no service consultationCall")
        self.assertEqual(self.csta.can_make_call("3001"), f"{CANNOT}: it has no service makeCall")
        self.csta.permitted = frozenset({"makeCall"})
        self.assertEqual(self.csta.can_make_call("3001"), "")

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
