"""The audit trail as a resource: who changed what, from where, the newest first."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from magroup.model.checks import LONGEST_TEXT
from magroup.model.people import Privilege
from magroup.model.records import ChangesWanted, Entry
from magroup.web.api.call import Call
from magroup.web.api.csv_stream import CSV, PAGE, Format, csv_stream, wants_csv
from magroup.web.api.fields import Seconds
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Cursor, Limit, Page, cursor_of, read_cursor
from magroup.web.api.stream import Stream
from magroup.web.api.times import Moment, moment, written

_Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Values = Annotated[
    dict[str, Any] | None, Meta(description="As it was or is, without secrets; null: there was or is none.")
]


class AuditQuery(Struct, kw_only=True, frozen=True, rename={"from_": "from"}):
    """Which entries; all that is sent must fit."""

    from_: Moment | UnsetType = UNSET
    to: Moment | UnsetType = UNSET
    who: Annotated[str, Meta(max_length=LONGEST_TEXT, description="A user; empty: the server itself.")] | UnsetType = (
        UNSET
    )
    what: Annotated[_Text, Meta(description="A kind of thing, such as group; empty: all.")] = ""
    key: Annotated[_Text, Meta(description="The thing, such as the id of a group; empty: all.")] = ""
    format: Format = Format.ACCEPTED
    limit: Limit = 100
    cursor: Cursor = ""


class ShownChange(Struct, frozen=True):
    """Somebody changed something, logged in, or looked at records."""

    id: int
    at: Seconds
    who: Annotated[str, Meta(description="The user; empty: the server itself, or a program on its machine.")]
    where: Annotated[str, Meta(description="The address.")]
    what: Annotated[str, Meta(description="The kind of thing, such as group.")]
    key: str
    old: Values
    new: Values


HEADER = ("id", "at", "who", "where", "what", "key", "old", "new")


async def list_changes(call: Call) -> Answer | Stream:
    query: AuditQuery = call.query
    wanted = _wanted(call, query)
    place = read_cursor(query.cursor, tuple[int])
    before = min(max(place[0], 1), 2**63 - 1) if place else 0
    if wants_csv(call.request, query.format):
        return csv_stream("audit.csv", HEADER, _pages(call, wanted, before), _rows, call.parts.in_thread)
    found = await call.parts.records.changes(wanted, query.limit, before)
    shown = await call.parts.in_thread(lambda: [_shown(entry) for entry in found.entries])
    return Answer(Page(shown, cursor_of(found.next) if found.next else ""), headers={"Vary": "Accept"})


def _wanted(call: Call, query: AuditQuery) -> ChangesWanted:
    who = None
    if query.who is not UNSET:
        user = call.configuration.user(query.who)
        who = user.name if user else query.who
    return ChangesWanted(moment("from", query.from_), moment("to", query.to), who, query.what, query.key)


async def _pages(call: Call, wanted: ChangesWanted, before: int) -> AsyncIterator[Sequence[Entry]]:
    while True:
        entries, before = await call.parts.records.changes(wanted, PAGE, before)
        yield entries
        if not before:
            return


def _shown(entry: Entry) -> ShownChange:
    id, change = entry
    return ShownChange(
        id, change.at, change.who, change.where, change.what, change.key, _values(change.old), _values(change.new)
    )  # fmt: skip


def _values(text: str) -> dict[str, Any] | None:
    """An entry's JSON object; what was too long to be kept whole, and is none any more, as text."""
    if not text:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {"text": text}
    return found if isinstance(found, dict) else {"value": found}


def _rows(entry: Entry) -> Iterator[tuple[Any, ...]]:
    id, change = entry
    yield (id, written(change.at), change.who, change.where, change.what, change.key, change.old, change.new)


OPERATIONS = (
    Operation(
        method="GET", path="/audit", id="listChanges", summary="List who changed what, the newest first.", tag="audit",
        run=list_changes, scope="audit:read", privileges=(Privilege.ADMIN,), query=AuditQuery,
        answer=Page[ShownChange], streams={CSV: "All of them, with a header."},
    ),
)  # fmt: skip
