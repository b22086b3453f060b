"""Configuration, presence and lines change in the middle of calls; events cross each other."""

from magroup.cti.events import Established
from magroup.cti.fake import Phone
from magroup.cti.switch import Accept
from magroup.cti.types import Cause, ConnectionId, ConnectionState
from magroup.groups import GroupSettings
from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow
from magroup.model.presence import Presence
from tests.groups.world import WorldTestCase
from tests.policy.company import ARA, CALLER, LEO, RAF, SALES, TIJ, company, members

NOT_ANSWERED = Cause.CALL_NOT_ANSWERED


class ChangeTests(WorldTestCase):
    """While a phone rings, changes count from the next step on."""

    def configuration(self) -> Configuration:
        return company()

    def test_presence(self) -> None:
        self.dial()
        self.says()
        self.sets("Tij", Presence.AWAY)
        self.sets("Raf", Presence.AWAY)
        self.assertEqual(self.says(), [])
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", ARA)])

    def test_timeout_and_overflow(self) -> None:
        self.dial()
        self.says()
        self.reconfigure(manager_timeout=5, assistant_timeout=3)
        self.clock.advance(29)
        self.assertEqual(self.says(), [])
        self.clock.advance(1)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)])
        self.clock.advance(3)
        self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", ARA)])

    def test_who_rings_leaves_the_group(self) -> None:
        """The running step ends at once."""
        call_id = self.dial()
        self.says()
        self.reconfigure(team=members("Raf", "Ara", manager="", first_id=2))
        self.assertEqual(self.says(), [("cancel", TIJ, Cause.REDIRECTED), ("ring", RAF)])
        self.assertEqual(self.trail(call_id), "Tij left the group; assistant Raf rings 15 s")

    def test_one_of_two_leaves_the_group(self) -> None:
        tij, _, ara = members("Tij", "Raf", "Ara")
        self.reconfigure(ring_parallel=True)
        self.dial()
        self.says()
        self.reconfigure(ring_parallel=True, team=(tij, ara))
        self.assertEqual(self.says(), [("cancel", RAF, Cause.REDIRECTED)])
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", ARA)])

    def test_group_is_deleted_while_a_phone_rings(self) -> None:
        call_id = self.dial()
        self.says()
        self.application.configure(Configuration(lines=company().lines))
        self.assertEqual(self.says(), [("route", ()), ("cancel", TIJ, Cause.REDIRECTED), ("clear", Cause.BUSY)])
        self.assertEqual(self.finished_trail(), "Tij left the group; group deleted, ended busy")
        self.assertEqual(self.record().id, call_id)

    def test_group_is_deleted_during_the_greeting(self) -> None:
        self.reconfigure(welcome="Welcome.wav")
        call_id = self.dial()
        self.application.configure(Configuration())
        self.says()
        self.switch.message_ends(call_id)
        self.assertEqual(self.says(), [("clear", Cause.BUSY)])
        self.switch.message_ends(call_id)

    def test_group_is_deleted_while_waiting(self) -> None:
        self.reconfigure(overflow=Overflow(), team=())
        self.dial()
        self.says()
        self.application.configure(Configuration())
        self.assertEqual(self.says(), [("route", ()), ("clear", Cause.BUSY)])

    def test_line_goes_while_it_rings(self) -> None:
        """With a time limit the step goes on: the phone may be back. Without one it would never end."""
        self.dial()
        self.says()
        self.switch.set_in_service(TIJ, False)
        self.assertEqual(self.says(), [])
        self.reconfigure(manager_timeout=0)
        self.switch.set_in_service(TIJ)
        call_id = self.dial(LEO)
        self.says()
        self.switch.set_in_service(TIJ, False)
        self.assertEqual(self.says(), [("cancel", TIJ, Cause.DESTINATION_OUT_OF_ORDER), ("ring", RAF)])
        self.assertEqual(self.trail(call_id), "Tij not reached; assistant Raf rings 15 s")

    def test_no_timeout(self) -> None:
        self.reconfigure(manager_timeout=0)
        call_id = self.dial()
        self.says()
        self.clock.advance(100_000)
        self.assertEqual(self.says(), [])
        self.switch.device_answers(call_id, TIJ)

    def test_greeting_goes_on(self) -> None:
        self.reconfigure(welcome="Welcome.wav")
        call_id = self.dial()
        self.says()
        self.reconfigure(welcome="Other.wav", manager_timeout=3)
        self.sets("Tij", Presence.AWAY)
        self.assertEqual(self.says(), [])
        self.switch.message_ends(call_id)
        self.assertEqual(self.says()[0], ("ring", RAF))

    def test_settings(self) -> None:
        """Taken up by calls that are up."""
        self.reconfigure(waiting=["Waiting.wav"])
        self.switch.phones[TIJ] = Phone.SILENT
        call_id = self.dial()
        self.says()
        self.application.settings = GroupSettings(early_media=True)
        self.switch.device_rings(call_id, TIJ)
        self.assertEqual(self.says(), [("accept", Accept.EARLY_MEDIA), ("repeat", "Waiting.wav")])

    def test_manager_number(self) -> None:
        """Calls to the former number go on, calls to the new one are taken."""
        first = self.dial()
        self.says()
        self.reconfigure(number="8999")
        self.assertEqual(self.says(), [("route", ("8999",))])
        self.dial(LEO, "8999")
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", TIJ)])
        self.clock.advance(30)
        self.assertIn("assistant Raf rings", self.trail(first))


class RaceTests(WorldTestCase):
    def configuration(self) -> Configuration:
        return company()

    def test_answer_while_cancelling(self) -> None:
        """The answer wins, and the next phone stops ringing."""
        self.switch.slow_cancel = True
        call_id = self.dial()
        self.clock.advance(30)
        self.says()
        self.switch.device_answers(call_id, TIJ)
        self.clock.advance(3600)
        self.assertEqual(self.says(), [])
        self.assertEqual(self.trail(call_id), "manager rang 30 s; assistant Raf rang; answered by Tij after 30 s")
        (call,) = self.switch.calls()
        self.assertEqual(
            {c.id.device: c.state for c in call.connections},
            {CALLER: ConnectionState.CONNECTED, TIJ: ConnectionState.CONNECTED},
        )
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.legs()[RAF].outcome, "elsewhere")
        self.assertEqual(self.legs()[TIJ].outcome, "answered")

    def test_decline_while_cancelling(self) -> None:
        """Too late to matter."""
        self.switch.slow_cancel = True
        call_id = self.dial()
        self.clock.advance(30)
        self.says()
        self.switch.device_declines(call_id, TIJ)
        self.assertEqual(self.says(), [])
        self.clock.advance(15)
        self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", ARA)])

    def test_caller_gone_while_cancelling(self) -> None:
        self.switch.slow_cancel = True
        call_id = self.dial()
        self.clock.advance(30)
        self.says()
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.says(), [])

    def test_phone_that_says_nothing(self) -> None:
        """Its time runs all the same."""
        self.switch.phones[TIJ] = Phone.SILENT
        call_id = self.dial()
        self.says()
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)])
        self.switch.device_rings(call_id, TIJ)
        self.assertEqual(self.says(), [])

    def test_picked_up_by_another_member(self) -> None:
        call_id = self.dial()
        self.says()
        pickup = self.switch.directed_pickup_call(ConnectionId(call_id, TIJ), ARA)
        with self.assertRaises(StopIteration):
            pickup.send(None)
        self.clock.advance(3600)
        self.assertEqual(self.says(), [])
        self.assertEqual(self.trail(call_id), "manager rang; picked up by Ara")
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.legs()[TIJ].outcome, "elsewhere")

    def test_picked_up_by_somebody_else(self) -> None:
        call_id = self.dial()
        with self.assertRaises(StopIteration):
            self.switch.directed_pickup_call(ConnectionId(call_id, TIJ), LEO).send(None)
        self.assertEqual(self.trail(call_id), f"manager rang; picked up by {LEO}")

    def test_sent_on_by_the_phone_that_rings(self) -> None:
        call_id = self.dial()
        self.says()
        with self.assertRaises(StopIteration):
            self.switch.deflect_call(ConnectionId(call_id, TIJ), LEO).send(None)
        self.clock.advance(3600)
        self.assertEqual(self.says(), [])
        self.assertEqual(self.trail(call_id), f"Tij sent it to {LEO}")
        self.switch.device_answers(call_id, LEO)

    def test_sent_on_to_another_group(self) -> None:
        """The call begins there anew."""
        team = members("Leo", manager="Leo", group_id=2, first_id=11)
        self.reconfigure(other=SALES, other_team=team)
        call_id = self.dial()
        self.says()
        with self.assertRaises(StopIteration):
            self.switch.deflect_call(ConnectionId(call_id, TIJ), SALES.number).send(None)
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", LEO)])
        self.clock.advance(20)
        self.assertEqual(self.says(), [("cancel", LEO, NOT_ANSWERED), ("clear", Cause.BUSY)])
        self.assertEqual(self.finished_trail(), f"Tij sent it to {SALES.number}; manager rang 20 s; overflow busy")

    def test_offered_again_without_having_left(self) -> None:
        """The former flow of the call is over with its timer."""
        call_id = self.dial()
        self.says()
        self.switch._arrive_at(call_id, "8973")
        self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.assertEqual(len(self.application), 1)

    def test_transferred_to_the_manager_number(self) -> None:
        """Who is transferred is the caller of the group."""
        call_id = self.switch.arrive(CALLER, LEO)
        self.switch.device_answers(call_id, LEO)
        with self.assertRaises(StopIteration):
            self.switch.single_step_transfer_call(ConnectionId(call_id, LEO), "8973").send(None)
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", TIJ)])
        self.assertEqual(self.switch.rings[0].shown_as.number, CALLER)
        (first,) = self.records.finished
        (second,) = self.switch.calls()
        self.switch.caller_hangs_up(second.id)
        self.assertEqual(first.transferred_to, second.id)
        self.assertEqual(self.records.finished[1].transferred_from, call_id)

    def test_answer_in_the_same_moment_as_it_rings(self) -> None:
        """A phone that answers while the switch still tells that another one rings."""
        self.reconfigure(ring_parallel=True)

        def answer(event: object) -> None:
            if type(event).__name__ == "Delivered" and getattr(event, "device", "") == TIJ:
                self.switch.device_answers(getattr(event, "call_id", ""), TIJ)

        self.switch.monitor_start(answer)
        call_id = self.dial()
        self.assertEqual(self.trail(call_id), "assistant Raf rang; answered by Tij")
        self.clock.advance(60)
        (call,) = self.switch.calls()
        self.assertIsNone(call.connection(RAF))

    def test_answered_events_of_other_calls(self) -> None:
        """Plain calls of the members are not the groups' business."""
        heard: list[object] = []
        self.switch.monitor_start(lambda event: heard.append(event) if isinstance(event, Established) else None)
        first = self.dial()
        plain = self.switch.arrive(LEO, TIJ)
        self.says()
        self.switch.device_answers(plain, TIJ)
        self.assertEqual(len(heard), 1)
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)])
        self.assertEqual(self.trail(first), "manager rang 30 s; assistant Raf rings 15 s")
