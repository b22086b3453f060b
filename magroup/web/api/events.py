"""The resource /events: what changes, as server-sent events (HTML standard, "Server-sent events")."""

from collections.abc import Mapping
from typing import Annotated, cast

from msgspec import Meta, Struct
from twisted.web.iweb import IRequest
from twisted.web.server import Request

from magroup.model.people import Privilege
from magroup.web.api.call import Call
from magroup.web.api.event_data import TYPES, EventType
from magroup.web.api.event_streams import EventStreams, TooManyStreams, Wanted
from magroup.web.api.operation import Operation
from magroup.web.api.problem import ApiError, forbidden
from magroup.web.api.stream import Stream

CONTENT_TYPE = "text/event-stream"
SCOPE = "events:read"
_TYPE = "|".join(EventType)
_BY_WORD = {word.value: kind for kind, word in TYPES.items()}


class EventsQuery(Struct, kw_only=True, frozen=True):
    """Which events."""

    types: Annotated[
        str,
        Meta(
            max_length=100, pattern=f"^((({_TYPE}),)*({_TYPE}))?$",
            description="Only these types, separated by commas; empty: all that the user may see.",
        ),
    ] = ""  # fmt: skip
    after: Annotated[
        str,
        Meta(
            max_length=64, pattern="^([0-9a-f]+-[0-9]+)?$",
            description="Id of the last event that is known; the header Last-Event-ID goes before it. Empty: from now.",
        ),
    ] = ""  # fmt: skip


class Events(Stream):
    """The answer: goes on until the client leaves."""

    content_type = CONTENT_TYPE
    headers: Mapping[str, str] = {"X-Accel-Buffering": "no"}

    def __init__(self, streams: EventStreams, wanted: Wanted) -> None:
        self._streams = streams
        self._wanted = wanted

    async def send(self, request: Request) -> None:
        await self._streams.open(request, self._wanted)


def read_events(call: Call) -> Events:
    words = set(call.query.types.strip().split(",")) - {""}
    if EventType.CALL in words and not call.rights.has(Privilege.ADMIN):
        raise forbidden("Events of calls take the privilege Admin.")
    try:
        call.parts.live.streams.admit(call.identity.user_name)
    except TooManyStreams as refused:
        raise ApiError(429, str(refused), headers={"Retry-After": "10"}) from None
    request, admission = call.request, call.parts.admission
    after = request.getHeader("last-event-id") or call.query.after
    return Events(
        call.parts.live.streams,
        Wanted(
            call.identity.user_name, frozenset(_BY_WORD[word] for word in words), after,
            lambda: admission.stays(cast(IRequest, request), SCOPE),
        ),
    )  # fmt: skip


OPERATIONS = (
    Operation(method="GET", path="/events", id="readEvents", summary="Follow what changes.", tag="events",
              run=read_events, scope=SCOPE, query=EventsQuery,
              streams={CONTENT_TYPE: "Server-sent events, without end."}),
)  # fmt: skip
