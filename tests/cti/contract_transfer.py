"""The contract of joining a held and a consulted call, and of transfers that fail."""

from magroup.cti.call_control import Service
from magroup.cti.errors import Failure
from magroup.cti.events import CallCleared, Delivered, Established, Failed, Offered, Transferred
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from tests.cti.driver import ContractBase

HELD, TALKS, RINGS = ConnectionState.HOLD, ConnectionState.CONNECTED, ConnectionState.ALERTING


class TransferContract(ContractBase):
    def consult(self, number: str) -> tuple[ConnectionId, ConnectionId]:
        """The first phone holds the caller and calls ``number``: both connections."""
        held = ConnectionId(self.talk(), self.one)
        return held, self.ask(self.switch.consultation_call(held, number))

    def test_transfer(self) -> None:
        """Transferred, and then the consultation is over."""
        held, active = self.consult(self.two)
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.switch.can(Service.TRANSFER_CALL, active), "")
        new = self.ask(self.switch.transfer_call(held, active))
        self.assertEqual(new, ConnectionId(held.call_id, self.two))
        transferred = self.one_event(Transferred, self.one)
        self.assertEqual(transferred.call_id, held.call_id)
        self.assertEqual(transferred.transferred_to.number, self.two)
        self.assertEqual(transferred.other_call_id, active.call_id)
        over = self.one_event(CallCleared)
        self.assertEqual((over.call_id, over.cause), (active.call_id, Cause.TRANSFER))
        self.assertLess(self.events.index(transferred), self.events.index(over))
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.two: TALKS})

    def test_transfer_after_alternating(self) -> None:
        """The call that was consulted is the held one now."""
        held, active = self.consult(self.two)
        self.do(self.driver.answer, self.two)
        self.ask(self.switch.alternate_call(held, active))
        self.ask(self.switch.transfer_call(active, held))
        self.assertEqual(self.states(active.call_id), {self.caller: TALKS, self.two: TALKS})

    def test_transfer_to_who_rings(self) -> None:
        """The phone is free at once; the answer is what completes it."""
        held, active = self.consult(self.two)
        new = self.ask(self.switch.transfer_call(held, active))
        self.assertEqual(new, ConnectionId(held.call_id, self.two))
        self.assertEqual(self.one_event(CallCleared).call_id, active.call_id)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.two: RINGS})
        self.assertEqual(self.told(Transferred), [])
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.one_event(Transferred, self.one).transferred_to.number, self.two)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.two: TALKS})

    def test_transfer_to_who_declines(self) -> None:
        """The call is given back: the phone rings for it."""
        held, active = self.consult(self.two)
        self.ask(self.switch.transfer_call(held, active))
        self.do(self.driver.hang_up, self.two)
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.REJECTED)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: RINGS})
        self.do(self.driver.answer, self.one)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})

    def test_sent_to_a_route_point(self) -> None:
        """While the group is still looking for somebody: who waits makes a new call there."""
        self.switch.route_register([self.point])
        held, active = self.consult(self.point)
        self.events.clear()
        new = self.ask(self.switch.transfer_call(held, active))
        offered = self.one_event(Offered, self.point)
        self.assertEqual((offered.call_id, offered.call.calling.number), (new.call_id, self.caller))
        self.assertEqual([call.id for call in self.switch.calls()], [new.call_id])
        self.do(self.driver.hang_up, self.caller)
        self.events.clear()

    def test_transfer_refused(self) -> None:
        held, active = self.consult(self.two)
        self.do(self.driver.answer, self.two)
        for one, other, failure in (
            (active, held, Failure.NO_HELD_CALL),
            (held, held, Failure.INVALID_CONNECTION),
            (held, ConnectionId(active.call_id, self.two), Failure.INVALID_CONNECTION),
            (ConnectionId("none", self.one), active, Failure.INVALID_CALL),
            (held, ConnectionId("none", self.one), Failure.INVALID_CALL),
        ):
            self.assertEqual(self.refused(self.switch.transfer_call(one, other)), failure)
        self.ask(self.switch.hold_call(active))
        self.assertEqual(self.refused(self.switch.transfer_call(held, active)), Failure.NO_ACTIVE_CALL)
        self.assertTrue(self.switch.can(Service.TRANSFER_CALL, active))

    def test_nothing_to_join(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        for service in (Service.TRANSFER_CALL, Service.ALTERNATE_CALL, Service.RECONNECT_CALL):
            self.assertTrue(self.switch.can(service, mine))

    # Single steps

    def test_single_step_of_a_held_call(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.hold_call(mine))
        self.assertEqual(self.switch.can(Service.SINGLE_STEP_TRANSFER_CALL, mine), "")
        self.ask(self.switch.single_step_transfer_call(mine, self.two))
        self.assertEqual(self.states(mine.call_id), {self.caller: TALKS, self.one: HELD, self.two: RINGS})
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.states(mine.call_id), {self.caller: TALKS, self.two: TALKS})

    def test_single_step_that_fails(self) -> None:
        """The call is as it was, on hold too, and may be transferred once more."""
        self.driver.set_busy(self.two)
        mine = ConnectionId(self.talk(), self.one)
        for state in (TALKS, HELD):
            if state is HELD:
                self.ask(self.switch.hold_call(mine))
            self.ask(self.switch.single_step_transfer_call(mine, self.two))
            self.assertEqual(self.told(Failed, self.two)[-1].cause, Cause.BUSY)
            self.assertEqual(self.states(mine.call_id), {self.caller: TALKS, self.one: state})
        self.ask(self.switch.single_step_transfer_call(mine, self.three))
        self.do(self.driver.answer, self.three)
        self.assertEqual(self.states(mine.call_id), {self.caller: TALKS, self.three: TALKS})

    def test_single_step_while_consulting(self) -> None:
        """The held call goes elsewhere, the consultation goes on."""
        held, active = self.consult(self.two)
        self.do(self.driver.answer, self.two)
        self.ask(self.switch.single_step_transfer_call(held, self.three))
        self.do(self.driver.answer, self.three)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.three: TALKS})
        self.assertEqual(self.states(active.call_id), {self.one: TALKS, self.two: TALKS})
        self.do(self.driver.hang_up, self.three)

    def test_the_transferor_is_cleared(self) -> None:
        """It leaves the call to the transfer, and gets it back when that fails."""
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.single_step_transfer_call(mine, self.two))
        self.one_event(Delivered, self.two)
        self.ask(self.switch.clear_connection(mine))
        self.assertEqual(self.states(mine.call_id), {self.caller: TALKS, self.two: RINGS})
        self.do(self.driver.hang_up, self.two)
        self.assertEqual(self.states(mine.call_id), {self.caller: TALKS, self.one: RINGS})
        self.do(self.driver.answer, self.one)
        self.assertEqual(len(self.told(Established, self.one)), 2)
