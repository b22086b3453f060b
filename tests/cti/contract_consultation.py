"""The contract of consulting somebody: going there, back, and back and forth."""

from magroup.cti.call_control import MOST_HELD, Service
from magroup.cti.errors import Failure
from magroup.cti.events import (
    CallCleared,
    ConnectionCleared,
    Delivered,
    Established,
    Failed,
    Held,
    Offered,
    Originated,
    Retrieved,
)
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from tests.cti.driver import ContractBase

HELD, TALKS, RINGS = ConnectionState.HOLD, ConnectionState.CONNECTED, ConnectionState.ALERTING


class ConsultationContract(ContractBase):
    def consulting(self) -> tuple[ConnectionId, ConnectionId]:
        """The first phone holds the caller and calls the second one, which rings: both connections."""
        held = ConnectionId(self.talk(), self.one)
        return held, self.ask(self.switch.consultation_call(held, self.two))

    def consulted(self) -> tuple[ConnectionId, ConnectionId]:
        """The second phone has answered."""
        held, active = self.consulting()
        self.do(self.driver.answer, self.two)
        return held, active

    def test_consultation(self) -> None:
        """Held, then a call like any other."""
        held, active = self.consulting()
        self.assertEqual(active.device, self.one)
        self.assertNotEqual(active.call_id, held.call_id)
        own = [event for event in self.told(Originated, self.one) if event.call_id == active.call_id]
        self.assertEqual(len(own), 1)
        order = [self.place(Held, self.one), self.events.index(own[0]), self.place(Delivered, self.two)]
        self.assertEqual(order, sorted(order))
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: HELD})
        self.assertEqual(self.states(active.call_id), {self.one: TALKS, self.two: RINGS})
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.one_event(Established, self.two).call_id, active.call_id)
        self.assertEqual(self.states(active.call_id), {self.one: TALKS, self.two: TALKS})
        self.assertEqual(own[0].call.calling.number, self.one)

    def test_consultation_of_a_held_call(self) -> None:
        """Held first, then chosen."""
        held = ConnectionId(self.talk(), self.one)
        self.ask(self.switch.hold_call(held))
        active = self.ask(self.switch.consultation_call(held, self.two))
        self.one_event(Held, self.one)
        self.assertEqual(self.states(active.call_id), {self.one: TALKS, self.two: RINGS})

    def test_consultation_by_the_caller(self) -> None:
        held = ConnectionId(self.talk(), self.caller)
        active = self.ask(self.switch.consultation_call(held, self.two))
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.states(active.call_id), {self.caller: TALKS, self.two: TALKS})
        self.assertEqual(self.states(held.call_id), {self.caller: HELD, self.one: TALKS})

    def test_consultation_of_a_route_point(self) -> None:
        held = ConnectionId(self.talk(), self.one)
        self.switch.route_register([self.point])
        active = self.ask(self.switch.consultation_call(held, self.point))
        self.assertEqual(self.one_event(Offered, self.point).call_id, active.call_id)

    def test_consultation_refused(self) -> None:
        self.do(self.driver.dial, self.caller, self.one)
        for device in (self.one, self.caller):
            mine = ConnectionId(self.call().id, device)
            self.assertEqual(self.refused(self.switch.consultation_call(mine, self.two)), Failure.NO_ACTIVE_CALL)
        self.do(self.driver.answer, self.one)
        mine = ConnectionId(self.call().id, self.one)
        self.assertEqual(self.refused(self.switch.consultation_call(mine, "nobody")), Failure.INVALID_DESTINATION)
        self.assertIs(self.state(self.one), TALKS)
        nobody = ConnectionId(mine.call_id, self.three)
        self.assertEqual(self.refused(self.switch.consultation_call(nobody, self.two)), Failure.INVALID_CONNECTION)
        self.ask(self.switch.consultation_call(mine, self.two))
        self.assertEqual(self.refused(self.switch.consultation_call(mine, self.three)), Failure.NO_ACTIVE_CALL)

    def test_consulted_one_is_busy(self) -> None:
        """Told by Failed; the held call waits on."""
        self.driver.set_busy(self.two)
        held, active = self.consulting()
        self.assertEqual(self.one_event(Failed, self.two).cause, Cause.BUSY)
        self.driver.finish_message()
        self.assertEqual(self.one_event(CallCleared).call_id, active.call_id)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: HELD})
        self.ask(self.switch.retrieve_call(held))
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})

    def test_consulted_one_hangs_up(self) -> None:
        """The phone is in the held call again, which is still on hold."""
        held, active = self.consulted()
        self.do(self.driver.hang_up, self.two)
        self.assertEqual(self.one_event(CallCleared).call_id, active.call_id)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: HELD})
        self.ask(self.switch.retrieve_call(held))
        self.one_event(Retrieved, self.one)

    def test_consultation_cleared(self) -> None:
        held, active = self.consulted()
        self.ask(self.switch.clear_connection(active))
        self.assertEqual(self.one_event(CallCleared).device, self.one)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: HELD})

    def test_held_call_cleared(self) -> None:
        """The consultation is all that is left."""
        held, active = self.consulted()
        self.ask(self.switch.clear_connection(held))
        self.assertEqual(self.one_event(CallCleared).call_id, held.call_id)
        self.assertEqual(self.states(active.call_id), {self.one: TALKS, self.two: TALKS})

    def test_the_held_one_gives_up(self) -> None:
        held, active = self.consulted()
        self.do(self.driver.hang_up, self.caller)
        self.assertEqual(self.one_event(CallCleared).call_id, held.call_id)
        self.assertEqual(self.states(active.call_id), {self.one: TALKS, self.two: TALKS})

    def test_the_consulting_phone_hangs_up(self) -> None:
        """It is rung for the one who waits."""
        held, active = self.consulted()
        self.do(self.driver.hang_up, self.one)
        self.assertEqual(self.one_event(CallCleared).call_id, active.call_id)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: RINGS})
        self.do(self.driver.answer, self.one)
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})

    def test_the_consulting_phone_is_through(self) -> None:
        """It hangs up, and does not want who waits."""
        held, _ = self.consulted()
        self.do(self.driver.hang_up, self.one)
        self.do(self.driver.hang_up, self.one)
        self.driver.finish_message()
        self.assertEqual(self.states(held.call_id), {})

    # Back

    def test_reconnect(self) -> None:
        for answers in (False, True):
            self.events.clear()
            held, active = self.consulted() if answers else self.consulting()
            self.assertEqual(self.switch.can(Service.RECONNECT_CALL, active), "")
            self.ask(self.switch.reconnect_call(active, held))
            self.assertEqual(self.one_event(CallCleared).call_id, active.call_id)
            self.assertLess(self.place(CallCleared, self.one), self.place(Retrieved, self.one))
            self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})
            self.do(self.driver.hang_up, self.one)
        self.events.clear()

    def test_reconnect_while_busy_is_heard(self) -> None:
        self.driver.set_busy(self.two)
        held, active = self.consulting()
        if self.states(active.call_id):
            self.ask(self.switch.reconnect_call(active, held))
        else:
            self.ask(self.switch.retrieve_call(held))
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})

    def test_reconnect_refused(self) -> None:
        held, active = self.consulted()
        for one, other, failure in (
            (held, active, Failure.NO_HELD_CALL),
            (held, held, Failure.INVALID_CONNECTION),
            (ConnectionId(active.call_id, self.two), held, Failure.INVALID_CONNECTION),
            (active, ConnectionId("none", self.one), Failure.INVALID_CALL),
            (ConnectionId("none", self.one), held, Failure.INVALID_CALL),
        ):
            self.assertEqual(self.refused(self.switch.reconnect_call(one, other)), failure)
        self.ask(self.switch.hold_call(active))
        self.assertEqual(self.refused(self.switch.reconnect_call(active, held)), Failure.NO_ACTIVE_CALL)
        self.assertTrue(self.switch.can(Service.RECONNECT_CALL, active))

    # Back and forth

    def test_alternate(self) -> None:
        held, active = self.consulted()
        self.assertEqual(self.switch.can(Service.ALTERNATE_CALL, active), "")
        self.events.clear()
        self.ask(self.switch.alternate_call(held, active))
        self.assertEqual(
            [(type(event), event.call_id) for event in self.events],
            [(Held, active.call_id), (Retrieved, held.call_id)],
        )
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})
        self.assertEqual(self.states(active.call_id), {self.one: HELD, self.two: TALKS})
        self.ask(self.switch.alternate_call(active, held))
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: HELD})
        self.assertEqual(self.states(active.call_id), {self.one: TALKS, self.two: TALKS})
        self.ask(self.switch.clear_connection(active))
        self.ask(self.switch.clear_connection(held))
        self.events.clear()

    def test_alternate_refused(self) -> None:
        held, active = self.consulting()
        self.assertEqual(self.refused(self.switch.alternate_call(held, active)), Failure.NO_ACTIVE_CALL)
        self.assertTrue(self.switch.can(Service.ALTERNATE_CALL, active))
        self.do(self.driver.answer, self.two)
        self.assertEqual(self.refused(self.switch.alternate_call(active, held)), Failure.NO_HELD_CALL)
        self.assertEqual(self.refused(self.switch.alternate_call(held, held)), Failure.INVALID_CONNECTION)
        other = ConnectionId(active.call_id, self.two)
        self.assertEqual(self.refused(self.switch.alternate_call(held, other)), Failure.INVALID_CONNECTION)

    def test_both_on_hold(self) -> None:
        """Either may be taken back, but not while the phone talks in the other."""
        held, active = self.consulted()
        self.assertEqual(self.refused(self.switch.retrieve_call(held)), Failure.NO_ACTIVE_CALL)
        self.ask(self.switch.hold_call(active))
        self.assertEqual(self.states(active.call_id), {self.one: HELD, self.two: TALKS})
        self.ask(self.switch.retrieve_call(held))
        self.assertEqual(self.states(held.call_id), {self.caller: TALKS, self.one: TALKS})
        self.assertEqual(self.refused(self.switch.retrieve_call(active)), Failure.NO_ACTIVE_CALL)
        self.do(self.driver.hang_up, self.caller)
        self.assertEqual(self.states(active.call_id), {self.one: HELD, self.two: TALKS})
        self.ask(self.switch.retrieve_call(active))
        self.assertEqual(self.states(active.call_id), {self.one: TALKS, self.two: TALKS})

    def test_two_consultations(self) -> None:
        """The second one is held too; each end brings the phone back to the one before."""
        first, second = self.consulted()
        third = self.ask(self.switch.consultation_call(second, self.three))
        self.do(self.driver.answer, self.three)
        self.assertEqual(self.states(first.call_id)[self.one], HELD)
        self.assertEqual(self.states(second.call_id)[self.one], HELD)
        self.assertEqual(self.states(third.call_id), {self.one: TALKS, self.three: TALKS})
        self.ask(self.switch.reconnect_call(third, first))
        self.assertEqual(self.states(first.call_id), {self.caller: TALKS, self.one: TALKS})
        self.ask(self.switch.clear_connection(first))
        self.assertEqual(self.states(second.call_id), {self.one: HELD, self.two: TALKS})
        self.assertEqual(len(self.told(ConnectionCleared, self.one)), 2)

    def test_too_many(self) -> None:
        """One phone holds so many calls and no more."""
        active = ConnectionId(self.talk(), self.one)
        for _ in range(MOST_HELD):
            active = self.ask(self.switch.consultation_call(active, self.two))
            self.do(self.driver.answer, self.two)
        self.assertEqual(self.refused(self.switch.consultation_call(active, self.two)), Failure.RESOURCE_BUSY)
        self.assertTrue(self.switch.can(Service.CONSULTATION_CALL, active))
        for call in self.switch.calls()[1:]:
            self.ask(self.switch.clear_connection(ConnectionId(call.id, self.one)))
