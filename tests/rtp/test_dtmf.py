"""DTMF: each digit is told once, whatever gets lost, comes twice or late; what is sent is understood."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.rtp import telephone_event
from magroup.rtp.dtmf import DtmfDetector, spell
from magroup.rtp.telephone_event import DIGITS, LONGEST, TelephoneEvent

Report = tuple[bytes, bool, int]


def digit(name: str, start: int, packets: int = 8, ends: int = 3) -> list[Report]:
    """The reports of a digit that begins at the timestamp ``start``."""
    event = DIGITS.index(name)
    durations = [(160 * (number + 1), False) for number in range(packets)] + [(160 * packets, True)] * ends
    return [
        (telephone_event.pack(TelephoneEvent(event, end, 10, duration)), number == 0, start & 0xFFFFFFFF)
        for number, (duration, end) in enumerate(durations)
    ]


def heard(reports: list[Report]) -> str:
    detector = DtmfDetector()
    return "".join(detector.digit(*report) for report in reports)


class PayloadTests(SynchronousTestCase):
    def test_layout(self) -> None:
        report = TelephoneEvent(11, True, 10, 800)
        self.assertEqual(telephone_event.pack(report), bytes.fromhex("0b8a0320"))
        self.assertEqual(telephone_event.unpack(bytes.fromhex("0b8a0320")), report)
        self.assertEqual(report.digit, "#")

    @settings(deadline=None)
    @given(st.builds(TelephoneEvent, st.integers(0, 255), st.booleans(), st.integers(0, 63), st.integers(0, LONGEST)))
    def test_back(self, report: TelephoneEvent) -> None:
        self.assertEqual(telephone_event.unpack(telephone_event.pack(report)), report)
        self.assertEqual(telephone_event.unpack(telephone_event.pack(report) + b"more"), report)

    def test_short(self) -> None:
        self.assertIsNone(telephone_event.unpack(b"\x01\x0a\x03"))


class DetectorTests(SynchronousTestCase):
    def test_digits(self) -> None:
        reports = [report for number, name in enumerate(DIGITS) for report in digit(name, 1000 + 1600 * number)]
        self.assertEqual(heard(reports), DIGITS)

    def test_same_digit_again(self) -> None:
        self.assertEqual(heard(digit("5", 1000) + digit("5", 3000)), "55")

    def test_losses(self) -> None:
        """Whatever is lost of it, a digit of which one report arrives is told, once."""
        whole = digit("1", 1000, 3, 2)
        for count in range(1, len(whole) + 1):
            for kept in itertools.combinations(whole, count):
                self.assertEqual(heard([*kept, *digit("1", 3000)]), "11")

    def test_late_and_double(self) -> None:
        first, second = digit("1", 1000), digit("2", 3000)
        self.assertEqual(heard(first[:-2] + second[:2] + first[-2:] + second[2:]), "12")
        self.assertEqual(heard([report for report in first + second for _ in range(2)]), "12")

    def test_timestamps_turn_over(self) -> None:
        self.assertEqual(heard(digit("1", 0xFFFFFF00) + digit("2", 0x1_0000_0500)), "12")

    def test_new_timeline(self) -> None:
        """After a re-INVITE some begin their timestamps anew, far below."""
        self.assertEqual(heard(digit("1", 90_000_000) + digit("2", 1000)), "12")

    def test_long_digit(self) -> None:
        """One that lasts longer than its duration field can say goes on under another timestamp."""
        event = telephone_event.pack(TelephoneEvent(3, False, 10, 160))
        long = [(event, True, 1000), (event, False, 1000 + LONGEST), (event, False, 1000 + 2 * LONGEST)]
        self.assertEqual(heard(long), "3")
        self.assertEqual(heard([*long, (event, True, 1000 + 3 * LONGEST)]), "33")

    def test_other_events(self) -> None:
        """A hook flash (16) or a modem tone is no digit, nor is rubbish."""
        flash = telephone_event.pack(TelephoneEvent(16, False, 10, 160))
        self.assertEqual(heard([(flash, True, 1), (b"", True, 2), (b"\x05", True, 3)]), "")

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.binary(max_size=8), st.booleans(), st.integers(0, 0xFFFFFFFF))))
    def test_any_bytes(self, reports: list[Report]) -> None:
        self.assertTrue(set(heard(reports)) <= set(DIGITS))


class SpellTests(SynchronousTestCase):
    def test_one_digit(self) -> None:
        """100 ms, the end three times, all under one timestamp; then a gap."""
        frames = list(spell("9"))
        reports = [telephone_event.unpack(frame.payload) for frame in frames if frame is not None]
        self.assertEqual([report.duration for report in reports if report], [160, 320, 480, 640, 800, 800, 800])
        self.assertEqual([report.end for report in reports if report], [False] * 4 + [True] * 3)
        self.assertEqual([frame.begins for frame in frames if frame is not None], [True] + [False] * 6)
        self.assertEqual(frames[7:], [None] * 3)

    @settings(deadline=None)
    @given(st.text(DIGITS + "abcd", max_size=20))
    def test_understood(self, digits: str) -> None:
        reports: list[Report] = []
        start = 0
        for tick, frame in enumerate(spell(digits)):
            if frame is not None:
                start = tick * 160 if frame.begins else start
                reports.append((frame.payload, frame.begins, start))
        self.assertEqual(heard(reports), digits.upper())
