"""Call progress tones: frequency, cadence, level, no clicks."""

import numpy as np
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp import tone
from magroup.rtp.codec import CODECS
from magroup.rtp.sound import Sound


def heard(sound: Sound, codec: str = "PCMA", times: int = 1) -> np.ndarray:
    """What the caller hears, full scale 1.0."""
    return CODECS[codec].new_decoder()(b"".join(sound.frames[codec]) * times).astype(float) / 32768


def parts(audio: np.ndarray, rate: int) -> list[float]:
    """Seconds with and without sound in turn, in 10 ms."""
    size = rate // 100
    loud = [bool(np.abs(audio[start : start + size]).max() > 0.02) for start in range(0, len(audio), size)]
    ends = [index for index in range(1, len(loud)) if loud[index] != loud[index - 1]]
    return [(end - start) / 100 for start, end in zip([0, *ends], [*ends, len(loud)], strict=True)]


class ToneTests(SynchronousTestCase):
    def test_cadences(self) -> None:
        for sound, cadence in (
            (tone.ringback(), [1.0, 4.0]),
            (tone.busy(), [0.5, 0.5]),
            (tone.congestion(), [0.25, 0.25]),
        ):
            self.assertEqual(sound.seconds, sum(cadence))
            for codec in CODECS.values():
                self.assertEqual(len(sound.frames[codec.name]), round(sum(cadence) * 50))
                second = heard(sound, codec.name, times=2)[round(sum(cadence) * codec.sample_rate) :]
                found = parts(second, codec.sample_rate)
                self.assertEqual(len(found), 2, (sound, codec))
                for length, wanted in zip(found, cadence, strict=True):
                    self.assertApproximates(length, wanted, 0.021)

    def test_frequency_and_level(self) -> None:
        """-13 dBm0, where a sine of full scale has 3.14."""
        audio = heard(tone.ringback())[1000:7000]
        spectrum = np.abs(np.fft.rfft(audio * np.hanning(6000)))
        self.assertApproximates(np.argmax(spectrum) * 8000 / 6000, 425, 1)
        self.assertApproximates(20 * np.log10(np.sqrt(2 * np.mean(audio**2))) + 3.14, -13, 0.2)

    def test_two_frequencies(self) -> None:
        sound = tone.tone("american", (1.0, 1.0), (440, 480), level=-16)
        audio = heard(sound)[:8000]
        spectrum = np.abs(np.fft.rfft(audio))
        self.assertEqual(sorted(np.argsort(spectrum)[-2:]), [440, 480])
        self.assertApproximates(20 * np.log10(np.sqrt(2 * np.mean(audio**2))) + 3.14, -16, 0.3)

    def test_no_clicks(self) -> None:
        """Over and over, no step is larger than the tone itself makes them; in G.722 neither."""
        steady = tone.tone("dial", (1.0,))
        for sound in (steady, tone.busy(), tone.congestion(), tone.ringback()):
            for codec in ("PCMU", "G722"):
                rate = CODECS[codec].sample_rate
                audio = heard(sound, codec, times=3)[rate // 10 :]
                largest = 2 * np.pi * 425 / rate * np.abs(audio).max()
                self.assertLess(np.abs(np.diff(audio)).max(), 1.25 * largest, (sound, codec))

    def test_steady_tone_goes_on(self) -> None:
        audio = heard(tone.tone("dial", (1.0,)), times=2)
        self.assertGreater(np.abs(audio[7900:8100]).reshape(-1, 20).max(axis=1).min(), 0.1)

    def test_beep(self) -> None:
        audio = heard(tone.beep())
        self.assertEqual(parts(audio, 8000), [0.4, 0.02])
        self.assertEqual(np.argmax(np.abs(np.fft.rfft(audio[:3200]))) * 2.5, 1000)

    def test_silence(self) -> None:
        for codec in ("PCMU", "PCMA"):
            self.assertLessEqual(np.abs(heard(tone.silence(), codec)).max(), 8 / 32768)
        self.assertLess(np.abs(heard(tone.silence(), "G722", 3)).max(), 0.01)

    def test_refused(self) -> None:
        for cadence in ((0.5, 0.505), (), (0.0,), (1.0, -0.5)):
            self.assertRaises(ValueError, tone.tone, "wrong", cadence)
        self.assertRaises(ValueError, tone.tone, "clicks", (0.1,), (425.5,))
