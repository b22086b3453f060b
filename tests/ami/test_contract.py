"""AmiSwitch keeps the contract of the port as far as AMI goes; where it does not, a test says what it does instead."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.call_control import Service
from magroup.cti.errors import Failure
from magroup.cti.events import CallCleared, Failed, Retrieved, Transferred
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from tests.ami.driver import AmiDriver
from tests.cti.contract_answer import AnswerContract
from tests.cti.contract_consultation import ConsultationContract
from tests.cti.contract_features import FeatureContract
from tests.cti.contract_hold import HoldContract
from tests.cti.contract_monitors import MonitorContract
from tests.cti.contract_services import ServiceContract
from tests.cti.contract_states import StateContract
from tests.cti.contract_transfer import TransferContract
from tests.cti.driver import ContractBase, Driver

HELD, TALKS, RINGS = ConnectionState.HOLD, ConnectionState.CONNECTED, ConnectionState.ALERTING


class Differences(ContractBase):
    """Tests of the contract by the same names, told as they are over AMI."""

    def no_route_points(self) -> None:
        """A call to a number of ours is not the PBX's, but that of the switch at the other end of the trunk."""
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.assertEqual((self.switch.calls(), self.events), ((), []))

    test_answer_at_a_route_point = no_route_points
    test_clear_connection_that_rings = no_route_points
    test_consultation_of_a_route_point = no_route_points
    test_deflect_call_of_a_route_point = no_route_points
    test_digits_at_a_route_point = no_route_points
    test_directed_pickup_at_a_route_point = no_route_points
    test_do_not_disturb_at_a_route_point = no_route_points
    test_hold_refused = no_route_points
    test_make_call_to_a_route_point = no_route_points
    test_queued = no_route_points
    test_same_order_for_all = no_route_points
    test_sent_to_a_route_point = no_route_points
    test_same_order_for_all_whatever_one_does = no_route_points
    test_transfer_to_a_route_point = no_route_points

    def test_busy(self) -> None:
        """Asterisk's words are those of ISDN."""
        self.driver.set_busy(self.one)
        self.do(self.driver.dial, self.caller, self.one)
        failed = self.one_event(Failed, self.one)
        self.assertEqual((failed.cause, failed.detail), (Cause.BUSY, "17 User busy"))
        self.assertEqual(self.one_event(CallCleared).cause, Cause.BUSY)

    def test_digits_refused(self) -> None:
        """Asterisk does not say who takes none."""
        mine = ConnectionId(self.talk(), self.one)
        for wrong in ("", "x", ",", "12a", "1 2", "1\r\n", "1" * 65):
            self.assertEqual(self.refused(self.switch.generate_digits(mine, wrong)), Failure.INVALID_PARAMETER)
        self.do(self.driver.hold, self.one)
        self.assertEqual(self.refused(self.switch.generate_digits(mine, "1")), Failure.NO_ACTIVE_CALL)

    # A deflected call that fails is not brought back by Asterisk: its dialplan goes on

    def test_deflect_call_that_fails(self) -> None:
        self.driver.set_busy(self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.ask(self.switch.deflect_call(ConnectionId(self.call().id, self.one), self.two))
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.BUSY)
        self.one_event(CallCleared)

    test_deflect_call_that_fails_twice = test_deflect_call_that_fails

    # A transfer without consultation lets the phone go at once

    def gone_at_once(self) -> None:
        call_id = self.talk()
        self.ask(self.switch.single_step_transfer_call(ConnectionId(call_id, self.one), self.two))
        self.assertEqual(self.one_event(Transferred, self.one).transferred_to.number, self.two)
        self.assertEqual(self.states(call_id), {self.caller: TALKS, self.two: RINGS})

    test_hold_during_a_transfer = gone_at_once
    test_in_a_transfer = gone_at_once
    test_single_step_of_a_held_call = gone_at_once
    test_the_transferor_is_cleared = gone_at_once

    def transfer_fails(self) -> None:
        self.driver.set_busy(self.two)
        call_id = self.talk()
        self.ask(self.switch.single_step_transfer_call(ConnectionId(call_id, self.one), self.two))
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.BUSY)
        self.one_event(CallCleared)

    test_transfer_to_a_busy_phone = transfer_fails
    test_single_step_that_fails = transfer_fails

    def test_do_not_disturb_in_a_transfer(self) -> None:
        self.ask(self.switch.set_do_not_disturb(self.two, True))
        self.ask(self.switch.single_step_transfer_call(ConnectionId(self.talk(), self.one), self.two))
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.DO_NOT_DISTURB)
        self.one_event(CallCleared)

    # A consultation is Asterisk's own attended transfer: one at a time, and it decides how it ends

    def consult(self, number: str) -> tuple[ConnectionId, ConnectionId]:
        held = ConnectionId(self.talk(), self.one)
        return held, self.ask(self.switch.consultation_call(held, number))

    def back_in_the_held_call(self) -> None:
        """The phone is not only in the held call again: Asterisk takes that back from hold."""
        held, active = self.consult(self.two)
        self.do(self.driver.answer, self.two)
        self.do(self.driver.hang_up, self.two)
        self.assertEqual(self.one_event(CallCleared).call_id, active.call_id)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})
        self.one_event(Retrieved, self.one)

    test_consulted_one_hangs_up = back_in_the_held_call

    def test_consultation_cleared(self) -> None:
        held, active = self.consult(self.two)
        self.ask(self.switch.clear_connection(active))
        self.assertEqual(self.states(active.call_id), {})
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})

    def test_reconnect(self) -> None:
        """Retrieved comes before the end of the consultation: so does Asterisk."""
        for answers in (False, True):
            held, active = self.consult(self.two)
            if answers:
                self.do(self.driver.answer, self.two)
            self.assertEqual(self.switch.can(Service.RECONNECT_CALL, active), "")
            self.ask(self.switch.reconnect_call(active, held))
            self.assertEqual(self.states(active.call_id), {})
            self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})
            self.do(self.driver.hang_up, self.one)

    def test_consulted_one_is_busy(self) -> None:
        self.driver.set_busy(self.two)
        held, active = self.consult(self.two)
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.BUSY)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})
        self.assertEqual(self.states(active.call_id), {})

    test_reconnect_while_busy_is_heard = test_consulted_one_is_busy

    def hanging_up_transfers(self) -> None:
        """The phone that consults is not rung again: its end joins the two others."""
        held, active = self.consult(self.two)
        self.do(self.driver.answer, self.two)
        self.do(self.driver.hang_up, self.one)
        transferred = self.one_event(Transferred, self.one)
        self.assertEqual((transferred.call_id, transferred.other_call_id), (held.call_id, active.call_id))
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.two: TALKS})

    test_the_consulting_phone_hangs_up = hanging_up_transfers
    test_the_consulting_phone_is_through = hanging_up_transfers

    def test_transfer_to_who_rings(self) -> None:
        """Told at once, and the one that rings is in the call then."""
        held, active = self.consult(self.two)
        new = self.ask(self.switch.transfer_call(held, active))
        self.assertEqual(new, ConnectionId(held.call_id, self.two))
        self.one_event(Transferred, self.one)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.two: RINGS})
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.two: TALKS})

    def test_transfer_to_who_declines(self) -> None:
        """Nobody takes the call back."""
        held, active = self.consult(self.two)
        self.ask(self.switch.transfer_call(held, active))
        self.do(self.driver.hang_up, self.two)
        self.assertEqual(self.states(held.call_id), {})

    def one_at_a_time(self) -> None:
        """A second consultation, going back and forth, and taking back the held call while it goes on are refused."""
        held, active = self.consult(self.two)
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.refused(self.switch.consultation_call(active, self.three)), Failure.RESOURCE_BUSY)
        self.assertEqual(self.refused(self.switch.alternate_call(held, active)), Failure.NOT_SUPPORTED)
        self.assertEqual(self.refused(self.switch.retrieve_call(held)), Failure.NO_ACTIVE_CALL)
        for service in (Service.CONSULTATION_CALL, Service.ALTERNATE_CALL):
            self.assertTrue(self.switch.can(service, active))
        self.assertIn("phone's own keys", self.switch.can(Service.ALTERNATE_CALL, active))

    test_alternate = one_at_a_time
    test_both_on_hold = one_at_a_time
    test_transfer_after_alternating = one_at_a_time
    test_too_many = one_at_a_time
    test_two_consultations = one_at_a_time

    def test_single_step_while_consulting(self) -> None:
        """Only of the call that it is in."""
        held, _ = self.consult(self.two)
        self.do(self.driver.answer, self.two)
        self.assertEqual(
            self.refused(self.switch.single_step_transfer_call(held, self.three)), Failure.INCORRECT_CONNECTION_STATE
        )

    def test_on_hold(self) -> None:
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.hold_call(mine))
        self.assert_refused(mine, ConnectionState.HOLD, held=None, single=None, consulting=Failure.NOT_SUPPORTED)

    def test_consultation_of_a_held_call(self) -> None:
        """What the phone holds itself is the phone's."""
        held = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.hold_call(held))
        self.assertEqual(self.refused(self.switch.consultation_call(held, self.two)), Failure.NOT_SUPPORTED)
        self.assertIs(self.state(self.one), HELD)


class AmiContractTests(
    Differences, AnswerContract, ConsultationContract, FeatureContract, HoldContract, MonitorContract, ServiceContract,
    StateContract, TransferContract, SynchronousTestCase,
):  # fmt: skip
    """Without route points, messages and pickup codes; forwarding is Asterisk's own."""

    def make_driver(self) -> Driver:
        return AmiDriver()
