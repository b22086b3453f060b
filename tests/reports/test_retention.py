"""Old records go day by day, with all that was counted of them; the others and their reports stay."""

from typing import Any

from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from magroup import daily
from magroup.daily import DAY, FIRST_RETENTION, Retention
from magroup.model.calls import LegOutcome
from magroup.model.report import Asked
from magroup.model.report_range import Range
from magroup.store import StoreError
from magroup.store import tables as t
from magroup.store.journal import retention
from tests.reports.journals import BOARD, RAF, JournalCase, call, leg

NOW = 1000 * DAY + 12 * 3600
EVER = Asked(Range(0.0, 2000 * DAY), outbound=True)


class RetentionTests(JournalCase):
    """Records are kept for two days."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(retention, "SLICE", 3)
        self.patch(daily, "SLICE", 3)
        self.clock = Clock()
        self.clock.rightNow = NOW
        self.days = 2
        self.retention: Any = Retention(self.database, lambda: self.days, self.clock)  # type: ignore[arg-type]
        starts = [998 * DAY - 1 - place for place in range(7)] + [998 * DAY, NOW]
        self.put(*(
            call(str(place), start, leg(RAF, LegOutcome.MISSED, BOARD), group_id=BOARD)
            for place, start in enumerate(starts)
        ))  # fmt: skip

    def left(self) -> list[int]:
        """Calls, legs, counted legs; calls and legs in the sums."""
        tables = (t.calls, t.legs, t.counted_legs)
        counts = [len(self.database.rows(table.select())) for table in tables]
        sums = [sum(row.calls for row in self.all(t.call_totals)), sum(row.missed for row in self.all(t.leg_totals))]
        return counts + sums

    def all(self, table: Any) -> list[Any]:
        return self.database.do(lambda connection: connection.execute(table.select()).all())  # type: ignore[no-any-return]

    async def test_deleted(self) -> None:
        self.assertEqual(self.left(), [9, 9, 36, 18, 18])
        self.retention.start()
        with capturedLogs() as events:
            self.clock.advance(FIRST_RETENTION)
        self.assertEqual([(event["count"], event["days"]) for event in events], [(7, 2)])
        self.assertEqual(self.left(), [2, 2, 8, 4, 4])
        self.assertEqual(await self.rows(EVER), {"Raf Meier": (2, 0, 0, 2)})
        self.assertEqual(await self.reports.count(EVER), 2)
        self.clock.advance(DAY)
        self.assertEqual(self.left(), [1, 1, 4, 2, 2])
        self.retention.stop()
        self.retention.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    async def test_for_ever(self) -> None:
        self.days = 0
        self.retention.start()
        self.clock.advance(FIRST_RETENTION)
        self.assertEqual(self.left(), [9, 9, 36, 18, 18])

    async def test_without_a_database(self) -> None:
        self.retention.start()
        self.database.failures = [StoreError("away")]
        with capturedLogs() as events:
            self.clock.advance(FIRST_RETENTION)
        self.assertEqual([event["reason"] for event in events], ["away"])
        self.clock.advance(DAY)
        self.assertEqual(self.left()[0], 1)
