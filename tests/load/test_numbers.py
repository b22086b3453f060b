"""Ranges of numbers and names."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.load.numbers import expanded, filled
from tests.load.busy import BUSY


class Numbers(SynchronousTestCase):
    """What is written, and what it means."""

    def test_written(self) -> None:
        for written, meant in (
            ("1000", ["1000"]),
            ("1000-1002", ["1000", "1001", "1002"]),
            ("008-011", ["008", "009", "010", "011"]),
            ("user9-user11", ["user9", "user10", "user11"]),
            ("jean-paul", ["jean-paul"]),
            ("SEP000000000009-SEP000000000010", ["SEP000000000009", "SEP000000000010"]),
            (["1-2", "5", " 7-8 "], ["1", "2", "5", "7", "8"]),
            ([], []),
        ):
            self.assertEqual(expanded(written), meant)

    def test_refused(self) -> None:
        for written, words in (
            ("", "is no number"),
            ("5-3", "ends before it begins"),
            ("1-x", "is no range"),
            ("a1-b2", "is no range"),
            ("1-", "is no range"),
            ("1-100001", "more than 100000"),
            (["1-60000", "70000-130000"], "more than 100000"),
            ("1-99999999999999999999", "is no range"),
            (["1", "1-2"], "twice"),
        ):
            error = self.assertRaises(ValueError, expanded, written)
            self.assertIn(words, str(error))

    @BUSY
    @given(st.integers(0, 10**9), st.integers(0, 500))
    def test_ranges(self, first: int, more: int) -> None:
        found = expanded(f"{first}-{first + more}")
        self.assertEqual([int(number) for number in found], list(range(first, first + more + 1)))

    def test_filled(self) -> None:
        self.assertEqual(filled("load{number}!", "7"), "load7!")
        self.assertEqual(filled("{other}", "7"), "{other}")
