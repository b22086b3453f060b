"""The calls that are up, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from magroup.cti.types import Call
from magroup.groups.reasons import trail_in_words
from magroup.model.calls import Story
from magroup.model.configuration import Configuration
from magroup.web.admin.calls.part import calls_of, stories_of
from magroup.web.admin.calls.sections import sections
from magroup.web.admin.calls.words import Who, lasting, party, state, time_of
from magroup.web.admin.listing import FEW, PAGE
from magroup.web.admin.reports.question import zone
from magroup.web.admin.tabs import CALLS
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown


@dataclass(frozen=True)
class Row:
    """A call as it is listed."""

    url: str
    began: str
    lasts: str
    caller: Who
    called: Who
    group: str
    is_vip: bool
    state: str
    others: Sequence[str]
    trail: str


async def page(visit: AdminVisit) -> Outcome:
    part = calls_of(visit)
    calls, asked = part.up(), visit.text("page", 10)
    pages = max(1, -(-len(calls) // PAGE))
    number = min(max(1, int(asked)), pages) if asked.isascii() and asked.isdigit() else 1

    def newest() -> Sequence[Call]:
        in_order = sorted(calls, key=lambda call: (call.started_at, call.id), reverse=True)
        return in_order[(number - 1) * PAGE : number * PAGE]

    chosen = newest() if len(calls) <= FEW else await visit.parts.in_thread(newest)
    told = await stories_of(part, [call.id for call in chosen])
    now, clock = part.seconds(), zone(visit)
    rows = [
        Row(
            visit.url("calls/call", id=call.id), time_of(call.started_at, clock), lasting(now - call.started_at),
            party(call.calling, visit.configuration), party(call.called, visit.configuration),
            group_of(visit.configuration, told[call.id]), part.application.vip(call.id) is not None,
            *state(call, visit.configuration), trail_in_words(told[call.id].trail),
        )
        for call in chosen
    ]  # fmt: skip

    def pager(wanted: int) -> str:
        return visit.url(CALLS.name, page=wanted) if 1 <= wanted <= pages else ""

    return Shown("admin/calls/live.html", {
        "sections": sections(visit, CALLS.name), "rows": rows, "total": len(calls), "at": time_of(now, clock),
        "first": (number - 1) * PAGE + 1, "last": (number - 1) * PAGE + len(rows),
        "previous": pager(number - 1), "next": pager(number + 1),
    })  # fmt: skip


def group_of(configuration: Configuration, story: Story) -> str:
    """The name of the group that a call was made to."""
    group = configuration.group_by_id.get(story.group_id)
    return group.name if group is not None else ""


ROUTES = (Route(CALLS.name, CALLS, page),)
