"""What one client may have of the server, and how long things last."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Counts of clients at a time; of each its monitors, requests a second, bytes that wait to be sent; seconds."""

    clients: int = 20
    clients_per_address: int = 5
    monitors: int = 10_000
    requests_per_second: float = 500.0
    unsent: int = 4 << 20
    session: int = 180
    heartbeat: int = 60


MOST_UNDER_WAY = 50
"""Requests of one client that the switch is still busy with."""

BURST_SECONDS = 10.0
"""So much of the rate may be used up at once by who was quiet before: monitors of all lines are started in a row."""

MOST_REFUSED = 1000
"""Requests in a row that were too many; then the client is cut."""

MOST_UNREADABLE = 100
"""Messages of one connection that cannot be read, or come before its session; then it is cut."""

LOGIN_SECONDS = 20.0
"""Within which a client must have begun a session."""

CLOSING_SECONDS = 5.0
"""Until a connection that is closed ends, whatever still waits to be sent."""

INCOMPLETE_SECONDS = 20.0
"""Within which a frame that has begun must be complete."""

SHORTEST_SESSION = 10
MOST_LOGINS = 3
"""Attempts of one connection."""
