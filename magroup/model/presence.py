"""What people say of themselves: the presence values of the REST services."""

from enum import IntEnum

from magroup.model.fixed import fixed


class Presence(IntEnum):
    """A person's presence; the numbers are those of the REST services (2 and 5 do not exist)."""

    AVAILABLE = 0
    AWAY = 1
    BUSY = 3
    DND = 4
    UNAVAILABLE = 6


@fixed
class PresenceState:
    """One person's presence with its message ("" when none), since when (UTC seconds) and who set it."""

    value: Presence = Presence.AVAILABLE
    message: str = ""
    since: float = 0.0
    changed_by: str = ""


AVAILABLE = PresenceState()
