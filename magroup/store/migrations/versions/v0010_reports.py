"""What reports count: the legs on members' lines and their sums."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OF_CALLS = """
INSERT INTO counted_legs (group_id, started_at, call_id, position, inbound)
SELECT 0, started_at, id, 0, true FROM calls WHERE group_id > 0
UNION ALL SELECT group_id, started_at, id, 0, true FROM calls WHERE group_id > 0
"""
OF_LEGS = """
INSERT INTO counted_legs (group_id, started_at, call_id, position, inbound)
SELECT 0, started_at, call_id, position, inbound FROM legs
WHERE member_id > 0 OR number IN (SELECT number FROM members)
UNION ALL SELECT group_id, started_at, call_id, position, inbound FROM legs
WHERE group_id > 0 AND (member_id > 0 OR number IN (SELECT number FROM members))
UNION ALL SELECT own.group_id, started_at, call_id, position, inbound FROM legs
JOIN (SELECT DISTINCT group_id, number FROM members) AS own ON own.number = legs.number
WHERE legs.group_id = 0
"""
LEG_TOTALS = """
INSERT INTO leg_totals (group_id, day, number, user_name, inbound, name, connected, missed, not_connected, seconds)
SELECT counted_legs.group_id, {started} / 86400, legs.number, legs.user_name, legs.inbound, max(legs.name),
sum(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END),
sum(CASE WHEN legs.inbound AND outcome IN ('missed', 'busy', 'declined') THEN 1 ELSE 0 END),
sum(CASE WHEN NOT legs.inbound AND outcome <> 'answered' THEN 1 ELSE 0 END),
sum(CASE WHEN outcome = 'answered' AND answered_at > 0 AND ended_at > answered_at
    THEN ended_at - answered_at ELSE 0 END)
FROM counted_legs
JOIN legs ON legs.call_id = counted_legs.call_id AND legs.position = counted_legs.position
GROUP BY 1, 2, 3, 4, 5
"""
CALL_TOTALS = """
INSERT INTO call_totals (group_id, quarter, inbound, calls)
SELECT group_id, {started} / 900, inbound > 0, count(*) FROM (
SELECT group_id, started_at, call_id, max(CASE WHEN inbound THEN 1 ELSE 0 END) AS inbound
FROM counted_legs GROUP BY 1, 2, 3
) AS found GROUP BY 1, 2, 3
"""


def upgrade() -> None:
    """Make the tables, and count the calls that are there for the groups as they are now."""
    op.create_index("ix_members_number", "members", ["number"])
    op.create_table(
        "counted_legs",
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("inbound", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "started_at", "call_id", "position", name="pk_counted_legs"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leg_totals",
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("inbound", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("connected", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("not_connected", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "day", "number", "user_name", "inbound", name="pk_leg_totals"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "call_totals",
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quarter", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("inbound", sa.Boolean(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "quarter", "inbound", name="pk_call_totals"),
        sqlite_with_rowid=False,
    )
    # Both round down; PostgreSQL's CAST alone does not.
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    started = "CAST({}started_at AS INTEGER)" if on_sqlite else "CAST(floor({}started_at) AS BIGINT)"
    op.execute(OF_CALLS)
    op.execute(OF_LEGS)
    op.execute(LEG_TOTALS.format(started=started.format("legs.")))
    op.execute(CALL_TOTALS.format(started=started.format("")))
