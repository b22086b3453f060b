"""The first page: trunks, CTI, sounds, ports and versions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from magroup.model.standing import LinkStanding, Strain, StreamStanding, TrunkStanding, WorkerStanding, of_all
from magroup.web.admin.switch.sections import common
from magroup.web.admin.switch.states import BAD, GOOD, State, of_link, of_trunk
from magroup.web.admin.switch.switching import Switching, switching
from magroup.web.admin.switch.times import span
from magroup.web.admin.tabs import SWITCH
from magroup.web.admin.visit import AdminVisit, Outcome, Route, Shown

MOST_STREAMS = 50
RUNS = State("runs", GOOD)
AWAY = State("does not answer", BAD, "a worker that has ended is started again")


async def page(visit: AdminVisit) -> Outcome:
    parts = switching(visit)
    standing = parts.standing
    streams, figures, strain = standing.streams(MOST_STREAMS), standing.figures(), standing.strain()
    workers: Sequence[WorkerStanding] = ()
    elsewhere: Mapping[int, int] = {}
    if parts.workers is not None:
        workers = await parts.workers.all()
        figures = replace(
            figures, calls=sum(one.calls for one in workers), streams=sum(one.streams for one in workers),
            pairs=sum(one.pairs for one in workers), pairs_in_all=sum(one.pairs_in_all for one in workers),
        )  # fmt: skip
        elsewhere = await parts.workers.trunk_calls()
        strain = of_all(await parts.workers.held()).strain
        streams = [*streams, *await parts.workers.streams(MOST_STREAMS)][:MOST_STREAMS]
    settings = visit.parts.settings()
    return Shown("admin/switch/overview.html", {
        **common(visit, "switch"), "figures": figures, "strain": _strain(strain, parts.seconds()),
        "workers": _workers(parts, workers), "count": len(parts.workers.numbers) if parts.workers else 1,
        "trunks": [_trunk(one, parts.seconds(), elsewhere.get(one.trunk.id, 0)) for one in standing.trunks()],
        "monitors": standing.monitors(), "link": _link(standing.link(), parts.seconds()),
        "streams": [_stream(one) for one in streams],
        "listening": standing.listening(), "web": settings.http.listen, "rtp": settings.rtp.ports,
        "versions": parts.versions(), "registrations": visit.url("switch/registrations"),
    })  # fmt: skip


def _workers(parts: Switching, workers: Sequence[WorkerStanding]) -> list[dict[str, object]]:
    """A row for each, also for those that do not answer."""
    there, now = {one.number: one for one in workers}, parts.seconds()
    rows: list[dict[str, object]] = []
    for number in parts.workers.numbers if parts.workers is not None else ():
        one = there.get(number)
        if one is None:
            rows.append({"number": number, "state": AWAY, "process": 0})
            continue
        rows.append({
            "number": number, "state": State("not ready", BAD, "; ".join(one.reasons)) if one.reasons else RUNS,
            "process": one.process, "since": span(now - one.since), "calls": one.calls, "contacts": one.contacts,
            "streams": one.streams, "memory": round(one.memory / (1 << 20)), "cpu": span(one.cpu),
            "share": round(100 * one.cpu / max(1.0, now - one.since)), "handed": one.handed,
        })  # fmt: skip
    return rows


def _strain(one: Strain, now: float) -> dict[str, object]:
    calls = one.refused.get("INVITE", 0)
    return {
        "wait": round(one.wait * 1000), "share": round(one.share * 100), "calls": calls,
        "others": sum(one.refused.values()) - calls, "since": span(now - one.since) if one.since else "",
        "lost": one.lost,
    }  # fmt: skip


def _trunk(one: TrunkStanding, now: float, elsewhere: int) -> dict[str, object]:
    registered = {None: "", True: "registered", False: "not registered"}[one.is_registered]
    return {
        "name": one.trunk.name, "address": one.address.replace(":", " ", 1) or one.trunk.address,
        "state": of_trunk(one), "registered": registered, "answer": one.answer, "calls": one.calls + elsewhere,
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
