"""Where somebody's calls go instead: application forwarding of managers, line forwarding of every line."""

from enum import StrEnum

from magroup.model.fixed import fixed


class ForwardTo(StrEnum):
    """The kinds of forwarding target; GROUP exists for application forwarding only."""

    NONE = "none"
    GROUP = "group"
    VOICEMAIL = "voicemail"
    MOBILE = "mobile"
    NUMBER = "number"
    MEMBER = "member"


@fixed
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


@fixed
class Forwarded:
    """Where a call to a number goes by the forwardings that are set.

    ``number`` is to be called: a line as stored, a manager number, voicemail, or any other number without separators.
    ``through`` are the numbers that sent the call on, the first one first: the lines, and before a voicemail pilot the
    mailbox. ``by`` is the last forwarding on the way, none where the number itself rings. With ``is_loop`` the
    forwardings go round in a circle and nobody is to be rung.
    """

    number: str
    through: tuple[str, ...] = ()
    by: Forwarding = NO_FORWARDING
    is_loop: bool = False
