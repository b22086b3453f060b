"""The first page: trunks, CTI, sounds, ports and versions."""

from magroup.model.standing import LinkStanding, Strain, StreamStanding, TrunkStanding
from magroup.web.admin.switch.sections import common
from magroup.web.admin.switch.states import of_link, of_trunk
from magroup.web.admin.switch.switching import switching
from magroup.web.admin.switch.times import span
from magroup.web.admin.tabs import SWITCH
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

MOST_STREAMS = 50


async def page(visit: AdminVisit) -> Outcome:
    parts = switching(visit)
    standing = parts.standing
    streams = standing.streams(MOST_STREAMS)
    settings = visit.parts.settings()
    return Shown("admin/switch/overview.html", {
        **common(visit, "switch"), "figures": standing.figures(),
        "strain": _strain(standing.strain(), parts.seconds()),
        "trunks": [_trunk(one, parts.seconds()) for one in standing.trunks()],
        "monitors": standing.monitors(), "link": _link(standing.link(), parts.seconds()),
        "streams": [_stream(one) for one in streams],
        "listening": standing.listening(), "web": settings.http.listen, "rtp": settings.rtp.ports,
        "versions": parts.versions(), "registrations": visit.url("switch/registrations"),
    })  # fmt: skip


def _strain(one: Strain, now: float) -> dict[str, object]:
    calls = one.refused.get("INVITE", 0)
    return {
        "wait": round(one.wait * 1000), "share": round(one.share * 100), "calls": calls,
        "others": sum(one.refused.values()) - calls, "since": span(now - one.since) if one.since else "",
    }  # fmt: skip


def _trunk(one: TrunkStanding, now: float) -> dict[str, object]:
    registered = {None: "", True: "registered", False: "not registered"}[one.is_registered]
    return {
        "name": one.trunk.name, "address": one.address.replace(":", " ", 1) or one.trunk.address,
        "state": of_trunk(one), "registered": registered, "answer": one.answer, "calls": one.calls,
        "ago": f"{span(now - one.answered_at)} ago" if one.answered_at else "",
    }  # fmt: skip


def _link(one: LinkStanding | None, now: float) -> dict[str, object] | None:
    if one is None:
        return None
    return {
        "kind": one.kind, "address": one.address, "state": of_link(one), "why": one.why,
        "since": span(now - one.since) if one.since else "",
        "trouble": one.trouble, "ago": f"{span(now - one.trouble_at)} ago" if one.trouble else "",
        "services": one.services, "lines": one.lines, "in_service": one.in_service, "monitored": one.monitored,
        "unmonitored": one.unmonitored, "calls": one.calls, "over_trunk": one.over_trunk,
    }  # fmt: skip


def _stream(one: StreamStanding) -> dict[str, object]:
    return {
        "device": one.device, "call": one.call_id, "codec": one.codec, "remote": one.remote, "local": one.local,
        "sounds": "held" if one.is_held else ", ".join(one.sounds) or "nothing", "sent": one.sent,
        "received": one.received, "lost": one.lost,
    }  # fmt: skip


ROUTES = (Route(SWITCH.name, SWITCH, page),)
