"""A call: who, where it went and why, its legs, and its SIP messages as a picture."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from magroup.cti.types import Call
from magroup.groups.reasons import trail_in_words, words
from magroup.model.calls import CallRecord, Reason
from magroup.model.configuration import Configuration
from magroup.model.trace import CallTrace, SipMessage
from magroup.web.admin.calls.facts import Fact, Leg, legs_of_live, legs_of_record, of_live, of_record
from magroup.web.admin.calls.ladder import AT_ONCE, Ladder, ladder
from magroup.web.admin.calls.part import calls_of, stories_of
from magroup.web.admin.calls.sections import sections
from magroup.web.admin.calls.shown import clean, precise, readable, route
from magroup.web.admin.pages import not_there
from magroup.web.admin.reports.question import zone
from magroup.web.admin.tabs import CALLS
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

LONGEST_ID = 200
LATE = 2.0
"""Seconds after the beginning of a call by which its first message is there, if it is kept at all."""

MOST_TRIES = 5
_NUMBER = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Asked:
    """A call that is up, or its record, or neither: it has just ended. ``trace`` is what may be shown of it."""

    id: str
    call: Call | None
    record: CallRecord | None
    trace: CallTrace | None


@dataclass(frozen=True)
class Message:
    """The message that is read; ``previous`` and ``next`` are addresses, "" where there is none."""

    title: str
    at: str
    route: str
    text: str
    previous: str
    next: str


async def asked_call(visit: AdminVisit) -> Asked:
    """Raises BadRequest, StoreError, and NotFound for what is neither up nor in the journal nor in memory."""
    part, id = calls_of(visit), visit.text("id", LONGEST_ID)
    call = next((call for call in part.up() if call.id == id), None)
    record = await part.records.call(id, of_groups=False) if call is None and id else None
    read = part.traces.find(id)
    trace = await part.elsewhere(id) if read is None and id else None
    if call is None and record is None and read is None and trace is None:
        raise not_there()
    if call is None and record is None:
        trace = None
    elif read is not None:
        trace = await visit.parts.in_thread(read)
    if trace is not None and call is None:
        trace = without_private(trace, visit.configuration)
    return Asked(id, call, record, trace if trace and trace.messages else None)


def without_private(trace: CallTrace, configuration: Configuration) -> CallTrace:
    """Of a call that is over: the legs of lines without records are left out, as in the journal."""

    def is_private(number: str) -> bool:
        line = configuration.line(number)
        return line is not None and line.no_records

    hidden = {place for place, leg in enumerate(trace.legs) if is_private(leg.number)}
    if not hidden:
        return trace
    return replace(trace, messages=tuple(message for message in trace.messages if message.leg not in hidden),
                   legs=tuple(leg if place not in hidden else replace(leg, number="", name="")
                              for place, leg in enumerate(trace.legs)))  # fmt: skip


async def page(visit: AdminVisit) -> Outcome:
    part, found = calls_of(visit), await asked_call(visit)
    if found.call is None and found.record is None:
        return _just_ended(visit, found.id)
    part.looks.look(visit.identity, "journal", found.id)
    trail: Sequence[Reason] = ()
    facts: Sequence[Fact] = ()
    legs: Sequence[Leg] = ()
    if found.record is not None:
        trail = found.record.trail
        facts, legs = of_record(visit, found.record), legs_of_record(visit, found.record)
    elif found.call is not None:
        story = (await stories_of(part, [found.id]))[found.id]
        trail = story.trail
        facts, legs = of_live(visit, found.call, story), legs_of_live(visit, found.call)
    values: dict[str, object] = {
        "sections": sections(visit, "calls" if found.call is not None else "calls/journal"), "id": found.id,
        "is_up": found.call is not None, "facts": facts, "legs": legs, "steps": [words(reason) for reason in trail],
        "trail": trail_in_words(trail), "ladder": None, "message": None, "began_late": False, "lost": 0,
        "keeps": visit.parts.settings().trace.memory > 0,
    }  # fmt: skip
    if found.trace is not None:
        part.looks.look(visit.identity, "sip trace", found.id)
        values |= _traced(visit, found, found.trace)
    return Shown("admin/calls/call.html", values)


def _traced(visit: AdminVisit, found: Asked, trace: CallTrace) -> dict[str, object]:
    number, wanted = visit.text("message", 20), visit.text("page", 10)
    at = _index(trace, int(number)) if _NUMBER.fullmatch(number) else None
    shown = at // AT_ONCE + 1 if at is not None else int(wanted) if _NUMBER.fullmatch(wanted) else 1
    picture = ladder(trace, visit.configuration.name_of_number, shown)
    began = found.record.started_at if found.record is not None else found.call.started_at if found.call else 0.0

    def url(**query: object) -> str:
        return visit.url("calls/call", id=found.id, **query)

    return {
        "ladder": picture, "chosen": trace.messages[at].number if at is not None else 0, "lost": trace.lost,
        "message": _message(visit, trace, at, url) if at is not None else None, "url": url,
        "began_late": trace.messages[0].at - began > LATE, "pager": _pager(picture, url),
        "text": visit.url("calls/text", id=found.id), "pcap": visit.url("calls/pcap", id=found.id),
    }  # fmt: skip


def _index(trace: CallTrace, number: int) -> int | None:
    return next((at for at, message in enumerate(trace.messages) if message.number == number), None)


def _message(visit: AdminVisit, trace: CallTrace, at: int, url: Callable[..., str]) -> Message:
    message: SipMessage = trace.messages[at]

    def there(place: int) -> str:
        return url(message=trace.messages[place].number) if 0 <= place < len(trace.messages) else ""

    return Message(
        clean(message.title) or "?", precise(message.at, zone(visit)), route(message), readable(message.data),
        there(at - 1), there(at + 1),
    )  # fmt: skip


def _pager(picture: Ladder, url: Callable[..., str]) -> dict[str, str]:
    page = (picture.first - 1) // AT_ONCE + 1
    return {
        "previous": url(page=page - 1) if picture.first > 1 else "",
        "next": url(page=page + 1) if picture.last < picture.total else "",
    }


def _just_ended(visit: AdminVisit, id: str) -> Outcome:
    """The record comes within a second or two; a call of a line without records has none."""
    tries = visit.text("tries", 2)
    number = int(tries) if _NUMBER.fullmatch(tries) else 0
    again = visit.url("calls/call", id=id, tries=number + 1) if number < MOST_TRIES else ""
    return Shown("admin/calls/ended.html", {
        "sections": sections(visit, "calls"), "again": again, "live": visit.url("calls"),
    }, code=404)  # fmt: skip


ROUTES = (Route("calls/call", CALLS, page),)
