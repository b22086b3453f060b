"""The contract of line forwarding: calls go where a line is forwarded, whatever way they come to it."""

from magroup.cti.errors import Failure
from magroup.cti.events import (
    CallCleared,
    Delivered,
    Diverted,
    Established,
    Failed,
    Offered,
    Transferred,
)
from magroup.cti.switch import Ring
from magroup.cti.types import Cause, ConnectionId, ConnectionState, Party
from magroup.model.forwarding import Forwarded, Forwarding, ForwardTo
from tests.cti.driver import ContractBase


class ForwardingContract(ContractBase):
    def forwards(self, number: str, to: str, *through: str, is_loop: bool = False) -> None:
        """The line ``number`` is forwarded, as the only one, to where the lines ``through`` lead."""
        by = Forwarding(ForwardTo.NUMBER, to)
        way = Forwarded(to, (number, *through), by, is_loop)
        self.driver.forward(lambda asked: way if asked == number else Forwarded(asked))

    def diverted(self, number: str, to: str) -> None:
        """The call left the line by its forwarding, and nobody rang there."""
        (event,) = (event for event in self.told(Diverted, number) if event.cause is Cause.CALL_FORWARD)
        self.assertEqual(event.new_destination, to)
        self.assertEqual(self.told(Delivered, number), [])

    def test_forwarded_line(self) -> None:
        """The call is still one to the line that was called, and rings elsewhere."""
        self.forwards(self.one, self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.diverted(self.one, self.two)
        self.assertLess(self.place(Diverted, self.one), self.place(Delivered, self.two))
        self.assertEqual(self.call().called.number, self.one)
        self.assertIsNone(self.state(self.one))
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)
        self.assertIs(self.state(self.two), ConnectionState.CONNECTED)

    def test_forwarded_line_without_a_phone(self) -> None:
        self.do(self.driver.unregister, self.one)
        self.forwards(self.one, self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.one_event(Delivered, self.two)

    def test_forwarded_over_several_lines(self) -> None:
        """Told once: from the first line to where it rings."""
        self.forwards(self.one, self.three, self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.diverted(self.one, self.three)
        self.one_event(Diverted)
        self.one_event(Delivered, self.three)

    def test_forwarded_in_a_circle(self) -> None:
        self.forwards(self.one, self.one, self.two, is_loop=True)
        self.do(self.driver.dial, self.caller, self.one)
        failed = self.one_event(Failed, self.one)
        self.assertEqual(failed.cause, Cause.LOOP)
        self.assertIn("482", failed.detail)
        self.assertEqual(self.one_event(CallCleared).cause, Cause.LOOP)
        self.assertEqual(self.told(Delivered), [])

    def test_forwarded_to_a_busy_phone(self) -> None:
        """The caller hears why."""
        self.driver.set_busy(self.two)
        self.forwards(self.one, self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.BUSY)
        self.assertEqual(self.one_event(CallCleared).cause, Cause.BUSY)

    def test_forwarded_to_the_caller(self) -> None:
        """As busy as when one calls oneself."""
        self.forwards(self.one, self.caller)
        for number in (self.one, self.caller):
            self.do(self.driver.dial, self.caller, number)
            self.assertEqual(self.told(CallCleared)[-1].cause, Cause.BUSY)
        self.assertEqual(self.told(Delivered), [])

    def test_forwarded_to_nobody(self) -> None:
        self.forwards(self.one, self.driver.UNKNOWN)
        self.do(self.driver.dial, self.caller, self.one)
        self.assertEqual(self.one_event(CallCleared).cause, Cause.INVALID_NUMBER)

    def test_forwarded_to_a_route_point(self) -> None:
        self.switch.route_register([self.point])
        self.forwards(self.one, self.point)
        self.do(self.driver.dial, self.caller, self.one)
        self.diverted(self.one, self.point)
        offered = self.one_event(Offered, self.point)
        self.assertEqual(offered.call.called.number, self.one)
        self.do(self.switch.ring, offered.call_id, self.ring_for(self.two))
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)

    def test_forwarded_when_called_for_somebody(self) -> None:
        self.forwards(self.two, self.three)
        self.ask(self.switch.make_call(self.one, self.two))
        self.do(self.driver.answer, self.one)
        self.diverted(self.two, self.three)
        self.one_event(Delivered, self.three)

    def test_not_the_own_phone_of_a_call_made(self) -> None:
        """It is the one who makes the call that is rung there."""
        self.forwards(self.one, self.three)
        self.ask(self.switch.make_call(self.one, self.two))
        self.do(self.driver.answer, self.one)
        self.one_event(Delivered, self.two)
        self.assertEqual(self.told(Diverted), [])

    def test_not_what_the_application_rings(self) -> None:
        """It has asked itself."""
        self.switch.route_register([self.point])
        self.forwards(self.one, self.two)
        self.do(self.driver.dial, self.caller, self.point)
        self.do(self.switch.ring, self.call().id, self.ring_for(self.one))
        self.one_event(Delivered, self.one)

    def test_forwarded_after_a_route_point(self) -> None:
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.forwards(self.one, self.two)
        self.do(self.switch.deflect, self.call().id, Ring(self.one, Party(self.caller)))
        self.one_event(Diverted, self.point)
        self.diverted(self.one, self.two)
        self.one_event(Delivered, self.two)

    def test_forwarded_when_deflected(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        self.forwards(self.two, self.three)
        self.ask(self.switch.deflect_call(ConnectionId(self.call().id, self.one), self.two))
        self.diverted(self.two, self.three)
        self.one_event(Delivered, self.three)
        self.assertIsNone(self.state(self.one))

    def test_deflected_to_a_route_point_by_forwarding(self) -> None:
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.one)
        self.forwards(self.two, self.point)
        self.ask(self.switch.deflect_call(ConnectionId(self.call().id, self.one), self.two))
        self.one_event(Offered, self.point)

    def test_deflected_in_a_circle(self) -> None:
        """Refused, and the phone rings on."""
        self.do(self.driver.dial, self.caller, self.one)
        rings = ConnectionId(self.call().id, self.one)
        for to, is_loop in ((self.one, False), (self.caller, False), (self.two, True)):
            self.forwards(self.two, to, is_loop=is_loop)
            self.assertEqual(self.refused(self.switch.deflect_call(rings, self.two)), Failure.INVALID_DESTINATION)
        self.assertEqual(self.refused(self.switch.deflect_call(rings, self.caller)), Failure.INVALID_DESTINATION)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)

    def test_forwarded_when_transferred(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.answer, self.one)
        self.forwards(self.two, self.three)
        new = self.ask(self.switch.single_step_transfer_call(ConnectionId(self.call().id, self.one), self.two))
        self.assertEqual(new, ConnectionId(self.call().id, self.three))
        self.diverted(self.two, self.three)
        self.do(self.driver.answer, self.three)
        self.assertEqual(self.one_event(Transferred, self.one).transferred_to.number, self.three)
        self.assertIsNone(self.state(self.one))

    def test_transferred_to_a_route_point_by_forwarding(self) -> None:
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.answer, self.one)
        self.forwards(self.two, self.point)
        new = self.ask(self.switch.single_step_transfer_call(ConnectionId(self.call().id, self.one), self.two))
        self.assertEqual(self.one_event(Offered, self.point).call_id, new.call_id)

    def test_transferred_in_a_circle(self) -> None:
        """Refused, and the two go on talking."""
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.answer, self.one)
        self.forwards(self.two, self.two, is_loop=True)
        talks = ConnectionId(self.call().id, self.one)
        self.assertEqual(
            self.refused(self.switch.single_step_transfer_call(talks, self.two)), Failure.INVALID_DESTINATION
        )
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)

    def test_picked_up_where_it_is_wanted(self) -> None:
        """Whoever picks up does so at the own phone."""
        self.do(self.driver.dial, self.caller, self.one)
        self.forwards(self.two, self.three)
        self.ask(self.switch.directed_pickup_call(ConnectionId(self.call().id, self.one), self.two))
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)
        self.assertEqual(self.told(Diverted), [])
