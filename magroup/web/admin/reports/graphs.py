"""Reports as graphs: traffic by hour and weekday, calls and durations of groups and members, each with its table."""

from collections.abc import Sequence

from magroup.model.report import EXTERNAL, Kind, Totals
from magroup.web.admin.reports.asking import answering, note
from magroup.web.admin.reports.drawing import Bars, draw
from magroup.web.admin.reports.four_eyes import reporting
from magroup.web.admin.reports.question import Question
from magroup.web.admin.reports.screens import common
from magroup.web.admin.tabs import REPORTS
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

GRAPH = "reports/graph"
BARS = 30
"""Groups or members in one graph."""

HOURS = tuple(f"{hour:02}" for hour in range(24))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


async def graph(visit: AdminVisit, asked: Question) -> Outcome:
    note(visit, asked)
    if asked.kind is Kind.DETAILS:
        return await _traffic(visit, asked)
    reports = reporting(visit).reports
    is_all = not asked.asked.group_id
    rows: list[tuple[str, str, Totals]]
    if is_all:
        groups = await reports.groups(asked.asked)
        rows = [(one.name, _url(visit, asked, who=one.group_id, back="1") if one.group_id in
                 visit.configuration.group_by_id else "", one.totals) for one in groups]  # fmt: skip
    else:
        members = await reports.members(asked.asked)
        rows = [(f"{one.name or EXTERNAL} {one.number}", "", one.totals) for one in members]
    number = visit.text("page", 5)
    page = int(number) if number.isascii() and number.isdigit() else 0
    at = rows[page * BARS : (page + 1) * BARS]
    what = "Call duration in seconds" if asked.kind is Kind.DURATION else "Call count"
    bars = Bars(
        f"{what} for {'Groups' if is_all else 'Members'}", [row[0] for row in at],
        _series(asked, [row[2] for row in at]), [row[1] for row in at],
    )  # fmt: skip
    back = _url(visit, asked, who="", back="", page="") if visit.text("back", 1) else ""
    return await _shown(visit, asked, bars, [], back, [
        ("Previous", _url(visit, asked, page=page - 1 or "")) if page else ("", ""),
        ("Next", _url(visit, asked, page=page + 1)) if len(rows) > (page + 1) * BARS else ("", ""),
    ])  # fmt: skip


async def _traffic(visit: AdminVisit, asked: Question) -> Outcome:
    traffic = await reporting(visit).reports.traffic(asked.asked)
    by_day = visit.text("by", 10) == "day"
    bars = (
        Bars("Calls per Day of Week", WEEKDAYS, [("Calls", traffic.weekdays)]) if by_day
        else Bars("Calls per Hour", HOURS, [("Calls", traffic.hours)])
    )  # fmt: skip
    tabs = [
        ("Calls per Hour", _url(visit, asked, by=""), not by_day),
        ("Calls per Day of Week", _url(visit, asked, by="day"), by_day),
    ]
    return await _shown(visit, asked, bars, tabs, "", [])


async def _shown(
    visit: AdminVisit, asked: Question, bars: Bars, tabs: Sequence[tuple[str, str, bool]], back: str,
    pages: Sequence[tuple[str, str]],
) -> Outcome:  # fmt: skip
    svg = await visit.parts.in_thread(lambda: draw(bars)) if bars.labels else ""
    return Shown("admin/reports/graph.html", {
        **common(visit, asked), "bars": bars, "svg": svg, "graphs": tabs, "back": back,
        "pages": [page for page in pages if page[0]],
        "table": [(label, bars.links[place] if bars.links else "", [values[place] for _, values in bars.series])
                  for place, label in enumerate(bars.labels)],
    })  # fmt: skip


def _series(asked: Question, totals: Sequence[Totals]) -> list[tuple[str, list[float]]]:
    outbound = asked.asked.outbound
    if asked.kind is Kind.DURATION:
        inbound: list[float] = [round(one.inbound_seconds) for one in totals]
        more: list[float] = [round(one.outbound_seconds) for one in totals]
        return [("Inbound", inbound), ("Outbound", more)] if outbound else [("Call duration", inbound)]
    series: list[tuple[str, list[float]]] = [
        ("Connected", [one.all_connected for one in totals]), ("Missed", [one.missed for one in totals]),
    ]  # fmt: skip
    return [*series, ("Not connected", [one.not_connected for one in totals])] if outbound else series


def _url(visit: AdminVisit, asked: Question, **others: object) -> str:
    return f"{visit.url(GRAPH)}?{asked.query(**others)}"


ROUTES = (Route(GRAPH, REPORTS, answering(graph)),)
