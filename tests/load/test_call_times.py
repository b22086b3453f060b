"""The time of each caller's INVITE, seen by all workers."""

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from magroup.load.call_times import CallTimes


class Times(SynchronousTestCase):
    """Two workers with one file."""

    def setUp(self) -> None:
        path = Path(self.mktemp())
        numbers = ["100", "101"]
        CallTimes.prepare(path, len(numbers))
        self.one, self.other = CallTimes(path, numbers), CallTimes(path, numbers)
        self.addCleanup(self.one.close)
        self.addCleanup(self.other.close)

    def test_told_once(self) -> None:
        self.one.sent("101", 50.0)
        self.assertEqual(self.other.take("101", 50.25), 0.25)
        self.assertIsNone(self.other.take("101", 51.0), "the second phone that rings")
        self.assertIsNone(self.one.take("101", 51.0))
        self.assertEqual(self.one.sent_at("101"), 50.0)
        self.one.sent("101", 60.0)
        self.assertEqual(self.other.take("101", 60.5), 0.5)

    def test_the_first_phone(self) -> None:
        """Each call has its own."""
        self.one.sent("101", 50.0)
        self.assertIsNone(self.other.rang_at("101"))
        self.other.take("101", 55.0)
        self.other.take("101", 56.0)
        self.assertEqual((self.one.rang_at("101"), self.one.sent_at("101")), (55.0, 50.0))
        self.assertIsNone(self.one.rang_at("100"))
        self.one.sent("101", 60.0)
        self.assertEqual((self.other.rang_at("101"), self.other.sent_at("101")), (None, 60.0))

    def test_nobody(self) -> None:
        self.one.sent("999", 1.0)
        for number in ("999", "100", ""):
            self.assertIsNone(self.one.take(number, 2.0))
            self.assertIsNone(self.one.sent_at(number))
            self.assertIsNone(self.one.rang_at(number))

    def test_no_callers(self) -> None:
        path = Path(self.mktemp())
        CallTimes.prepare(path, 0)
        times = CallTimes(path, [])
        self.assertIsNone(times.take("1", 1.0))
        times.close()
