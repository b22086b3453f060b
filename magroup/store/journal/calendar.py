"""Records by the calendar: when somebody has set the machine's clock, calls that were up are moved as a whole."""

from dataclasses import replace

from magroup.model.calls import CallRecord, LegRecord
from magroup.model.clock import Clock, ahead


def by_the_calendar(call: CallRecord, clock: Clock) -> CallRecord:
    """``call``, whose times are those of ``clock``, as it is stored: everything took as long as it did."""
    by = ahead(clock)
    if not by:
        return call

    def moved(at: float) -> float:
        return round(at + by, 3) if at else 0.0

    def leg(one: LegRecord) -> LegRecord:
        return replace(
            one, ringing_at=moved(one.ringing_at), answered_at=moved(one.answered_at), ended_at=moved(one.ended_at)
        )  # fmt: skip

    return replace(
        call, started_at=moved(call.started_at), answered_at=moved(call.answered_at), ended_at=moved(call.ended_at),
        legs=tuple(map(leg, call.legs)),
    )  # fmt: skip
