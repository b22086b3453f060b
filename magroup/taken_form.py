"""A call that is up, as one node keeps it for the others: what it is, its dialogs, its record; JSON and back.

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
from magroup.switch.talk_form import RingingForm, TalkForm, WaitingForm

TALKS, WAITS, RINGS = 1, 2, 3
"""Versions of the form: of two that talk, and of a caller who waits or hears ringing, of which earlier nodes know
nothing.
"""

_TALKING = frozenset((ConnectionState.CONNECTED, ConnectionState.HOLD))


@fixed
class TakenCall:
    """What goes on at another node, one of ``talk``, ``waiting`` and ``ringing``; ``record`` None where there is none,
    and for one that rings, which begins anew as another call.
    """

    call: Call
    talk: TalkForm | None
    record: OpenCall | None
    vip: Vip | None
    waiting: WaitingForm | None = None
    ringing: RingingForm | None = None


@fixed
class _Form:
    version: int
    call: Any
    talk: TalkForm | None
    record: OpenCallForm | None
    vip: Vip | None
    waiting: WaitingForm | None = None
    ringing: RingingForm | None = None


def written(taken: TakenCall) -> bytes:
    """Raises ValueError for what is too long, or no UTF-8."""
    record = None if taken.record is None else form_of(taken.record)
    version = TALKS if taken.talk is not None else WAITS if taken.waiting is not None else RINGS
    form = msgspec.json.encode(
        _Form(version, call_form(taken.call), taken.talk, record, taken.vip, taken.waiting, taken.ringing)
    )  # fmt: skip
    if len(form) > LONGEST_FORM:
        raise ValueError(f"a call of {len(form)} octets")
    return form


def read(id: str, data: bytes) -> TakenCall:
    """What was written of the call with this id. Raises ValueError for anything else."""
    if len(data) > LONGEST_FORM:
        raise ValueError(f"a call of {len(data)} octets")
    form = msgspec.json.decode(data, type=_Form)
    ends = {TALKS: form.talk, WAITS: form.waiting, RINGS: form.ringing}.get(form.version)
    if ends is None or [form.talk, form.waiting, form.ringing].count(None) != 2:
        raise ValueError(f"a form of version {form.version}")
    call = call_of(form.call, None)
    record = None if form.record is None else record_of(form.record)
    ends.check()
    if call.ended or call.id != id or (record is not None and record.id != id):
        raise ValueError("another call, or one that is over")
    if isinstance(ends, RingingForm):
        return TakenCall(call, None, None, None, ringing=ends)
    states = {one.id.device: one.state for one in call.connections}
    devices = {ends.caller.device, ends.peer.device} if isinstance(ends, TalkForm) else {ends.caller.device}
    if states.keys() != devices or not _TALKING.issuperset(states.values()):
        raise ValueError("not those that talk, or wait")
    return TakenCall(call, form.talk, record, form.vip, form.waiting)
