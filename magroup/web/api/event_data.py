"""News of the board as events of the API: their types, and what is in them."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from magroup.groups.application import Application
from magroup.groups.changes import (
    CallChange,
    Change,
    ConfigurationChange,
    LineChange,
    News,
    PresenceChange,
    SettingsChange,
)
from magroup.groups.forwarding import ForwardingChange
from magroup.model.configuration import Configuration
from magroup.web.api.calls import ShownCall, shown_call
from magroup.web.api.fields import Seconds
from magroup.web.api.forwarding import shown_forwarding
from magroup.web.api.member_states import ShownLine
from magroup.web.api.presence import shown_presence
from magroup.web.api.words import event_word, line_word

Shows = Callable[[Change], Struct]
"""What an event has in it."""


class EventType(StrEnum):
    """What events tell of."""

    CONFIGURATION = "configuration"
    PRESENCE = "presence"
    FORWARDING = "forwarding"
    LINE = "line"
    CALL = "call"
    SETTINGS = "settings"


class Changed(Struct, frozen=True):
    """A thing of the configuration."""

    kind: Annotated[str, Meta(description="The name of its list, such as groups.")]
    key: Annotated[str, Meta(description="Its id, number or device name.")]
    group_id: Annotated[int, Meta(description="Of the group that it belongs to; 0: none.")]
    change: Annotated[str, Meta(description="created, changed or deleted.")]
    changed_by: str


class CallEvent(Struct, frozen=True):
    """What happened to a call, in the words of CSTA."""

    event: str
    device: str
    cause: str
    at: Seconds
    ended: bool
    call: ShownCall


class SettingsChanged(Struct, frozen=True):
    """Settings that have other values now."""

    names: tuple[str, ...]
    changed_by: str


TYPES: dict[type, EventType] = {
    ConfigurationChange: EventType.CONFIGURATION,
    PresenceChange: EventType.PRESENCE,
    ForwardingChange: EventType.FORWARDING,
    LineChange: EventType.LINE,
    CallChange: EventType.CALL,
    SettingsChange: EventType.SETTINGS,
}


def shows(configuration: Callable[[], Configuration], application: Application) -> Shows:
    """How each change is shown; names are those of the moment in which that is asked."""

    def shown(change: Change) -> Struct:
        now = configuration()
        match change:
            case PresenceChange(user_name, state, said):
                user = now.user_by_name.get(user_name)
                return shown_presence(user.name if user else user_name, state, said)
            case ForwardingChange(forwarding, member_id, number):
                return shown_forwarding(now, forwarding, member_id=member_id, number=number)
            case LineChange(number, state):
                return ShownLine(number, line_word(state))
            case CallChange(event):
                call = shown_call(now, application, event.call)
                return CallEvent(event_word(event), event.device, event.cause, event.at, event.call.ended, call)
            case ConfigurationChange(kind, key, how, group_id, changed_by):
                return Changed(kind, key, group_id, how, changed_by)
            case SettingsChange(names, changed_by):
                return SettingsChanged(names, changed_by)

    return shown


def encoded(life: str, news: News, shown: Struct) -> bytes:
    """A server-sent event."""
    return event(f"{life}-{news.number}", TYPES[type(news.change)], msgspec.json.encode(shown))


def reset(reason: str) -> bytes:
    """The event, without its id, by which a client knows that it has missed some."""
    return b"event: reset\ndata: %b\n\n" % msgspec.json.encode({"reason": reason})


def event(id: str, kind: str, data: bytes) -> bytes:
    """One event of a stream (HTML standard, "Server-sent events"); ``data`` is JSON, which has no line ends in it."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (id.encode(), kind.encode(), data)
