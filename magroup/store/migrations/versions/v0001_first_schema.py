"""The whole schema of magroup 0.1."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of a new database."""
    op.create_table(
        "application_forwarding",
        sa.Column("member_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("target_member", sa.Integer(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_application_forwarding"),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("caller_number", sa.Text(), nullable=False),
        sa.Column("caller_name", sa.Text(), nullable=False),
        sa.Column("called_number", sa.Text(), nullable=False),
        sa.Column("called_name", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("is_vip", sa.Boolean(), nullable=False),
        sa.Column("overflow", sa.Text(), nullable=False),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=False),
        sa.Column("transferred_to", sa.Text(), nullable=False),
        sa.Column("transferred_from", sa.Text(), nullable=False),
        sa.Column("trail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_group_id_started_at", "calls", ["group_id", "started_at"])
    op.create_index("ix_calls_started_at_id", "calls", ["started_at", "id"])
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 0 AND 5", name="ck_contacts_stars"),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("welcome", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("ring_parallel", sa.Boolean(), nullable=False),
        sa.Column("manager_timeout", sa.Integer(), nullable=False),
        sa.Column("assistant_timeout", sa.Integer(), nullable=False),
        sa.Column("overflow", sa.Text(), nullable=False),
        sa.Column("show_vip_calls", sa.Integer(), nullable=False),
        sa.Column("vip_routing", sa.Integer(), nullable=False),
        sa.Column("vip_threshold", sa.Integer(), nullable=False),
        sa.Column("assistant_to_manager", sa.Boolean(), nullable=False),
        sa.Column("show_calls", sa.Boolean(), nullable=False),
        sa.Column("caller_name", sa.Text(), nullable=False),
        sa.Column("caller_number", sa.Text(), nullable=False),
        sa.Column("manager_alarm", sa.Text(), nullable=False),
        sa.Column("assistant_alarm", sa.Text(), nullable=False),
        sa.Column("manager_alarm_gadget", sa.Text(), nullable=False),
        sa.Column("assistant_alarm_gadget", sa.Text(), nullable=False),
        sa.CheckConstraint("manager_timeout >= 0 AND assistant_timeout >= 0", name="ck_groups_timeouts"),
        sa.PrimaryKeyConstraint("id", name="pk_groups"),
        sa.UniqueConstraint("key", name="uq_groups_key"),
    )
    op.create_table(
        "line_forwarding",
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("target_member", sa.Integer(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line", name="pk_line_forwarding"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_meta"),
    )
    op.create_table(
        "phones",
        sa.Column("device_name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("push_user", sa.Text(), nullable=False),
        sa.Column("push_password", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device_name", name="pk_phones"),
        sa.UniqueConstraint("key", name="uq_phones_key"),
    )
    op.create_table(
        "presence",
        sa.Column("user_key", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_key", name="pk_presence"),
    )
    op.create_table(
        "registrations",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("cseq", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("received_host", sa.Text(), nullable=False),
        sa.Column("received_port", sa.Integer(), nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("q", sa.Double(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", "contact", name="pk_registrations"),
    )
    op.create_table(
        "trunks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("registers", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("strip", sa.Integer(), nullable=False),
        sa.Column("inbound_addresses", sa.Text(), nullable=False),
        sa.Column("ping_interval", sa.Double(), nullable=False),
        sa.Column("expires", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trunks"),
        sa.UniqueConstraint("key", name="uq_trunks_key"),
    )
    op.create_index(
        "uq_trunks_is_default",
        "trunks",
        ["is_default"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("mobile", sa.Text(), nullable=False),
        sa.Column("voicemail", sa.Text(), nullable=False),
        sa.CheckConstraint("stars BETWEEN 0 AND 5", name="ck_users_stars"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("key", name="uq_users_key"),
    )
    op.create_table(
        "announcements",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_announcements_group_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
    )
    op.create_table(
        "legs",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("inbound", sa.Boolean(), nullable=False),
        sa.Column("ringing_at", sa.Double(), nullable=False),
        sa.Column("answered_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_legs_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_legs"),
    )
    op.create_index("ix_legs_group_id_started_at", "legs", ["group_id", "started_at"])
    op.create_index("ix_legs_member_id_started_at", "legs", ["member_id", "started_at"])
    op.create_index("ix_legs_number_started_at", "legs", ["number", "started_at"])
    op.create_index("ix_legs_started_at", "legs", ["started_at"])
    op.create_table(
        "lines",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("on_pbx", sa.Boolean(), nullable=False),
        sa.Column("no_records", sa.Boolean(), nullable=False),
        sa.Column("displayed_group", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["displayed_group"], ["groups.id"], name="fk_lines_displayed_group", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("number", name="pk_lines"),
    )
    op.create_table(
        "privileges",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("privilege", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_privileges_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "privilege", name="pk_privileges"),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("is_manager", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_members_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["number"], ["lines.number"], name="fk_members_number", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_members_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.UniqueConstraint("group_id", "user_id", "number", name="uq_members_group_id_user_id_number"),
    )
    op.create_index(
        "uq_members_manager",
        "members",
        ["group_id"],
        unique=True,
        sqlite_where=sa.text("is_manager"),
        postgresql_where=sa.text("is_manager"),
    )
    op.create_table(
        "numbers",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(line IS NULL) <> (group_id IS NULL)", name="ck_numbers_one_use"),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_numbers_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["line"], ["lines.number"], name="fk_numbers_line", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number", name="pk_numbers"),
        sa.UniqueConstraint("group_id", name="uq_numbers_group_id"),
        sa.UniqueConstraint("line", name="uq_numbers_line"),
    )
    op.create_table(
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
    op.create_table(
        "user_lines",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["lines.number"], name="fk_user_lines_number", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_user_lines_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "position", name="pk_user_lines"),
        sa.UniqueConstraint("user_id", "number", name="uq_user_lines_user_id_number"),
    )
    op.create_table(
        "vips",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_vips_member_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_vips"),
    )
