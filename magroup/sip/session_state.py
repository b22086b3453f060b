"""How far a session has come (RFC 3261 section 12)."""

from enum import Enum


class SessionState(Enum):
    """Early until the 2xx, Confirmed with it."""

    EARLY = 1
    CONFIRMED = 2
    ENDED = 3
