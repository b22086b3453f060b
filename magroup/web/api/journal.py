"""The journal of calls as a resource: searched, paged, and sent whole as CSV."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from magroup.model.calls import CallRecord, LegOutcome
from magroup.model.checks import LARGEST_ID, LONGEST_TEXT
from magroup.model.languages import Language
from magroup.model.numbers import bare
from magroup.model.people import Privilege
from magroup.model.records import CallsWanted, Place
from magroup.web.api.call import Call
from magroup.web.api.call_shapes import CALL_HEADER, LEG_HEADER, ShownCall, call_rows, leg_rows, shown_call
from magroup.web.api.csv_stream import CSV, PAGE, Format, csv_stream, wants_csv
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Cursor, Limit, Page, Search, cursor_of, read_cursor
from magroup.web.api.problem import ApiError, FieldError, not_found
from magroup.web.api.stream import Stream
from magroup.web.api.times import Moment, moment


class Order(StrEnum):
    """By the start of the calls."""

    NEWEST_FIRST = "desc"
    OLDEST_FIRST = "asc"


class Rows(StrEnum):
    """What has a row of its own in CSV."""

    CALLS = "calls"
    LEGS = "legs"


class JournalQuery(Struct, kw_only=True, frozen=True, rename={"from_": "from"}):
    """Which calls; all that is sent must fit."""

    from_: Moment | UnsetType = UNSET
    to: Moment | UnsetType = UNSET
    group_id: Annotated[int, Meta(ge=1, le=LARGEST_ID, description="It was dialled, or rang.")] | UnsetType = UNSET
    number: (
        Annotated[str, Meta(max_length=LONGEST_TEXT, description="Of the caller, the called or a leg.")] | UnsetType
    ) = UNSET
    user_name: (
        Annotated[str, Meta(max_length=LONGEST_TEXT, description="Somebody who called or was rung.")] | UnsetType
    ) = UNSET
    outcome: LegOutcome | UnsetType = UNSET
    q: Search = ""
    order: Order = Order.NEWEST_FIRST
    language: Language = Language.ENGLISH
    format: Format = Format.ACCEPTED
    rows: Rows = Rows.CALLS
    limit: Limit = 100
    cursor: Cursor = ""


class CallQuery(Struct, kw_only=True, frozen=True):
    """How a call is shown."""

    language: Language = Language.ENGLISH


async def list_calls(call: Call) -> Answer | Stream:
    query: JournalQuery = call.query
    wanted = _wanted(call, query)
    after = read_cursor(query.cursor, tuple[float, str])
    as_csv = wants_csv(call.request, query.format)
    call.parts.looks.look(call.identity, "journal", asked=_asked(query, as_csv))
    if as_csv:
        return _csv(call, wanted, after, query)
    found = await call.parts.records.calls(wanted, query.limit, after)
    shown = await call.parts.in_thread(lambda: [shown_call(one, query.language) for one in found.calls])
    return Answer(Page(shown, cursor_of(*found.next) if found.next else ""), headers={"Vary": "Accept"})


async def read_call(call: Call) -> Answer:
    id = call.path["call_id"]
    found = await call.parts.records.call(id, _of_groups(call))
    if found is None:
        raise not_found("There is no such call in the journal.")
    call.parts.looks.look(call.identity, "journal", id)
    return Answer(shown_call(found, call.query.language))


def _wanted(call: Call, query: JournalQuery) -> CallsWanted:
    wanted = CallsWanted(
        moment("from", query.from_), moment("to", query.to), text=query.q, of_groups=_of_groups(call),
        newest_first=query.order is Order.NEWEST_FIRST,
    )  # fmt: skip
    if query.group_id is not UNSET:
        wanted = replace(wanted, group_id=query.group_id)
    if query.number is not UNSET:
        number = _required("number", bare(query.number) and query.number)
        wanted = replace(wanted, numbers=call.configuration.plan.spellings(number))
    if query.user_name is not UNSET:
        name = _required("user_name", query.user_name)
        user = call.configuration.user(name)
        wanted = replace(wanted, user_names=tuple({name, user.name if user else name}))
    if query.outcome is not UNSET:
        wanted = replace(wanted, outcome=query.outcome)
    return wanted


def _required(name: str, value: str) -> str:
    if not value:
        raise ApiError(400, f"{name} is empty.", (FieldError(name, "is empty"),))
    return value


def _of_groups(call: Call) -> bool:
    """Reports are about groups and their members; of other calls only administrators see anything."""
    return not call.identity.has(Privilege.ADMIN.value)


def _asked(query: JournalQuery, as_csv: bool) -> dict[str, str | int]:
    """What tells one look at the journal from another."""
    filters = {
        "from": query.from_, "to": query.to, "group_id": query.group_id, "number": query.number,
        "user_name": query.user_name, "outcome": query.outcome, "q": query.q or UNSET,
        "format": "csv" if as_csv else UNSET,
    }  # fmt: skip
    return {name: value for name, value in filters.items() if not isinstance(value, UnsetType)}


def _csv(call: Call, wanted: CallsWanted, after: Place | None, query: JournalQuery) -> Stream:
    pages = _pages(call, wanted, after)
    if query.rows is Rows.LEGS:
        return csv_stream("legs.csv", LEG_HEADER, pages, leg_rows, call.parts.in_thread)
    rows = partial(call_rows, language=query.language)
    return csv_stream("calls.csv", CALL_HEADER, pages, rows, call.parts.in_thread)


async def _pages(call: Call, wanted: CallsWanted, after: Place | None) -> AsyncIterator[Sequence[CallRecord]]:
    while True:
        calls, after = await call.parts.records.calls(wanted, PAGE, after)
        yield calls
        if after is None:
            return


_READERS = (Privilege.ADMIN, Privilege.REPORTS)

OPERATIONS = (
    Operation(
        method="GET", path="/journal", id="listJournal", tag="journal", run=list_calls, scope="journal:read",
        summary="List calls that have ended; a page may have fewer than asked for, even none, and not be the last.",
        privileges=_READERS, query=JournalQuery, answer=Page[ShownCall],
        streams={CSV: "All of them, with a header, a row for each call or each leg."},
    ),
    Operation(
        method="GET", path="/journal/{call_id}", id="getJournalCall", tag="journal", run=read_call,
        summary="Read a call that has ended.", scope="journal:read", privileges=_READERS, query=CallQuery,
        answer=ShownCall,
    ),
)  # fmt: skip
