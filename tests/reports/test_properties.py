"""Whatever happened, the reports agree with each other and with a look at each leg."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.calls import CallRecord, LegOutcome, LegRecord
from magroup.model.report import Asked, Totals
from magroup.model.report_range import Range
from magroup.reports.details import count, details, traffic
from magroup.reports.totals import groups, members
from magroup.store import replace_all
from magroup.store import tables as t
from magroup.store.journal.rows import insert_calls
from tests.reports.journals import ARA, BOARD, COMPANY, RAF, SALES, TIJANA, ZURICH, at, call, leg
from tests.store.databases import new_database

BEGIN = at("2024-08-14T00:00")
moments = st.integers(0, 4 * 96).map(lambda quarters: BEGIN + quarters * 900.0) | st.floats(BEGIN, BEGIN + 4 * 86_400)
numbers = st.sampled_from((TIJANA, RAF, ARA, "1009", "0311234567"))
outcomes, seconds = st.sampled_from(LegOutcome), st.integers(0, 99).map(float)
inbound = st.builds(leg, numbers, outcomes, st.sampled_from((0, BOARD, SALES)), seconds)
legs = inbound | st.builds(leg, numbers, outcomes, seconds=seconds, inbound=st.just(False))
journals = st.lists(st.tuples(moments, st.lists(legs, max_size=3), st.sampled_from((0, 0, BOARD, SALES))), max_size=8)
MEMBERS = {TIJANA: {BOARD}, RAF: {BOARD, SALES}, ARA: {SALES}}


def rounded(totals: Totals) -> Totals:
    """Sums of floats depend on their order."""
    return replace(
        totals,
        inbound_seconds=round(totals.inbound_seconds, 3),
        outbound_seconds=round(totals.outbound_seconds, 3),
    )


class AgreementTests(SynchronousTestCase):
    """On SQLite."""

    def setUp(self) -> None:
        self.database = new_database(self)
        self.database.do(replace_all, COMPANY)

    def put(self, records: list[CallRecord]) -> None:
        for table in (t.calls, t.counted_legs, t.leg_totals, t.call_totals):
            self.database.do(lambda connection, table=table: connection.execute(table.delete()).close())
        self.database.do(insert_calls, records)

    @given(journals, moments, moments, st.sampled_from((0, BOARD, SALES)), st.booleans())
    @settings(max_examples=30)
    def test_sums(
        self, journal: list[tuple[float, list[LegRecord], int]], one: float, other: float, group_id: int, outbound: bool
    ) -> None:  # fmt: skip
        records = [call(str(n), at, *legs, group_id=group) for n, (at, legs, group) in enumerate(journal)]
        self.put(records)
        asked = Asked(Range(min(one, other), max(one, other)), group_id, outbound=outbound)
        rows = self.database.look(members, asked)
        listed = self.database.look(details, asked, 1000).calls
        hours, weekdays = self.database.look(traffic, asked, ZURICH)
        bars = {group.group_id: group.totals for group in self.database.look(groups, asked)}

        self.assertEqual((sum(hours), sum(weekdays)), (len(listed), len(listed)))
        self.assertEqual(self.database.look(count, asked), len(listed))
        self.assertEqual({one.call_id for one in listed}, {
            record.id for record in records if self.lists(record, asked)})  # fmt: skip
        total = sum((row.totals for row in rows), Totals())
        expected = self.looked(records, asked)
        self.assertEqual(rounded(total), rounded(expected))
        self.assertEqual(total.inbound, total.connected + total.missed)
        if group_id:
            self.assertEqual({id: rounded(found) for id, found in bars.items()}, {group_id: rounded(total)})
        for member in rows:
            if member.number in MEMBERS:
                narrow = Asked(asked.range, group_id, member.number, outbound)
                self.assertIn(member, self.database.look(members, narrow))

    def counts(self, one: LegRecord, asked: Asked) -> bool:
        number, of = one.number, one.group_id
        if not (number in MEMBERS or one.member_id) or not (asked.outbound or one.inbound):
            return False
        return not asked.group_id or asked.group_id in ({of} if of else MEMBERS[number])

    def lists(self, record: CallRecord, asked: Asked) -> bool:
        dialled = bool(record.group_id) and asked.group_id in (0, record.group_id)
        within = asked.range.start <= record.started_at < asked.range.end
        return within and (dialled or any(self.counts(one, asked) for one in record.legs))

    def looked(self, records: list[CallRecord], asked: Asked) -> Totals:
        total = Totals()
        for record in records:
            if asked.range.start <= record.started_at < asked.range.end:
                for one in record.legs:
                    if self.counts(one, asked):
                        total += self.of_leg(one)
        return total

    def of_leg(self, one: LegRecord) -> Totals:
        answered = one.outcome is LegOutcome.ANSWERED
        seconds = one.ended_at - one.answered_at if answered else 0.0
        if not one.inbound:
            return Totals(outbound=1, outbound_connected=int(answered), outbound_seconds=seconds)
        missed = one.outcome in (LegOutcome.MISSED, LegOutcome.BUSY, LegOutcome.DECLINED)
        return Totals(int(answered), int(missed), inbound_seconds=seconds)
