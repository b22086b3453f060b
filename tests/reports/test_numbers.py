"""Reports on hand-made journals give the numbers that people count by hand."""

from magroup.model.calls import LegOutcome
from magroup.model.configuration import Configuration
from magroup.model.report import EXTERNAL, Asked, MemberTotals, Totals
from magroup.model.report_range import Month
from magroup.store import replace_all
from tests.reports.journals import (
    ARA,
    AUGUST,
    BOARD,
    CALLER,
    RAF,
    SALES,
    TIJANA,
    JournalCase,
    at,
    between,
    call,
    leg,
)

ANSWERED, MISSED, ELSEWHERE = LegOutcome.ANSWERED, LegOutcome.MISSED, LegOutcome.ELSEWHERE
NOON = at("2024-08-14T12:00")
WHOLE = Asked(AUGUST)
WITH_OUTBOUND = Asked(AUGUST, outbound=True)


class CountTests(JournalCase):
    """Who missed, answered and made what."""

    async def test_one_answers_while_two_ring(self) -> None:
        """The other did not miss the call."""
        self.put(call("a", NOON, leg(TIJANA, ELSEWHERE, BOARD), leg(RAF, ANSWERED, BOARD, 40), group_id=BOARD))
        self.assertEqual(
            await self.rows(Asked(AUGUST, BOARD)), {"Tijana Ilic": (0, 0, 0, 0), "Raf Meier": (0, 1, 0, 1)}
        )
        self.assertEqual(await self.reports.count(Asked(AUGUST, BOARD)), 1)

    async def test_what_is_missed(self) -> None:
        outcomes = (MISSED, LegOutcome.BUSY, LegOutcome.DECLINED, LegOutcome.NOT_ANSWERED, LegOutcome.FAILED, ELSEWHERE)
        legs = [leg(RAF, outcome, BOARD) for outcome in outcomes]
        self.put(call("a", NOON, *legs, group_id=BOARD))
        self.assertEqual(await self.rows(WHOLE), {"Raf Meier": (3, 0, 0, 3)})

    async def test_overflow_to_another_group(self) -> None:
        """Each leg counts for the group whose flow rang it."""
        self.put(call("a", NOON, leg(RAF, MISSED, BOARD), leg(ARA, ANSWERED, SALES, 30), group_id=BOARD))
        board, sales = await self.reports.groups(WHOLE)
        self.assertEqual((board.name, board.totals), ("Board", Totals(missed=1)))
        self.assertEqual((sales.name, sales.totals), ("Sales", Totals(connected=1, inbound_seconds=30.0)))
        self.assertEqual(await self.reports.count(WHOLE), 1)
        self.assertEqual(await self.reports.count(Asked(AUGUST, SALES)), 1)

    async def test_direct_call_to_a_member_of_two_groups(self) -> None:
        """Counts for both, and once for all."""
        self.put(call("a", NOON, leg(RAF, ANSWERED, seconds=30), called_number=RAF))
        for group_id in (BOARD, SALES, 0):
            rows = await self.rows(Asked(AUGUST, group_id))
            self.assertEqual(rows["Raf Meier"], (0, 1, 0, 1))
            self.assertEqual(await self.reports.count(Asked(AUGUST, group_id)), 1)

    async def test_outbound(self) -> None:
        self.put(
            call("a", NOON, leg(RAF, ANSWERED, seconds=30, inbound=False), caller_number=RAF, called_number=CALLER),
            call("b", NOON, leg(RAF, LegOutcome.BUSY, inbound=False), caller_number=RAF, called_number=CALLER),
        )
        self.assertEqual(await self.rows(WHOLE), {})
        self.assertEqual(await self.reports.count(WHOLE), 0)
        self.assertEqual(await self.reports.count(WITH_OUTBOUND), 2)
        (row,) = await self.reports.members(WITH_OUTBOUND)
        self.assertEqual(row, MemberTotals(RAF, "Raf Meier", Totals(
            outbound=2, outbound_connected=1, outbound_seconds=30.0)))  # fmt: skip
        self.assertEqual((row.totals.not_connected, row.totals.all_connected, row.totals.average), (1, 1, 30.0))

    async def test_between_members(self) -> None:
        """Outbound for one, inbound for the other, and one call in the list."""
        legs = (leg(RAF, ANSWERED, seconds=20, inbound=False), leg(TIJANA, ANSWERED, seconds=20))
        self.put(call("a", NOON, *legs, caller_number=RAF, called_number=TIJANA))
        self.assertEqual(
            await self.rows(WITH_OUTBOUND), {"Raf Meier": (0, 0, 1, 1), "Tijana Ilic": (0, 1, 0, 1)}
        )
        self.assertEqual(await self.reports.count(WITH_OUTBOUND), 1)
        self.assertEqual(await self.reports.count(WHOLE), 1)
        self.assertEqual(await self.reports.count(Asked(AUGUST, SALES)), 0)
        self.assertEqual(await self.reports.count(Asked(AUGUST, SALES, outbound=True)), 1)

    async def test_transfer(self) -> None:
        """Both have talked: each is connected, for as long as it was in the call."""
        legs = (leg(TIJANA, ANSWERED, BOARD, 10), leg(RAF, ANSWERED, seconds=50))
        self.put(call("a", NOON, *legs, group_id=BOARD, is_vip=True))
        manager, raf = await self.reports.members(Asked(AUGUST, BOARD))
        self.assertEqual((manager.totals.seconds, raf.totals.seconds), (10.0, 50.0))

    async def test_nobody_rang(self) -> None:
        """A call to a manager number is in the list, and in nobody's row; one between others is not."""
        self.put(call("a", NOON, group_id=BOARD), call("b", NOON, leg("1009", ANSWERED), called_number="1009"))
        page = await self.reports.details(WHOLE)
        self.assertEqual([(one.call_id, one.caller_name, one.called_name) for one in page.calls],
                         [("a", EXTERNAL, "Board")])  # fmt: skip
        self.assertEqual(await self.rows(WHOLE), {})

    async def test_who_has_left(self) -> None:
        """Stays in by the records of that time, as does a deleted group."""
        self.put(
            call("a", NOON, leg(ARA, MISSED, SALES), group_id=SALES, called_name="Sales"),
            call("b", NOON, leg(ARA, ANSWERED, seconds=5), called_number=ARA),
        )
        self.database.do(replace_all, Configuration())
        self.assertEqual(await self.rows(Asked(AUGUST, SALES)), {"Ara Kern": (1, 1, 0, 2)})
        (group,) = await self.reports.groups(WHOLE)
        self.assertEqual((group.name, group.totals.calls), ("Sales", 2))

    async def test_one_member(self) -> None:
        self.put(
            call("a", NOON, leg(RAF, MISSED, BOARD), leg(TIJANA, MISSED, BOARD), group_id=BOARD),
            call("b", NOON + 1, leg(TIJANA, MISSED, BOARD), group_id=BOARD),
        )
        asked = Asked(AUGUST, BOARD, RAF)
        self.assertEqual(await self.rows(asked), {"Raf Meier": (1, 0, 0, 1)})
        self.assertEqual([one.call_id for one in (await self.reports.details(asked)).calls], ["a"])
        self.assertEqual(sum((await self.reports.traffic(asked)).hours), 1)
        self.assertEqual(await self.reports.count(Asked(AUGUST, SALES, RAF)), 0)

    async def test_manager_first(self) -> None:
        found = await self.reports.members(Asked(AUGUST, BOARD))
        self.assertEqual([row.number for row in found], [TIJANA, RAF])


class TimeTests(JournalCase):
    """A call belongs to the range in which it began."""

    async def test_over_midnight_and_the_months_end(self) -> None:
        self.put(
            call("a", at("2024-07-31T23:59:59"), group_id=BOARD, lasted=600.0),
            call("b", at("2024-08-01T00:00"), group_id=BOARD),
            call("c", at("2024-08-31T23:59:59.999"), group_id=BOARD, lasted=600.0),
            call("d", at("2024-09-01T00:00"), group_id=BOARD),
        )
        page = await self.reports.details(WHOLE)
        self.assertEqual([(one.call_id, one.duration) for one in page.calls], [("b", 60.0), ("c", 600.0)])
        self.assertEqual(await self.reports.count(WHOLE), 2)
        hours, weekdays = await self.reports.traffic(WHOLE)
        self.assertEqual((hours[0], hours[23], weekdays[3], weekdays[5]), (1, 1, 1, 1))

    async def test_clocks_put_back(self) -> None:
        """Two o'clock comes twice, in a day of 25 hours."""
        starts = [at("2024-10-27T02:30"), at("2024-10-27T02:30", fold=1), at("2024-10-27T23:59")]
        self.put(*(call(str(place), start, group_id=BOARD) for place, start in enumerate(starts)))
        asked = between("2024-10-27T00:00", "2024-10-28T00:00")
        self.assertEqual(asked.range.end - asked.range.start, 25 * 3600)
        hours, weekdays = await self.reports.traffic(asked)
        self.assertEqual((hours[2], hours[23], weekdays[6]), (2, 1, 3))
        self.assertEqual(await self.reports.count(between("2024-10-27T02:00", "2024-10-27T03:00")), 2)

    async def test_clocks_put_forward(self) -> None:
        starts = [at("2024-03-31T01:59"), at("2024-03-31T03:00")]
        self.put(*(call(str(place), start, group_id=BOARD) for place, start in enumerate(starts)))
        asked = between("2024-03-31T00:00", "2024-04-01T00:00")
        self.assertEqual(asked.range.end - asked.range.start, 23 * 3600)
        hours, _ = await self.reports.traffic(asked)
        self.assertEqual((hours[1], hours[2], hours[3]), (1, 0, 1))

    async def test_pages(self) -> None:
        self.put(*(call(f"{place}", NOON + place // 3, group_id=BOARD) for place in range(10)))
        found, after = [], None
        while True:
            page = await self.reports.details(WHOLE, 4, after)
            found += [one.call_id for one in page.calls]
            if (after := page.next) is None:
                break
        self.assertEqual(found, [str(place) for place in range(10)])

    async def test_months(self) -> None:
        self.assertEqual(await self.reports.months(), ())
        self.put(call("a", at("2023-12-31T23:59"), group_id=BOARD))
        months = await self.reports.months()
        self.assertEqual((len(months), months[0], months[-1]), (9, Month(2024, 8), Month(2023, 12)))
        self.assertEqual(str(months[0]), "August 2024")
