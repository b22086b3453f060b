"""The journal's records: one per call, one per leg, and the reasons for each step.

Each call makes several: they are initialised by hand so that a compiled one is made by plain assignment.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mypy_extensions import mypyc_attr

from magroup.model.groups import ShowVipCalls


class ReasonCode(StrEnum):
    """Why a call went where it went; each is rendered in words for people elsewhere."""

    GREETING = "greeting"
    MANAGER_RINGS = "manager_rings"
    MANAGER_NOT_AVAILABLE = "manager_not_available"
    MANAGER_OUT_OF_SERVICE = "manager_out_of_service"
    ASSISTANT_RINGS = "assistant_rings"
    ASSISTANT_NOT_AVAILABLE = "assistant_not_available"
    ASSISTANT_OUT_OF_SERVICE = "assistant_out_of_service"
    CALLER_IS_MEMBER = "caller_is_member"
    NO_ANSWER = "no_answer"
    LINE_BUSY = "line_busy"
    DECLINED = "declined"
    FAILED = "failed"
    NOBODY_ELIGIBLE = "nobody_eligible"
    OVERFLOW_AGAIN = "overflow_again"
    OVERFLOW_NUMBER = "overflow_number"
    OVERFLOW_BUSY = "overflow_busy"
    OVERFLOW_VOICEMAIL = "overflow_voicemail"
    OVERFLOW_GROUP = "overflow_group"
    OVERFLOW_LOOP = "overflow_loop"
    GROUP_DELETED = "group_deleted"
    DIRECT = "direct"
    NOBODY_REACHED = "nobody_reached"
    SYSTEM_ERROR = "system_error"
    DEFLECTED = "deflected"
    ANSWERED = "answered"
    PICKED_UP = "picked_up"
    CALLER_HUNG_UP = "caller_hung_up"
    MEMBER_LEFT = "member_left"
    VIP_LISTED = "vip_listed"
    VIP_STARS = "vip_stars"
    VIP_EVERYBODY = "vip_everybody"
    VIP_MANAGER_ONLY = "vip_manager_only"
    MANAGER_FORWARDS = "manager_forwards"
    MANAGER_FORWARDS_TO_MOBILE = "manager_forwards_to_mobile"
    MANAGER_FORWARDS_TO_VOICEMAIL = "manager_forwards_to_voicemail"
    MANAGER_FORWARDS_TO_ASSISTANTS = "manager_forwards_to_assistants"
    LINE_FORWARDS = "line_forwards"
    LINE_FORWARDS_TO_MOBILE = "line_forwards_to_mobile"
    LINE_FORWARDS_TO_VOICEMAIL = "line_forwards_to_voicemail"
    FORWARD_RINGS = "forward_rings"
    FORWARD_LOOP = "forward_loop"
    FORWARD_TO_CALLER = "forward_to_caller"
    FORWARD_OUT_OF_SERVICE = "forward_out_of_service"
    ANSWERED_BY_VOICEMAIL = "answered_by_voicemail"
    ENDLESS = "endless"
    LEAVES_MESSAGE = "leaves_message"
    LISTENS_TO_MESSAGES = "listens_to_messages"
    TAKEN_OVER = "taken_over"


@dataclass(frozen=True)
class Reason:
    """One sentence of the trail: its code, whom it is about (short name or number), seconds and a detail."""

    code: ReasonCode
    who: str = ""
    seconds: int = 0
    detail: str = ""


@dataclass(frozen=True)
class Story:
    """Of a call that is up: the group that it was made to, 0 for none, and why it is where it is."""

    group_id: int = 0
    trail: tuple[Reason, ...] = ()


NO_STORY = Story()


@dataclass(frozen=True)
class Vip:
    """That the caller is a VIP of the group's manager: why, and who sees the call. Kept as it was decided."""

    reason: Reason
    show: ShowVipCalls = ShowVipCalls.ALL


class LegOutcome(StrEnum):
    """How a leg ended for the one it rang or who made it."""

    ANSWERED = "answered"
    MISSED = "missed"
    NOT_ANSWERED = "not_answered"
    ELSEWHERE = "elsewhere"
    BUSY = "busy"
    DECLINED = "declined"
    FAILED = "failed"


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class LegRecord:
    """One device's part in a call; times are UTC seconds with milliseconds, 0.0 = did not happen."""

    id: Final[str]
    call_id: Final[str]
    number: Final[str]
    name: Final[str]
    user_name: Final[str]
    member_id: Final[int]
    group_id: Final[int]
    inbound: Final[bool]
    ringing_at: Final[float]
    answered_at: Final[float]
    ended_at: Final[float]
    outcome: Final[LegOutcome]
    cause: Final[str]

    def __init__(
        self, id: str, call_id: str, number: str, name: str = "", user_name: str = "", member_id: int = 0,
        group_id: int = 0, inbound: bool = True, ringing_at: float = 0.0, answered_at: float = 0.0,
        ended_at: float = 0.0, outcome: LegOutcome = LegOutcome.NOT_ANSWERED, cause: str = "",
    ) -> None:  # fmt: skip
        self.id = id
        self.call_id = call_id
        self.number = number
        self.name = name
        self.user_name = user_name
        self.member_id = member_id
        self.group_id = group_id
        self.inbound = inbound
        self.ringing_at = ringing_at
        self.answered_at = answered_at
        self.ended_at = ended_at
        self.outcome = outcome
        self.cause = cause


@mypyc_attr(acyclic=True)
@dataclass(unsafe_hash=True, init=False)
class CallRecord:
    """One call; ``ended_by`` is the number that hung up or "switch", ``cause`` the reason phrase or Q.850 text.

    ``group_id`` is the group that was dialled. Attended transfers link two records by their ids: the call that ended by
    it has the other in ``transferred_to``, the one that goes on has it in ``transferred_from``.
    """

    id: Final[str]
    started_at: Final[float]
    caller_number: Final[str]
    caller_name: Final[str]
    called_number: Final[str]
    called_name: Final[str]
    group_id: Final[int]
    answered_at: Final[float]
    ended_at: Final[float]
    is_vip: Final[bool]
    overflow: Final[str]
    external: Final[bool]
    cause: Final[str]
    ended_by: Final[str]
    transferred_to: Final[str]
    transferred_from: Final[str]
    trail: Final[tuple[Reason, ...]]
    legs: Final[tuple[LegRecord, ...]]

    def __init__(
        self, id: str, started_at: float, caller_number: str, caller_name: str = "", called_number: str = "",
        called_name: str = "", group_id: int = 0, answered_at: float = 0.0, ended_at: float = 0.0, is_vip: bool = False,
        overflow: str = "", external: bool = False, cause: str = "", ended_by: str = "", transferred_to: str = "",
        transferred_from: str = "", trail: tuple[Reason, ...] = (), legs: tuple[LegRecord, ...] = (),
    ) -> None:  # fmt: skip
        self.id = id
        self.started_at = started_at
        self.caller_number = caller_number
        self.caller_name = caller_name
        self.called_number = called_number
        self.called_name = called_name
        self.group_id = group_id
        self.answered_at = answered_at
        self.ended_at = ended_at
        self.is_vip = is_vip
        self.overflow = overflow
        self.external = external
        self.cause = cause
        self.ended_by = ended_by
        self.transferred_to = transferred_to
        self.transferred_from = transferred_from
        self.trail = trail
        self.legs = legs
