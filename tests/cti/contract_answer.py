"""The contract of answering what rings, and of digits."""

from magroup.cti.call_control import Service
from magroup.cti.errors import Failure
from magroup.cti.events import CallEvent, DigitsGenerated, Established
from magroup.cti.types import ConnectionId, ConnectionState
from tests.cti.driver import ContractBase


class AnswerContract(ContractBase):
    def test_answer(self) -> None:
        self.driver.obey(self.one)
        self.do(self.driver.dial, self.caller, self.one)
        mine = ConnectionId(self.call().id, self.one)
        self.assertEqual(self.switch.can(Service.ANSWER_CALL, mine), "")
        self.ask(self.switch.answer_call(mine))
        self.one_event(Established, self.one)
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)
        self.assertTrue(self.switch.can(Service.ANSWER_CALL, mine))

    def test_answer_at_a_route_point(self) -> None:
        """The others stop ringing."""
        self.driver.obey(self.one)
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.do(self.switch.ring, self.call().id, self.ring_for(self.one, self.two))
        self.ask(self.switch.answer_call(ConnectionId(self.call().id, self.one)))
        self.one_event(Established, self.one)
        self.assertIsNone(self.state(self.two))

    def test_answer_refused(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        self.assertEqual(self.refused(self.switch.answer_call(mine)), Failure.NO_CALL_TO_ANSWER)
        other = ConnectionId(mine.call_id, self.caller)
        self.assertEqual(self.refused(self.switch.answer_call(other)), Failure.NO_CALL_TO_ANSWER)
        self.ask(self.switch.hold_call(mine))
        self.assertEqual(self.refused(self.switch.answer_call(mine)), Failure.NO_CALL_TO_ANSWER)
        nobody = ConnectionId(mine.call_id, self.three)
        self.assertEqual(self.refused(self.switch.answer_call(nobody)), Failure.INVALID_CONNECTION)
        self.assertEqual(self.refused(self.switch.answer_call(ConnectionId("x", self.one))), Failure.INVALID_CALL)

    def test_menus(self) -> None:
        """What is possible with a call that rings."""
        self.do(self.driver.dial, self.caller, self.one)
        rings = ConnectionId(self.call().id, self.one)
        possible = {service for service in Service if not self.switch.can(service, rings)}
        self.assertEqual(
            possible,
            {Service.ANSWER_CALL, Service.CLEAR_CONNECTION, Service.DEFLECT_CALL, Service.DIRECTED_PICKUP_CALL},
        )
        self.do(self.driver.answer, self.one)
        possible = {service for service in Service if not self.switch.can(service, rings)}
        self.assertEqual(
            possible,
            {
                Service.CLEAR_CONNECTION,
                Service.CONSULTATION_CALL,
                Service.GENERATE_DIGITS,
                Service.HOLD_CALL,
                Service.SINGLE_STEP_TRANSFER_CALL,
            },
        )
        self.assertTrue(all(self.switch.can(service, ConnectionId("none", self.one)) for service in Service))

    def test_digits(self) -> None:
        """One after another, to who is talked to."""
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.generate_digits(mine, "1*#D"))
        self.assertEqual([event.digits for event in self.told(DigitsGenerated, self.one)], list("1*#D"))

    def test_pauses_among_digits(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.generate_digits(mine, "1,*,,2"))
        self.do(self.driver.finish_message)
        self.assertEqual([event.digits for event in self.told(DigitsGenerated, self.one)], list("1*2"))

    def test_digits_at_a_route_point(self) -> None:
        """They are heard as if they had been dialled."""
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.ask(self.switch.generate_digits(ConnectionId(self.call().id, self.caller), "1,2"))
        self.do(self.driver.finish_message)
        self.assertEqual([event.digits for event in self.told(DigitsGenerated, self.caller)], ["1", "2"])

    def test_digits_refused(self) -> None:
        """What are no digits; who does not take them; who does not talk."""
        self.driver.take_no_digits(self.one)
        mine = ConnectionId(self.talk(), self.one)
        for wrong in ("", "x", ",", "12a", "1 2", "1\r\n", "1" * 65):
            self.assertEqual(self.refused(self.switch.generate_digits(mine, wrong)), Failure.INVALID_PARAMETER)
        other = ConnectionId(mine.call_id, self.caller)
        self.assertEqual(self.refused(self.switch.generate_digits(other, "1")), Failure.NOT_SUPPORTED)
        self.ask(self.switch.hold_call(mine))
        self.assertEqual(self.refused(self.switch.generate_digits(mine, "1")), Failure.NO_ACTIVE_CALL)
        nobody = ConnectionId(mine.call_id, self.three)
        self.assertEqual(self.refused(self.switch.generate_digits(nobody, "1")), Failure.INVALID_CONNECTION)
        self.do(self.driver.hang_up, self.one)
        self.do(self.driver.dial, self.caller, self.one)
        rings = ConnectionId(self.call().id, self.one)
        self.assertEqual(self.refused(self.switch.generate_digits(rings, "1")), Failure.NO_ACTIVE_CALL)
        self.assertEqual([event for event in self.told(DigitsGenerated) if isinstance(event, CallEvent)], [])
