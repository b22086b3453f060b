"""Presence, line states and events of calls as the API says them, in words."""

from enum import StrEnum

from magroup.cti.events import CallEvent
from magroup.model.lines import LineState
from magroup.model.presence import Presence


class PresenceWord(StrEnum):
    """What somebody says of the own presence."""

    AVAILABLE = "available"
    AWAY = "away"
    BUSY = "busy"
    DND = "dnd"
    UNAVAILABLE = "unavailable"


class LineWord(StrEnum):
    """What a line is doing."""

    IDLE = "idle"
    RINGING = "ringing"
    BUSY = "busy"
    OUT_OF_SERVICE = "out_of_service"
    HELD = "held"


def presence_word(presence: Presence) -> PresenceWord:
    return PresenceWord[presence.name]


def presence_of(word: PresenceWord) -> Presence:
    return Presence[word.name]


def line_word(state: LineState) -> LineWord:
    return LineWord[state.name]


def event_word(event: CallEvent) -> str:
    """The event's name in CSTA as XML writes it, such as connectionCleared (ECMA-323)."""
    name = type(event).__name__
    return name[0].lower() + name[1:]
