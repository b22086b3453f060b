"""A call at a manager number, phase by phase: what the application does, in one list."""

from magroup.cti.fake import Phone
from magroup.cti.switch import Accept
from magroup.cti.types import Cause
from magroup.groups import GroupSettings
from magroup.model.configuration import Configuration
from magroup.model.groups import Overflow
from tests.groups.world import WorldTestCase
from tests.policy.company import ARA, CALLER, RAF, TIJ, company

ANNOUNCEMENTS = ("repeat", "Waiting.wav", "Music.wav")
NOT_ANSWERED = Cause.CALL_NOT_ANSWERED


class WholeCallTests(WorldTestCase):
    """Greeting, announcements, manager, assistants, overflow busy."""

    def test_greeting_in_full_before_anything_rings(self) -> None:
        call_id = self.dial()
        self.assertEqual(self.says(), [("accept", Accept.ANSWER), ("play", "Welcome.wav")])
        self.clock.advance(3600)
        self.assertEqual(self.says(), [])
        self.switch.message_ends(call_id)
        self.assertEqual(self.says(), [("ring", TIJ), ANNOUNCEMENTS])

    def test_manager_then_assistants_then_overflow(self) -> None:
        call_id = self.dial_past_greeting()
        self.says()
        self.clock.advance(29.9)
        self.assertEqual(self.says(), [])
        self.clock.advance(0.1)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)])
        self.clock.advance(15)
        self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", ARA)])
        self.clock.advance(15)
        self.assertEqual(self.says(), [("cancel", ARA, NOT_ANSWERED), ("clear", Cause.BUSY)])
        self.switch.message_ends(call_id)
        self.assertEqual(
            self.finished_trail(),
            "greeting; manager rang 30 s; assistant Raf rang 15 s; assistant Ara rang 15 s; overflow busy",
        )
        self.assertEqual(self.record().overflow, "-3")

    def test_manager_answers(self) -> None:
        call_id = self.dial_past_greeting()
        self.says()
        self.clock.advance(4)
        self.switch.device_answers(call_id, TIJ)
        self.assertEqual(self.says(), [])
        self.assertEqual(len(self.application), 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.assertEqual(self.trail(call_id), "greeting; answered by Tij after 4 s")

    def test_assistant_answers(self) -> None:
        call_id = self.dial_past_greeting()
        self.clock.advance(30)
        self.says()
        self.switch.device_answers(call_id, RAF)
        self.clock.advance(60)
        self.assertEqual(self.says(), [])
        self.assertEqual(self.trail(call_id), "greeting; manager rang 30 s; answered by Raf")

    def test_busy_declined_and_failed_are_left_at_once(self) -> None:
        for phone, words in (
            (Phone.BUSY, "Tij busy"),
            (Phone.DECLINES, "Tij declined"),
            (Phone.GONE, "Tij not reached"),
        ):
            self.switch.phones[TIJ] = phone
            call_id = self.dial()
            self.says()
            self.switch.message_ends(call_id)
            self.assertEqual(self.says(), [("ring", TIJ), ANNOUNCEMENTS, ("ring", RAF)])
            self.assertEqual(self.trail(call_id), f"greeting; {words}; assistant Raf rings 15 s")
            self.switch.caller_hangs_up(call_id)

    def test_declines_while_ringing(self) -> None:
        call_id = self.dial_past_greeting()
        self.clock.advance(2)
        self.says()
        self.switch.device_declines(call_id, TIJ)
        self.assertEqual(self.says(), [("ring", RAF)])
        self.clock.advance(14.9)
        self.assertEqual(self.says(), [])
        self.clock.advance(0.1)
        self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", ARA)])

    def test_line_that_went_before_it_rang(self) -> None:
        """In service when the step was made, and gone when the switch rings it."""
        self.switch.phones[TIJ] = Phone.SILENT
        call_id = self.dial_past_greeting()
        self.says()
        self.switch.device_fails(call_id, TIJ)
        self.assertEqual(self.says(), [("ring", RAF)])

    def test_line_that_is_forwarded_back_to_the_group(self) -> None:
        """By the PBX it is on: left at once, and told what it is."""
        self.switch.phones[TIJ] = Phone.SENDS_BACK
        call_id = self.dial_past_greeting()
        self.assertEqual(self.says()[-1], ("ring", RAF))
        self.assertEqual(
            self.trail(call_id), "greeting; forwarding of Tij goes in a circle; assistant Raf rings 15 s"
        )

    def test_cleared_by_somebody_else(self) -> None:
        """A phone that rings is taken out of the call by a service."""
        call_id = self.dial_past_greeting()
        self.says()
        self.switch.device_hangs_up(call_id, TIJ)
        self.assertEqual(self.says(), [("ring", RAF)])

    def test_greeting_that_cannot_be_played(self) -> None:
        self.switch.missing_sounds.add("Welcome.wav")
        self.dial()
        self.assertEqual(
            self.says(), [("accept", Accept.ANSWER), ("play", "Welcome.wav"), ("ring", TIJ), ANNOUNCEMENTS]
        )

    def test_two_calls_do_not_mix(self) -> None:
        first = self.dial_past_greeting()
        self.clock.advance(10)
        second = self.dial_past_greeting("0792222222")
        self.says()
        self.clock.advance(20)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)])
        self.switch.device_answers(second, TIJ)
        self.clock.advance(15)
        self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", ARA)])
        self.assertEqual(self.trail(second), "greeting; answered by Tij after 20 s")
        self.assertIn("Raf rang 15 s", self.trail(first))


class CallerHangsUpTests(WorldTestCase):
    """In each phase everything ends at once."""

    def ends(self, call_id: str, trail: str) -> None:
        self.says()
        self.switch.caller_hangs_up(call_id)
        self.clock.advance(3600)
        self.assertEqual(self.says(), [])
        self.assertEqual(len(self.application), 0)
        self.assertEqual(self.finished_trail(), trail)
        self.assertEqual(self.record().ended_by, CALLER)

    def test_greeting(self) -> None:
        self.ends(self.dial(), "greeting; caller hung up")

    def test_manager_rings(self) -> None:
        call_id = self.dial_past_greeting()
        self.clock.advance(7)
        self.ends(call_id, "greeting; manager rang 7 s; caller hung up")

    def test_before_the_phone_says_anything(self) -> None:
        self.switch.phones[TIJ] = Phone.SILENT
        self.ends(self.dial_past_greeting(), "greeting; manager rang; caller hung up")

    def test_assistant_rings(self) -> None:
        call_id = self.dial_past_greeting()
        self.clock.pump([30, 2])
        self.ends(call_id, "greeting; manager rang 30 s; assistant Raf rang 2 s; caller hung up")

    def test_busy_tone(self) -> None:
        call_id = self.dial_past_greeting()
        for step in (30, 15, 15):
            self.clock.advance(step)
        self.ends(
            call_id,
            "greeting; manager rang 30 s; assistant Raf rang 15 s; assistant Ara rang 15 s; "
            "overflow busy; caller hung up",
        )

    def test_waiting(self) -> None:
        self.reconfigure(team=(), overflow=Overflow())
        self.ends(self.dial(), "nobody available, waiting; caller hung up")

    def test_talking(self) -> None:
        call_id = self.dial_past_greeting()
        self.switch.device_answers(call_id, TIJ)
        self.ends(call_id, "greeting; answered by Tij")


class NoGreetingTests(WorldTestCase):
    """The call is answered when the first announcement starts, and that is when something rings."""

    def configuration(self) -> Configuration:
        return company(waiting=["Waiting.wav"])

    def test_announcements_from_the_moment_something_rings(self) -> None:
        self.switch.phones[TIJ] = Phone.SILENT
        call_id = self.dial()
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", TIJ)])
        self.switch.device_rings(call_id, TIJ)
        self.assertEqual(self.says(), [("accept", Accept.ANSWER), ("repeat", "Waiting.wav")])
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)])

    def test_nothing_rings(self) -> None:
        """Everybody is busy: the caller is refused, not answered for it."""
        self.switch.phones.update({TIJ: Phone.BUSY, RAF: Phone.BUSY, ARA: Phone.DECLINES})
        self.dial()
        self.assertEqual(
            self.says(),
            [("accept", Accept.RINGING), ("ring", TIJ), ("ring", RAF), ("ring", ARA), ("clear", Cause.BUSY)],
        )
        self.assertEqual(self.finished_trail(), "Tij busy; Raf busy; Ara declined; overflow busy")
        self.assertEqual(self.switch.calls(), ())


class EarlyMediaTests(WorldTestCase):
    settings = GroupSettings(early_media=True)

    def test_the_call_is_not_answered_for_announcements(self) -> None:
        call_id = self.dial()
        self.switch.message_ends(call_id)
        self.assertEqual(
            self.says(), [("accept", Accept.EARLY_MEDIA), ("play", "Welcome.wav"), ("ring", TIJ), ANNOUNCEMENTS]
        )


class NothingToPlayTests(WorldTestCase):
    def configuration(self) -> Configuration:
        return company()

    def test_ringing_until_somebody_answers(self) -> None:
        call_id = self.dial()
        self.clock.advance(30)
        self.assertEqual(
            self.says(), [("accept", Accept.RINGING), ("ring", TIJ), ("cancel", TIJ, NOT_ANSWERED), ("ring", RAF)]
        )
        self.switch.device_answers(call_id, RAF)


class GreetingOnlyTests(WorldTestCase):
    def configuration(self) -> Configuration:
        return company(welcome="Welcome.wav")

    def test_ringback_after_the_greeting(self) -> None:
        call_id = self.dial()
        self.says()
        self.switch.message_ends(call_id)
        self.assertEqual(self.says(), [("ring", TIJ), ("repeat", "ringback")])


class ParallelTests(WorldTestCase):
    def configuration(self) -> Configuration:
        return company(ring_parallel=True)

    def test_both_ring_for_the_manager_timeout(self) -> None:
        self.dial()
        self.says()
        self.clock.advance(30)
        self.assertEqual(self.says(), [("cancel", TIJ, RAF, NOT_ANSWERED), ("ring", ARA)])

    def test_assistant_first(self) -> None:
        call_id = self.dial()
        self.says()
        self.clock.advance(3)
        self.switch.device_answers(call_id, RAF)
        self.clock.advance(60)
        self.assertEqual(self.says(), [])
        self.assertEqual(self.trail(call_id), "manager rang; answered by Raf after 3 s")

    def test_one_declines_the_other_rings_on(self) -> None:
        call_id = self.dial()
        self.says()
        self.clock.advance(3)
        self.switch.device_declines(call_id, TIJ)
        self.assertEqual(self.says(), [])
        self.clock.advance(27)
        self.assertEqual(self.says(), [("cancel", RAF, NOT_ANSWERED), ("ring", ARA)])

    def test_both_fail(self) -> None:
        self.switch.phones.update({TIJ: Phone.BUSY, RAF: Phone.GONE})
        self.dial()
        self.assertEqual(self.says(), [("accept", Accept.RINGING), ("ring", TIJ, RAF), ("ring", ARA)])
