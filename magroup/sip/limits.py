"""How much a peer may send and hold: sizes and times of the transports."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    message: int = 64 << 10
    """Largest message, header section and body together."""
    header: int = 64 << 10
    """Largest start line and header section on a stream."""
    connections: int = 2000
    """TCP and TLS connections at a time, both directions."""
    connections_per_address: int = 500
    """Connections that one address may open."""
    unsent: int = 1 << 20
    """Bytes that wait for a peer that does not read, or for a connection to be made."""
    malformed: int = 10
    """Messages on one connection that may be wrong."""
    connect: float = 5.0
    """Making a connection, TLS handshake included."""
    incomplete: float = 30.0
    """From the first byte of a message to its last, and for the TLS handshake of a peer."""
    idle: float = 600.0
    """Nothing received on a connection."""
    closing: float = 2.0
    """Closing a connection in good order."""


@dataclass(slots=True)
class Counters:
    """What went through the transports since the start."""

    received: int = 0
    sent: int = 0
    malformed: int = 0
    dropped: int = 0
    """Sent or received, too large, or refused by the system."""
    keepalives: int = 0
    accepted: int = 0
    connected: int = 0
    refused: int = 0
    """Connections over a limit."""

    def __str__(self) -> str:
        return " ".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))
