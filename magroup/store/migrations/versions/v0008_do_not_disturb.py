"""Lines that are not to be disturbed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "do_not_disturb",
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name="pk_do_not_disturb"),
    )
