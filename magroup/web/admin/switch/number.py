"""Why does this number go there? A dry run for a caller, a number and an instant."""

from zoneinfo import ZoneInfo

from magroup.model.explained import Explained, Stage
from magroup.model.numbers import bare, is_diallable
from magroup.web.admin.reading import Reader
from magroup.web.admin.reports.question import zone
from magroup.web.admin.switch.sections import common
from magroup.web.admin.switch.switching import switching
from magroup.web.admin.switch.times import InstantError, clock_time, date_time, field, instant, span
from magroup.web.admin.tabs import SWITCH
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

PAGE = "switch/number"
LONGEST_NUMBER = 64
TWICE = "The clocks show this time twice that night: it is the first of the two."
NOT_DIALLED = "A number: digits, * and #, perhaps with a + in front."


async def page(visit: AdminVisit) -> Outcome:
    """With the answer, where something was asked."""
    parts, site = switching(visit), zone(visit)
    form = {"caller": "", "number": "", "at": field(parts.seconds(), site)}
    if b"number" not in visit.fields:
        return _shown(visit, form, {}, None)
    reader = Reader(visit.fields)
    caller, number = reader.text("caller", LONGEST_NUMBER), reader.text("number", LONGEST_NUMBER)
    text = reader.text("at", LONGEST_NUMBER)
    if caller and not is_diallable(caller):
        reader.wrong.setdefault("caller", NOT_DIALLED)
    if not is_diallable(number):
        reader.wrong.setdefault("number", NOT_DIALLED)
    at, is_twice = parts.seconds(), False
    try:
        if text:
            at, is_twice = instant(text, site)
    except InstantError as error:
        reader.wrong.setdefault("at", str(error))
    form |= {name: value for name, value in reader.typed.items() if value or name != "at"}
    if reader.wrong:
        return _shown(visit, form, reader.wrong, None)
    explained = await parts.explain(bare(caller), bare(number), at)
    return _shown(visit, form, {}, _answer(explained, site, is_twice))


def _shown(visit: AdminVisit, form: dict[str, str], wrong: dict[str, str], answer: dict[str, object] | None) -> Shown:
    name = visit.parts.settings().time_zone or "of this machine"
    return Shown("admin/switch/number.html", {
        **common(visit, PAGE), "here": visit.url(PAGE), "form": form, "answer": answer, "zone": name,
    }, wrong)  # fmt: skip


def _answer(explained: Explained, site: ZoneInfo | None, is_twice: bool) -> dict[str, object]:
    remarks = [TWICE] if is_twice else []
    remarks += explained.remarks
    remarks += [f"{one.words} was set at {date_time(one.at, site)}: what was so before is not known."
                for one in explained.changed]  # fmt: skip
    return {
        "caller": explained.caller, "called": explained.called, "end": explained.end, "trail": explained.trail,
        "stages": [_stage(one, site) for one in explained.stages], "remarks": remarks,
    }  # fmt: skip


def _stage(one: Stage, site: ZoneInfo | None) -> dict[str, object]:
    return {
        "at": clock_time(one.at, site), "words": one.words, "rings": one.rings, "why": one.why, "hears": one.hears,
        "lasts": "" if one.seconds == 0 else span(one.seconds) if one.seconds is not None else "",
    }  # fmt: skip


ROUTES = (Route(PAGE, SWITCH, page),)
