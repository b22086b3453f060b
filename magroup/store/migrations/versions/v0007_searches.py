"""Indexes for searches in the journal of calls."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the four indexes."""
    op.create_index("ix_calls_caller_number_started_at", "calls", ["caller_number", "started_at"])
    op.create_index("ix_calls_called_number_started_at", "calls", ["called_number", "started_at"])
    op.create_index("ix_legs_user_name_started_at", "legs", ["user_name", "started_at"])
    op.create_index("ix_legs_outcome_started_at", "legs", ["outcome", "started_at"])
