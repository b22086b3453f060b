"""Who attacks by SIP: addresses that are not listened to, lines whose password is guessed, calls that were refused."""

from magroup.model.standing import of_all
from magroup.web.admin.reports.question import zone
from magroup.web.admin.switch.sections import common
from magroup.web.admin.switch.switching import switching
from magroup.web.admin.switch.times import date_time, span
from magroup.web.admin.tabs import SWITCH
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Route, Shown

PAGE = "switch/bans"
MOST = 500


async def page(visit: AdminVisit) -> Outcome:
    """The newest first."""
    parts, site = switching(visit), zone(visit)
    bans, now = parts.standing.bans(), parts.seconds()
    held = of_all(await parts.workers.held()) if parts.workers is not None else None
    defence = held.defence if held is not None else parts.standing.defence()
    locked = held.locked if held is not None else parts.standing.locked()
    dropped = held.dropped if held is not None else {}
    return Shown("admin/switch/bans.html", {
        **common(visit, PAGE), "count": len(bans), "defence": defence, "in_all": sum(defence.bans.values()),
        "bans": [
            {"place": one.place, "why": one.why, "since": date_time(one.since, site), "left": span(one.until - now),
             "dropped": dropped.get(one.place, one.dropped)}
            for one in bans[: -MOST - 1 : -1]
        ],
        "lines": [(line, span(until - now)) for line, until in sorted(locked.items())[:MOST]],
        "refused": sorted(defence.refused.items()),
        "lift": visit.url(f"{PAGE}/lift"), "unlock": visit.url(f"{PAGE}/unlock"),
        "never_banned": visit.parts.settings().protection.never_banned,
    })  # fmt: skip


async def lift(visit: AdminVisit) -> Outcome:
    place = visit.text("place")
    return _gone(visit, "ban", place, switching(visit).standing.lift(place))


async def unlock(visit: AdminVisit) -> Outcome:
    line, parts = visit.text("line"), switching(visit)
    was = parts.standing.unlock(line)
    if parts.workers is not None and line:
        was = await parts.workers.unlock(line) or was
    return _gone(visit, "guarded line", line, was)


def _gone(visit: AdminVisit, kind: str, name: str, was: bool) -> Gone:
    """Back to the page; what was lifted is in the audit trail."""
    if not was:
        return Gone(visit.url(PAGE), "lifted_before")
    admission = visit.parts.admission
    admission.record(admission.change(visit.identity, kind, name, "banned", ""))
    return Gone(visit.url(PAGE), "lifted")


ROUTES = (
    Route(PAGE, SWITCH, page),
    Route(f"{PAGE}/lift", SWITCH, post=lift),
    Route(f"{PAGE}/unlock", SWITCH, post=unlock),
)  # fmt: skip
