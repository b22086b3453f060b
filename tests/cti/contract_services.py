"""The contract of the services on calls: making, clearing, deflecting, picking up, transferring, looking."""

from magroup.cti.errors import Failure
from magroup.cti.events import (
    CallCleared,
    ConnectionCleared,
    Delivered,
    Diverted,
    Established,
    Failed,
    Offered,
    Transferred,
)
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from tests.cti.driver import ContractBase

NO_CALL = "no such call"


class ServiceContract(ContractBase):
    # Making calls

    def test_make_call(self) -> None:
        """Rings the own phone first; nobody else's rings before it is picked up."""
        self.assertEqual(self.switch.can_make_call(self.one), "")
        mine = self.ask(self.switch.make_call(self.one, self.two))
        self.assertEqual(mine.device, self.one)
        self.assertEqual(self.call().id, mine.call_id)
        self.assertEqual(self.told(Delivered, self.two), [])
        self.do(self.driver.answer, self.one)
        self.assertEqual(self.one_event(Delivered, self.two).call.calling.number, self.one)
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)
        self.assertIs(self.state(self.two), ConnectionState.CONNECTED)

    def test_make_call_to_a_route_point(self) -> None:
        self.switch.route_register([self.point])
        mine = self.ask(self.switch.make_call(self.one, self.point))
        self.do(self.driver.answer, self.one)
        self.assertEqual(self.one_event(Offered, self.point).call_id, mine.call_id)

    def test_make_call_to_a_busy_phone(self) -> None:
        self.driver.set_busy(self.two)
        self.ask(self.switch.make_call(self.one, self.two))
        self.do(self.driver.answer, self.one)
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.BUSY)
        self.driver.finish_message()
        self.one_event(CallCleared)

    def test_make_call_refused(self) -> None:
        unknown = self.driver.UNKNOWN
        self.assertEqual(self.refused(self.switch.make_call(unknown, self.one)), Failure.INVALID_CALLING_DEVICE)
        for wrong in ("", "not a number", "1" * 40, "12\r\nVia: x"):
            self.assertEqual(self.refused(self.switch.make_call(self.one, wrong)), Failure.INVALID_CALLED_DEVICE)
        self.assertTrue(self.switch.can_make_call(unknown))
        self.do(self.driver.unregister, self.one)
        self.assertTrue(self.switch.can_make_call(self.one))
        self.assertEqual(self.refused(self.switch.make_call(self.one, self.two)), Failure.DEVICE_OUT_OF_SERVICE)
        self.assertEqual(self.switch.calls(), ())

    # Clearing

    def test_clear_connection(self) -> None:
        call_id = self.talk()
        self.ask(self.switch.clear_connection(ConnectionId(call_id, self.one)))
        self.assertEqual(self.one_event(CallCleared).device, self.one)
        self.assertEqual(self.switch.calls(), ())

    def test_clear_connection_of_the_caller(self) -> None:
        call_id = self.talk()
        self.ask(self.switch.clear_connection(ConnectionId(call_id, self.caller)))
        self.assertEqual(self.one_event(CallCleared).device, self.caller)

    def test_clear_connection_that_rings(self) -> None:
        """At a route point the call goes on without it."""
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.do(self.switch.ring, self.call().id, self.ring_for(self.one))
        self.ask(self.switch.clear_connection(ConnectionId(self.call().id, self.one)))
        self.assertIsNone(self.state(self.one))
        self.assertEqual(self.told(CallCleared), [])

    # Deflecting what rings

    def test_deflect_call(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        self.ask(self.switch.deflect_call(ConnectionId(self.call().id, self.one), self.two))
        diverted = self.one_event(Diverted, self.one)
        self.assertEqual(diverted.new_destination, self.two)
        self.assertIsNone(self.state(self.one))
        self.assertIs(self.state(self.two), ConnectionState.ALERTING)
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)

    def test_deflect_call_that_fails(self) -> None:
        """The one who sent the call on has it back."""
        self.driver.set_busy(self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.ask(self.switch.deflect_call(ConnectionId(self.call().id, self.one), self.two))
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.BUSY)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)
        self.assertIsNone(self.state(self.two))
        self.do(self.driver.answer, self.one)
        self.one_event(Established, self.one)

    def test_deflect_call_that_fails_twice(self) -> None:
        """Whoever has it back and declines it is not rung again."""
        self.driver.set_busy(self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.ask(self.switch.deflect_call(ConnectionId(self.call().id, self.one), self.two))
        self.do(self.driver.hang_up, self.one)
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.REJECTED)
        self.one_event(CallCleared)

    def test_deflect_call_of_a_route_point(self) -> None:
        """The call leaves the route point; whoever else rang for it stops."""
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.do(self.switch.ring, self.call().id, self.ring_for(self.one, self.two))
        self.ask(self.switch.deflect_call(ConnectionId(self.call().id, self.one), self.three))
        self.assertEqual(self.one_event(Diverted, self.one).new_destination, self.three)
        self.one_event(ConnectionCleared, self.two)
        self.assertIsNone(self.state(self.one))
        self.assertIs(self.state(self.three), ConnectionState.ALERTING)
        self.do(self.driver.answer, self.three)
        self.one_event(Established, self.three)

    # Picking up

    def test_directed_pickup(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        self.ask(self.switch.directed_pickup_call(ConnectionId(self.call().id, self.one), self.two))
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)
        self.assertEqual(self.cleared(self.one), Cause.CALL_PICKUP)
        self.assertIs(self.state(self.caller), ConnectionState.CONNECTED)
        self.assertIs(self.state(self.two), ConnectionState.CONNECTED)

    def test_directed_pickup_at_a_route_point(self) -> None:
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.do(self.switch.ring, self.call().id, self.ring_for(self.one))
        self.ask(self.switch.directed_pickup_call(ConnectionId(self.call().id, self.one), self.two))
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)
        self.assertIsNone(self.state(self.one))

    # Transferring

    def test_transfer_by_the_called(self) -> None:
        call_id = self.talk()
        new = self.ask(self.switch.single_step_transfer_call(ConnectionId(call_id, self.one), self.two))
        self.assertEqual(new.device, self.two)
        self.one_event(Delivered, self.two)
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.one_event(Transferred, self.one).transferred_to.number, self.two)
        self.assertEqual(self.one_event(Established, self.two).call_id, new.call_id)
        self.assertIsNone(self.state(self.one))
        self.assertIs(self.state(self.two), ConnectionState.CONNECTED)
        self.assertIs(self.state(self.caller), ConnectionState.CONNECTED)

    def test_transfer_by_the_caller(self) -> None:
        call_id = self.talk()
        self.ask(self.switch.single_step_transfer_call(ConnectionId(call_id, self.caller), self.two))
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)
        self.assertIsNone(self.state(self.caller))
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)

    def test_transfer_to_a_busy_phone(self) -> None:
        """Who wanted to transfer keeps the call."""
        call_id = self.talk()
        self.driver.set_busy(self.two)
        self.ask(self.switch.single_step_transfer_call(ConnectionId(call_id, self.one), self.two))
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.BUSY)
        self.assertEqual((self.told(Transferred), self.told(CallCleared)), ([], []))
        self.assertIsNotNone(self.state(self.one))
        self.assertIsNotNone(self.state(self.caller))

    def test_transfer_to_a_route_point(self) -> None:
        """Who is transferred makes a new call there."""
        call_id = self.talk()
        self.switch.route_register([self.point])
        new = self.ask(self.switch.single_step_transfer_call(ConnectionId(call_id, self.one), self.point))
        offered = self.one_event(Offered, self.point)
        self.assertEqual((offered.call_id, offered.call.calling.number), (new.call_id, self.caller))
        self.assertEqual(self.one_event(Transferred, self.one).other_call_id, new.call_id)
        self.assertEqual([call.id for call in self.switch.calls()], [new.call_id])
        self.do(self.switch.ring, new.call_id, self.ring_for(self.two))
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)

    # Looking

    def test_snapshot_device(self) -> None:
        self.assertEqual(tuple(self.switch.snapshot_device(self.one)), ())
        self.talk()
        self.assertEqual(tuple(self.switch.snapshot_device(self.one)), (self.call(),))
        self.assertEqual(tuple(self.switch.snapshot_device(self.two)), ())
        with self.assertRaises(Exception) as caught:
            self.switch.snapshot_device(self.driver.UNKNOWN)
        self.assertEqual(getattr(caught.exception, "failure", None), Failure.INVALID_DEVICE)

    # Refused

    def test_unknown_call(self) -> None:
        nowhere = ConnectionId(NO_CALL, self.one)
        self.assertEqual(self.refused(self.switch.clear_connection(nowhere)), Failure.INVALID_CALL)
        self.assertEqual(self.refused(self.switch.deflect_call(nowhere, self.two)), Failure.INVALID_CALL)
        self.assertEqual(self.refused(self.switch.directed_pickup_call(nowhere, self.two)), Failure.INVALID_CALL)
        self.assertEqual(self.refused(self.switch.single_step_transfer_call(nowhere, self.two)), Failure.INVALID_CALL)

    def test_no_part_in_the_call(self) -> None:
        other = ConnectionId(self.talk(), self.three)
        self.assertEqual(self.refused(self.switch.clear_connection(other)), Failure.INVALID_CONNECTION)
        self.assertEqual(self.refused(self.switch.deflect_call(other, self.two)), Failure.INVALID_CONNECTION)
        self.assertEqual(
            self.refused(self.switch.single_step_transfer_call(other, self.two)), Failure.INVALID_CONNECTION
        )

    def test_wrong_state(self) -> None:
        talks = ConnectionId(self.talk(), self.one)
        self.assertEqual(self.refused(self.switch.deflect_call(talks, self.two)), Failure.INCORRECT_CONNECTION_STATE)
        self.assertEqual(
            self.refused(self.switch.directed_pickup_call(talks, self.two)), Failure.INCORRECT_CONNECTION_STATE
        )
        self.do(self.driver.hang_up, self.one)
        self.events.clear()
        self.do(self.driver.dial, self.caller, self.one)
        rings = ConnectionId(self.call().id, self.one)
        self.assertEqual(
            self.refused(self.switch.single_step_transfer_call(rings, self.two)), Failure.INCORRECT_CONNECTION_STATE
        )
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)

    def test_wrong_destination(self) -> None:
        talks = ConnectionId(self.talk(), self.one)
        for wrong in ("", "not a number", "1" * 40):
            self.assertEqual(
                self.refused(self.switch.single_step_transfer_call(talks, wrong)), Failure.INVALID_DESTINATION
            )
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)
        self.do(self.driver.hang_up, self.one)
        self.events.clear()
        self.do(self.driver.dial, self.caller, self.one)
        rings = ConnectionId(self.call().id, self.one)
        self.assertEqual(self.refused(self.switch.deflect_call(rings, "not a number")), Failure.INVALID_DESTINATION)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)

    def test_pickup_by_nobody(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        rings = ConnectionId(self.call().id, self.one)
        unknown = self.driver.UNKNOWN
        self.assertEqual(self.refused(self.switch.directed_pickup_call(rings, unknown)), Failure.INVALID_DEVICE)
        self.do(self.driver.unregister, self.two)
        self.assertEqual(self.refused(self.switch.directed_pickup_call(rings, self.two)), Failure.DEVICE_OUT_OF_SERVICE)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)
