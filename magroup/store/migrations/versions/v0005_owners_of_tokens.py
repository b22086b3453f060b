"""Tokens know their user by id too: a new user of the same name is somebody else."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table anew, with the id of each token's user; those of nobody go."""
    connection = op.get_bind()
    kept = connection.execute(
        sa.text("SELECT tokens.*, users.id AS user_id FROM tokens JOIN users ON users.key = tokens.user_key")
    )
    rows = [dict(row._mapping) for row in kept]
    op.drop_table("tokens")
    made = op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("key", name="uq_tokens_key"),
    )
    op.create_index("ix_tokens_user_key", "tokens", ["user_key"])
    op.bulk_insert(made, rows)
