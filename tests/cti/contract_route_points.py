"""The contract of route points: the caller waits, hears messages, and the application rings, deflects or clears."""

from magroup.cti.events import (
    CallCleared,
    ConnectionCleared,
    Delivered,
    Diverted,
    Established,
    Failed,
    MessageEnded,
    Offered,
)
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, ConnectionState, Party
from tests.cti.driver import ContractBase


class RoutePointContract(ContractBase):
    def arrive(self) -> str:
        """The caller's call at the route point."""
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        offered = self.one_event(Offered, self.point)
        self.assertEqual(offered.call.calling.number, self.caller)
        self.assertEqual(offered.call.called.number, self.point)
        call_id: str = offered.call_id
        return call_id

    def ring(self, call_id: str, *devices: str) -> None:
        self.do(self.switch.ring, call_id, self.ring_for(*devices))

    # Who is a route point

    def test_nothing_happens_by_itself(self) -> None:
        self.arrive()
        self.assertEqual((self.told(Delivered), self.told(Failed), self.told(CallCleared)), ([], [], []))

    def test_registered_in_place_of_the_former(self) -> None:
        call_id = self.arrive()
        self.switch.route_register([self.driver.POINTS[1]])
        self.do(self.driver.dial, self.two, self.driver.POINTS[1])
        self.assertEqual(len(self.told(Offered)), 2)
        self.do(self.driver.dial, self.three, self.point)
        self.assertEqual(len(self.told(Offered)), 2)
        self.ring(call_id, self.one)
        self.one_event(Delivered, self.one)

    # Messages

    def test_play_once(self) -> None:
        call_id = self.arrive()
        self.switch.accept_call(call_id, Accept.ANSWER)
        self.do(self.switch.play_message, call_id, self.driver.sounds, False)
        self.assertEqual(self.told(MessageEnded), [])
        self.driver.finish_message()
        self.assertEqual(self.one_event(MessageEnded).call_id, call_id)
        self.driver.finish_message()
        self.one_event(MessageEnded)

    def test_play_in_early_media(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.play_message, call_id, self.driver.sounds[:1], False)
        self.driver.finish_message()
        self.one_event(MessageEnded)

    def test_repeated_never_ends(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.play_message, call_id, self.driver.sounds, True)
        self.driver.finish_message()
        self.assertEqual(self.told(MessageEnded), [])

    def test_replaced(self) -> None:
        """Of two messages, only the end of the second is told."""
        call_id = self.arrive()
        self.do(self.switch.play_message, call_id, self.driver.sounds[:1], False)
        self.do(self.switch.play_message, call_id, self.driver.sounds[1:], False)
        self.driver.finish_message()
        self.one_event(MessageEnded)

    def test_stopped(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.play_message, call_id, self.driver.sounds, False)
        self.do(self.switch.stop_message, call_id)
        self.do(self.switch.stop_message, call_id)
        self.driver.finish_message()
        self.assertEqual(self.told(MessageEnded), [])

    def test_cannot_be_played(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.play_message, call_id, [self.driver.missing_sound], False)
        self.one_event(MessageEnded)

    def test_one_of_two_cannot_be_played(self) -> None:
        call_id = self.arrive()
        sounds = [self.driver.missing_sound, self.driver.sounds[0]]
        self.do(self.switch.play_message, call_id, sounds, False)
        self.assertEqual(self.told(MessageEnded), [])
        self.driver.finish_message()
        self.one_event(MessageEnded)

    def test_repeat_of_nothing(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.play_message, call_id, [self.driver.missing_sound], True)
        self.driver.finish_message()
        self.assertEqual(self.told(MessageEnded), [])
        self.assertEqual(len(self.switch.calls()), 1)

    # Ringing

    def test_ring_and_answer(self) -> None:
        for how in Accept:
            self.events.clear()
            call_id = self.arrive()
            self.do(self.switch.accept_call, call_id, how)
            self.ring(call_id, self.one)
            self.assertIs(self.state(self.one), ConnectionState.ALERTING)
            self.do(self.driver.answer, self.one)
            answered = self.one_event(Established, self.one)
            self.assertIs(answered.call.connection(self.one).state, ConnectionState.CONNECTED)
            self.assertIs(self.state(self.caller), ConnectionState.CONNECTED)
            self.assertIsNone(self.state(self.point))
            self.do(self.driver.hang_up, self.one)
            self.assertEqual(self.one_event(CallCleared).device, self.one)

    def test_answer_ends_the_message(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.play_message, call_id, self.driver.sounds, False)
        self.ring(call_id, self.one)
        self.do(self.driver.answer, self.one)
        self.driver.finish_message()
        self.assertEqual(self.told(MessageEnded), [])

    def test_parallel_first_wins(self) -> None:
        call_id = self.arrive()
        self.ring(call_id, self.one, self.two)
        self.assertEqual({event.device for event in self.told(Delivered)}, {self.one, self.two})
        self.do(self.driver.answer, self.two)
        self.one_event(Established, self.two)
        self.assertEqual(self.cleared(self.one), Cause.ANSWERED_ELSEWHERE)
        self.assertLess(self.place(Established, self.two), self.place(ConnectionCleared, self.one))
        self.assertIsNone(self.state(self.one))

    def test_beside_those_that_ring(self) -> None:
        call_id = self.arrive()
        self.ring(call_id, self.one)
        self.ring(call_id, self.two)
        self.assertIs(self.state(self.one), ConnectionState.ALERTING)
        self.do(self.driver.answer, self.one)
        self.assertEqual(self.cleared(self.two), Cause.ANSWERED_ELSEWHERE)

    def test_both_answer(self) -> None:
        """Two at the same moment: one has the call."""
        call_id = self.arrive()
        self.ring(call_id, self.one, self.two)
        self.driver.answer(self.one)
        self.driver.answer(self.two)
        self.driver.settle()
        winner = self.one_event(Established).device
        (loser,) = {self.one, self.two} - {winner}
        self.assertIs(self.state(winner), ConnectionState.CONNECTED)
        self.assertIsNone(self.state(loser))

    def test_cancel(self) -> None:
        call_id = self.arrive()
        self.ring(call_id, self.one)
        self.do(self.switch.cancel_ring, call_id, [self.one], Cause.CALL_NOT_ANSWERED)
        self.assertEqual(self.cleared(self.one), Cause.CALL_NOT_ANSWERED)
        self.assertEqual(self.told(CallCleared), [])
        self.do(self.switch.cancel_ring, call_id, [self.one], Cause.CALL_NOT_ANSWERED)
        self.one_event(ConnectionCleared)

    def test_cancel_one_of_two_then_ring_again(self) -> None:
        call_id = self.arrive()
        self.ring(call_id, self.one, self.two)
        self.do(self.switch.cancel_ring, call_id, [self.one], Cause.CALL_CANCELLED)
        self.assertIs(self.state(self.two), ConnectionState.ALERTING)
        self.ring(call_id, self.one)
        self.assertEqual(len(self.told(Delivered, self.one)), 2)
        self.do(self.driver.answer, self.one)
        self.one_event(Established, self.one)

    def test_answer_crosses_cancel(self) -> None:
        """The phone is picked up while the cancelling is on its way: it either has the call or is out of it."""
        call_id = self.arrive()
        self.ring(call_id, self.one)
        self.switch.cancel_ring(call_id, [self.one], Cause.CALL_NOT_ANSWERED)
        self.driver.answer(self.one)
        self.driver.settle()
        answered = len(self.told(Established, self.one))
        self.assertEqual(answered + len(self.told(ConnectionCleared, self.one)), 1)
        self.assertEqual(self.state(self.one), ConnectionState.CONNECTED if answered else None)

    def test_busy_phone(self) -> None:
        call_id = self.arrive()
        self.driver.set_busy(self.one)
        self.ring(call_id, self.one, self.two)
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.BUSY)
        self.assertIsNone(self.state(self.one))
        self.assertIs(self.state(self.two), ConnectionState.ALERTING)

    def test_phone_declines(self) -> None:
        call_id = self.arrive()
        self.ring(call_id, self.one)
        self.do(self.driver.hang_up, self.one)
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.REJECTED)
        self.assertEqual(self.told(CallCleared), [])
        self.ring(call_id, self.two)
        self.one_event(Delivered, self.two)

    def test_phone_out_of_service(self) -> None:
        call_id = self.arrive()
        self.do(self.driver.unregister, self.one)
        self.ring(call_id, self.one)
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.DESTINATION_OUT_OF_ORDER)
        self.assertEqual(len(self.switch.calls()), 1)

    # Away from the route point

    def test_deflect(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.accept_call, call_id, Accept.RINGING)
        self.do(self.switch.deflect, call_id, Ring(self.one, Party(self.caller), (self.point,)))
        diverted = self.one_event(Diverted, self.point)
        self.assertEqual(diverted.new_destination, self.one)
        self.assertLess(self.events.index(diverted), self.place(Delivered, self.one))
        self.do(self.driver.answer, self.one)
        self.one_event(Established, self.one)

    def test_deflect_after_answer(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.accept_call, call_id, Accept.ANSWER)
        self.do(self.switch.deflect, call_id, Ring(self.one, Party(self.caller)))
        self.do(self.driver.answer, self.one)
        self.one_event(Established, self.one)
        self.assertIs(self.state(self.caller), ConnectionState.CONNECTED)

    def test_deflect_fails(self) -> None:
        call_id = self.arrive()
        self.driver.set_busy(self.one)
        self.do(self.switch.deflect, call_id, Ring(self.one, Party(self.caller)))
        self.one_event(Diverted, self.point)
        self.assertEqual(self.one_event(Failed, self.one).cause, Cause.BUSY)
        self.driver.finish_message()
        self.one_event(CallCleared)

    def test_deflect_to_another_route_point(self) -> None:
        call_id = self.arrive()
        self.switch.route_register(self.driver.POINTS)
        other = self.driver.POINTS[1]
        self.do(self.switch.deflect, call_id, Ring(other, Party(self.caller)))
        self.assertEqual(self.one_event(Offered, other).call_id, call_id)
        self.assertLess(self.place(Diverted, self.point), self.place(Offered, other))
        self.ring(call_id, self.one)
        self.one_event(Delivered, self.one)

    def test_clear_before_answer(self) -> None:
        call_id = self.arrive()
        self.do(self.switch.accept_call, call_id, Accept.RINGING)
        self.do(self.switch.clear, call_id, Cause.BUSY)
        over = self.one_event(CallCleared)
        self.assertEqual((over.device, over.cause), ("", Cause.BUSY))

    def test_clear_after_answer(self) -> None:
        """The tone first, then the release."""
        call_id = self.arrive()
        self.do(self.switch.accept_call, call_id, Accept.ANSWER)
        self.do(self.switch.clear, call_id, Cause.BUSY)
        self.assertEqual(self.told(CallCleared), [])
        self.do(self.switch.clear, call_id, Cause.BUSY)
        self.ring(call_id, self.one)
        self.assertEqual(self.told(Delivered), [])
        self.driver.finish_message()
        over = self.one_event(CallCleared)
        self.assertEqual((over.device, over.cause), ("", Cause.BUSY))

    def test_clear_while_ringing(self) -> None:
        call_id = self.arrive()
        self.ring(call_id, self.one)
        self.do(self.switch.clear, call_id, Cause.BUSY)
        self.one_event(ConnectionCleared, self.one)
        self.one_event(CallCleared)

    # The caller gives up

    def test_caller_gone_at_any_moment(self) -> None:
        moments = {
            "at once": lambda call_id: None,
            "ringing": lambda call_id: self.switch.accept_call(call_id, Accept.RINGING),
            "message": lambda call_id: self.switch.play_message(call_id, self.driver.sounds, False),
            "message after answer": self._answered_message,
            "phones ring": lambda call_id: self.switch.ring(call_id, self.ring_for(self.one, self.two)),
            "tone": self._tone,
            "diverted": lambda call_id: self.switch.deflect(call_id, Ring(self.one, Party(self.caller))),
        }
        for moment, step in moments.items():
            self.events.clear()
            call_id = self.arrive()
            self.do(step, call_id)
            rang = {event.device for event in self.told(Delivered)}
            self.do(self.driver.hang_up, self.caller)
            over = self.one_event(CallCleared)
            self.assertEqual(over.device, self.caller, moment)
            self.assertEqual({self.cleared(device) for device in rang}, {Cause.CALL_CANCELLED} if rang else set())
            self.assertEqual(self.switch.calls(), (), moment)

    def _answered_message(self, call_id: str) -> None:
        self.switch.accept_call(call_id, Accept.ANSWER)
        self.switch.play_message(call_id, self.driver.sounds, False)

    def _tone(self, call_id: str) -> None:
        self.switch.accept_call(call_id, Accept.ANSWER)
        self.switch.clear(call_id, Cause.BUSY)

    def test_unknown_calls_are_ignored(self) -> None:
        call_id = self.arrive()
        self.do(self.driver.hang_up, self.caller)
        told = len(self.events)
        for gone in (call_id, "no such call", ""):
            self.switch.accept_call(gone, Accept.ANSWER)
            self.switch.play_message(gone, self.driver.sounds, False)
            self.switch.stop_message(gone)
            self.switch.ring(gone, self.ring_for(self.one))
            self.switch.cancel_ring(gone, [self.one], Cause.CALL_CANCELLED)
            self.switch.deflect(gone, Ring(self.one, Party(self.caller)))
            self.switch.clear(gone, Cause.BUSY)
            self.driver.settle()
        self.assertEqual(len(self.events), told)

    def test_answered_calls_are_ignored(self) -> None:
        """Who talks belongs to nobody but himself."""
        call_id = self.arrive()
        self.ring(call_id, self.one)
        self.do(self.driver.answer, self.one)
        told = len(self.events)
        self.do(self.switch.ring, call_id, self.ring_for(self.two))
        self.do(self.switch.deflect, call_id, Ring(self.two, Party(self.caller)))
        self.do(self.switch.clear, call_id, Cause.BUSY)
        self.assertEqual(len(self.events), told)
        self.assertIs(self.state(self.one), ConnectionState.CONNECTED)
