"""Records of older versions are counted when the database is brought up to date, as the journal counts new ones."""

from sqlalchemy import Connection, text

from magroup.model.calls import LegOutcome
from magroup.store import migrate
from magroup.store import tables as t
from tests.reports.journals import ARA, BOARD, RAF, SALES, TIJANA, JournalCase, at, call, leg

TABLES = (t.counted_legs, t.leg_totals, t.call_totals)


class MigrationTests(JournalCase):
    """From the version before."""

    def counted(self) -> list[list[tuple[object, ...]]]:
        return [sorted(self.database.rows(table.select())) for table in TABLES]

    def test_as_the_journal_counts(self) -> None:
        moments = (at("2024-08-14T12:00"), at("2024-08-14T12:14:59.999"), at("2024-08-15T01:59:59.5"))
        numbers = (TIJANA, RAF, ARA, "1009")
        self.put(*(
            call(
                f"{place}-{outcome}-{inbound}", moment, leg(numbers[place], outcome, 0, 10.5, inbound),
                leg(numbers[-place - 1], outcome, SALES, 2.0), group_id=(0, BOARD, SALES)[place],
            )
            for place, moment in enumerate(moments) for outcome in LegOutcome for inbound in (False, True)
        ))  # fmt: skip
        expected = self.counted()
        self.assertTrue(all(expected))

        def older(connection: Connection) -> None:
            for table in TABLES:
                table.drop(connection)
            connection.execute(text("DROP TABLE sealing"))
            connection.execute(text("DROP INDEX ix_members_number"))
            connection.execute(text("CREATE INDEX ix_legs_started_at ON legs (started_at)"))
            connection.execute(text("CREATE INDEX ix_legs_member_id_started_at ON legs (member_id, started_at)"))
            connection.execute(text("UPDATE alembic_version SET version_num = '0009'"))

        self.database.do(older)
        self.database.do(migrate)
        self.assertEqual(self.counted(), expected)
