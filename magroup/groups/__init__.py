"""The application: what happens to calls at manager numbers, presence, and the journal of all calls."""

from magroup.groups.application import Application, GroupSettings
from magroup.groups.forwarding import ForwardingBook, ForwardingChange, ForwardingError
from magroup.groups.journal import Journal
from magroup.groups.presence import PresenceBook, PresenceError

__all__ = [
    "Application",
    "ForwardingBook",
    "ForwardingChange",
    "ForwardingError",
    "GroupSettings",
    "Journal",
    "PresenceBook",
    "PresenceError",
]
