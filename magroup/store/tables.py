"""The tables. Rows never leave the store: its functions take and return the dataclasses of the model.

Presence, forwardings and registrations have no foreign keys: they are written behind the call, when what they belong
to may be gone already, and one that nothing belongs to must not stop the others. ``state.forget_strays`` removes it.
Calls and legs keep the numbers and ids of their time, whatever becomes of groups and members; so do voice messages,
whose files are the truth: a row without one is removed at the start.

Migrations make the tables, and the indexes of some rows in PostgreSQL's words too. Here they have SQLite's only, which
the tests compare: where one is in PostgreSQL's, SQLAlchemy reads all that it knows of it at each start.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

from magroup.store.keyring import SealedText

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _columns(kind: type[TypeEngine[Any]], names: str) -> list[Column[Any]]:
    return [Column(name, kind, nullable=False) for name in names.split()]


def _id(name: str = "id") -> Column[int]:
    """An id that is always given: sequences know nothing of ids that came with a company file."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _belongs_to(name: str, target: str, part_of_key: bool = False) -> Column[Any]:
    return Column(name, ForeignKey(target, ondelete="CASCADE"), nullable=False, primary_key=part_of_key)


def _some(where: str, *names: str) -> Index:
    """An index of some of the rows: a query goes along it that has ``where`` among its conditions."""
    return Index(None, *names, sqlite_where=text(where))


def _one_at_most(name: str, column: Column[Any], where: str) -> Index:
    """An index that holds one row at most of each value of ``column`` among those with ``where``."""
    return Index(name, column, unique=True, sqlite_where=text(where))


def _stars() -> tuple[Column[int], CheckConstraint]:
    return Column("stars", Integer, nullable=False), CheckConstraint("stars BETWEEN 0 AND 5", name="stars")


def _sealed(place: str) -> Column[str]:
    """A secret that is needed as it is, and so cannot be kept as a hash."""
    return Column(place.partition(".")[2], SealedText(place), nullable=False)


meta = Table("meta", metadata, Column("key", Text, primary_key=True), *_columns(Text, "value"))

# One row where secrets are encrypted: with which key, and something that was, to know the key by.
sealing = Table("sealing", metadata, Column("key_id", Text, primary_key=True), *_columns(Text, "proof"))

groups = Table(
    "groups",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True, doc="the name casefolded"),
    *_columns(Text, "name welcome number"),
    *_columns(Boolean, "ring_parallel"),
    *_columns(Integer, "manager_timeout assistant_timeout"),
    *_columns(Text, "overflow"),
    *_columns(Integer, "show_vip_calls vip_routing vip_threshold"),
    *_columns(Boolean, "assistant_to_manager show_calls"),
    *_columns(Text, "caller_name caller_number manager_alarm assistant_alarm"),
    *_columns(Text, "manager_alarm_gadget assistant_alarm_gadget"),
    CheckConstraint("manager_timeout >= 0 AND assistant_timeout >= 0", name="timeouts"),
)

lines = Table(
    "lines",
    metadata,
    Column("number", Text, primary_key=True),
    _sealed("lines.secret"),
    *_columns(Text, "display_name"),
    *_columns(Boolean, "on_pbx no_records"),
    Column("displayed_group", ForeignKey("groups.id", ondelete="SET NULL")),
)

# What each number is used for, so that none is used twice: lines, manager numbers.
numbers = Table(
    "numbers",
    metadata,
    Column("number", Text, primary_key=True, doc="without separators"),
    Column("line", ForeignKey("lines.number", ondelete="CASCADE"), unique=True),
    Column("group_id", ForeignKey("groups.id", ondelete="CASCADE"), unique=True),
    CheckConstraint("(line IS NULL) <> (group_id IS NULL)", name="one_use"),
)

users = Table(
    "users",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True, doc="the name casefolded"),
    *_columns(Text, "name first_name last_name department email picture"),
    *_stars(),
    *_columns(Text, "language password_hash mobile voicemail"),
)

user_lines = Table(
    "user_lines",
    metadata,
    _belongs_to("user_id", "users.id", part_of_key=True),
    Column("position", Integer, primary_key=True),
    _belongs_to("number", "lines.number"),
    UniqueConstraint("user_id", "number"),
)

privileges = Table(
    "privileges",
    metadata,
    _belongs_to("user_id", "users.id", part_of_key=True),
    Column("privilege", Text, primary_key=True),
)

phones = Table(
    "phones",
    metadata,
    Column("device_name", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True, doc="the device name casefolded"),
    *_columns(Text, "model address push_user"),
    _sealed("phones.push_password"),
    _sealed("phones.token"),
    *_columns(Boolean, "strip"),
)

phone_lines = Table(
    "phone_lines",
    metadata,
    _belongs_to("device_name", "phones.device_name", part_of_key=True),
    Column("position", Integer, primary_key=True),
    _belongs_to("number", "lines.number"),
)

contacts = Table("contacts", metadata, _id(), *_columns(Text, "number name picture"), *_stars())

trunks = Table(
    "trunks",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True, doc="the name casefolded"),
    *_columns(Text, "name address user_name"),
    _sealed("trunks.password"),
    *_columns(Boolean, "registers is_default"),
    *_columns(Text, "prefix"),
    *_columns(Integer, "strip"),
    Column("inbound_addresses", Text, nullable=False, doc="a JSON list"),
    *_columns(Double, "ping_interval"),
    *_columns(Integer, "expires"),
)
_one_at_most("uq_trunks_is_default", trunks.c.is_default, "is_default")

members = Table(
    "members",
    metadata,
    _id(),
    _belongs_to("group_id", "groups.id"),
    _belongs_to("user_id", "users.id"),
    _belongs_to("number", "lines.number"),
    *_columns(Text, "short_name"),
    *_columns(Boolean, "is_manager"),
    *_columns(Integer, "position"),
    UniqueConstraint("group_id", "user_id", "number"),
    Index(None, "number"),
)
_one_at_most("uq_members_manager", members.c.group_id, "is_manager")

announcements = Table(
    "announcements",
    metadata,
    _id(),
    _belongs_to("group_id", "groups.id"),
    *_columns(Text, "wave"),
    *_columns(Integer, "priority"),
)

vips = Table(
    "vips",
    metadata,
    _id(),
    _belongs_to("member_id", "members.id"),
    *_columns(Text, "number description"),
)

presence = Table(
    "presence",
    metadata,
    Column("user_key", Text, primary_key=True),
    *_columns(Integer, "value"),
    *_columns(Text, "message"),
    *_columns(Double, "since"),
    *_columns(Text, "changed_by"),
)


def _forwarding() -> list[Column[Any]]:
    return [
        *_columns(Text, "to number"),
        *_columns(Integer, "target_member"),
        *_columns(Double, "since"),
        *_columns(Text, "changed_by"),
    ]


application_forwarding = Table(
    "application_forwarding",
    metadata,
    _id("member_id"),
    *_forwarding(),
)

line_forwarding = Table(
    "line_forwarding",
    metadata,
    Column("line", Text, primary_key=True),
    *_forwarding(),
)

do_not_disturb = Table("do_not_disturb", metadata, Column("line", Text, primary_key=True))

registrations = Table(
    "registrations",
    metadata,
    Column("number", Text, primary_key=True),
    Column("contact", Text, primary_key=True),
    *_columns(Text, "call_id"),
    *_columns(Integer, "cseq"),
    *_columns(Double, "expires_at"),
    *_columns(Text, "transport received_host"),
    *_columns(Integer, "received_port"),
    *_columns(Text, "user_agent instance"),
    *_columns(Double, "q"),
    Column("path", Text, nullable=False, doc="a JSON list"),
)

voicemail_pins = Table(
    "voicemail_pins",
    metadata,
    _belongs_to("user_id", "users.id", part_of_key=True),
    *_columns(Text, "hash"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    *_columns(Text, "box caller_number caller_name"),
    *_columns(Double, "left_at seconds"),
    *_columns(Integer, "group_id"),
    *_columns(Text, "call_id"),
    *_columns(Boolean, "heard"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    *_columns(Double, "started_at"),
    *_columns(Text, "caller_number caller_name called_number called_name"),
    *_columns(Integer, "group_id"),
    *_columns(Double, "answered_at ended_at"),
    *_columns(Boolean, "is_vip"),
    *_columns(Text, "overflow"),
    *_columns(Boolean, "external"),
    *_columns(Text, "cause ended_by transferred_to transferred_from"),
    Column("trail", Text, nullable=False, doc="a JSON list of [code, who, seconds, detail]"),
    Index(None, "started_at", "id"),
    _some("group_id > 0", "group_id", "started_at"),
    Index(None, "caller_number", "started_at"),
    Index(None, "called_number", "started_at"),
)

legs = Table(
    "legs",
    metadata,
    _belongs_to("call_id", "calls.id", part_of_key=True),
    Column("position", Integer, primary_key=True),
    Column("started_at", Double, nullable=False, doc="of the call, for reports"),
    *_columns(Text, "id number name user_name"),
    *_columns(Integer, "member_id group_id"),
    *_columns(Boolean, "inbound"),
    *_columns(Double, "ringing_at answered_at ended_at"),
    *_columns(Text, "outcome cause"),
    _some("group_id > 0", "group_id", "started_at"),
    Index(None, "number", "started_at"),
    _some("user_name <> ''", "user_name", "started_at"),
    Index(None, "outcome", "started_at"),
)

# What reports count (resources/help/reports.md), written with each call. Group 0 is all of them: each leg of a member
# is there once for it, and for its groups as they were then; position 0 is a call to a group's own number.
counted_legs = Table(
    "counted_legs",
    metadata,
    Column("group_id", Integer, primary_key=True, autoincrement=False),
    Column("started_at", Double, primary_key=True),
    Column("call_id", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    *_columns(Boolean, "inbound"),
    sqlite_with_rowid=False,
)

# Sums of the counted legs by UTC day, so that a month's report reads days and not a million legs.
leg_totals = Table(
    "leg_totals",
    metadata,
    Column("group_id", Integer, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False, doc="since 1970"),
    Column("number", Text, primary_key=True),
    Column("user_name", Text, primary_key=True),
    Column("inbound", Boolean, primary_key=True),
    *_columns(Text, "name"),
    *_columns(Integer, "connected missed not_connected"),
    *_columns(Double, "seconds"),
    sqlite_with_rowid=False,
)

# Calls by quarters of an hour: at such begin the hours of all time zones. Inbound are those with a counted leg that is.
call_totals = Table(
    "call_totals",
    metadata,
    Column("group_id", Integer, primary_key=True, autoincrement=False),
    Column("quarter", Integer, primary_key=True, autoincrement=False, doc="since 1970"),
    Column("inbound", Boolean, primary_key=True),
    *_columns(Integer, "calls"),
    sqlite_with_rowid=False,
)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True, doc="as people write it: sip.t1"),
    Column("value", SealedText("settings.value"), nullable=False, doc="JSON; some have passwords in them"),
    *_columns(Double, "changed_at"),
    *_columns(Text, "changed_by"),
)

# Sessions and tokens know their user by name and have no foreign key: an import puts all users in anew. Tokens, which
# outlive passwords, know the user's id too: a new user of the same name is somebody else.
sessions = Table(
    "sessions",
    metadata,
    Column("key", Text, primary_key=True, doc="a hash"),
    *_columns(Text, "user_key password address"),
    *_columns(Double, "created_at used_at"),
    Index(None, "user_key"),
)

tokens = Table(
    "tokens",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True, doc="a hash"),
    *_columns(Text, "user_key name"),
    *_columns(Integer, "user_id"),
    Column("scopes", Text, nullable=False, doc="a JSON list"),
    *_columns(Double, "created_at expires_at used_at"),
    Index(None, "user_key"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    *_columns(Double, "at"),
    *_columns(Text, "who where what key old new"),
    Index(None, "at"),
    Index(None, "who", "id"),
    Index(None, "what", "key", "id"),
)
