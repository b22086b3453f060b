"""A call that is up, as its journal must know it to go on at another server, and back."""

from typing import Annotated

from msgspec import Meta

from magroup.cti.types import Party
from magroup.groups.open_call import MOST_LEGS, MOST_REASONS, Leg, OpenCall
from magroup.model.calls import LegOutcome, Reason
from magroup.model.fixed import fixed

Text = Annotated[str, Meta(max_length=1024)]
Moment = Annotated[float, Meta(ge=0.0, le=1e11)]
Id = Annotated[int, Meta(ge=0, lt=1 << 62)]


@fixed
class LegForm:
    """A leg, as in ``Leg``; ``is_up``: it has not ended."""

    id: Text
    number: Text
    name: Text
    user_name: Text
    inbound: bool
    is_recorded: bool
    member_id: Id
    group_id: Id
    ringing_at: Moment
    answered_at: Moment
    ended_at: Moment
    outcome: LegOutcome
    cause: Text
    is_up: bool


@fixed
class OpenCallForm:
    """A call, as in ``OpenCall``; what a group's flow rings is over when two talk."""

    id: Text
    calling: tuple[Text, Text, bool]
    caller_name: Text
    called_number: Text
    called_name: Text
    started_at: Moment
    external: bool
    group_id: Id
    answered_at: Moment
    is_vip: bool
    overflow: Text
    transferred_to: Text
    transferred_from: Text
    trail: Annotated[tuple[Reason, ...], Meta(max_length=MOST_REASONS)]
    legs: Annotated[tuple[LegForm, ...], Meta(max_length=MOST_LEGS)]
    count: Id


def form_of(call: OpenCall) -> OpenCallForm:
    calling = call.calling
    return OpenCallForm(
        call.id, (calling.number, calling.name, calling.external), call.caller_name, call.called_number,
        call.called_name, call.started_at, call.external, call.group_id, call.answered_at, call.is_vip, call.overflow,
        call.transferred_to, call.transferred_from, tuple(call.trail),
        tuple(
            LegForm(
                leg.id, leg.number, leg.name, leg.user_name, leg.inbound, leg.is_recorded, leg.member_id, leg.group_id,
                leg.ringing_at, leg.answered_at, leg.ended_at, leg.outcome, leg.cause,
                call.up.get(leg.number) is leg,
            )
            for leg in call.legs
        ),
        call.count,
    )  # fmt: skip


def call_of(form: OpenCallForm) -> OpenCall:
    call = OpenCall(
        form.id, Party(*form.calling), form.caller_name, form.called_number, form.called_name, form.started_at,
        form.external,
    )  # fmt: skip
    call.group_id = form.group_id
    call.answered_at = form.answered_at
    call.is_vip = form.is_vip
    call.overflow = form.overflow
    call.transferred_to = form.transferred_to
    call.transferred_from = form.transferred_from
    call.trail = list(form.trail)
    call.count = form.count
    for one in form.legs:
        leg = Leg(one.id, one.number, one.name, one.user_name, one.inbound, one.is_recorded)
        leg.member_id, leg.group_id = one.member_id, one.group_id
        leg.ringing_at, leg.answered_at, leg.ended_at = one.ringing_at, one.answered_at, one.ended_at
        leg.outcome = one.outcome
        leg.cause = one.cause
        call.legs.append(leg)
        if one.is_up:
            call.up[leg.number] = leg
    return call
