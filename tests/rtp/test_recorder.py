"""Recording a caller through a stream: what ends it, and what is kept."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest import mock

from twisted.internet.defer import Deferred

from magroup.model.recording import Recorded, Recording, RecordingEnd
from magroup.rtp.codec import CODECS
from magroup.rtp.recordings import Recordings
from tests.peers import audio
from tests.rtp.desk import DeskTest


async def at_once(work: Callable[[], Any]) -> Any:
    """A thread that takes no time."""
    return work()


class RecorderTests(DeskTest):
    def setUp(self) -> None:
        super().setUp()
        self.path = Path(self.mktemp()).absolute() / "1047" / "m.wav"
        self.recordings = Recordings(self.clock, at_once, at_once)
        self.recorded: list[Recorded] = []

    def tearDown(self) -> None:
        self.assertEqual(len(self.recordings), 0)
        super().tearDown()

    def record(self, codec: str = "PCMA", **limits: float) -> None:
        self.line = self.stream(codec)
        recording = Recording(str(self.path), "note", **limits)
        self.recorder = self.recordings.start(recording, CODECS[codec].sample_rate, {}, self.recorded.append)
        self.line.on_payload = self.recorder.hear

    def say(self, samples: audio.Samples, codec: str = "PCMA") -> None:
        """Speak it in real time."""
        made = CODECS[codec]
        encode = made.new_encoder()
        size = made.frame_samples
        for at in range(0, len(samples) - size + 1, size):
            self.caller.speak(self.line, encode(samples[at : at + size]), made.payload_type)
            self.clock.pump([0.01, 0.01])

    def files(self) -> list[str]:
        return sorted(path.name for path in self.path.parent.iterdir())

    def test_stopped(self) -> None:
        for codec in CODECS:
            self.record(codec)
            spoken = audio.babble(2.0, CODECS[codec].sample_rate)
            self.say(spoken, codec)
            self.recorder.stop()
            self.recorder.stop()
            self.assertEqual(self.recorded.pop(), Recorded(str(self.path), 2.0, RecordingEnd.STOPPED))
            self.assertGreater(audio.correlate(*audio.read_wav(self.path), spoken, CODECS[codec].sample_rate)[1], 0.97)

    def test_silence(self) -> None:
        """Nothing comes any more, or nothing that can be heard."""
        for after in (audio.silence(0.0), audio.silence(6.0)):
            self.record(silence=3.0)
            self.say(audio.tone(440, 2.0))
            self.say(after)
            self.clock.pump([0.1] * 40)
            (recorded,) = self.recorded
            self.assertIs(recorded.end, RecordingEnd.SILENCE)
            self.assertApproximates(recorded.seconds, 2.25, 0.26)
            self.recorded.clear()

    def test_nothing_said(self) -> None:
        self.record(silence=3.0)
        self.clock.pump([0.1] * 40)
        self.assertEqual(self.recorded, [Recorded(str(self.path), 0.0, RecordingEnd.SILENCE)])
        self.assertEqual(self.files(), [])

    def test_longest(self) -> None:
        self.record(longest=1.25)
        self.say(audio.tone(440, 2.0))
        (recorded,) = self.recorded
        self.assertIs(recorded.end, RecordingEnd.LONGEST)
        self.assertApproximates(recorded.seconds, 1.25, 0.05)

    def test_sent_faster_than_time(self) -> None:
        """Who sends more than there is time for fills the message sooner, and no more."""
        self.record(longest=5.0)
        for _ in range(2000):
            self.caller.speak(self.line, b"\x55\xd5" * 80)
        self.clock.pump([0.1] * 6)
        (recorded,) = self.recorded
        self.assertIs(recorded.end, RecordingEnd.LONGEST)
        self.assertLessEqual(recorded.seconds, 5.0)

    def test_digits_are_no_sound(self) -> None:
        self.record(silence=2.0)
        for number in range(10):
            self.caller.speak(self.line, bytes([5, 10, 0, 160]), 101, timestamp=number * 8000)
        self.clock.pump([0.1] * 30)
        self.assertEqual([recorded.seconds for recorded in self.recorded], [0.0])

    def test_disk_full_at_first(self) -> None:
        self.recordings.free = 1 << 62
        self.record()
        self.assertEqual(self.recorded, [Recorded(str(self.path), 0.0, RecordingEnd.FAILED)])
        self.assertEqual(self.files(), [])

    def test_disk_full_in_the_middle(self) -> None:
        self.record()
        self.say(audio.tone(440, 2.0))
        with mock.patch("os.write", side_effect=OSError(28, "No space left on device")):
            self.say(audio.tone(440, 2.0))
        self.assertEqual(self.recorded, [Recorded(str(self.path), 0.0, RecordingEnd.FAILED)])
        self.assertEqual(self.files(), [])

    def test_disk_full_at_the_end(self) -> None:
        self.record()
        self.say(audio.tone(440, 2.0))
        with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")):
            self.recorder.stop()
        self.assertIs(self.recorded[0].end, RecordingEnd.FAILED)
        self.assertEqual(self.files(), [])

    def test_any_other_failure(self) -> None:
        self.record()
        self.say(audio.tone(440, 2.0))
        with mock.patch("os.fsync", side_effect=KeyError("on purpose")):
            self.recorder.stop()
        self.assertIs(self.recorded[0].end, RecordingEnd.FAILED)
        self.assertEqual(self.files(), [])
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    def test_slow_disk(self) -> None:
        """Nobody waits for it, nothing is lost, and what stops is complete in the end."""
        works: list[tuple[Callable[[], Any], Deferred[Any]]] = []

        def later(work: Callable[[], Any]) -> Awaitable[Any]:
            waiting: Deferred[Any] = Deferred()
            works.append((work, waiting))
            return waiting

        self.recordings = Recordings(self.clock, later, at_once)
        self.record()
        spoken = audio.babble(3.0)
        self.say(spoken)
        self.recorder.stop()
        stopping = Deferred.fromCoroutine(self.recordings.stop())
        self.assertNoResult(stopping)
        self.assertEqual(self.recorded, [])
        while works:
            work, waiting = works.pop(0)
            waiting.callback(work())
        self.assertEqual([recorded.seconds for recorded in self.recorded], [3.0])
        self.successResultOf(stopping)
        self.assertGreater(audio.correlate(*audio.read_wav(self.path), spoken, 8000)[1], 0.97)

    def test_read_back(self) -> None:
        self.record()
        self.say(audio.tone(440, 2.0))
        self.successResultOf(Deferred.fromCoroutine(self.recordings.stop()))
        sound = self.successResultOf(Deferred.fromCoroutine(self.recordings.read(self.path)))
        self.assertEqual(sound.seconds, 2.0)
