"""Secrets are encrypted, which older versions cannot read; the key's id is kept beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """A place for the id of the key; ``magroup.store.sealing`` encrypts in the same transaction."""
    op.create_table(
        "sealing",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_sealing"),
    )
