"""Call records of the tests."""

from dataclasses import replace

from hypothesis import strategies as st

from magroup.model.calls import CallRecord, LegOutcome, LegRecord, Reason, ReasonCode
from magroup.store.journal import Journal

texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0"), max_size=10)
moments = st.one_of(st.just(0.0), st.integers(0, 10**13).map(lambda ms: ms / 1000))
small = st.integers(0, 1000)

reasons = st.builds(Reason, st.sampled_from(ReasonCode), texts, small, texts)
legs = st.builds(
    LegRecord,
    id=texts,
    call_id=st.just(""),
    number=texts,
    name=texts,
    user_name=texts,
    member_id=small,
    group_id=small,
    inbound=st.booleans(),
    ringing_at=moments,
    answered_at=moments,
    ended_at=moments,
    outcome=st.sampled_from(LegOutcome),
    cause=texts,
)
calls = st.builds(
    CallRecord,
    id=texts,
    started_at=moments,
    caller_number=texts,
    caller_name=texts,
    called_number=texts,
    called_name=texts,
    group_id=small,
    answered_at=moments,
    ended_at=moments,
    is_vip=st.booleans(),
    overflow=texts,
    external=st.booleans(),
    cause=texts,
    ended_by=texts,
    transferred_to=texts,
    transferred_from=texts,
    trail=st.lists(reasons, max_size=4).map(tuple),
    legs=st.lists(legs, max_size=3).map(tuple),
).map(lambda call: replace(call, legs=tuple(replace(leg, call_id=call.id) for leg in call.legs)))


def call(id: str, started_at: float = 1000.0) -> CallRecord:
    """A call that is up: the manager's line rings."""
    leg = LegRecord(f"{id}-1", id, "1047", "Tijana", member_id=1, group_id=1, ringing_at=started_at + 2)
    return CallRecord(id, started_at, "0311234567", "Caller", "8973", "Board", group_id=1, legs=(leg,))


def ended(call: CallRecord, cause: str = "Normal call clearing") -> CallRecord:
    """The same call, answered and ended a minute later."""
    answered = replace(
        call.legs[0],
        answered_at=call.started_at + 5,
        ended_at=call.started_at + 60,
        outcome=LegOutcome.ANSWERED,
    )
    trail = (Reason(ReasonCode.MANAGER_RINGS, "Tij"), Reason(ReasonCode.ANSWERED, "Tij"))
    return replace(
        call,
        answered_at=call.started_at + 5,
        ended_at=call.started_at + 60,
        cause=cause,
        trail=trail,
        legs=(answered,),
    )


def begin(journal: Journal, record: CallRecord) -> None:
    """The call is up, and nothing more becomes known of it."""
    journal.begin(record.id, lambda: record)
