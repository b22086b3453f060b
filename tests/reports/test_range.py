"""Ranges as people give them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.report_range import Month, RangeError, free_range, month_range, months_between
from tests.reports.journals import ZURICH, at

HOUR = 3600


class RangeTests(SynchronousTestCase):
    """Months and free ranges."""

    def test_months_and_their_clocks(self) -> None:
        for month, hours in ((1, 744), (3, 743), (10, 745), (2, 29 * 24)):
            found = month_range(Month(2024, month), ZURICH)
            self.assertEqual(found.end - found.start, hours * HOUR)
        december = month_range(Month(2024, 12), ZURICH)
        self.assertEqual(december.end, month_range(Month(2025, 1), ZURICH).start)

    def test_no_such_month(self) -> None:
        for month in (Month(2024, 0), Month(2024, 13), Month(0, 1), Month(9999, 12), Month(10**30, 1)):
            self.assertRaises(RangeError, month_range, month, ZURICH)

    def refused(self, start: str, end: str) -> str:
        error = self.assertRaises(
            RangeError, free_range, datetime.fromisoformat(start), datetime.fromisoformat(end), ZURICH
        )
        return error.field

    def test_refused(self) -> None:
        self.assertEqual(self.refused("2024-08-20T00:00", "2024-08-20T00:00"), "end")
        self.assertEqual(self.refused("2024-08-20T00:00", "2024-08-19T00:00"), "end")
        self.assertEqual(self.refused("1990-01-01T00:00", "2090-01-01T00:00"), "end")
        self.assertEqual(self.refused("0001-01-01T00:00", "2024-01-01T00:00"), "start")
        self.assertEqual(self.refused("2024-01-01T00:00", "9999-12-31T23:59"), "end")
        self.assertEqual(self.refused("2024-03-31T02:30", "2024-04-01T00:00"), "start")
        self.assertEqual(self.refused("2024-03-30T02:30", "2024-03-31T02:59:59"), "end")

    def test_clocks_put_back(self) -> None:
        found = free_range(datetime(2024, 10, 27, 2), datetime(2024, 10, 27, 2, 30), ZURICH)
        self.assertEqual((found.start, found.end), (at("2024-10-27T02:00"), at("2024-10-27T02:30", fold=1)))

    def test_other_zones(self) -> None:
        for name in ("Asia/Kathmandu", "Australia/Lord_Howe", "UTC"):
            zone = ZoneInfo(name)
            found = free_range(datetime(2024, 8, 1), datetime(2024, 9, 1), zone)
            self.assertEqual(found, month_range(Month(2024, 8), zone))

    def test_list(self) -> None:
        months = list(months_between(at("2023-11-30T23:59"), at("2024-01-01T00:00"), ZURICH))
        self.assertEqual(months, [Month(2024, 1), Month(2023, 12), Month(2023, 11)])
        self.assertEqual(len(list(months_between(0.0, at("2024-01-01T00:00"), ZURICH))), 122)
