"""A call that talks, as one node keeps it for the others: what it is, its dialogs, its record; as JSON, and back.

It has the keys of SRTP in it, where there are any: it goes to Redis only, and into no log.
"""

from typing import Any

import msgspec

from magroup.cluster.call_form import call_form, call_of
from magroup.cluster.kept_calls import LONGEST_FORM
from magroup.cti.types import Call, ConnectionState
from magroup.groups.open_call import OpenCall
from magroup.groups.open_call_form import OpenCallForm, form_of
from magroup.groups.open_call_form import call_of as record_of
from magroup.model.calls import Vip
from magroup.model.fixed import fixed
from magroup.switch.talk_form import TalkForm

VERSION = 1
_TALKING = frozenset((ConnectionState.CONNECTED, ConnectionState.HOLD))


@fixed
class TakenCall:
    """What goes on at another node; ``record`` None for a call that is not recorded."""

    call: Call
    talk: TalkForm
    record: OpenCall | None
    vip: Vip | None


@fixed
class _Form:
    version: int
    call: Any
    talk: TalkForm
    record: OpenCallForm | None
    vip: Vip | None


def written(taken: TakenCall) -> bytes:
    """Raises ValueError for what is too long, or no UTF-8."""
    record = None if taken.record is None else form_of(taken.record)
    form = msgspec.json.encode(_Form(VERSION, call_form(taken.call), taken.talk, record, taken.vip))
    if len(form) > LONGEST_FORM:
        raise ValueError(f"a call of {len(form)} octets")
    return form


def read(id: str, data: bytes) -> TakenCall:
    """What was written of the call with this id. Raises ValueError for anything else."""
    if len(data) > LONGEST_FORM:
        raise ValueError(f"a call of {len(data)} octets")
    form = msgspec.json.decode(data, type=_Form)
    if form.version != VERSION:
        raise ValueError(f"a form of version {form.version}")
    call = call_of(form.call, None)
    record = None if form.record is None else record_of(form.record)
    form.talk.check()
    if call.ended or call.id != id or (record is not None and record.id != id):
        raise ValueError("another call, or one that is over")
    states = {one.id.device: one.state for one in call.connections}
    if states.keys() != {form.talk.caller.device, form.talk.peer.device} or not _TALKING.issuperset(states.values()):
        raise ValueError("not the two that talk")
    return TakenCall(call, form.talk, record, form.vip)
