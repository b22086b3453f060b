"""The contract of refusals: each service on a connection in each state, and what menus are told before."""

from collections.abc import Coroutine
from typing import Any

from magroup.cti.call_control import Service
from magroup.cti.errors import Failure
from magroup.cti.events import CallCleared, Failed
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from tests.cti.driver import ContractBase

NO_ACTIVE, NO_HELD = Failure.NO_ACTIVE_CALL, Failure.NO_HELD_CALL
NOTHING_RINGS, WRONG_STATE = Failure.NO_CALL_TO_ANSWER, Failure.INCORRECT_CONNECTION_STATE


class StateContract(ContractBase):
    def asked(self, service: Service, one: ConnectionId) -> Coroutine[Any, Any, Any]:
        """The service, with arguments that are right."""
        switch = self.switch
        return {
            Service.ANSWER_CALL: lambda: switch.answer_call(one),
            Service.CONSULTATION_CALL: lambda: switch.consultation_call(one, self.three),
            Service.DEFLECT_CALL: lambda: switch.deflect_call(one, self.three),
            Service.DIRECTED_PICKUP_CALL: lambda: switch.directed_pickup_call(one, self.three),
            Service.GENERATE_DIGITS: lambda: switch.generate_digits(one, "1"),
            Service.HOLD_CALL: lambda: switch.hold_call(one),
            Service.RETRIEVE_CALL: lambda: switch.retrieve_call(one),
            Service.SINGLE_STEP_TRANSFER_CALL: lambda: switch.single_step_transfer_call(one, self.three),
        }[service]()

    def assert_refused(
        self, one: ConnectionId, state: ConnectionState, answer: Failure | None = NOTHING_RINGS,
        ringing: Failure | None = WRONG_STATE, talking: Failure | None = NO_ACTIVE, held: Failure | None = NO_HELD,
        consulting: Failure | None = NO_ACTIVE, digits: Failure | None = NO_ACTIVE,
        single: Failure | None = WRONG_STATE,
    ) -> None:  # fmt: skip
        """By these the services are refused in the state; None for those that are possible."""
        (found,) = (call.connection(one.device) for call in self.switch.calls() if call.id == one.call_id)
        assert found is not None
        self.assertIs(found.state, state)
        expected = {
            Service.ANSWER_CALL: answer, Service.DEFLECT_CALL: ringing, Service.DIRECTED_PICKUP_CALL: ringing,
            Service.HOLD_CALL: talking, Service.RETRIEVE_CALL: held, Service.CONSULTATION_CALL: consulting,
            Service.GENERATE_DIGITS: digits, Service.SINGLE_STEP_TRANSFER_CALL: single,
        }  # fmt: skip
        for service, failure in expected.items():
            self.assertEqual(bool(self.switch.can(service, one)), failure is not None, service)
            if failure is not None:
                self.assertEqual(self.refused(self.asked(service, one)), failure, service)
        self.assertEqual(self.switch.can(Service.CLEAR_CONNECTION, one), "")

    def test_initiated(self) -> None:
        """The own phone of a call that is made by service."""
        mine = self.ask(self.switch.make_call(self.one, self.two))
        self.assert_refused(mine, ConnectionState.INITIATED)
        self.ask(self.switch.clear_connection(mine))
        self.one_event(CallCleared)

    def test_alerting(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        rings = ConnectionId(self.call().id, self.one)
        self.assert_refused(rings, ConnectionState.ALERTING, answer=None, ringing=None)
        self.ask(self.switch.clear_connection(rings))
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.REJECTED)
        self.one_event(CallCleared)

    def test_waiting_for_an_answer(self) -> None:
        """The caller is connected, but to nobody yet."""
        self.do(self.driver.dial, self.caller, self.one)
        mine = ConnectionId(self.call().id, self.caller)
        self.assert_refused(mine, ConnectionState.CONNECTED)
        self.ask(self.switch.clear_connection(mine))
        self.assertEqual(self.one_event(CallCleared).device, self.caller)

    def test_connected(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        self.assert_refused(
            mine, ConnectionState.CONNECTED, talking=None, consulting=None, digits=None, single=None
        )  # fmt: skip

    def test_on_hold(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.hold_call(mine))
        self.assert_refused(mine, ConnectionState.HOLD, held=None, consulting=None, single=None)

    def test_queued(self) -> None:
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        there = ConnectionId(self.call().id, self.point)
        self.assertIs(self.state(self.point), ConnectionState.QUEUED)
        for service in (Service.ANSWER_CALL, Service.HOLD_CALL, Service.RETRIEVE_CALL, Service.CONSULTATION_CALL,
                        Service.DEFLECT_CALL, Service.SINGLE_STEP_TRANSFER_CALL):  # fmt: skip
            self.assertTrue(self.switch.can(service, there), service)
            self.refused(self.asked(service, there))
        self.ask(self.switch.clear_connection(there))
        self.one_event(CallCleared)

    def test_in_a_transfer(self) -> None:
        """While the target rings, nothing else is done to the call."""
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.single_step_transfer_call(mine, self.two))
        for device in (self.one, self.caller):
            end = ConnectionId(mine.call_id, device)
            self.assertEqual(self.refused(self.switch.hold_call(end)), Failure.RESOURCE_BUSY)
            self.assertEqual(self.refused(self.switch.consultation_call(end, self.three)), Failure.RESOURCE_BUSY)
            self.assertEqual(self.refused(self.switch.single_step_transfer_call(end, self.three)), WRONG_STATE)
        rings = ConnectionId(mine.call_id, self.two)
        self.assertEqual(self.refused(self.switch.deflect_call(rings, self.three)), WRONG_STATE)
        self.ask(self.switch.clear_connection(rings))
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)
