"""Indexes of calls hold the rows that are asked for: of groups and of users; those that nobody reads are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make three anew, and remove two."""
    for table, column, where in (
        ("calls", "group_id", "group_id > 0"),
        ("legs", "group_id", "group_id > 0"),
        ("legs", "user_name", "user_name <> ''"),
    ):
        name = f"ix_{table}_{column}_started_at"
        op.drop_index(name, table)
        op.create_index(
            name, table, [column, "started_at"], sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )  # fmt: skip
    op.drop_index("ix_legs_started_at", "legs")
    op.drop_index("ix_legs_member_id_started_at", "legs")
