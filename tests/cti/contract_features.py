"""The contract of what lines are set to: forwarding, do not disturb."""

from magroup.cti.errors import Failure
from magroup.cti.events import DoNotDisturbSet, Established, Failed, ForwardingSet
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from magroup.model.forwarding import NO_FORWARDING, Forwarding, ForwardTo
from tests.cti.driver import ContractBase


class FeatureContract(ContractBase):
    def test_forwarding_is_kept(self) -> None:
        self.assertEqual(self.ask(self.switch.get_forwarding(self.one)), NO_FORWARDING)
        wanted = Forwarding(ForwardTo.NUMBER, self.two)
        self.ask(self.switch.set_forwarding(self.one, wanted))
        self.assertEqual(self.one_event(ForwardingSet, self.one).forwarding, wanted)
        self.assertEqual(self.ask(self.switch.get_forwarding(self.one)), wanted)
        self.ask(self.switch.set_forwarding(self.one, NO_FORWARDING))
        self.assertEqual(self.ask(self.switch.get_forwarding(self.one)), NO_FORWARDING)

    def test_forwarding_refused(self) -> None:
        unknown = self.driver.UNKNOWN
        self.assertEqual(self.refused(self.switch.get_forwarding(unknown)), Failure.INVALID_DEVICE)
        self.assertEqual(self.refused(self.switch.set_forwarding(unknown, NO_FORWARDING)), Failure.INVALID_DEVICE)
        circle = Forwarding(ForwardTo.NUMBER, self.one)
        self.assertEqual(self.refused(self.switch.set_forwarding(self.one, circle)), Failure.INVALID_DESTINATION)
        self.assertEqual(self.told(ForwardingSet), [])

    def disturb_not(self, device: str) -> None:
        self.ask(self.switch.set_do_not_disturb(device, True))

    def test_do_not_disturb(self) -> None:
        """Told once; calls fail with it, until it is over."""
        self.assertFalse(self.ask(self.switch.get_do_not_disturb(self.one)))
        self.disturb_not(self.one)
        self.disturb_not(self.one)
        self.assertTrue(self.one_event(DoNotDisturbSet, self.one).is_on)
        self.assertTrue(self.ask(self.switch.get_do_not_disturb(self.one)))
        self.do(self.driver.dial, self.caller, self.one)
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.DO_NOT_DISTURB)
        self.assertEqual(self.switch.calls(), ())
        self.ask(self.switch.set_do_not_disturb(self.one, False))
        self.assertFalse(self.told(DoNotDisturbSet, self.one)[-1].is_on)
        self.do(self.driver.dial, self.caller, self.one)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)

    def test_do_not_disturb_at_a_route_point(self) -> None:
        """The application goes on with somebody else."""
        self.disturb_not(self.one)
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.do(self.switch.ring, self.call().id, self.ring_for(self.one, self.two))
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.DO_NOT_DISTURB)
        self.assertIs(self.state(self.two), ConnectionState.ALERTING)

    def test_do_not_disturb_in_a_transfer(self) -> None:
        self.disturb_not(self.two)
        mine = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.single_step_transfer_call(mine, self.two))
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.DO_NOT_DISTURB)
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)

    def test_what_is_wanted_rings(self) -> None:
        """Own calls, and what the line itself picks up."""
        self.disturb_not(self.two)
        self.do(self.driver.dial, self.caller, self.one)
        self.ask(self.switch.directed_pickup_call(ConnectionId(self.call().id, self.one), self.two))
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)
        self.do(self.driver.hang_up, self.two)
        self.ask(self.switch.make_call(self.two, self.one))
        self.do(self.driver.answer, self.two)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)

    def test_do_not_disturb_refused(self) -> None:
        unknown = self.driver.UNKNOWN
        self.assertEqual(self.refused(self.switch.set_do_not_disturb(unknown, True)), Failure.INVALID_DEVICE)
        self.assertEqual(self.refused(self.switch.get_do_not_disturb(unknown)), Failure.INVALID_DEVICE)
