"""The audio tools find what they should and nothing else."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from tests.peers import audio


def telephone(samples: audio.Samples, payload_type: int = 0) -> audio.Samples:
    return audio.g711_decode(audio.g711_encode(samples, payload_type), payload_type)


class Tones(SynchronousTestCase):
    @settings(max_examples=40, deadline=None)
    @given(st.floats(60, 3800), st.sampled_from([8000, 16000, 48000]), st.floats(0.05, 0.9))
    def test_frequency_is_recognised(self, frequency: float, rate: int, loudness: float) -> None:
        """A quarter of a second tells the frequency to 2 Hz."""
        heard = audio.tone(frequency, 0.25, rate, loudness)
        self.assertLess(abs(audio.dominant_frequency(heard, rate) - frequency), 2)

    @settings(max_examples=30, deadline=None)
    @given(st.floats(100, 3500), st.sampled_from([0, 8]))
    def test_frequency_survives_g711(self, frequency: float, payload_type: int) -> None:
        heard = telephone(audio.tone(frequency, 0.25), payload_type)
        self.assertLess(abs(audio.dominant_frequency(heard, 8000) - frequency), 2)

    def test_silence(self) -> None:
        """Nothing, zeros and the noise of a quiet line are silent; a soft tone is not."""
        self.assertTrue(audio.is_silent(audio.silence(0)))
        self.assertTrue(audio.is_silent(audio.silence(1)))
        self.assertTrue(audio.is_silent(telephone(audio.silence(1), 8)))
        self.assertFalse(audio.is_silent(audio.tone(440, 1, level=0.01)))
        self.assertEqual(audio.dominant_frequency(audio.silence(1), 8000), 0.0)
        self.assertEqual(audio.dominant_frequency(audio.silence(0), 8000), 0.0)


class G711(SynchronousTestCase):
    def test_known_values(self) -> None:
        """The ends and the middle of both laws, ITU-T G.711 tables 1 and 2."""
        self.assertEqual(audio.G711[0][[0x00, 0x80, 0x7F, 0xFF]].tolist(), [-32124, 32124, 0, 0])
        self.assertEqual(audio.G711[8][[0xD5, 0x55, 0xAA, 0x2A]].tolist(), [8, -8, 32256, -32256])

    def test_every_code_survives(self) -> None:
        for payload_type in (0, 8):
            levels = audio.g711_decode(bytes(range(256)), payload_type)
            again = audio.g711_decode(audio.g711_encode(levels, payload_type), payload_type)
            self.assertEqual(again.tolist(), levels.tolist())

    @given(st.lists(st.integers(-32768, 32767), max_size=50), st.sampled_from([0, 8]))
    def test_nearest_code(self, values: list[int], payload_type: int) -> None:
        """No other code is nearer to a sample than the one that is sent."""
        samples = np.array(values, dtype=np.int16)
        error = np.abs(telephone(samples, payload_type).astype(int) - samples.astype(int))
        every = audio.G711[payload_type].astype(int)
        best = [int(np.min(np.abs(every - value))) for value in values]
        self.assertEqual(error.tolist(), best)


class Files(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = Path(self.mktemp())

    @settings(max_examples=20, deadline=None)
    @given(st.lists(st.integers(-32768, 32767), max_size=200), st.sampled_from([8000, 16000, 44100]))
    def test_round_trip(self, values: list[int], rate: int) -> None:
        audio.write_wav(self.path, np.array(values, dtype=np.int16), rate)
        samples, read_rate = audio.read_wav(self.path)
        self.assertEqual((samples.tolist(), read_rate), (values, rate))

    def test_file_that_is_being_written(self) -> None:
        """The sizes in the header are still 0, and half a sample is there."""
        content = bytearray(audio.write_wav(self.path, audio.tone(440, 0.1)).read_bytes())
        content[40:44] = bytes(4)
        self.path.write_bytes(bytes(content) + b"\x01")
        self.assertEqual(len(audio.read_wav(self.path)[0]), 800)

    def test_no_wav(self) -> None:
        for content in (b"", b"RIFF", b"RIFF\0\0\0\0WAVE", b"ID3" * 20):
            self.path.write_bytes(content)
            self.assertRaises(ValueError, audio.read_wav, self.path)


class Correlation(SynchronousTestCase):
    def setUp(self) -> None:
        self.greeting = audio.babble(3, 16000)

    def heard(
        self, *, before: float = 0.0, part: float = 3.0, seed: int = 1, payload_type: int = 0
    ) -> audio.Samples:
        spoken = audio.resampled(audio.babble(3, 16000, seed), 16000, 8000)[: round(part * 8000)]
        whole = np.concatenate((audio.tone(425, before), spoken, audio.tone(425, 1.5)))
        return telephone((0.5 * np.asarray(whole, dtype=np.float64)).astype(np.int16), payload_type)

    @settings(max_examples=25, deadline=None)
    @given(st.floats(0, 4), st.sampled_from([0, 8]))
    def test_place_of_a_whole_reference(self, before: float, payload_type: int) -> None:
        """Found to a millisecond with more than 0.9, at half the loudness, through both laws."""
        heard = self.heard(before=before, payload_type=payload_type)
        offset, score = audio.correlate(heard, 8000, self.greeting, 16000)
        self.assertLess(abs(offset - before), 0.001)
        self.assertGreater(score, 0.9)

    def test_other_audio(self) -> None:
        """Another announcement, a tone, silence and nothing do not resemble it."""
        others = [self.heard(seed=2), audio.tone(440, 5), audio.silence(5), audio.silence(0)]
        for other in others:
            self.assertLess(audio.correlate(other, 8000, self.greeting, 16000)[1], 0.3)

    def test_part_of_the_reference(self) -> None:
        """Half an announcement is not the announcement."""
        for part, limit in ((1.5, 0.85), (0.75, 0.65)):
            self.assertLess(audio.correlate(self.heard(part=part), 8000, self.greeting, 16000)[1], limit)

    def test_recording_that_began_late(self) -> None:
        """The start lies before the recording."""
        offset, score = audio.correlate(self.heard()[1600:], 8000, self.greeting, 16000)
        self.assertLess(abs(offset - -0.2), 0.001)
        self.assertGreater(score, 0.9)

    def test_coverage_bears_lost_packets(self) -> None:
        """Two lost packets cost one piece or two of six, though they spoil the correlation."""
        heard = self.heard()
        lossy = np.concatenate((heard[:9000], heard[9320:]))
        self.assertEqual(audio.coverage(heard, 8000, self.greeting, 16000), 1.0)
        self.assertGreaterEqual(audio.coverage(lossy, 8000, self.greeting, 16000), 4 / 6)
        self.assertLess(audio.correlate(lossy, 8000, self.greeting, 16000)[1], 0.85)
        self.assertLessEqual(audio.coverage(self.heard(part=1.5), 8000, self.greeting, 16000), 3 / 6)
        self.assertEqual(audio.coverage(heard, 8000, audio.silence(1), 8000), 0.0)
