"""Listening by phone: whose mailbox, its PIN, the keys, and callers who press none."""

from typing import ClassVar

from twisted.internet.defer import Deferred

from magroup.cti.switch import Accept
from magroup.model.messages import Message
from magroup.model.recording import RecordingEnd
from magroup.voicemail.login import INPUT_SECONDS, MOST_EMPTY
from magroup.voicemail.pins import FIRST_LOCK
from tests.voicemail.world import (
    ANN,
    ANNS,
    BEN,
    BENS,
    CALLER,
    END,
    PILOT,
    PIN,
    VoicemailTestCase,
    message,
)

PLAY = "play"


class LoginTests(VoicemailTestCase):
    stored = (message(1), message(2, BENS))

    def call(self, caller: str = ANN) -> str:
        self.says()
        call_id = self.switch.arrive(caller, PILOT)
        said = self.says()
        self.assertEqual(said[0], ("accept", Accept.ANSWER))
        self.first = said[-1]
        return call_id

    def enter(self, call_id: str, digits: str) -> list[str]:
        """What is said to these keys, the last of it."""
        self.switch.dials(call_id, digits)
        return list(self.says()[-1][1:])

    def test_own_line(self) -> None:
        call_id = self.call()
        self.assertEqual(self.first, (PLAY, "de-enter_pin"))
        self.assertEqual(self.enter(call_id, f"{PIN}#")[:3], ["de-you_have", "de-1", "de-new"])
        self.assertEqual(self.story(), f"listens to the messages for {ANNS}")
        self.assertEqual(self.checks, [(PIN, ("the hash of 4711",))])

    def test_own_line_without_a_pin(self) -> None:
        for line in (BEN, "1049"):
            self.call(line)
            self.assertEqual(self.first[1:4], ("en-you_have", "en-1", "en-new"))
        self.assertEqual(self.checks, [])

    def test_from_elsewhere(self) -> None:
        for caller in (CALLER, "1050"):
            call_id = self.call(caller)
            self.assertEqual(self.first, (PLAY, "en-enter_box"))
            self.assertEqual(self.enter(call_id, f"{ANNS}#"), ["en-enter_pin"])
            self.assertEqual(self.enter(call_id, f"{PIN}#")[0], "de-you_have")

    def test_outside_caller_with_the_number_of_a_line(self) -> None:
        """Whoever says so is not believed."""
        self.switch._devices.discard(BEN)
        self.call(BEN)
        self.assertEqual(self.first, (PLAY, "en-enter_box"))
        self.switch._devices.add(BEN)

    def test_box_without_a_pin_from_elsewhere(self) -> None:
        call_id = self.call(CALLER)
        self.assertEqual(self.enter(call_id, f"{BENS}#"), ["en-enter_pin"])
        self.assertEqual(self.enter(call_id, "#"), ["en-wrong", "en-enter_pin"])
        self.assertEqual(self.enter(call_id, "0000#"), ["en-wrong", "en-enter_pin"])
        self.assertEqual(self.checks, [])

    def test_box_that_is_none(self) -> None:
        """It looks like any other; three tries end the call."""
        call_id = self.call(CALLER)
        self.assertEqual(self.enter(call_id, "999#"), ["en-enter_pin"])
        for _ in range(2):
            self.assertEqual(self.enter(call_id, "0000#"), ["en-wrong", "en-enter_pin"])
        self.assertEqual(self.enter(call_id, "0000#"), ["en-wrong", "en-goodbye"])
        self.ends(call_id)
        self.assertEqual(self.says(), [END])

    def test_another_box_from_the_own_line(self) -> None:
        call_id = self.call()
        self.assertEqual(self.enter(call_id, "*"), ["de-enter_box"])
        self.assertEqual(self.enter(call_id, f"{ANNS}#"), ["de-enter_pin"])

    def test_no_pin_at_all(self) -> None:
        """It is asked for again, and no try is lost by it; but not for ever."""
        call_id = self.call()
        for _ in range(MOST_EMPTY - 1):
            self.assertEqual(self.enter(call_id, "#"), ["de-wrong", "de-enter_pin"])
        self.assertEqual(self.checks, [])
        self.assertEqual(self.enter(call_id, f"{PIN}#")[0], "de-you_have")
        self.switch.caller_hangs_up(call_id)
        call_id = self.call()
        self.assertEqual(self.enter(call_id, "#" * MOST_EMPTY), ["de-wrong", "de-goodbye"])
        self.ends(call_id)
        self.assertFalse(self.is_up())
        self.call()
        self.assertEqual(self.first, (PLAY, "de-enter_pin"))

    def test_three_wrong(self) -> None:
        """The call ends and the box is locked, longer each time; a right one in time unlocks it for good."""
        for seconds in (FIRST_LOCK, 2 * FIRST_LOCK):
            call_id = self.call()
            for _ in range(2):
                self.assertEqual(self.enter(call_id, "0000#"), ["de-wrong", "de-enter_pin"])
            self.assertEqual(self.enter(call_id, "0000#"), ["de-wrong", "de-goodbye"])
            self.ends(call_id)
            self.assertFalse(self.is_up())
            self.clock.advance(seconds - 1)
            self.call()
            self.assertEqual(self.first, (PLAY, "de-try_later", "de-goodbye"))
            self.switch.caller_hangs_up(self.switch.calls()[0].id)
            self.clock.advance(1)
        call_id = self.call()
        self.assertEqual(self.enter(call_id, f"{PIN}#")[0], "de-you_have")
        self.switch.caller_hangs_up(call_id)
        call_id = self.call()
        self.assertEqual(self.enter(call_id, "0000#0000#"), ["de-wrong", "de-enter_pin"])
        self.assertEqual(self.enter(call_id, f"{PIN}#")[0], "de-you_have")

    def test_locked_for_all_who_try(self) -> None:
        calls = [self.call() for _ in range(3)]
        for call_id in calls[:2]:
            self.enter(call_id, "0000#")
        self.assertEqual(self.enter(calls[2], "0000#"), ["de-try_later", "de-goodbye"])

    def test_locked_since_it_was_asked(self) -> None:
        """Many calls side by side are no more guesses."""
        calls = [self.call() for _ in range(5)]
        for call_id in calls:
            self.enter(call_id, "0000#")
        before = len(self.checks)
        self.assertEqual(self.enter(calls[0], f"{PIN}#"), ["de-try_later", "de-goodbye"])
        self.assertEqual(len(self.checks), before)

    def test_locked_from_elsewhere(self) -> None:
        """Who tries PINs from outside does not lock the owner out."""
        call_id = self.call(CALLER)
        self.enter(call_id, f"{ANNS}#0000#0000#0000#")
        call_id = self.call(CALLER)
        self.assertEqual(self.enter(call_id, f"{ANNS}#"), ["en-try_later", "en-goodbye"])
        call_id = self.call()
        self.assertEqual(self.enter(call_id, f"{PIN}#")[0], "de-you_have")

    def test_typed_anew(self) -> None:
        call_id = self.call()
        self.switch.dials(call_id, "99*")
        self.says()
        self.assertEqual(self.enter(call_id, f"{PIN}#")[0], "de-you_have")

    def test_first_key_ends_what_is_said(self) -> None:
        call_id = self.call()
        self.switch.dials(call_id, "47")
        self.assertEqual(self.says(), [("stop",)])

    def test_without_hash(self) -> None:
        call_id = self.call()
        self.switch.dials(call_id, PIN)
        self.says()
        self.clock.advance(INPUT_SECONDS)
        self.assertEqual(self.says()[-1][1], "de-you_have")

    def test_no_keys(self) -> None:
        call_id = self.call()
        for words in (["de-enter_pin"], ["de-enter_pin"], ["de-goodbye"]):
            self.ends(call_id)
            self.says()
            self.clock.advance(INPUT_SECONDS)
            self.assertEqual(list(self.says()[-1][1:]), words)
            if words != ["de-goodbye"]:
                continue
            self.ends(call_id)
        self.assertFalse(self.is_up())

    def test_more_digits_than_any_pin_has(self) -> None:
        call_id = self.call()
        self.assertEqual(self.enter(call_id, "1" * 5000 + "#"), ["de-wrong", "de-enter_pin"])
        self.assertEqual(len(self.checks[0][0]), 32)

    def test_hangs_up_while_checked(self) -> None:
        waiting: Deferred[bool] = Deferred()
        self.voicemail._in_thread = lambda work: waiting
        call_id = self.call()
        self.switch.dials(call_id, f"{PIN}#12")
        self.switch.caller_hangs_up(call_id)
        waiting.callback(True)
        self.assertEqual(self.notes, [])

    def test_check_that_fails(self) -> None:
        async def fail(work: object) -> bool:
            raise OSError("no threads")

        self.voicemail._in_thread = fail
        call_id = self.call()
        self.assertEqual(self.enter(call_id, f"{PIN}#"), ["de-wrong", "de-enter_pin"])
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 1)


class MenuTests(VoicemailTestCase):
    """Ben's mailbox: two new messages, an old one."""

    stored = (message(1, BENS, heard=True), message(2, BENS), message(3, BENS))
    FROM: ClassVar[list[str]] = [f"en-{piece}" for piece in ["from", *CALLER, "today", "at"]]

    def setUp(self) -> None:
        super().setUp()
        self.call_id = self.switch.arrive(BEN, PILOT)
        self.first = list(self.says()[-1][1:])

    def press(self, digits: str) -> list[str]:
        """What is said to a key, the last of it."""
        self.switch.dials(self.call_id, digits)
        said = self.says()
        return list(said[-1][1:]) if said else []

    def played(self, said: list[str]) -> str:
        """The message that is played."""
        self.assertTrue(said[-1].startswith(f"{BENS}/"), said)
        return said[-1].removeprefix(f"{BENS}/")

    def counts(self) -> tuple[int, int]:
        counts = self.boxes.counts(BENS)
        return counts.new, counts.old

    def end(self) -> list[str]:
        self.ends(self.call_id)
        said = self.says()
        return list(said[-1][1:]) if said else []

    def test_first(self) -> None:
        """The counts, then the oldest of the new ones: from whom, when, itself; then the keys. It is old now."""
        counts = ["en-you_have", "en-2", "en-new", "en-and", "en-1", "en-old"]
        self.assertEqual(self.first, [*counts, *self.FROM, "en-2", "en-2", "en-1", "en-5", f"{BENS}/m2"])
        self.assertEqual(self.counts(), (2, 1))
        self.assertEqual(self.end(), ["en-menu"])
        self.assertEqual(self.counts(), (1, 2))
        self.assertEqual([saved.id for saved in self.saved], ["m2"])

    def test_again(self) -> None:
        self.end()
        self.assertEqual(self.played(self.press("1")), "m2")

    def test_next_to_the_end(self) -> None:
        """New ones before old ones; who goes on keeps them as old."""
        self.assertEqual([self.played(self.press("2")) for _ in range(2)], ["m3", "m1"])
        self.assertEqual(self.counts(), (0, 3))
        self.assertEqual(self.press("2"), ["en-no_more", "en-menu"])
        self.assertEqual(self.press("2"), ["en-no_more", "en-menu"])
        self.assertEqual(self.played(self.press("4")), "m1")

    def test_the_one_before(self) -> None:
        self.press("2")
        self.assertEqual(self.played(self.press("4")), "m2")
        self.assertEqual(self.played(self.press("4")), "m2")

    def test_delete(self) -> None:
        said = self.press("3")
        self.assertEqual((said[0], self.played(said)), ("en-deleted", "m3"))
        self.assertEqual((self.removed, [path.name for path in self.discarded]), (["m2"], ["m2.wav"]))
        self.press("3")
        self.assertEqual(self.press("3"), ["en-deleted", "en-no_more", "en-menu"])
        self.assertEqual(self.counts(), (0, 0))
        self.assertEqual(self.press("3"), ["en-no_more", "en-menu"])
        self.assertEqual(self.press("*"), ["en-none", "en-menu"])

    def test_interrupted_message_stays_new(self) -> None:
        self.press("0")
        self.end()
        self.assertEqual(self.counts(), (2, 1))

    def test_back(self) -> None:
        """From the start, with what is there now."""
        self.press("2")
        self.boxes.add(message(9, BENS))
        said = self.press("*")
        self.assertEqual((said[1], self.played(said)), ("en-2", "m3"))

    def test_end(self) -> None:
        self.assertEqual(self.press("#"), ["en-goodbye"])
        self.press("1")
        self.ends(self.call_id)
        self.assertFalse(self.is_up())

    def test_deleted_by_somebody_else(self) -> None:
        self.boxes.delete(BENS, "m3")
        self.assertEqual(self.played(self.press("2")), "m1")

    def test_own_greeting(self) -> None:
        self.assertEqual(self.press("9"), ["en-record_greeting", "VoicemailBeep.wav"])
        self.end()
        recording = self.switch.recording(self.call_id)
        assert recording is not None
        self.assertEqual((recording.path.split("/")[-2:], recording.longest), ([BENS, "greeting.wav"], 60.0))
        self.switch.seconds_said = 5.0
        self.assertEqual(self.press("12"), [])
        self.assertEqual(self.press("*"), ["en-greeting_saved", "en-menu"])
        self.assertIsNotNone(self.boxes.greeting(BENS))

    def test_two_record_the_greeting(self) -> None:
        """The one who comes second is told, and goes on."""
        self.press("9")
        self.end()
        first = self.call_id
        self.call_id = self.switch.arrive(BEN, PILOT)
        self.press("9")
        self.assertEqual(self.end(), ["en-no_recording", "en-menu"])
        self.assertIsNone(self.switch.recording(self.call_id))
        self.call_id = first
        self.switch.seconds_said = 5.0
        self.assertEqual(self.press("*"), ["en-greeting_saved", "en-menu"])

    def test_greeting_that_is_none(self) -> None:
        """Who says nothing is back at the standard one; where it cannot be recorded the own one stays."""
        self.boxes.greeted(BENS)
        for end, words in ((RecordingEnd.FAILED, "en-no_recording"), (RecordingEnd.SILENCE, "en-deleted")):
            self.assertIsNotNone(self.boxes.greeting(BENS))
            self.press("9")
            self.end()
            self.switch.recording_ends(self.call_id, end)
            self.assertEqual(list(self.says()[-1][1:]), [words, "en-menu"])
        self.assertIsNone(self.boxes.greeting(BENS))
        self.assertEqual([path.name for path in self.discarded], ["greeting.wav"])

    def test_hangs_up_in_the_greeting(self) -> None:
        self.press("9")
        self.end()
        self.switch.seconds_said = 5.0
        self.switch.caller_hangs_up(self.call_id)
        self.assertIsNotNone(self.boxes.greeting(BENS))

    def test_keys_without_meaning(self) -> None:
        self.assertEqual([self.press(key)[0] for key in "57"], ["en-menu", "en-menu"])
        self.press("2")
        self.assertEqual([self.press(key)[0] for key in "6A8"], ["en-menu", "en-menu", "en-goodbye"])

    def test_no_keys(self) -> None:
        self.end()
        for words in ("en-menu", "en-menu", "en-goodbye"):
            self.ends(self.call_id)
            self.clock.advance(INPUT_SECONDS)
            self.assertEqual(self.says()[-1][1], words)

    def test_messages_of_other_days(self) -> None:
        self.clock.advance(86400)
        self.assertIn("en-yesterday", self.press("1"))
        self.clock.advance(86400 * 11)
        said = self.press("1")
        self.assertEqual(said[said.index("en-before") :][:4], ["en-before", "en-1", "en-2", "en-days"])


class UnknownCaller(VoicemailTestCase):
    stored = (Message("m1", BENS, "", "", 0.0, 3.0), Message("m2", BENS, "+4131", "", 0.0, 3.0))

    def test_envelopes(self) -> None:
        call_id = self.switch.arrive(BEN, PILOT)
        self.assertEqual(self.says()[-1][4:6], ("en-from", "en-unknown"))
        self.switch.dials(call_id, "2")
        self.assertEqual(self.says()[-1][1:7], ("en-from", "en-plus", "en-4", "en-1", "en-3", "en-1"))
