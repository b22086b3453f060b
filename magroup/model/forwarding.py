"""Where somebody's calls go instead: application forwarding of managers, line forwarding of every line."""

from dataclasses import dataclass
from enum import StrEnum


class ForwardTo(StrEnum):
    """The kinds of forwarding target; GROUP exists for application forwarding only."""

    NONE = "none"
    GROUP = "group"
    VOICEMAIL = "voicemail"
    MOBILE = "mobile"
    NUMBER = "number"
    MEMBER = "member"


@dataclass(frozen=True)
class Forwarding:
    """A forwarding: its kind, the number (NUMBER) or the member's id (MEMBER), and who set it when (UTC seconds)."""

    to: ForwardTo = ForwardTo.NONE
    number: str = ""
    member_id: int = 0
    since: float = 0.0
    changed_by: str = ""

    def __bool__(self) -> bool:
        return self.to is not ForwardTo.NONE


NO_FORWARDING = Forwarding()
MAX_HOPS = 5
"""How far a chain of forwardings is followed (spec 2)."""
