"""Groups, their members, announcements and VIP lists; the options are those of the REST services."""

from enum import IntEnum, StrEnum

from magroup.model.fixed import fixed
from magroup.model.numbers import is_diallable


class OverflowTo(StrEnum):
    """What happens to a call that nobody answered."""

    NONE = "none"
    BUSY = "busy"
    NUMBER = "number"
    VOICEMAIL = "voicemail"
    GROUP = "group"


@fixed
class Overflow:
    """The overflow action with its number, mailbox or group id (as text) where it has one."""

    to: OverflowTo = OverflowTo.NONE
    target: str = ""

    @classmethod
    def parse(cls, text: str) -> "Overflow":
        """From the words of ``gr_overflow``: ``-1``, ``-3``/``busy``, ``voicemail:<box>``, ``group:<id>``, a number.

        Raises ValueError with one sentence for anything else.
        """
        value = text.strip()
        word, _, rest = value.partition(":")
        if value in ("", "-1"):
            return cls()
        if value == "-3" or value.casefold() == "busy":
            return cls(OverflowTo.BUSY)
        if word.casefold() == "voicemail" and is_diallable(rest):
            return cls(OverflowTo.VOICEMAIL, rest.strip())
        if word.casefold() == "group" and rest.strip().isascii() and rest.strip().isdigit():
            return cls(OverflowTo.GROUP, str(int(rest)))
        if is_diallable(value) and not value.startswith("-"):
            return cls(OverflowTo.NUMBER, value)
        raise ValueError(f"{text!r} is no overflow: -1, -3, busy, voicemail:<box>, group:<id> or a phone number")

    def __str__(self) -> str:
        match self.to:
            case OverflowTo.NONE:
                return "-1"
            case OverflowTo.BUSY:
                return "-3"
            case OverflowTo.NUMBER:
                return self.target
            case _:
                return f"{self.to.value}:{self.target}"


class ShowVipCalls(IntEnum):
    """Who sees a VIP call."""

    MANAGER = 0
    ALL = 1
    MARKED = 2


class VipRouting(IntEnum):
    """Who is rung when the manager does not answer a VIP call."""

    ALL = 0
    MANAGER_ONLY = 1
    AVAILABLE = 2


NO_VIP_BY_STARS = 6
"""The stored VIP threshold when the box is not checked: above 5 nobody is VIP by stars."""


@fixed
class Group:
    """A group; times in seconds, 0 = no limit; ``welcome`` and announcements are names of sound files."""

    id: int
    name: str
    welcome: str = ""
    ring_parallel: bool = False
    number: str = ""
    manager_timeout: int = 0
    assistant_timeout: int = 0
    overflow: Overflow = Overflow()
    show_vip_calls: ShowVipCalls = ShowVipCalls.ALL
    vip_routing: VipRouting = VipRouting.ALL
    assistant_to_manager: bool = False
    show_calls: bool = True
    caller_name: str = ""
    caller_number: str = ""
    manager_alarm: str = ""
    assistant_alarm: str = ""
    vip_threshold: int = 5
    manager_alarm_gadget: str = ""
    assistant_alarm_gadget: str = ""


@fixed
class Member:
    """A user's membership in a group with the line it rings; ``position`` 1..n orders the list, manager first."""

    id: int
    group_id: int
    user_name: str
    number: str
    short_name: str
    is_manager: bool = False
    position: int = 1


@fixed
class Announcement:
    """A waiting announcement; priorities of a group are 1..n without gaps."""

    id: int
    group_id: int
    wave: str
    priority: int


@fixed
class VipEntry:
    """A number or pattern on the VIP list of a manager's membership."""

    id: int
    member_id: int
    number: str
    description: str = ""
