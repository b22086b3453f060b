"""A call at a manager number: the steps of its group's flow, one after another (spec 1.2)."""

from collections.abc import Callable, Iterable
from enum import Enum

from magroup.cti.events import (
    CallCleared,
    CallEvent,
    ConnectionCleared,
    Delivered,
    Diverted,
    Established,
    Failed,
    MessageEnded,
)
from magroup.cti.switch import Ring
from magroup.cti.types import Call, Cause
from magroup.groups.flow import Flow, as_received, ring_of_callee, shown_as
from magroup.groups.hearing import Hearing
from magroup.model.calls import Reason, ReasonCode
from magroup.model.clock import DelayedCall
from magroup.model.groups import Group
from magroup.model.snapshot import Snapshot
from magroup.policy import (
    Callee,
    CallView,
    Direct,
    ForwardGroup,
    Greeting,
    Outcome,
    OverflowBusy,
    OverflowGroup,
    OverflowNumber,
    OverflowVoicemail,
    RingStep,
    Wait,
    begun,
    ended,
    enter,
    next_step,
    reason_of,
)


class State(Enum):
    """Where a call is in the flow."""

    NEW = "new"
    GREETING = "greeting"
    RINGING = "ringing"
    WAITING = "waiting"
    LEAVING = "leaving"
    """Deflected or cleared; the switch will say so."""
    OVER = "over"


_OUTCOMES = {
    Cause.BUSY: Outcome.BUSY,
    Cause.REJECTED: Outcome.DECLINED,
    Cause.DO_NOT_DISTURB: Outcome.DECLINED,
    Cause.LOOP: Outcome.LOOP,
}
_SOMETHING_ELSE_FOLLOWS = {Cause.CALL_CANCELLED, Cause.ANSWERED_ELSEWHERE, Cause.CALL_PICKUP, Cause.REDIRECTED}
"""Why a phone stops ringing when another event says what has become of the call."""


class GroupCall:
    """Events, changes of the snapshot and one timer come in; what it does goes to the switch and to the journal."""

    def __init__(self, flow: Flow, call: Call, group_id: int) -> None:
        self._flow = flow
        self.id = call.id
        self.state = State.NEW
        self.caller = call.calling
        self._view = CallView(group_id, call.calling.number, call.calling.name)
        self._timer: DelayedCall | None = None
        self._ringing: dict[str, Callee] = {}
        self._delivered: set[str] = set()
        self._cancelling: set[str] = set()
        self._rung: dict[str, tuple[Callee, float]] = {}
        self._is_limited = True
        self._hearing = Hearing(flow.switch, call.id)

    @property
    def group_id(self) -> int:
        """The group whose flow the call is in now."""
        return self._view.group_id

    @property
    def is_timed(self) -> bool:
        """Whether a timer runs."""
        return self._timer is not None

    def callee_at(self, device: str) -> Callee | None:
        """Whom the flow rings at a device now."""
        return self._ringing.get(device)

    def start(self) -> None:
        """The call enters the group."""
        self._view = enter(self._snapshot, self.group_id, self.caller.number, self.caller.name)
        self._flow.entered(self.id, self._view.vip)
        self._proceed()

    def on_event(self, event: CallEvent) -> None:
        """What the switch reports of this call."""
        if self.state is State.OVER:
            return
        match event:
            case Established(device=device, cause=cause):
                self._answered(device, ReasonCode.PICKED_UP if cause is Cause.CALL_PICKUP else ReasonCode.ANSWERED)
            case Diverted():
                self._diverted(event)
            case CallCleared(device=device):
                self._gone(device)
            case Delivered(device=device):
                self._rings(device)
            case Failed(device=device, cause=cause):
                self._stopped(device, _OUTCOMES.get(cause, Outcome.FAILED))
            case ConnectionCleared(device=device, cause=cause):
                self._cleared(device, cause)
            case MessageEnded() if self.state is State.GREETING:
                self._proceed()
            case _:
                pass

    def snapshot_changed(self) -> None:
        """At once while nothing rings; while something does, for those who cannot be rung any more."""
        if self.state is State.WAITING:
            self._proceed()
        elif self.state is State.RINGING:
            members = {member.id for member in self._snapshot.configuration.members_of(self.group_id)}
            left = [device for device, callee in self._ringing.items() if callee.member_id not in members]
            if left:
                self._give_up(left, Outcome.LEFT, Cause.REDIRECTED)
            elif not self._is_limited and all(map(self._is_out_of_service, self._ringing.values())):
                self._give_up(tuple(self._ringing), Outcome.FAILED, Cause.DESTINATION_OUT_OF_ORDER)

    def abandon(self) -> None:
        """Do nothing more with the call."""
        self._stop_timer()
        self.state = State.OVER

    # Steps

    @property
    def _snapshot(self) -> Snapshot:
        return self._flow.snapshot()

    @property
    def _group(self) -> Group:
        """The group, which exists as long as steps other than the end are taken."""
        return self._snapshot.configuration.group_by_id[self.group_id]

    def _proceed(self) -> None:
        """Take the next step."""
        self._stop_timer()
        step = next_step(self._snapshot, self._view, self._flow.clock.seconds())
        while isinstance(step, OverflowGroup | ForwardGroup):
            self._note(step.reasons)
            if isinstance(step, OverflowGroup):
                self._overflows()
            self._view = begun(self._view, step)
            self._flow.entered(self.id, self._view.vip)
            step = next_step(self._snapshot, self._view, self._flow.clock.seconds())
        self._note(step.reasons)
        self._view = begun(self._view, step)
        match step:
            case Greeting():
                self._greet(step.sound)
            case RingStep():
                self._ring(step)
            case Wait():
                self._wait(step)
            case Direct(callee=callee):
                self._leave_for(Ring(callee.number, self.caller))
            case OverflowNumber() | OverflowVoicemail():
                self._overflow_to(step.number, step.diverted_from)
            case OverflowBusy():
                self._overflows()
                self.state = State.LEAVING
                self._flow.switch.clear(self.id, Cause.BUSY)

    def _greet(self, sound: str) -> None:
        self.state = State.GREETING
        self._hearing.greeting(sound, self._flow.settings().early_media)

    def _ring(self, step: RingStep) -> None:
        voicemail = next((callee for callee in step.callees if self._flow.is_others(callee.number)), None)
        if voicemail is not None:
            self._leave_for_voicemail(voicemail)
            return
        self.state = State.RINGING
        now = self._flow.clock.seconds()
        self._ringing = {callee.number: callee for callee in step.callees}
        self._rung.update((callee.number, (callee, now)) for callee in step.callees)
        self._delivered.difference_update(self._ringing)
        self._is_limited = step.seconds is not None
        self._hearing.ringing()
        self._flow.journal.rings(self.id, self.group_id, step.callees)
        settings = self._flow.settings()
        rings = [
            ring_of_callee(self._snapshot, self._group, self.caller, callee, self._view.vip, settings)
            for callee in step.callees
        ]
        self._flow.switch.ring(self.id, rings)
        if self._hearing.has_media:
            self._announce()
        if step.seconds is not None:
            self._later(step.seconds, self._timed_out)

    def _wait(self, step: Wait) -> None:
        self.state = State.WAITING
        self._announce()
        if step.until is not None:
            self._later(max(0.0, step.until - self._flow.clock.seconds()), self._proceed)

    def _announce(self) -> None:
        announcements = self._snapshot.configuration.announcements_of(self.group_id)
        self._hearing.waiting([a.wave for a in announcements], self._flow.settings().early_media)

    def _overflow_to(self, number: str, diverted_from: tuple[str, ...]) -> None:
        self._overflows()
        self._leave_for(Ring(number, shown_as(self._snapshot, self._group, self.caller), diverted_from))

    def _overflows(self) -> None:
        if group := self._snapshot.configuration.group_by_id.get(self.group_id):
            self._flow.journal.overflow(self.id, str(group.overflow))

    def _leave_for(self, ring: Ring) -> None:
        self.state = State.LEAVING
        self._flow.switch.deflect(self.id, ring)

    def _leave_for_voicemail(self, callee: Callee) -> None:
        """Our own voicemail answers at once, whoever else would be rung beside it."""
        self._note([Reason(ReasonCode.ANSWERED_BY_VOICEMAIL, callee.short_name)])
        self._leave_for(Ring(callee.number, as_received(self.caller), callee.through))

    # Ringing

    def _rings(self, device: str) -> None:
        self._delivered.add(device)
        self._cancelling.discard(device)
        if self.state is State.RINGING:
            self._announce()

    def _timed_out(self) -> None:
        self._give_up(tuple(self._ringing), Outcome.NO_ANSWER, Cause.CALL_NOT_ANSWERED)

    def _give_up(self, devices: Iterable[str], outcome: Outcome, cause: Cause) -> None:
        """Stop ringing devices; the step is over with the last one."""
        devices = tuple(devices)
        self._cancelling.update(self._delivered.intersection(devices))
        for device in devices:
            self._end_attempt(device, outcome)
        self._flow.switch.cancel_ring(self.id, devices, cause)
        if not self._ringing:
            self._proceed()

    def _cleared(self, device: str, cause: Cause) -> None:
        """A phone stopped ringing: as we wanted, or because somebody took it out of the call."""
        if device in self._cancelling:
            self._cancelling.discard(device)
        elif cause not in _SOMETHING_ELSE_FOLLOWS:
            self._stopped(device, Outcome.DECLINED)

    def _stopped(self, device: str, outcome: Outcome) -> None:
        """A phone stopped ringing by itself; the step is over with the last one."""
        self._cancelling.discard(device)
        if device in self._ringing:
            self._end_attempt(device, outcome)
            if not self._ringing:
                self._proceed()

    def _end_attempt(self, device: str, outcome: Outcome) -> None:
        callee, now = self._ringing.pop(device), self._flow.clock.seconds()
        self._note([reason_of(callee, outcome, round(now - self._rung[device][1]))])
        self._view = ended(self._view, callee, outcome, now)

    # The end

    def _answered(self, device: str, code: ReasonCode) -> None:
        """Somebody has the call, perhaps one who was being cancelled, or one who picked it up."""
        callee, since = self._rung.get(device, (None, self._flow.clock.seconds()))
        who = callee.short_name if callee else self._who(device)
        if callee and callee.is_voicemail:
            code = ReasonCode.ANSWERED_BY_VOICEMAIL
        self._note([Reason(code, who, round(self._flow.clock.seconds() - since))])
        self._end()

    def _diverted(self, event: Diverted) -> None:
        """The call has left: as we wanted, or because a member sent it on from a phone that rang."""
        if event.device in self._ringing:
            self._note([Reason(ReasonCode.DEFLECTED, self._who(event.device), detail=event.new_destination)])
        self._end()

    def _gone(self, by: str) -> None:
        """The call has ended without an answer."""
        for device in tuple(self._ringing):
            self._end_attempt(device, Outcome.NO_ANSWER)
        if by == self.caller.number:
            self._note([Reason(ReasonCode.CALLER_HUNG_UP)])
        self._end()

    def _end(self) -> None:
        self.abandon()
        self._flow.over(self.id)

    def _who(self, device: str) -> str:
        """The short name of the member at a device, else its number."""
        if device in self._rung:
            return self._rung[device][0].short_name
        members = self._snapshot.configuration.members_of(self.group_id)
        same = self._snapshot.configuration.plan.same
        return next((member.short_name for member in members if same(member.number, device)), device)

    def _is_out_of_service(self, callee: Callee) -> bool:
        return callee.is_line and callee.number not in self._snapshot.in_service

    def _note(self, reasons: Iterable[Reason]) -> None:
        self._flow.journal.note(self.id, reasons)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        def due() -> None:
            self._timer = None
            do()

        self._timer = self._flow.clock.callLater(seconds, self._flow.turn, self, due)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
