"""The SIP messages of a call as files: text, and a capture for packet analysers."""

import re
from collections.abc import Callable

from magroup.model.trace import CallTrace
from magroup.web.admin.calls.call import asked_call
from magroup.web.admin.calls.part import calls_of
from magroup.web.admin.calls.pcap import CONTENT_TYPE, as_pcap
from magroup.web.admin.calls.shown import as_text
from magroup.web.admin.pages import not_there
from magroup.web.admin.tabs import CALLS
from magroup.web.admin.visit import AdminVisit, Content, Outcome, Route


async def text(visit: AdminVisit) -> Outcome:
    return await _saved(visit, as_text, "text/plain; charset=utf-8", "txt")


async def pcap(visit: AdminVisit) -> Outcome:
    return await _saved(visit, lambda trace: as_pcap(trace.messages), CONTENT_TYPE, "pcap")


async def _saved(visit: AdminVisit, write: Callable[[CallTrace], bytes], content_type: str, kind: str) -> Outcome:
    found = await asked_call(visit)
    trace = found.trace
    if trace is None:
        raise not_there()
    calls_of(visit).looks.look(visit.identity, "sip trace", found.id, {"saved": kind})
    content = await visit.parts.in_thread(lambda: write(trace))
    name = re.sub(r"[^\w.-]+", "-", found.id, flags=re.ASCII)
    return Content(content, content_type, f"call-{name}.{kind}")


ROUTES = (Route("calls/text", CALLS, text), Route("calls/pcap", CALLS, pcap))
