"""The contract of monitors: what is told, of whom, in which order."""

from magroup.cti.events import (
    BackInService,
    CallCleared,
    ConnectionCleared,
    Delivered,
    Established,
    Event,
    Failed,
    Offered,
    Originated,
    OutOfService,
)
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, ConnectionState, Party
from tests.cti.driver import ContractBase


class MonitorContract(ContractBase):
    def test_plain_call(self) -> None:
        """Made, rings, answered, ended by the called one; the snapshots show the states on the way."""
        self.do(self.driver.dial, self.caller, self.one)
        self.assertIsNone(self.events[0].old)  # type: ignore[union-attr]
        rings = self.one_event(Delivered, self.one)
        self.assertEqual(rings.call.calling.number, self.caller)
        self.assertEqual(rings.call.called.number, self.one)
        self.assertIs(rings.call.connection(self.one).state, ConnectionState.ALERTING)
        self.assertTrue(rings.call.connection(self.one).inbound)
        self.assertFalse(rings.call.connection(self.caller).inbound)
        self.do(self.driver.answer, self.one)
        answered = self.one_event(Established, self.one)
        self.assertIs(answered.old.connection(self.one).state, ConnectionState.ALERTING)
        self.assertIs(answered.call.connection(self.one).state, ConnectionState.CONNECTED)
        self.assertIs(answered.call.connection(self.caller).state, ConnectionState.CONNECTED)
        self.assertEqual(self.switch.calls(), (answered.call,))
        self.do(self.driver.hang_up, self.one)
        over = self.one_event(CallCleared)
        self.assertEqual((over.device, over.cause), (self.one, Cause.NORMAL_CLEARING))
        self.assertTrue(self.told(ConnectionCleared, self.one))
        self.assertEqual(self.place(Originated, self.caller), 0)
        self.assertLess(self.place(Delivered, self.one), self.place(Established, self.one))
        self.assertIs(self.events[-1], over)

    def test_caller_ends(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.answer, self.one)
        self.do(self.driver.hang_up, self.caller)
        self.assertEqual(self.one_event(CallCleared).device, self.caller)

    def test_caller_gives_up(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.hang_up, self.caller)
        self.assertEqual(self.cleared(self.one), Cause.CALL_CANCELLED)
        self.assertEqual(self.one_event(CallCleared).device, self.caller)
        self.assertEqual(self.told(Established), [])

    def test_busy(self) -> None:
        self.driver.set_busy(self.one)
        self.do(self.driver.dial, self.caller, self.one)
        failed = self.one_event(Failed, self.one)
        self.assertEqual(failed.cause, Cause.BUSY)
        self.assertIn("486", failed.detail)
        self.assertEqual(self.one_event(CallCleared).cause, Cause.BUSY)

    def test_declined(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.hang_up, self.one)
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.REJECTED)
        self.assertEqual(self.told(Established), [])

    def test_nobody_registered(self) -> None:
        self.do(self.driver.unregister, self.one)
        self.do(self.driver.dial, self.caller, self.one)
        self.assertEqual(self.told(Delivered), [])
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.DESTINATION_OUT_OF_ORDER)

    def test_unknown_number(self) -> None:
        self.do(self.driver.dial, self.caller, self.driver.UNKNOWN)
        self.assertEqual(self.one_event(CallCleared).cause, Cause.INVALID_NUMBER)

    def test_two_calls_have_two_ids(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.dial, self.two, self.three)
        first, second = self.switch.calls()
        self.assertNotEqual(first.id, second.id)
        self.do(self.driver.hang_up, self.two)
        self.assertEqual([call.id for call in self.switch.calls()], [first.id])

    def test_one_device(self) -> None:
        """A monitor of one device hears what happens at it and in its calls, and nothing else."""
        heard: list[Event] = []
        self.switch.monitor_start(heard.append, self.one)
        self.do(self.driver.dial, self.two, self.three)
        self.assertEqual(heard, [])
        self.do(self.driver.dial, self.caller, self.one)
        self.do(self.driver.answer, self.one)
        self.assertLessEqual({Delivered, Established}, {type(event) for event in heard})
        self.assertEqual({event.call_id for event in heard}, {self.told(Delivered, self.one)[0].call_id})  # type: ignore[union-attr]

    def test_stop(self) -> None:
        heard: list[Event] = []
        monitor = self.switch.monitor_start(heard.append)
        monitor.stop()
        monitor.stop()
        self.do(self.driver.dial, self.caller, self.one)
        self.assertEqual(heard, [])

    def test_stop_in_the_middle(self) -> None:
        """A listener that stops itself hears no more, and the others hear all."""
        heard: list[Event] = []

        def once(event: Event) -> None:
            heard.append(event)
            monitor.stop()

        monitor = self.switch.monitor_start(once)
        self.do(self.driver.dial, self.caller, self.one)
        self.assertEqual(len(heard), 1)
        self.one_event(Delivered, self.one)

    def test_same_order_for_all(self) -> None:
        """A listener that acts at once does not make others hear the answer before the question."""

        def act(event: Event) -> None:
            if isinstance(event, Offered):
                self.switch.accept_call(event.call_id, Accept.RINGING)
                self.switch.ring(event.call_id, self.ring_for(self.one))

        heard: list[Event] = []
        self.switch.monitor_start(act)
        self.switch.monitor_start(heard.append)
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        self.do(self.driver.answer, self.one)
        self.assertEqual(heard, self.events)
        self.assertLess(self.place(Offered, self.point), self.place(Delivered, self.one))

    def test_same_order_for_all_whatever_one_does(self) -> None:
        """One who acts on an event at once does not overtake it for the others."""
        later: list[Event] = []
        others = self.driver.POINTS

        def acts(event: Event) -> None:
            if isinstance(event, Offered) and event.device == others[0]:
                self.switch.deflect(event.call_id, Ring(others[1], Party(self.caller)))

        self.switch.monitor_start(acts)
        self.switch.monitor_start(later.append)
        self.switch.route_register(others)
        self.do(self.driver.dial, self.caller, others[0])
        self.assertEqual(later, self.events)
        self.assertLess(self.place(Offered, others[0]), self.place(Offered, others[1]))

    def test_in_service(self) -> None:
        self.assertTrue(self.switch.in_service(self.one))
        self.assertFalse(self.switch.in_service(self.driver.UNKNOWN))
        then: list[bool] = []
        self.switch.monitor_start(lambda event: then.append(self.switch.in_service(self.one)), self.one)
        self.do(self.driver.unregister, self.one)
        self.one_event(OutOfService, self.one)
        self.assertFalse(self.switch.in_service(self.one))
        self.do(self.driver.register, self.one)
        self.one_event(BackInService, self.one)
        self.assertTrue(self.switch.in_service(self.one))
        self.assertEqual(then, [False, True])
