"""Reports on the screen: details page by page, counts and durations of members, sorted by a column."""

from collections.abc import Callable
from datetime import datetime

from magroup.model.report import EXTERNAL, Detail, Kind, MemberTotals
from magroup.web.admin.places import place_of, written
from magroup.web.admin.reports.asking import answering, note
from magroup.web.admin.reports.four_eyes import reporting
from magroup.web.admin.reports.question import Question, zone
from magroup.web.admin.tabs import REPORTS
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

CALLS = 50
"""Of a page."""

SHOW = "reports/show"
DETAIL_HEADS = ("Date/Time", "Caller", "Called", "Duration")

Column = tuple[str, str, Callable[[MemberTotals], str | float], bool]
"""Its name in the address, its head, its value, and whether that is a time in seconds."""

NUMBER: Column = ("number", "Number", lambda row: row.number, False)
MEMBER: Column = ("member", "Member", lambda row: row.name or EXTERNAL, False)
CONNECTED: Column = ("connected", "Connected", lambda row: row.totals.connected, False)
MISSED: Column = ("missed", "Missed calls", lambda row: row.totals.missed, False)
INBOUND: Column = ("inbound", "Inbound calls", lambda row: row.totals.inbound, False)
OUTBOUND: Column = ("outbound", "Outbound calls", lambda row: row.totals.outbound, False)
ALL: Column = ("calls", "Calls", lambda row: row.totals.calls, False)
TIME: Column = ("time", "Call duration", lambda row: row.totals.seconds, True)
AVERAGE: Column = ("average", "∅ Call duration", lambda row: row.totals.average, True)
OUT_TIME: Column = ("out", "Outbound call duration", lambda row: row.totals.outbound_seconds, True)
OUT_AVERAGE: Column = ("outaverage", "∅ Outbound call duration", lambda row: row.totals.outbound_average, True)
IN_TIME: Column = ("in", "Inbound call duration", lambda row: row.totals.inbound_seconds, True)
IN_AVERAGE: Column = ("inaverage", "∅ Inbound call duration", lambda row: row.totals.inbound_average, True)


def columns(kind: Kind, outbound: bool) -> tuple[Column, ...]:
    """Those of the manual's tables; some are for reports with outbound calls alone."""
    if kind is Kind.COUNT:
        return (NUMBER, MEMBER, MISSED, CONNECTED, *((INBOUND, OUTBOUND) if outbound else ()), ALL)
    return (NUMBER, MEMBER, TIME, AVERAGE, *((OUT_TIME, OUT_AVERAGE, IN_TIME, IN_AVERAGE) if outbound else ()))


async def show(visit: AdminVisit, asked: Question) -> Outcome:
    note(visit, asked)
    if asked.kind is Kind.DETAILS:
        return await _details(visit, asked)
    rows = list(await reporting(visit).reports.members(asked.asked))
    shown = columns(asked.kind, asked.asked.outbound)
    by, is_down = visit.text("sort", 20), visit.text("down", 1) == "1"
    for name, _, value, _ in shown:
        if name == by:
            rows.sort(key=lambda row: _key(value(row)), reverse=is_down)
    heads = [
        (head, f"{visit.url(SHOW)}?{asked.query(sort=name, down='1' if name == by and not is_down else '')}",
         ("descending" if is_down else "ascending") if name == by else "", name not in ("number", "member"))
        for name, head, _, _ in shown
    ]  # fmt: skip
    cells = [[(_shown(value(row), is_time), not isinstance(value(row), str)) for _, _, value, is_time in shown]
             for row in rows]  # fmt: skip
    return Shown("admin/reports/table.html", {**common(visit, asked), "heads": heads, "rows": cells})


def common(visit: AdminVisit, asked: Question) -> dict[str, object]:
    """What all reports' pages show."""
    return {
        "asked": asked, "reports": visit.url(REPORTS.name), "save": visit.url("reports/save"),
        "screen": f"{visit.url(SHOW)}?{asked.query(output='screen')}",
        "graph": f"{visit.url('reports/graph')}?{asked.query(output='graph')}",
    }  # fmt: skip


async def _details(visit: AdminVisit, asked: Question) -> Outcome:
    page = await reporting(visit).reports.details(asked.asked, CALLS, place_of(visit.text("after", 200)))
    clock = zone(visit)

    def cells(call: Detail) -> list[tuple[str, bool]]:
        began = datetime.fromtimestamp(call.started_at, clock).strftime("%d.%m.%Y %H:%M:%S")
        caller = f"{call.caller_number} {call.caller_name or EXTERNAL}".strip()
        called = f"{call.called_number} {call.called_name or EXTERNAL}".strip()
        return [(began, False), (caller, False), (called, False), (duration(call.duration), True)]

    after = written(page.next)
    return Shown("admin/reports/table.html", {
        **common(visit, asked), "heads": [(head, "", "", head == "Duration") for head in DETAIL_HEADS],
        "rows": [cells(call) for call in page.calls],
        "next": f"{visit.url(SHOW)}?{asked.query(after=after)}" if after else "",
        "first": f"{visit.url(SHOW)}?{asked.query()}" if visit.text("after", 200) else "",
    })  # fmt: skip


def _key(value: str | float) -> tuple[str, float]:
    return (value.casefold(), 0.0) if isinstance(value, str) else ("", value)


def _shown(value: str | float, is_time: bool) -> str:
    return duration(float(value)) if is_time else str(value)


def duration(seconds: float) -> str:
    """``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


ROUTES = (Route(SHOW, REPORTS, answering(show)),)
