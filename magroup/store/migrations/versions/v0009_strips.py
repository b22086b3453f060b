"""Phones may show the status in the strip beside their calls."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the phones anew, and their lines, which belong to them; none has the strip."""
    phones, lines = _rows("phones"), _rows("phone_lines")
    op.drop_table("phone_lines")
    op.drop_table("phones")
    made = op.create_table(
        "phones",
        sa.Column("device_name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("push_user", sa.Text(), nullable=False),
        sa.Column("push_password", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("strip", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("device_name", name="pk_phones"),
        sa.UniqueConstraint("key", name="uq_phones_key"),
    )
    op.bulk_insert(made, [row | {"strip": False} for row in phones])
    made = op.create_table(
        "phone_lines",
        sa.Column("device_name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_name"], ["phones.device_name"], name="fk_phone_lines_device_name", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["number"], ["lines.number"], name="fk_phone_lines_number", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("device_name", "position", name="pk_phone_lines"),
    )
    op.bulk_insert(made, lines)


def _rows(table: str) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in op.get_bind().execute(sa.text(f"SELECT * FROM {table}"))]
