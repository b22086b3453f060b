"""The contract of hold and retrieve."""

from magroup.cti.call_control import Service
from magroup.cti.errors import Failure
from magroup.cti.events import CallCleared, Held, Retrieved
from magroup.cti.types import ConnectionId, ConnectionState
from tests.cti.driver import ContractBase


class HoldContract(ContractBase):
    def holding(self) -> ConnectionId:
        """The first phone holds the caller's call."""
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.hold_call(mine))
        return mine

    def test_hold(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        self.assertEqual(self.switch.can(Service.HOLD_CALL, mine), "")
        self.assertTrue(self.switch.can(Service.RETRIEVE_CALL, mine))
        self.ask(self.switch.hold_call(mine))
        self.one_event(Held, self.one)
        self.assertIs(self.state(self.one), ConnectionState.HOLD)
        self.assertIs(self.state(self.caller), ConnectionState.CONNECTED)
        self.assertTrue(self.switch.can(Service.HOLD_CALL, mine))
        self.assertEqual(self.switch.can(Service.RETRIEVE_CALL, mine), "")
        self.ask(self.switch.retrieve_call(mine))
        self.one_event(Retrieved, self.one)
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)

    def test_hold_by_the_caller(self) -> None:
        mine = ConnectionId(self.talk(), self.caller)
        self.ask(self.switch.hold_call(mine))
        self.assertIs(self.state(self.caller), ConnectionState.HOLD)
        self.ask(self.switch.retrieve_call(mine))
        self.assertIs(self.state(self.caller), ConnectionState.CONNECTED)

    def test_hold_by_both(self) -> None:
        """Each one's hold is its own."""
        one = self.holding()
        other = ConnectionId(one.call_id, self.caller)
        self.ask(self.switch.hold_call(other))
        self.assertIs(self.state(self.caller), ConnectionState.HOLD)
        self.ask(self.switch.retrieve_call(one))
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)
        self.assertIs(self.state(self.caller), ConnectionState.HOLD)
        self.ask(self.switch.retrieve_call(other))
        self.assertIs(self.state(self.caller), ConnectionState.CONNECTED)

    def test_the_held_one_hangs_up(self) -> None:
        self.holding()
        self.do(self.driver.hang_up, self.caller)
        self.assertEqual(self.one_event(CallCleared).device, self.caller)

    def test_the_holding_one_hangs_up(self) -> None:
        self.holding()
        self.do(self.driver.hang_up, self.one)
        self.assertEqual(self.one_event(CallCleared).device, self.one)

    def test_cleared_while_held(self) -> None:
        self.ask(self.switch.clear_connection(self.holding()))
        self.assertEqual(self.one_event(CallCleared).device, self.one)

    def test_held_by_key(self) -> None:
        """What the phone's own key does is told alike, and no service holds it again."""
        mine = ConnectionId(self.talk(), self.one)
        self.do(self.driver.hold, self.one)
        self.one_event(Held, self.one)
        self.assertEqual(self.refused(self.switch.hold_call(mine)), Failure.NO_ACTIVE_CALL)
        self.do(self.driver.resume, self.one)
        self.one_event(Retrieved, self.one)
        self.ask(self.switch.hold_call(mine))
        self.assertIs(self.state(self.one), ConnectionState.HOLD)

    def test_hold_refused(self) -> None:
        """What rings, what has not been answered, what waits at a route point, and what is held already."""
        self.do(self.driver.dial, self.caller, self.one)
        call_id = self.call().id
        for device in (self.one, self.caller):
            mine = ConnectionId(call_id, device)
            self.assertEqual(self.refused(self.switch.hold_call(mine)), Failure.NO_ACTIVE_CALL)
            self.assertEqual(self.refused(self.switch.retrieve_call(mine)), Failure.NO_HELD_CALL)
        self.do(self.driver.hang_up, self.caller)
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        for device in (self.point, self.caller):
            mine = ConnectionId(self.call().id, device)
            self.assertEqual(self.refused(self.switch.hold_call(mine)), Failure.NO_ACTIVE_CALL)
        self.do(self.driver.hang_up, self.caller)
        mine = self.holding()
        self.assertEqual(self.refused(self.switch.hold_call(mine)), Failure.NO_ACTIVE_CALL)
        elsewhere = ConnectionId("no such call", self.one)
        self.assertEqual(self.refused(self.switch.hold_call(elsewhere)), Failure.INVALID_CALL)
        self.assertEqual(self.refused(self.switch.retrieve_call(elsewhere)), Failure.INVALID_CALL)
        nobody = ConnectionId(mine.call_id, self.three)
        self.assertEqual(self.refused(self.switch.hold_call(nobody)), Failure.INVALID_CONNECTION)
        self.assertEqual(self.refused(self.switch.retrieve_call(nobody)), Failure.INVALID_CONNECTION)

    def test_hold_during_a_transfer(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.single_step_transfer_call(mine, self.two))
        self.assertEqual(self.refused(self.switch.hold_call(mine)), Failure.RESOURCE_BUSY)
