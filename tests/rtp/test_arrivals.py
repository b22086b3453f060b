"""Loss and jitter of what arrives."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp.arrivals import Arrivals


def arrived(sequences: list[int]) -> Arrivals:
    arrivals = Arrivals(7, sequences[0])
    for sequence in sequences:
        arrivals.count(sequence & 0xFFFF)
    return arrivals


class LossTests(SynchronousTestCase):
    def test_all_there(self) -> None:
        arrivals = arrived(list(range(100)))
        self.assertEqual((arrivals.received, arrivals.lost), (100, 0))

    def test_lost_late_and_double(self) -> None:
        self.assertEqual(arrived([10, 11, 14, 15]).lost, 2)
        self.assertEqual(arrived([10, 12, 11, 13]).lost, 0)
        self.assertEqual(arrived([10, 11, 11, 11]).lost, -2)

    def test_turns_over(self) -> None:
        arrivals = arrived([sequence for sequence in range(65000, 65000 + 200_000) if sequence % 10])
        self.assertEqual(arrivals.lost, 20_000 - 1)
        self.assertEqual(arrivals.report(0).highest, 65000 + 199_999)

    @settings(deadline=None)
    @given(st.integers(0, 0xFFFF), st.lists(st.integers(1, 50), max_size=200))
    def test_gaps(self, first: int, steps: list[int]) -> None:
        sequences = [first]
        for step in steps:
            sequences.append(sequences[-1] + step)
        arrivals = Arrivals(7, first)
        for sequence in sequences:
            self.assertTrue(arrivals.count(sequence & 0xFFFF))
        self.assertEqual(arrivals.lost, sum(steps) - len(steps))

    def test_one_that_is_far_off(self) -> None:
        """It is ignored; the next one that follows it begins anew."""
        arrivals = arrived(list(range(100)))
        self.assertFalse(arrivals.count(30_000))
        self.assertTrue(arrivals.count(100))
        self.assertEqual((arrivals.received, arrivals.lost), (101, 0))
        self.assertFalse(arrivals.count(30_000))
        self.assertTrue(arrivals.count(30_001))
        self.assertTrue(arrivals.count(30_003))
        self.assertEqual((arrivals.received, arrivals.lost), (2, 1))

    def test_report(self) -> None:
        """The fraction is that since the last report, the sum that of all."""
        arrivals = arrived([0, 1, 2, 3])
        self.assertEqual(arrivals.report(1)[:4], (7, 0, 0, 3))
        for sequence in (4, 6, 8, 11):
            arrivals.count(sequence)
        self.assertEqual(arrivals.report(2)[:4], (7, 128, 4, 11))
        self.assertEqual(arrivals.report(3)[:4], (7, 0, 4, 11))
        arrivals.count(11)
        arrivals.count(11)
        self.assertEqual(arrivals.report(4)[:3], (7, 0, 2))

    def test_sender_report(self) -> None:
        arrivals = arrived([0])
        self.assertEqual(arrivals.report(5)[5:], (0, 0))
        arrivals.heard_report(0x1122334455667788, 5.0)
        self.assertEqual(arrivals.report(6.5)[5:], (0x33445566, 98304))


class JitterTests(SynchronousTestCase):
    def test_steady(self) -> None:
        arrivals = Arrivals(7, 0)
        for number in range(100):
            arrivals.time((0xFFFFF000 + 160 * number) & 0xFFFFFFFF, 5000 + 160 * number)
        self.assertEqual(arrivals.jitter, 0)

    def test_as_defined(self) -> None:
        """RFC 3550 section 6.4.1: J += (|D| - J) / 16."""
        arrivals = Arrivals(7, 0)
        expected = 0.0
        late = [0, 40, 0, 10, 300, 0]
        for number, ticks in enumerate(late):
            arrivals.time(160 * number, 160 * number + ticks)
            if number:
                expected += (abs(ticks - late[number - 1]) - expected) / 16
        self.assertEqual(arrivals.jitter, expected)
        self.assertEqual(arrivals.report(0).jitter, int(expected))
