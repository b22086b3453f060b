"""Listening: order, gaps, sound or silence."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.load.ear import Ear, sounds
from magroup.load.surroundings import CALLERS_HERTZ, PHONES_HERTZ, voice
from magroup.rtp.codec import CODECS, FRAME_TICKS


class Ears(SynchronousTestCase):
    """One stream."""

    def setUp(self) -> None:
        self.now = 0.0
        self.ear = Ear(lambda: self.now)

    def hear(self, *timestamps: int, payload: bytes = b"\xff" * 160) -> None:
        for timestamp in timestamps:
            self.now += 0.02
            self.ear.heard(payload, 0, timestamp & 0xFFFFFFFF)

    def test_in_order(self) -> None:
        self.hear(*(FRAME_TICKS * number - 500 for number in range(50)))
        self.assertEqual((self.ear.packets, self.ear.misordered), (50, 0))
        self.assertAlmostEqual(self.ear.gap, 0.02)

    def test_out_of_order(self) -> None:
        self.hear(0, 320, 160, 480, 800, 640)
        self.assertEqual(self.ear.misordered, 2)

    def test_another_stream(self) -> None:
        """Another source begins anywhere."""
        self.hear(10**6, 10**6 + 160, 5, 165, 325)
        self.assertEqual(self.ear.misordered, 0)

    def test_gap(self) -> None:
        self.hear(0, 160)
        self.now += 0.3
        self.hear(320)
        self.assertAlmostEqual(self.ear.gap, 0.32)
        self.ear.pause()
        self.now += 5.0
        self.hear(480)
        self.assertAlmostEqual(self.ear.gap, 0.32)

    def test_first_packet(self) -> None:
        times: list[float] = []
        self.hear(0)
        self.ear.when_heard(times.append)
        self.hear(160, 320)
        self.assertEqual([round(time, 3) for time in times], [0.04])

    def test_sound(self) -> None:
        """What phones and callers say is sound in every codec, silence is none."""
        for codec in CODECS.values():
            self.assertFalse(sounds(codec.silence, codec.payload_type), codec)
            for hertz in (CALLERS_HERTZ, PHONES_HERTZ):
                frames = voice(hertz).frames[codec.name]
                self.assertTrue(all(sounds(frame, codec.payload_type) for frame in frames), codec)
        self.assertFalse(sounds(b"", 0))

    def test_silence_and_then_sound(self) -> None:
        self.hear(*range(0, 8000, 160))
        self.assertFalse(self.ear.is_sound)
        self.hear(*range(8000, 16000, 160), payload=voice(CALLERS_HERTZ).frames["PCMU"][0])
        self.assertTrue(self.ear.is_sound)
