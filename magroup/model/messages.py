"""Voice messages: what is known of each, and how many wait in a mailbox (RFC 3842)."""

from magroup.model.fixed import fixed


@fixed
class Message:
    """A message in a mailbox, left at ``left_at`` (UTC seconds); ``heard``: it was listened to, and is old now."""

    id: str
    box: str
    caller_number: str = ""
    caller_name: str = ""
    left_at: float = 0.0
    seconds: float = 0.0
    group_id: int = 0
    call_id: str = ""
    heard: bool = False


@fixed
class MessagesWaiting:
    """``new`` have not been heard to the end, ``old`` have."""

    new: int = 0
    old: int = 0


NO_MESSAGES = MessagesWaiting()
