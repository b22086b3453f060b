"""Presence, forwardings and registrations in the tables: read at the start, changes written in batches."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, field
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, delete, select

from magroup.model.fixed import fixed
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.lines import Registration
from magroup.model.messages import Message
from magroup.model.presence import Presence, PresenceState
from magroup.store import tables as t
from magroup.store.inserting import insert_rows, replacing
from magroup.store.strays import forget_strays
from magroup.store.text import storable
from magroup.store.turns import parts

AT_ONCE = 100
"""Changes of a table given to the database together."""


@fixed
class StoredState:
    """Presence by casefolded user name, application forwarding by member id, line forwarding by the line's number.

    ``do_not_disturb`` are the numbers of the lines that are not to be disturbed.
    """

    presence: Mapping[str, PresenceState] = field(default_factory=dict)
    application_forwarding: Mapping[int, Forwarding] = field(default_factory=dict)
    line_forwarding: Mapping[str, Forwarding] = field(default_factory=dict)
    registrations: tuple[Registration, ...] = ()
    messages: tuple[Message, ...] = ()
    do_not_disturb: frozenset[str] = frozenset()


@fixed
class Change:
    """What one row is to be: its table, its key as values of the primary key's columns, and the row or None."""

    table: Table
    key: tuple[str | int, ...]
    row: Mapping[str, Any] | None


def load_state(connection: Connection, now: float) -> StoredState:
    """What was true when it was last written, without registrations that have expired (``now``: UTC seconds)."""
    forget_strays(connection, {})
    connection.execute(delete(t.registrations).where(t.registrations.c.expires_at <= now))
    return StoredState(
        presence={
            row.user_key: PresenceState(Presence(row.value), row.message, row.since, row.changed_by)
            for row in connection.execute(select(t.presence))
        },
        application_forwarding={
            row.member_id: _forwarding(row) for row in connection.execute(select(t.application_forwarding))
        },
        line_forwarding={row.line: _forwarding(row) for row in connection.execute(select(t.line_forwarding))},
        do_not_disturb=frozenset(connection.scalars(select(t.do_not_disturb.c.line))),
        registrations=tuple(
            _registration(row)
            for row in connection.execute(
                select(t.registrations).order_by(t.registrations.c.number, t.registrations.c.contact)
            )
        ),
        messages=tuple(
            Message(**row._mapping)
            for row in connection.execute(select(t.messages).order_by(t.messages.c.left_at, t.messages.c.id))
        ),
    )


def write_state(connection: Connection, changes: Iterable[Change]) -> None:
    """Make the rows what the changes say; at most one change for each key."""
    by_table: dict[Table, list[Change]] = defaultdict(list)
    for change in changes:
        by_table[change.table].append(change)
    for table, of_table in by_table.items():
        keys = list(table.primary_key.columns)
        where = [column == bindparam(f"key{place}") for place, column in enumerate(keys)]
        values = itemgetter(*table.columns.keys()) if len(table.columns) > 1 else lambda row: tuple(row.values())
        for some in parts(of_table, AT_ONCE):
            insert_rows(connection, table, [values(change.row) for change in some if change.row is not None], replacing)
            gone = [
                {f"key{place}": value for place, value in enumerate(change.key)}
                for change in some
                if change.row is None
            ]
            if gone:
                connection.execute(delete(table).where(*where), gone)


def presence_change(user_name: str, state: PresenceState) -> Change:
    key = storable(user_name.casefold())
    row = {
        "user_key": key,
        "value": state.value.value,
        "message": storable(state.message),
        "since": state.since,
        "changed_by": storable(state.changed_by),
    }
    return Change(t.presence, (key,), row)


def application_forwarding_change(member_id: int, forwarding: Forwarding) -> Change:
    return Change(t.application_forwarding, (member_id,), {"member_id": member_id, **_forwarding_row(forwarding)})


def line_forwarding_change(number: str, forwarding: Forwarding) -> Change:
    return Change(t.line_forwarding, (number,), {"line": number, **_forwarding_row(forwarding)})


def do_not_disturb_change(number: str, is_on: bool) -> Change:
    return Change(t.do_not_disturb, (number,), {"line": number} if is_on else None)


def registration_change(registration: Registration) -> Change:
    number, contact = storable(registration.number), storable(registration.contact)
    host, port = registration.received
    row = {
        "number": number,
        "contact": contact,
        "call_id": storable(registration.call_id),
        "cseq": registration.cseq,
        "expires_at": registration.expires_at,
        "transport": registration.transport,
        "received_host": host,
        "received_port": port,
        "user_agent": storable(registration.user_agent),
        "instance": storable(registration.instance),
        "q": registration.q,
        "path": json.dumps(registration.path) if registration.path else "[]",
    }
    return Change(t.registrations, (number, contact), row)


def registration_removed(number: str, contact: str) -> Change:
    return Change(t.registrations, (storable(number), storable(contact)), None)


def message_change(message: Message) -> Change:
    row = {name: storable(value) if isinstance(value, str) else value for name, value in asdict(message).items()}
    return Change(t.messages, (row["id"],), row)


def message_removed(message_id: str) -> Change:
    return Change(t.messages, (storable(message_id),), None)


def _forwarding_row(forwarding: Forwarding) -> dict[str, Any]:
    return {
        "to": forwarding.to.value,
        "number": storable(forwarding.number),
        "target_member": forwarding.member_id,
        "since": forwarding.since,
        "changed_by": storable(forwarding.changed_by),
    }


def _forwarding(row: Row[Any]) -> Forwarding:
    return Forwarding(ForwardTo(row.to), row.number, row.target_member, row.since, row.changed_by)


def _registration(row: Row[Any]) -> Registration:
    return Registration(
        number=row.number,
        contact=row.contact,
        call_id=row.call_id,
        cseq=row.cseq,
        expires_at=row.expires_at,
        transport=row.transport,
        received=(row.received_host, row.received_port),
        user_agent=row.user_agent,
        instance=row.instance,
        q=row.q,
        path=_texts(row.path),
    )


def _texts(text: str) -> tuple[str, ...]:
    found: Sequence[str] = json.loads(text)
    return tuple(found)
