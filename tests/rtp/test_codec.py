"""The codecs: G.711 against the tables of the recommendation and against sox, G.722 by what comes back."""

import subprocess

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.codec import CODECS, FRAME_TICKS, Codec
from magroup.rtp.g711 import Samples

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)
EVERY_CODE = bytes(range(256))
LAWS = {"PCMU": "u-law", "PCMA": "a-law"}

# ITU-T G.711, tables 1a and 2a: end point of each segment, counted in 13 (A-law) and 14 bit (mu-law) samples.
A_SEGMENT_ENDS = (64, 128, 256, 512, 1024, 2048, 4096)
MU_SEGMENT_ENDS = (31, 95, 223, 479, 991, 2015, 4063, 8159)


def a_decisions() -> list[int]:
    """The decision values of A-law above 0: 32 steps in the first segment, 16 in each of the others."""
    values, start = [], 0
    for end in A_SEGMENT_ENDS:
        steps = 32 if start == 0 else 16
        values += range(start + (end - start) // steps, end + 1, (end - start) // steps)
        start = end
    return values


def mu_decisions() -> list[int]:
    """The decision values of mu-law above 0: 1, then 15 steps of 2, then 16 in each segment."""
    values, start = [1, *range(3, 32, 2)], 31
    for end in MU_SEGMENT_ENDS[1:]:
        values += range(start + (end - start) // 16, end + 1, (end - start) // 16)
        start = end
    return values


def quantised(samples: Samples, decisions: list[int], unit: int) -> np.ndarray:
    """The number of each sample's interval, 0-127. A negative sample on a decision value is below it (G.191)."""
    values = samples.astype(float) / unit
    positive = np.searchsorted(decisions, values, side="right")
    negative = np.searchsorted(decisions, -values, side="left")
    return np.minimum(np.where(values >= 0, positive, negative), 127)


def sox(data: bytes, source: tuple[str, ...], target: tuple[str, ...]) -> bytes:
    """What sox makes of raw audio."""
    raw = ("-t", "raw", "-r", "8000", "-c", "1")
    command = ["sox", "-D", "-V1", *raw, *source, "-", *raw, *target, "-"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


LINEAR = ("-e", "signed-integer", "-b", "16")


class G711Tests(SynchronousTestCase):
    def encoded(self, name: str, samples: Samples) -> np.ndarray:
        return np.frombuffer(CODECS[name].new_encoder()(samples), np.uint8)

    def test_a_law_intervals(self) -> None:
        sign = np.where(EVERY_SAMPLE >= 0, 0x80, 0)
        expected = (quantised(EVERY_SAMPLE, a_decisions(), 8) | sign) ^ 0x55
        np.testing.assert_array_equal(self.encoded("PCMA", EVERY_SAMPLE), expected)

    def test_mu_law_intervals(self) -> None:
        sign = np.where(EVERY_SAMPLE >= 0, 0x80, 0)
        expected = (~quantised(EVERY_SAMPLE, mu_decisions(), 4) & 0x7F) | sign
        np.testing.assert_array_equal(self.encoded("PCMU", EVERY_SAMPLE), expected)

    def test_decoding_is_that_of_sox(self) -> None:
        for name, law in LAWS.items():
            expected = sox(EVERY_CODE, ("-e", law, "-b", "8"), LINEAR)
            self.assertEqual(CODECS[name].new_decoder()(EVERY_CODE).tobytes(), expected, name)

    def test_encoding_is_that_of_sox(self) -> None:
        """Of samples that sox does not round, and off the decision values of negative mu-law, which are its own."""
        ties = {-4 * value for value in mu_decisions()}
        for name, law, unit in (("PCMU", "u-law", 4), ("PCMA", "a-law", 8)):
            values = [value for value in range(-32768, 32768, unit) if name == "PCMA" or value not in ties]
            samples = np.array(values, np.int16)
            expected = sox(samples.tobytes(), LINEAR, ("-e", law, "-b", "8"))
            self.assertEqual(self.encoded(name, samples).tobytes(), expected, name)

    def test_codes_come_back(self) -> None:
        """All but the negative zero of mu-law, which is the positive one."""
        for name in LAWS:
            codec = CODECS[name]
            again = codec.new_encoder()(codec.new_decoder()(EVERY_CODE))
            changed = {code: new for code, new in zip(EVERY_CODE, again, strict=True) if code != new}
            self.assertEqual(changed, {0x7F: 0xFF} if name == "PCMU" else {}, name)

    @settings(deadline=None)
    @given(st.lists(st.integers(-32768, 32767), max_size=400))
    def test_error_is_small(self, values: list[int]) -> None:
        """At most half the widest step of the segment: 1/32 of the sample and the smallest step."""
        samples = np.array(values, np.int16)
        for name in LAWS:
            codec = CODECS[name]
            error = np.abs(codec.new_decoder()(codec.new_encoder()(samples)).astype(int) - samples)
            clipped = np.abs(samples.astype(int)) > 32256
            self.assertTrue(np.all((error <= np.abs(samples.astype(int)) / 32 + 8) | clipped), name)


class FrameTests(SynchronousTestCase):
    def test_frames(self) -> None:
        expected = {"PCMU": (0, 8000, 160), "PCMA": (8, 8000, 160), "G722": (9, 16000, 320)}
        self.assertEqual(
            {name: (codec.payload_type, codec.sample_rate, codec.frame_samples) for name, codec in CODECS.items()},
            expected,
        )
        for codec in CODECS.values():
            self.assertEqual((codec.frame_bytes, codec.clock_rate, FRAME_TICKS), (160, 8000, 160), codec)
            self.assertEqual(len(codec.new_encoder()(np.zeros(codec.frame_samples, np.int16))), 160)

    def test_silence(self) -> None:
        for codec in CODECS.values():
            heard = codec.new_decoder()(codec.silence * 10)
            self.assertLessEqual(np.abs(heard.astype(int)).max(), 16, codec)


class G722Tests(SynchronousTestCase):
    codec: Codec = CODECS["G722"]

    def test_speech_band_and_above(self) -> None:
        """A tone in each of the two bands comes back with hardly any noise (the codec delays by 22 samples)."""
        time = np.arange(16000) / 16000
        for frequency, worst in ((440, 0.02), (5000, 0.1)):
            samples = (10000 * np.sin(2 * np.pi * frequency * time)).astype(np.int16)
            heard = self.codec.new_decoder()(self.codec.new_encoder()(samples))
            noise = min(
                np.std(heard[4000 + delay : 12000 + delay].astype(float) - samples[4000:12000]) for delay in range(40)
            )
            self.assertLess(noise / np.std(samples), worst, frequency)

    def test_pieces_are_one_signal(self) -> None:
        samples = np.random.default_rng(7).integers(-20000, 20000, 3200).astype(np.int16)
        encode = self.codec.new_encoder()
        pieces = b"".join(encode(samples[start : start + 320]) for start in range(0, 3200, 320))
        self.assertEqual(pieces, self.codec.new_encoder()(samples))
