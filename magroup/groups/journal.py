"""Records of all calls that the switch reports, made from its events (spec 1.7)."""

from collections.abc import Callable, Iterable
from time import time
from typing import Final, Protocol

from twisted.logger import Logger, LogLevel, globalLogPublisher

from magroup.cti.events import (
    CallCleared,
    CallEvent,
    ConnectionCleared,
    Delivered,
    Diverted,
    Established,
    Failed,
    NetworkReached,
    Transferred,
)
from magroup.cti.types import Call, Cause, ConnectionState
from magroup.groups.open_call import Leg, OpenCall
from magroup.model.calls import CallRecord, Reason, ReasonCode
from magroup.model.configuration import Configuration
from magroup.policy import Callee, trail_in_words

log: Final = Logger(__name__)
_INFO: Final = LogLevel.info
_NAMESPACE: Final = log.namespace
LINE: Final = "{caller} called {called}: {way}; ended by {by} after {seconds:.1f} s, {cause}"
"""What the log says of each call."""

SWITCH: Final = "switch"
"""Who ended a call that none of its parties ended."""


class Journal(Protocol):
    """Where records go; neither method waits."""

    def begin(self, call_id: str, known: Callable[[], CallRecord]) -> None:
        """A call is up; ``known`` gives what is known of it when it is written. Again whenever more is known."""
        ...

    def finish(self, call: CallRecord) -> None:
        """A call has ended, and this is its record."""
        ...

    def leave(self, call_id: str) -> None:
        """A call that is up is recorded by another server from now on."""
        ...


class CallJournal:
    """The calls that are up, each as its record will be; ``at`` of events is UTC seconds. No call fails with it.

    Calls from or to a line without records are left out, and so are that line's legs in calls to a group.
    """

    def __init__(self, journal: Journal, configuration: Callable[[], Configuration]) -> None:
        self._journal = journal
        self._configuration = configuration
        self._open: dict[str, OpenCall] = {}
        self._goes_on = ("", "")
        """The id of a call that goes on in place of another one, and that one's."""

    def __len__(self) -> int:
        """How many records are open."""
        return len(self._open)

    # What the groups know of a call

    def enter_group(self, call_id: str, group_id: int) -> None:
        """The call was made to this group's number."""
        if call := self._open.get(call_id):
            call.group_id = call.group_id or group_id

    def vip(self, call_id: str) -> None:
        """The call is a VIP call in a group that it entered."""
        if call := self._open.get(call_id):
            call.is_vip = True

    def rings(self, call_id: str, group_id: int, callees: Iterable[Callee]) -> None:
        """The group's flow is about to ring these."""
        if call := self._open.get(call_id):
            call.rings.update((callee.number, (callee.member_id, group_id)) for callee in callees)
            self._begin(call)

    def note(self, call_id: str, reasons: Iterable[Reason]) -> None:
        """Go on with the call's trail."""
        if call := self._open.get(call_id):
            call.note(reasons)

    def overflow(self, call_id: str, action: str) -> None:
        """The group's overflow, as text, was done to the call."""
        if call := self._open.get(call_id):
            call.overflow = action

    def trail(self, call_id: str) -> tuple[Reason, ...]:
        """The trail so far of a call that is up."""
        call = self._open.get(call_id)
        return tuple(call.trail) if call else ()

    def group_id(self, call_id: str) -> int:
        """The group that a call which is up was made to, 0 for none."""
        call = self._open.get(call_id)
        return call.group_id if call else 0

    # Calls that go on at another server

    def open_call(self, call_id: str) -> OpenCall | None:
        """A call that is up; None for one that is not recorded."""
        return self._open.get(call_id)

    def take(self, call: OpenCall) -> None:
        """A call that was up at another server: the switch reports of it next."""
        self._open[call.id] = call

    def leave(self, call_id: str) -> None:
        """Another server has the call, and writes its record."""
        if self._open.pop(call_id, None) is not None:
            self._journal.leave(call_id)

    # What the switch reports

    def on_event(self, event: CallEvent) -> None:
        call = self._open.get(event.call_id)
        if call is None:
            if event.old is not None or event.call.ended or self._is_private(event.call):
                return
            call = self._opened(event)
        match event:
            case Delivered():
                self._leg(call, event).ringing_at = event.at
            case NetworkReached():
                call.external = True
                self._leg(call, event)
            case Established():
                self._answered(call, event)
            case Failed(detail=detail):
                if event.cause is Cause.LOOP and event.device not in call.rings:
                    call.note([Reason(ReasonCode.FORWARD_LOOP, self._name(event.device))])
                if not self._talks(event):
                    self._leg(call, event).failed(event.at, event.cause, detail)
                    del call.up[event.device]
            case Diverted():
                call.rings.clear()
                if event.cause is Cause.CALL_FORWARD:
                    who = self._name(event.device)
                    call.note([Reason(ReasonCode.LINE_FORWARDS, who, detail=event.new_destination)])
                if not self._talks(event):
                    self._cleared(call, event, Cause.REDIRECTED)
            case Transferred():
                self._transferred(call, event)
            case ConnectionCleared(detail=detail):
                self._cleared(call, event, event.cause, detail)
            case CallCleared(detail=detail):
                for device in tuple(call.up):
                    call.up.pop(device).cleared(event.at, event.cause, detail)
                del self._open[event.call_id]
                self._finish(call.record(event.at, detail or event.cause._value_, event.device or SWITCH))
            case _:
                pass

    def close(self, at: float) -> None:
        """Finish what is still open: the switch is gone and reports nothing any more."""
        cause = Cause.SWITCHING_FUNCTION_TERMINATED
        for call in tuple(self._open.values()):
            for leg in call.up.values():
                leg.cleared(at, cause, "")
            self._finish(call.record(at, cause.value, SWITCH))
        self._open.clear()

    def _begin(self, call: OpenCall) -> None:
        try:
            self._journal.begin(call.id, call.record)
        except Exception:
            log.failure("The journal did not take what is known of {call}", call=call.id)

    def _finish(self, record: CallRecord) -> None:
        way = trail_in_words(record.trail) or ("answered" if record.answered_at else "not answered")
        # As log.info does, in three quarters of its time.
        globalLogPublisher({
            "log_logger": log, "log_level": _INFO, "log_namespace": _NAMESPACE, "log_source": None,
            "log_format": LINE, "log_time": time(), "log_lasting": True, "call": record.id,
            "caller": record.caller_number or "anonymous", "called": record.called_number, "way": way,
            "by": record.ended_by, "seconds": record.ended_at - record.started_at, "cause": record.cause,
        })  # fmt: skip
        try:
            self._journal.finish(record)
        except Exception:
            log.failure("The journal did not take the record of {call}", call=record.id)

    def _name(self, number: str) -> str:
        return self._configuration().name_of_number(number) or number

    def _talks(self, event: CallEvent) -> bool:
        """Whether the device is in the call already and stays: somebody was to be transferred to the own line."""
        connection = event.call.connection(event.device)
        return connection is not None and connection.state in (ConnectionState.CONNECTED, ConnectionState.HOLD)

    def _is_private(self, call: Call) -> bool:
        lines = (self._configuration().line(party.number) for party in (call.calling, call.called))
        return any(line is not None and line.no_records for line in lines)

    def _opened(self, event: CallEvent) -> OpenCall:
        now = event.call
        configuration = self._configuration()
        called = configuration.known(now.called.number)
        call = OpenCall(
            now.id,
            now.calling,
            now.calling.name or configuration.name_of_number(now.calling.number),
            now.called.number,
            now.called.name or (called.group.name if called.group else called.name),
            now.started_at,
            now.calling.external or now.called.external,
        )
        self._open[call.id] = call
        if self._goes_on[0] == call.id:
            call.transferred_from = self._goes_on[1]
        self._add_leg(call, now.calling.number, inbound=False)
        self._begin(call)
        return call

    def _leg(self, call: OpenCall, event: CallEvent) -> Leg:
        return call.up.get(event.device) or self._add_leg(call, event.device, inbound=True)

    def _add_leg(self, call: OpenCall, number: str, inbound: bool) -> Leg:
        known = self._configuration().known(number)
        name = known.name if inbound else call.caller_name
        is_recorded = known.line is None or not known.line.no_records
        return call.add(number, name, known.user.name if known.user else "", inbound, is_recorded)

    def _answered(self, call: OpenCall, event: CallEvent) -> None:
        if event.cause is Cause.CALL_PICKUP and not call.rings:
            call.note([Reason(ReasonCode.PICKED_UP, self._name(event.device))])
        self._leg(call, event).answered(event.at)
        call.rings.clear()
        call.answered_at = call.answered_at or event.at
        for connection in event.call.connections:
            leg = call.up.get(connection.id.device)
            if leg and not leg.inbound and connection.state is ConnectionState.CONNECTED:
                leg.answered(event.at)
        self._begin(call)

    def _cleared(self, call: OpenCall, event: CallEvent, cause: Cause, detail: str = "") -> None:
        if leg := call.up.pop(event.device, None):
            leg.cleared(event.at, cause, detail)

    def _transferred(self, call: OpenCall, event: Transferred) -> None:
        """``device`` is out. The other call, if any, has ended in this one, or goes on in place of it."""
        self._cleared(call, event, Cause.TRANSFER)
        if other := self._open.get(event.other_call_id):
            other.transferred_to = call.id
            call.transferred_from = other.id
        elif event.other_call_id:
            call.transferred_to = event.other_call_id
            self._goes_on = (event.other_call_id, call.id)
        new = event.call.connection(event.transferred_to.number)
        if new and new.state is ConnectionState.CONNECTED and new.id.device not in call.up:
            self._add_leg(call, new.id.device, inbound=True).answered(event.at)
        self._begin(call)
