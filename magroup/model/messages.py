"""How many voice messages wait in a mailbox (RFC 3842)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessagesWaiting:
    """``new`` have not been heard to the end, ``old`` have."""

    new: int = 0
    old: int = 0


NO_MESSAGES = MessagesWaiting()
