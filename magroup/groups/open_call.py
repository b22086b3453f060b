"""A call that is up, as the journal will record it: its legs and their outcomes (spec 1.7).

Initialised by hand, as the records are.
"""

from collections.abc import Iterable
from typing import Final

from magroup.cti.types import Cause, Party
from magroup.model.calls import CallRecord, LegOutcome, LegRecord, Reason

CALLER_GAVE_UP_EARLY: Final = 3.0
"""Seconds of ringing within which a caller who hangs up is not missed (spec 1.7)."""

MOST_REASONS: Final = 200
MOST_LEGS: Final = 200
"""What is kept of a call that goes round for hours: its first half and what came last."""

_FAILURES: Final = {
    Cause.BUSY: LegOutcome.BUSY,
    Cause.REJECTED: LegOutcome.DECLINED,
    Cause.DO_NOT_DISTURB: LegOutcome.DECLINED,
}
_ELSEWHERE: Final = {Cause.ANSWERED_ELSEWHERE, Cause.CALL_PICKUP}
_TIMED_OUT: Final = {Cause.CALL_NOT_ANSWERED, Cause.TIMEOUT}
_GAVE_UP: Final = {Cause.CALL_CANCELLED, Cause.NORMAL_CLEARING}


class Leg:
    """One device's part in a call while it lasts; times in clock seconds, 0.0 = has not happened."""

    def __init__(
        self, id: str, number: str, name: str, user_name: str, inbound: bool, is_recorded: bool = True
    ) -> None:  # fmt: skip
        self.id = id
        self.number = number
        self.name = name
        self.user_name = user_name
        self.inbound = inbound
        self.is_recorded = is_recorded
        self.member_id = 0
        self.group_id = 0
        self.ringing_at = 0.0
        self.answered_at = 0.0
        self.ended_at = 0.0
        self.outcome = LegOutcome.NOT_ANSWERED
        self.cause = ""

    def answered(self, at: float) -> None:
        self.answered_at = self.answered_at or at
        self.outcome = LegOutcome.ANSWERED

    def failed(self, at: float, cause: Cause, detail: str) -> None:
        """Nobody could be reached; who rang until a time limit of the switch missed the call."""
        outcome = _FAILURES.get(cause, LegOutcome.FAILED)
        if cause in _TIMED_OUT and self.ringing_at:
            outcome = LegOutcome.MISSED
        self._end(at, outcome, detail or cause._value_)

    def cleared(self, at: float, cause: Cause, detail: str) -> None:
        """Out of the call: after an answer, or ringing ended before one."""
        # ``value`` is a property that is written in Python.
        self._end(at, self._outcome_of_ringing(at, cause), detail or cause._value_)

    def _end(self, at: float, unanswered: LegOutcome, cause: str) -> None:
        self.ended_at = at
        self.cause = cause
        if not self.answered_at:
            self.outcome = unanswered

    def _outcome_of_ringing(self, at: float, cause: Cause) -> LegOutcome:
        if not self.inbound:
            return LegOutcome.NOT_ANSWERED
        if cause in _ELSEWHERE:
            return LegOutcome.ELSEWHERE
        if cause in _TIMED_OUT:
            return LegOutcome.MISSED
        if cause in _GAVE_UP and self.ringing_at and at - self.ringing_at > CALLER_GAVE_UP_EARLY:
            return LegOutcome.MISSED
        return LegOutcome.NOT_ANSWERED

    def record(self, call_id: str) -> LegRecord:
        return LegRecord(
            id=self.id,
            call_id=call_id,
            number=self.number,
            name=self.name,
            user_name=self.user_name,
            member_id=self.member_id,
            group_id=self.group_id,
            inbound=self.inbound,
            ringing_at=_in_milliseconds(self.ringing_at),
            answered_at=_in_milliseconds(self.answered_at),
            ended_at=_in_milliseconds(self.ended_at),
            outcome=self.outcome,
            cause=self.cause,
        )


class OpenCall:
    """A call while it lasts.

    ``up`` are the legs by device that have not ended, ``rings`` the member and group ids of devices that a group's flow
    rings.
    """

    def __init__(
        self, id: str, calling: Party, caller_name: str, called_number: str, called_name: str, started_at: float,
        external: bool,
    ) -> None:  # fmt: skip
        self.id = id
        self.calling = calling
        self.caller_name = caller_name
        self.called_number = called_number
        self.called_name = called_name
        self.started_at = started_at
        self.external = external
        self.group_id = 0
        self.answered_at = 0.0
        self.is_vip = False
        self.overflow = ""
        self.transferred_to = ""
        self.transferred_from = ""
        self.trail: list[Reason] = []
        self.legs: list[Leg] = []
        self.up: dict[str, Leg] = {}
        self.rings: dict[str, tuple[int, int]] = {}
        self.count = 0

    def note(self, reasons: Iterable[Reason]) -> None:
        self.trail += reasons
        if len(self.trail) > MOST_REASONS:
            del self.trail[MOST_REASONS // 2 : len(self.trail) - MOST_REASONS // 2]

    def add(self, number: str, name: str, user_name: str, inbound: bool, is_recorded: bool = True) -> Leg:
        """The leg of a device that comes into the call."""
        self.count += 1
        leg = Leg(f"{self.id}/{self.count}", number, name, user_name, inbound, is_recorded)
        if inbound:
            leg.member_id, leg.group_id = self.rings.get(number, (0, 0))
        self.legs.append(leg)
        self.up[number] = leg
        if len(self.legs) > MOST_LEGS:
            del self.legs[MOST_LEGS // 2]
        return leg

    def record(self, ended_at: float = 0.0, cause: str = "", ended_by: str = "") -> CallRecord:
        return CallRecord(
            id=self.id,
            started_at=_in_milliseconds(self.started_at),
            caller_number=self.calling.number,
            caller_name=self.caller_name,
            called_number=self.called_number,
            called_name=self.called_name,
            group_id=self.group_id,
            answered_at=_in_milliseconds(self.answered_at),
            ended_at=_in_milliseconds(ended_at),
            is_vip=self.is_vip,
            overflow=self.overflow,
            external=self.external,
            cause=cause,
            ended_by=ended_by,
            transferred_to=self.transferred_to,
            transferred_from=self.transferred_from,
            trail=tuple(self.trail),
            legs=tuple(leg.record(self.id) for leg in self.legs if leg.is_recorded),
        )


def _in_milliseconds(seconds: float) -> float:
    """As ``round(seconds, 3)``, which takes many times as long."""
    return int(seconds * 1000.0 + 0.5) / 1000.0 if seconds else 0.0
