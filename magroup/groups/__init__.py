"""The application: what happens to calls at manager numbers, presence, and the journal of all calls."""

from magroup.groups.application import Application, GroupSettings
from magroup.groups.journal import Journal
from magroup.groups.presence import PresenceBook, PresenceError

__all__ = ["Application", "GroupSettings", "Journal", "PresenceBook", "PresenceError"]
