"""Calls of the journal as they are shown: as JSON, and as rows of a file."""

from collections.abc import Iterator
from typing import Annotated, Any

from msgspec import Meta, Struct

from magroup.groups.reasons import trail_in_words, words
from magroup.model.calls import CallRecord, LegOutcome, LegRecord, Reason, ReasonCode
from magroup.model.languages import Language
from magroup.web.api.fields import Seconds
from magroup.web.api.times import written

Happened = Annotated[float, Meta(description="UTC, seconds since 1970; 0: it did not happen.")]
ThingId = Annotated[int, Meta(ge=0, description="As it was then; 0: none.")]


class ShownReason(Struct, frozen=True):
    """A step of a call."""

    code: ReasonCode
    who: Annotated[str, Meta(description="Whom it is about: a short name or a number.")]
    seconds: int
    detail: str
    words: str


class ShownLeg(Struct, frozen=True):
    """One device's part in a call."""

    id: str
    number: str
    name: str
    user_name: str
    member_id: ThingId
    group_id: Annotated[int, Meta(ge=0, description="The group that rang it; 0: none.")]
    inbound: Annotated[bool, Meta(description="It was called; false: it called.")]
    ringing_at: Happened
    answered_at: Happened
    ended_at: Happened
    outcome: LegOutcome
    cause: str


class ShownCall(Struct, frozen=True):
    """A call that has ended."""

    id: str
    started_at: Seconds
    answered_at: Happened
    ended_at: Happened
    caller_number: str
    caller_name: str
    called_number: str
    called_name: str
    group_id: Annotated[int, Meta(ge=0, description="The group that was dialled; 0: none.")]
    is_vip: bool
    external: bool
    overflow: Annotated[str, Meta(description="What the group's overflow did; empty: nothing.")]
    cause: str
    ended_by: Annotated[str, Meta(description="The number that hung up, or switch.")]
    transferred_to: Annotated[str, Meta(description="Id of the call in which this one went on; empty: none.")]
    transferred_from: Annotated[str, Meta(description="Id of the call that goes on in this one; empty: none.")]
    legs: tuple[ShownLeg, ...]
    trail: tuple[ShownReason, ...]
    trail_in_words: str


_LEG = ShownLeg.__struct_fields__
_CALL = tuple(name for name in ShownCall.__struct_fields__ if name not in ("legs", "trail", "trail_in_words"))


def shown_call(call: CallRecord, language: Language) -> ShownCall:
    return ShownCall(
        **{name: getattr(call, name) for name in _CALL},
        legs=tuple(map(_leg, call.legs)),
        trail=tuple(_reason(reason, language) for reason in call.trail),
        trail_in_words=trail_in_words(call.trail, language),
    )


def _leg(leg: LegRecord) -> ShownLeg:
    return ShownLeg(**{name: getattr(leg, name) for name in _LEG})


def _reason(reason: Reason, language: Language) -> ShownReason:
    return ShownReason(reason.code, reason.who, reason.seconds, reason.detail, words(reason, language))


CALL_HEADER = (
    *("id", "started_at", "answered_at", "ended_at", "waiting_seconds", "talking_seconds", "caller_number"),
    *("caller_name", "called_number", "called_name", "group_id", "is_vip", "external", "overflow", "cause"),
    *("ended_by", "transferred_to", "transferred_from", "answered_by", "trail"),
)
LEG_HEADER = (
    *("call_id", "call_started_at", "caller_number", "caller_name", "called_number", "called_name", "call_group_id"),
    *("id", "number", "name", "user_name", "member_id", "group_id", "inbound", "ringing_at", "answered_at"),
    *("ended_at", "ringing_seconds", "talking_seconds", "outcome", "cause"),
)


def call_rows(call: CallRecord, language: Language) -> Iterator[tuple[Any, ...]]:
    """One row for a call, as CALL_HEADER says."""
    answered_by = ", ".join(leg.name or leg.number for leg in call.legs if leg.inbound and leg.answered_at)
    yield (
        call.id, written(call.started_at), written(call.answered_at), written(call.ended_at),
        _between(call.started_at, call.answered_at or call.ended_at), _between(call.answered_at, call.ended_at),
        call.caller_number, call.caller_name, call.called_number, call.called_name, call.group_id or "", call.is_vip,
        call.external, call.overflow, call.cause, call.ended_by, call.transferred_to, call.transferred_from,
        answered_by, trail_in_words(call.trail, language),
    )  # fmt: skip


def leg_rows(call: CallRecord) -> Iterator[tuple[Any, ...]]:
    """One row for each leg of a call, as LEG_HEADER says."""
    for leg in call.legs:
        yield (
            call.id, written(call.started_at), call.caller_number, call.caller_name, call.called_number,
            call.called_name, call.group_id or "", leg.id, leg.number, leg.name, leg.user_name, leg.member_id or "",
            leg.group_id or "", leg.inbound, written(leg.ringing_at), written(leg.answered_at),
            written(leg.ended_at), _between(leg.ringing_at, leg.answered_at or leg.ended_at),
            _between(leg.answered_at, leg.ended_at), leg.outcome.value, leg.cause,
        )  # fmt: skip


def _between(start: float, end: float) -> float | str:
    """Seconds; "" where one of the two did not happen."""
    return round(end - start, 3) if start and end else ""
