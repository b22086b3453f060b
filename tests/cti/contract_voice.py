"""The contract of voice services at route points: digits that callers dial, messages that are recorded."""

from pathlib import Path

from magroup.cti.events import CallCleared, DigitsGenerated, MessageRecorded, Offered
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, Party
from magroup.model.recording import Recorded, Recording, RecordingEnd
from tests.cti.driver import ContractBase


class VoiceContract(ContractBase):
    def arrived(self) -> str:
        """The caller's call at the route point, answered."""
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        call_id: str = self.told(Offered)[-1].call_id
        self.do(self.switch.accept_call, call_id, Accept.ANSWER)
        return call_id

    def record(self, call_id: str, **limits: float) -> Recording:
        """What is said is recorded from now on."""
        self.recordings = getattr(self, "recordings", 0) + 1
        path = Path(self.mktemp()).absolute() / f"{self.recordings}.wav"
        recording = Recording(str(path), **limits)
        self.do(self.switch.record_message, call_id, recording)
        return recording

    def recorded(self, recording: Recording, call_id: str) -> Recorded:
        """What became of the only recording."""
        event = self.one_event(MessageRecorded)
        self.assertEqual((event.device, event.call_id, event.recorded.path), (self.point, call_id, recording.path))
        found: Recorded = event.recorded
        return found

    # Digits

    def test_digits_are_told(self) -> None:
        call_id = self.arrived()
        self.do(self.driver.press, self.caller, "19*#")
        told = self.told(DigitsGenerated)
        self.assertEqual("".join(event.digits for event in told), "19*#")
        self.assertEqual({(event.device, event.call_id) for event in told}, {(self.caller, call_id)})

    def test_digits_while_something_plays(self) -> None:
        call_id = self.arrived()
        self.do(self.switch.play_message, call_id, self.driver.sounds, True)
        self.do(self.driver.press, self.caller, "5")
        self.one_event(DigitsGenerated)

    def test_no_digits_of_those_who_talk(self) -> None:
        call_id = self.arrived()
        self.do(self.switch.ring, call_id, self.ring_for(self.one))
        self.do(self.driver.answer, self.one)
        self.do(self.driver.press, self.caller, "5")
        self.assertEqual(self.told(DigitsGenerated), [])

    # Messages

    def test_record(self) -> None:
        call_id = self.arrived()
        recording = self.record(call_id)
        self.do(self.driver.speak, self.caller, 2.0)
        self.assertEqual(self.told(MessageRecorded), [])
        self.do(self.switch.stop_message, call_id)
        recorded = self.recorded(recording, call_id)
        self.assertApproximates(recorded.seconds, 2.0, 0.1)
        self.assertIs(recorded.end, RecordingEnd.STOPPED)
        self.do(self.switch.stop_message, call_id)
        self.one_event(MessageRecorded)

    def test_record_answers(self) -> None:
        self.switch.route_register([self.point])
        self.do(self.driver.dial, self.caller, self.point)
        call_id = self.one_event(Offered).call_id
        recording = self.record(call_id)
        self.do(self.driver.speak, self.caller, 2.0)
        self.do(self.driver.hang_up, self.caller)
        self.assertApproximates(self.recorded(recording, call_id).seconds, 2.0, 0.1)

    def test_nothing_said(self) -> None:
        call_id = self.arrived()
        recording = self.record(call_id)
        self.do(self.switch.stop_message, call_id)
        self.assertEqual(self.recorded(recording, call_id).seconds, 0.0)

    def test_too_little_said(self) -> None:
        call_id = self.arrived()
        recording = self.record(call_id, shortest=1.0)
        self.do(self.driver.speak, self.caller, 0.5)
        self.do(self.switch.stop_message, call_id)
        self.assertEqual(self.recorded(recording, call_id).seconds, 0.0)

    def test_caller_hangs_up(self) -> None:
        """What was said is kept; it may be told when the call is over."""
        call_id = self.arrived()
        recording = self.record(call_id)
        self.do(self.driver.speak, self.caller, 2.0)
        self.do(self.driver.hang_up, self.caller)
        self.one_event(CallCleared)
        recorded = self.recorded(recording, call_id)
        self.assertApproximates(recorded.seconds, 2.0, 0.1)
        self.assertIs(recorded.end, RecordingEnd.STOPPED)

    def test_leaving_the_route_point_ends_it(self) -> None:
        leaving = {
            "deflected": lambda call_id: self.switch.deflect(call_id, Ring(self.one, Party(self.caller))),
            "cleared": lambda call_id: self.switch.clear(call_id, Cause.BUSY),
            "ended": lambda call_id: self.switch.clear(call_id, Cause.NORMAL_CLEARING),
        }
        for way, leave in leaving.items():
            self.events.clear()
            call_id = self.arrived()
            recording = self.record(call_id)
            self.do(self.driver.speak, self.caller, 2.0)
            self.do(leave, call_id)
            self.assertApproximates(self.recorded(recording, call_id).seconds, 2.0, 0.1, way)
            if way != "ended":
                self.do(self.driver.hang_up, self.caller)

    def test_answered_elsewhere_ends_it(self) -> None:
        call_id = self.arrived()
        recording = self.record(call_id)
        self.do(self.driver.speak, self.caller, 2.0)
        self.do(self.switch.ring, call_id, self.ring_for(self.one))
        self.do(self.driver.answer, self.one)
        self.assertApproximates(self.recorded(recording, call_id).seconds, 2.0, 0.5)

    def test_another_takes_its_place(self) -> None:
        call_id = self.arrived()
        self.record(call_id)
        self.do(self.driver.speak, self.caller, 2.0)
        second = self.record(call_id)
        self.one_event(MessageRecorded)
        self.do(self.driver.speak, self.caller, 1.5)
        self.do(self.switch.stop_message, call_id)
        first, last = self.told(MessageRecorded)
        self.assertApproximates(first.recorded.seconds, 2.0, 0.1)
        self.assertEqual(last.recorded.path, second.path)

    def test_voice_of_an_unknown_call(self) -> None:
        recording = self.record("no such call")
        event = self.one_event(MessageRecorded)
        self.assertEqual(event.recorded, Recorded(recording.path, 0.0, RecordingEnd.FAILED))

    # The end

    def test_cleared_without_a_tone(self) -> None:
        call_id = self.arrived()
        self.do(self.switch.clear, call_id, Cause.NORMAL_CLEARING)
        over = self.one_event(CallCleared)
        self.assertEqual((over.device, over.cause), ("", Cause.NORMAL_CLEARING))

    def test_told_who_diverted(self) -> None:
        call_id = self.arrived()
        self.switch.route_register(self.driver.POINTS)
        other = self.driver.POINTS[1]
        self.do(self.switch.deflect, call_id, Ring(other, Party(self.caller), (self.point, "4711")))
        self.assertEqual(self.told(Offered, self.point)[0].diverted_from, ())
        self.assertEqual(self.one_event(Offered, other).diverted_from, (self.point, "4711"))
