"""Times of the week."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.hours import Hours


class Parsed(SynchronousTestCase):
    def test_good_ones(self) -> None:
        for text, days, begin, end in (
            ("Mon-Fri 07:00-19:00", {0, 1, 2, 3, 4}, 420, 1140), ("Sat 08:30-24:00", {5}, 510, 1440),
            ("Sat-Mon 00:00-00:01", {5, 6, 0}, 0, 1), ("Mon-Mon 00:00-24:00", {0}, 0, 1440),
        ):  # fmt: skip
            self.assertEqual(Hours.parse(text), Hours(frozenset(days), begin, end), text)

    def test_bad_ones(self) -> None:
        for text in ("", "always", "Mon", "mon 07:00-19:00", "Mon-Fri 7:00-19:00", "Mon 19:00-07:00", "Mon 07:00-07:00",
                     "Mon 07:60-19:00", "Mon 07:00-24:01", "Mon 07:00-19:00 ", "Mon-Fri-Sat 07:00-19:00"):  # fmt: skip
            with self.assertRaises(ValueError, msg=text):
                Hours.parse(text)

    def test_has(self) -> None:
        hours = Hours.parse("Mon-Fri 07:00-19:00")
        for minute, expected in ((419, False), (420, True), (1139, True), (1140, False)):
            self.assertEqual([hours.has(day, minute) for day in range(7)], [expected] * 5 + [False] * 2, minute)
