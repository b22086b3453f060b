"""What the tab Calls works with beside the administration."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from prometheus_client.registry import Collector

from magroup.cti.types import Call
from magroup.groups.application import Application
from magroup.model.calls import NO_STORY, CallRecord, Story
from magroup.model.fixed import fixed
from magroup.model.records import CallPage, CallsWanted, Place
from magroup.model.trace import CallTrace, Traces
from magroup.web.admin.calls.metrics import TraceCollector
from magroup.web.admin.visit import AdminVisit
from magroup.web.api.looks import Looks


class Records(Protocol):
    """The journal of calls. Raises StoreError."""

    async def calls(self, wanted: CallsWanted, limit: int, after: Place | None = None) -> CallPage: ...

    async def call(self, id: str, of_groups: bool) -> CallRecord | None: ...


async def nowhere(call_id: str) -> CallTrace | None:
    return None


async def no_stories(call_ids: Sequence[str]) -> Mapping[str, Story]:
    return {}


@fixed
class CallsPart:
    """``up`` gives the calls that are up, ``seconds`` UTC; ``looks`` tells the audit trail who looks at what.

    ``elsewhere`` gives the trace of a call that another process of this server has, ``stories`` what such calls are
    about.
    """

    up: Callable[[], Sequence[Call]]
    application: Application
    records: Records
    traces: Traces
    looks: Looks
    seconds: Callable[[], float]
    elsewhere: Callable[[str], Awaitable[CallTrace | None]] = nowhere
    stories: Callable[[Sequence[str]], Awaitable[Mapping[str, Story]]] = no_stories

    @property
    def metrics(self) -> Collector:
        return TraceCollector(self.traces)


async def stories_of(part: CallsPart, call_ids: Sequence[str]) -> Mapping[str, Story]:
    """What calls are about that are up."""
    own = {call_id: part.application.story(call_id) for call_id in call_ids}
    others = [call_id for call_id, story in own.items() if story == NO_STORY]
    return {**own, **await part.stories(others)} if others else own


def calls_of(visit: AdminVisit) -> CallsPart:
    assert visit.parts.calls is not None
    return visit.parts.calls
