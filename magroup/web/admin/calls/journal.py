"""The journal of calls: searched, a page at a time, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from magroup.groups.reasons import trail_in_words
from magroup.model.calls import CallRecord
from magroup.model.configuration import Configuration
from magroup.model.records import CallPage
from magroup.web.admin.calls.part import calls_of
from magroup.web.admin.calls.search import search_of
from magroup.web.admin.calls.sections import sections
from magroup.web.admin.calls.words import OUTCOMES, Who, lasting, moment_of, result, who
from magroup.web.admin.places import place_of, written
from magroup.web.admin.reports.question import zone
from magroup.web.admin.tabs import CALLS
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

JOURNAL = "calls/journal"
CALLS_OF_A_PAGE = 50
LONGEST_PLACE = 300


@dataclass(frozen=True)
class Row:
    """A call as it is listed; ``marks`` are words such as VIP."""

    url: str
    began: str
    caller: Who
    called: Who
    marks: Sequence[str]
    result: str
    lasted: str
    trail: str


async def page(visit: AdminVisit) -> Outcome:
    part, search = calls_of(visit), search_of(visit)
    found = CallPage((), None)
    after = place_of(visit.text("after", LONGEST_PLACE))
    if not search.wrong:
        part.looks.look(visit.identity, "journal", asked=search.asked)
        found = await part.records.calls(search.wanted, CALLS_OF_A_PAGE, after)
    clock = zone(visit)
    return Shown("admin/calls/journal.html", {
        "sections": sections(visit, JOURNAL), "here": visit.url(JOURNAL), "fields": search.fields,
        "groups": [("", "All"), *sorted(
            ((group.id, group.name) for group in visit.configuration.groups), key=lambda one: one[1].casefold()
        )],
        "outcomes": [("", "All"), *((one.value, word) for one, word in OUTCOMES.items())],
        "rows": [_row(visit, call, moment_of(call.started_at, clock)) for call in found.calls],
        "is_searched": bool(search.asked), "first": f"{visit.url(JOURNAL)}?{search.query()}" if after else "",
        "next": f"{visit.url(JOURNAL)}?{search.query(written(found.next))}" if found.next else "",
        "looked_to": moment_of(found.next[0], clock) if found.next else "",
    }, search.wrong)  # fmt: skip


def _row(visit: AdminVisit, call: CallRecord, began: str) -> Row:
    return Row(
        visit.url("calls/call", id=call.id), began, who(call.caller_number, call.caller_name),
        who(call.called_number, call.called_name), marks(call, visit.configuration), result(call),
        lasting(call.ended_at - call.started_at) if call.ended_at else "", trail_in_words(call.trail),
    )  # fmt: skip


def marks(call: CallRecord, configuration: Configuration) -> Sequence[str]:
    """What is special about a call, in few words."""
    group = configuration.group_by_id.get(call.group_id)
    found = [group.name] if group is not None and group.name != call.called_name else []
    found += ["VIP"] if call.is_vip else []
    found += ["Overflow"] if call.overflow else []
    return [*found, *(["Transferred"] if call.transferred_to or call.transferred_from else [])]


ROUTES = (Route(JOURNAL, CALLS, page),)
