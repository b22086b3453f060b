"""What stands in the files of each report: the headers, and the rows as numbers, times and durations."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo

from magroup.model.report import Detail, Kind, MemberTotals

Value = str | int | datetime | timedelta
"""Times are as the site's clocks show them."""

_MEMBER = ("Number", "Member")

HEADERS: dict[Kind, tuple[str, ...]] = {
    Kind.DETAILS: ("Date/Time", "Caller number", "Caller name", "Called number", "Called name", "Duration"),
    Kind.COUNT: (*_MEMBER, "Missed calls", "Connected", "Calls"),
    Kind.DURATION: (*_MEMBER, "Call duration", "∅ Call duration"),
}
WITH_OUTBOUND: dict[Kind, tuple[str, ...]] = {
    **HEADERS,
    Kind.COUNT: (*_MEMBER, "Missed calls", "Connected", "Inbound calls", "Outbound calls", "Calls"),
    Kind.DURATION: (
        *HEADERS[Kind.DURATION], "Outbound call duration", "∅ Outbound call duration",
        "Inbound call duration", "∅ Inbound call duration",
    ),
}  # fmt: skip


def headers(kind: Kind, outbound: bool) -> tuple[str, ...]:
    return (WITH_OUTBOUND if outbound else HEADERS)[kind]


def of_details(calls: Iterable[Detail], zone: tzinfo | None) -> Iterator[tuple[Value, ...]]:
    for call in calls:
        began = datetime.fromtimestamp(int(call.started_at), zone).replace(tzinfo=None)
        yield (
            began, call.caller_number, call.caller_name, call.called_number, call.called_name, _seconds(call.duration),
        )  # fmt: skip


def of_members(kind: Kind, members: Iterable[MemberTotals], outbound: bool) -> Iterator[tuple[Value, ...]]:
    """The rows of Call count or Call duration."""
    for member in members:
        of = member.totals
        if kind is Kind.COUNT:
            both = (of.inbound, of.outbound) if outbound else ()
            yield member.number, member.name, of.missed, of.connected, *both, of.calls
            continue
        directions = (of.outbound_seconds, of.outbound_average, of.inbound_seconds, of.inbound_average)
        found = (of.seconds, of.average, *(directions if outbound else ()))
        yield member.number, member.name, *map(_seconds, found)


def _seconds(seconds: float) -> timedelta:
    return timedelta(seconds=round(seconds))
