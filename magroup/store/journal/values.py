"""Records as rows: their values in the order of the tables' columns."""

import json
from typing import Any

from magroup.model.calls import CallRecord, LegRecord
from magroup.store.text import storable


def call_row(id: str, call: CallRecord) -> tuple[Any, ...]:
    """Of ``tables.calls``, with an id that is storable."""
    trail = "[]"
    if call.trail:
        trail = json.dumps([(reason.code.value, reason.who, reason.seconds, reason.detail) for reason in call.trail])
    texts = (
        call.caller_number + call.caller_name + call.called_number + call.called_name + call.overflow + call.cause
        + call.ended_by + call.transferred_to + call.transferred_from
    )  # fmt: skip
    row = (
        id, call.started_at, call.caller_number, call.caller_name, call.called_number, call.called_name, call.group_id,
        call.answered_at, call.ended_at, call.is_vip, call.overflow, call.external, call.cause, call.ended_by,
        call.transferred_to, call.transferred_from, trail,
    )  # fmt: skip
    return row if storable(texts) is texts else _stored(row)


def leg_row(call_id: str, position: int, leg: LegRecord, started_at: float) -> tuple[Any, ...]:
    """Of ``tables.legs``; ``started_at`` is the call's."""
    texts = leg.id + leg.number + leg.name + leg.user_name + leg.cause
    row = (
        call_id, position, started_at, leg.id, leg.number, leg.name, leg.user_name, leg.member_id, leg.group_id,
        leg.inbound, leg.ringing_at, leg.answered_at, leg.ended_at, leg.outcome._value_, leg.cause,
    )  # fmt: skip
    return row if storable(texts) is texts else _stored(row)


def _stored(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple([storable(value) if isinstance(value, str) else value for value in row])
