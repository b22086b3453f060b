"""Leaving a message: which mailbox, what the caller hears, what ends it, what is kept."""

from dataclasses import replace

from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, Party
from magroup.model.forwarding import Forwarded, Forwarding, ForwardTo
from magroup.model.messages import MessagesWaiting
from magroup.model.recording import RecordingEnd
from magroup.voicemail.service import VoicemailSettings
from tests.voicemail.world import (
    ANN,
    ANNS,
    BEN,
    BENS,
    BOARDS,
    CALLER,
    END,
    PILOT,
    START,
    VoicemailTestCase,
    company,
    message,
)

GREETING = [("accept", Accept.ANSWER), ("play", "de-greeting", "VoicemailBeep.wav")]


class WhoseMailbox(VoicemailTestCase):
    """The greeting's language tells whose it is; the message has the rest."""

    def box(self, call_id: str) -> str:
        self.ends(call_id)
        recording = self.switch.recording(call_id)
        assert recording is not None
        self.switch.caller_hangs_up(call_id)
        return recording.path.split("/")[-2]

    def test_diverted(self) -> None:
        for numbers, box in {
            (ANNS,): ANNS,
            ("8973", BOARDS): BOARDS,
            (ANN,): ANNS,
            ("1049",): BENS,
            (BEN, ANN): ANNS,
            (ANN, "0799999999"): ANNS,
            ("50-48",): BENS,
        }.items():
            self.assertEqual(self.box(self.diverted(*numbers)), box, numbers)

    def test_the_number_of_the_mailbox(self) -> None:
        for number in (ANNS, BENS, BOARDS):
            self.assertEqual(self.box(self.switch.arrive(CALLER, number)), number)

    def test_nobodys(self) -> None:
        """Diverted from where there is no mailbox."""
        for number in ("1050", "4711"):
            self.diverted(number)
            self.assertFalse(self.is_up())

    def test_forwarded_line(self) -> None:
        self.switch.forwarded = lambda number: Forwarded(
            PILOT, (number, ANNS), Forwarding(ForwardTo.VOICEMAIL)
        ) if number == ANN else Forwarded(number)  # fmt: skip
        self.assertEqual(self.box(self.switch.arrive(CALLER, ANN)), ANNS)

    def test_group(self) -> None:
        call_id = self.diverted("8973", ANNS)
        self.ends(call_id)
        self.switch.seconds_said = 4.0
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(self.saved[0].group_id, 7)


class Leaving(VoicemailTestCase):
    def arrive(self, said: float = 12.5) -> str:
        """A call for Ann, the greeting begins."""
        self.switch.seconds_said = said
        call_id = self.switch.arrive(CALLER, ANNS, "Bob")
        self.assertEqual(self.says(), GREETING)
        return call_id

    def recording(self, said: float = 12.5) -> str:
        """A call for Ann, the caller speaks."""
        call_id = self.arrive(said)
        self.ends(call_id)
        ((word, _),) = self.says()
        self.assertEqual(word, "record")
        return call_id

    def test_message(self) -> None:
        call_id = self.recording()
        recording = self.switch.recording(call_id)
        assert recording is not None
        self.assertEqual((recording.longest, recording.silence, recording.shortest), (180.0, 10.0, 1.0))
        self.assertEqual(self.story(), f"leaves a message for {ANNS}")
        self.clock.advance(13)
        self.switch.dials(call_id, "*")
        self.assertEqual(self.says(), [("stop",), ("play", "de-saved", "de-goodbye")])
        self.ends(call_id)
        self.assertEqual(self.says(), [END])
        self.assertFalse(self.is_up())
        (kept,) = self.boxes.messages(ANNS)
        self.assertEqual(self.saved, [kept])
        self.assertEqual((kept.caller_number, kept.caller_name, kept.call_id), (CALLER, "Bob", call_id))
        self.assertEqual((kept.left_at, kept.seconds, kept.heard, kept.group_id), (START, 12.5, False, 0))
        self.assertEqual(str(self.path(kept)), recording.path)
        self.assertEqual(self.boxes.waiting(ANN), MessagesWaiting(1, 0))

    def test_hash_and_other_keys(self) -> None:
        call_id = self.recording()
        self.switch.dials(call_id, "0158")
        self.assertEqual(self.says(), [])
        self.switch.dials(call_id, "#")
        self.assertEqual(self.says()[0], ("stop",))

    def test_past_the_greeting(self) -> None:
        call_id = self.arrive()
        self.switch.dials(call_id, "5*")
        self.assertEqual(self.says(), [("play", "VoicemailBeep.wav")])
        self.ends(call_id)
        self.assertIsNotNone(self.switch.recording(call_id))

    def test_hangs_up_in_the_greeting(self) -> None:
        self.switch.caller_hangs_up(self.arrive())
        self.assertEqual(self.boxes.messages(ANNS), ())
        self.assertEqual(self.notes, [])

    def test_hangs_up_while_recording(self) -> None:
        """That is how most messages end: what was said is kept."""
        self.switch.caller_hangs_up(self.recording())
        self.assertEqual([kept.seconds for kept in self.boxes.messages(ANNS)], [12.5])

    def test_hangs_up_while_thanked(self) -> None:
        call_id = self.recording()
        self.switch.dials(call_id, "*")
        self.switch.caller_hangs_up(call_id)
        self.assertEqual(len(self.boxes.messages(ANNS)), 1)

    def test_ended_by_silence_or_limit(self) -> None:
        for end in (RecordingEnd.SILENCE, RecordingEnd.LONGEST):
            call_id = self.recording()
            self.switch.recording_ends(call_id, end)
            self.assertEqual(self.says(), [("play", "de-saved", "de-goodbye")])
            self.switch.caller_hangs_up(call_id)
        self.assertEqual(len(self.boxes.messages(ANNS)), 2)

    def test_nothing_said(self) -> None:
        call_id = self.recording(said=0.4)
        self.switch.recording_ends(call_id, RecordingEnd.SILENCE)
        self.assertEqual(self.says(), [("play", "de-goodbye")])
        self.assertEqual(self.boxes.messages(ANNS), ())

    def test_cannot_be_recorded(self) -> None:
        call_id = self.recording()
        self.switch.recording_ends(call_id, RecordingEnd.FAILED)
        self.assertEqual(self.says(), [("play", "de-no_recording")])
        self.ends(call_id)
        self.assertEqual(self.says(), [END])
        self.assertEqual(self.boxes.messages(ANNS), ())

    def test_two_at_once(self) -> None:
        one, other = self.recording(), self.recording()
        self.switch.caller_hangs_up(one)
        self.switch.caller_hangs_up(other)
        self.assertEqual(len({kept.id for kept in self.boxes.messages(ANNS)}), 2)

    def test_digits_when_all_is_said(self) -> None:
        call_id = self.recording()
        self.switch.dials(call_id, "**#1")
        self.assertEqual(self.says(), [("stop",), ("play", "de-saved", "de-goodbye")])

    def test_taken_elsewhere(self) -> None:
        """Somebody takes the call away: it is none of ours, what was said is kept."""
        call_id = self.recording()
        self.switch.ring(call_id, [Ring(BEN, Party(CALLER))])
        self.switch.device_answers(call_id, BEN)
        self.assertEqual(len(self.boxes.messages(ANNS)), 1)
        self.assertEqual(len(self.voicemail), 0)

    def test_no_new_calls_at_the_end(self) -> None:
        self.voicemail.drain()
        self.switch.arrive(CALLER, ANNS)
        self.assertEqual(self.says(), [("clear", Cause.SWITCHING_FUNCTION_TERMINATED)])

    def test_a_call_that_cannot_go_on_ends(self) -> None:
        self.patch(self.boxes, "greeting", lambda box: 1 // 0)
        self.switch.arrive(CALLER, ANNS)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        self.assertEqual(len(self.voicemail), 0)


class OwnGreeting(VoicemailTestCase):
    greetings = (ANNS,)

    def test_heard(self) -> None:
        call_id = self.switch.arrive(CALLER, ANNS)
        self.assertEqual(self.says()[-1], ("play", f"{ANNS}/greeting", "VoicemailBeep.wav"))
        self.boxes.no_greeting(ANNS)
        self.boxes.no_greeting(ANNS)
        self.assertEqual([path.name for path in self.discarded], ["greeting.wav"])
        self.switch.caller_hangs_up(call_id)
        self.switch.arrive(CALLER, ANNS)
        self.assertEqual(self.says()[-1], ("play", "de-greeting", "VoicemailBeep.wav"))


class Full(VoicemailTestCase):
    settings = VoicemailSettings(PILOT, most=3)
    stored = (message(1), message(2))

    def test_full(self) -> None:
        """Who is leaving one counts."""
        first = self.switch.arrive(CALLER, ANNS)
        self.assertEqual(self.says(), GREETING)
        second = self.switch.arrive(CALLER, ANNS)
        self.assertEqual(self.says()[-1], ("play", "de-full"))
        self.ends(second)
        self.assertEqual(self.says(), [END])
        self.switch.caller_hangs_up(first)
        self.switch.arrive(CALLER, BENS)
        self.assertEqual(self.says()[-1][1], "en-greeting")


class Numbers(VoicemailTestCase):
    def test_points(self) -> None:
        self.assertEqual(set(self.voicemail.points), {PILOT, ANNS, BENS, BOARDS})

    def test_no_pilot(self) -> None:
        self.voicemail.configure(company(), VoicemailSettings())
        self.assertEqual(self.voicemail.points, ())

    def test_pilot_that_is_a_line(self) -> None:
        self.voicemail.configure(company(), VoicemailSettings(ANN))
        self.assertEqual(self.voicemail.points, ())

    def test_box_that_is_a_line(self) -> None:
        """It is called by diversion only."""
        given = company()
        ann = replace(given.users[0], voicemail=ANN)
        self.voicemail.configure(replace(given, users=(ann, *given.users[1:])))
        self.assertEqual(set(self.voicemail.points), {PILOT, BENS, BOARDS})
        call_id = self.diverted(ANN)
        self.ends(call_id)
        recording = self.switch.recording(call_id)
        assert recording is not None
        self.assertIn(f"/{ANN}/", recording.path)
