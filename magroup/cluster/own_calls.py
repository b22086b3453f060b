"""The calls of this node as others are told of them: after the call has gone on, never before."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from twisted.logger import Logger

from magroup.cluster.bus import Bus
from magroup.cluster.call_form import TOLD, call_form, event_form
from magroup.cluster.wire import written
from magroup.cti.call_control import Service
from magroup.cti.events import (
    CallEvent,
    ConnectionCleared,
    Delivered,
    DeviceCapabilitiesChanged,
    Established,
    Event,
    Failed,
    Held,
    NetworkReached,
    Retrieved,
)
from magroup.cti.switch import Monitor, Switch
from magroup.cti.types import Call, ConnectionState
from magroup.model.calls import Vip
from magroup.model.clock import Clock, DelayedCall

TOPIC = "call"
ALL_TOPIC = "calls"
ASK_TOPIC = "calls?"
AT_ONCE = 50
MOST_WAITING = 5_000
TOLD_AFTER = 0.01
"""Seconds in which what happens is collected: a message for each event costs all nodes more than what is in it."""

GATHERED = 1.0
"""Seconds in which what happens to calls that only pass through is collected: none of the lines or numbers is in them.
Others hear of those that last for so long.
"""

_STAYS: Final = frozenset((Delivered, Established, Held, Retrieved, NetworkReached, Failed, ConnectionCleared))
"""Events after which nobody new is in a call but the device that they are about; by others there may be more."""

_BY_STATE: Mapping[ConnectionState, Sequence[Service]] = {
    ConnectionState.INITIATED: (Service.CLEAR_CONNECTION,),
    ConnectionState.ALERTING: (
        Service.ANSWER_CALL, Service.CLEAR_CONNECTION, Service.DEFLECT_CALL, Service.DIRECTED_PICKUP_CALL,
    ),
    ConnectionState.CONNECTED: (
        Service.CLEAR_CONNECTION, Service.HOLD_CALL, Service.CONSULTATION_CALL, Service.SINGLE_STEP_TRANSFER_CALL,
        Service.GENERATE_DIGITS, Service.TRANSFER_CALL, Service.RECONNECT_CALL, Service.ALTERNATE_CALL,
    ),
    ConnectionState.HOLD: (
        Service.CLEAR_CONNECTION, Service.RETRIEVE_CALL, Service.CONSULTATION_CALL, Service.SINGLE_STEP_TRANSFER_CALL,
    ),
}  # fmt: skip
"""What a switch may do at all with a connection in this state."""


class OwnCalls:
    """``is_own`` says whether a call, by its id, is of this node's switch; ``is_line`` whether a number is a line's,
    ``concerns`` whether it is one that people look at. ``is_shown``: others show the calls, and what may be done with
    them.
    """

    log = Logger()

    def __init__(
        self, bus: Bus, clock: Clock, switch: Switch, is_own: Callable[[str], bool], is_line: Callable[[str], bool],
        vip: Callable[[str], Vip | None], concerns: Callable[[str], bool], is_shown: bool = True,
    ) -> None:  # fmt: skip
        self._bus = bus
        self._clock = clock
        self._switch = switch
        self._is_own = is_own
        self._is_line = is_line
        self._vip = vip
        self._concerns = concerns
        self._is_shown = is_shown
        self._told: set[str] = set()
        self._passing: dict[str, CallEvent] = {}
        self._young: set[str] = set()
        self._shown: set[str] = set()
        self._later: DelayedCall | None = None
        self._telling: DelayedCall | None = None
        self._waiting: list[CallEvent] = []
        self._monitor: Monitor | None = None
        self._is_behind = False

    def start(self) -> None:
        """Listen to the switch and to those who ask."""
        self._bus.listen(ASK_TOPIC, self._asked)
        self._bus.watch(lambda node: None, lambda node: None, self._missed)
        self._monitor = self._switch.monitor_start(self._heard)

    def stop(self) -> None:
        if self._monitor is not None:
            self._monitor.stop()
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._tell()

    def _heard(self, event: Event) -> None:
        if not self._bus.nodes:
            self._told.clear()
            self._forget_passing()
            return
        if isinstance(event, CallEvent):
            call = event.call
            before = self._passing.get(call.id)
            if before is not None and type(event) in _STAYS and self._still_passes(before, event):
                self._passing[call.id] = event
            elif type(event) in TOLD and self._is_own(call.id):
                self._put(event)
        elif isinstance(event, DeviceCapabilitiesChanged):
            self._retell(event.device)

    def _still_passes(self, before: CallEvent, event: CallEvent) -> bool:
        """Where the event is about somebody who was in it before, or is no line either."""
        return before.call.connection(event.device) is not None or not self._concerns(event.device)

    def _put(self, event: CallEvent) -> None:
        call = event.call
        id = call.id
        if id not in self._told:
            if not self._has_any_looked_at(call):
                self._pass(id, event)
                return
            self._no_longer_passes(id)
            self._told.add(id)
        if call.ended:
            self._told.discard(id)
        waiting = self._waiting
        if not waiting:
            self._telling = self._clock.callLater(TOLD_AFTER, self._tell)
        elif len(waiting) >= MOST_WAITING:
            self._is_behind = True
            return
        waiting.append(event)

    def _has_any_looked_at(self, call: Call) -> bool:
        concerns = self._concerns
        return any(concerns(one.id.device) for one in call.connections)

    def _pass(self, id: str, event: CallEvent) -> None:
        """Of such a call the last event is enough; one that is over by then nobody hears of."""
        if id not in self._shown:
            if event.call.ended:
                self._no_longer_passes(id)
                return
            if id not in self._passing:
                self._young.add(id)
        self._passing[id] = event
        if self._later is None:
            self._later = self._clock.callLater(GATHERED, self._tell_passing)

    def _no_longer_passes(self, id: str) -> None:
        self._passing.pop(id, None)
        self._young.discard(id)
        self._shown.discard(id)

    def _forget_passing(self) -> None:
        self._passing.clear()
        self._young.clear()
        self._shown.clear()

    def _tell_passing(self) -> None:
        """Those that have come since the last time wait for the next one."""
        young, self._young = self._young, set()
        told = [event for id, event in self._passing.items() if id not in young]
        self._passing = {id: event for id, event in self._passing.items() if id in young}
        self._later = self._clock.callLater(GATHERED, self._tell_passing) if young else None
        for event in told:
            (self._shown.discard if event.call.ended else self._shown.add)(event.call.id)
        for at in range(0, len(told), AT_ONCE):
            piece = [
                [event_form(event), call_form(event.call), self._about(event.call, False)]
                for event in told[at : at + AT_ONCE]
            ]
            self._bus.send(TOPIC, written(piece))

    def _tell(self) -> None:
        if self._telling is not None and self._telling.active():
            self._telling.cancel()
        waiting, self._waiting, self._telling = self._waiting, [], None
        # What may be done with a call is found out once, for the last of its events.
        last = {event.call.id: event for event in waiting}
        for at in range(0, len(waiting), AT_ONCE):
            piece = [
                [event_form(event), call_form(event.call), self._about(event.call, event is last[event.call.id])]
                for event in waiting[at : at + AT_ONCE]
            ]
            self._bus.send(TOPIC, written(piece))
        if self._is_behind:
            self._is_behind = False
            self._tell_all()

    def _retell(self, device: str) -> None:
        """What may be done with its calls is something else now."""
        for call in self._switch.calls():
            if self._is_own(call.id) and call.connection(device) is not None:
                self._bus.send(TOPIC, written([[None, call_form(call), self._about(call)]]))

    def _about(self, call: Call, is_last: bool = True) -> list[Any]:
        """Whether it is a VIP's, and what may be done at each line."""
        vip = self._vip(call.id)
        lines: dict[str, Sequence[str]] = {}
        if is_last and self._is_shown and not call.ended:
            can = self._switch.can
            for one in call.connections:
                if self._is_line(one.id.device):
                    services = _BY_STATE.get(one.state, ())
                    lines[one.id.device] = [service._value_ for service in services if not can(service, one.id)]
        return [vip, lines]

    def _missed(self, node: str) -> None:
        self._bus.send(ASK_TOPIC, node.encode())
        if not node:
            self._tell_all()

    def _asked(self, node: str, body: bytes) -> None:
        if body in (b"", self._bus.node.encode()):
            self._tell_all()

    def _tell_all(self) -> None:
        """All that are up, at once: nothing can happen to them in between."""
        if self._waiting:
            self._is_behind = False
            self._tell()
        calls = [call for call in self._switch.calls() if self._is_own(call.id)]
        self._forget_passing()
        self._told = {call.id for call in calls if self._has_any_looked_at(call)}
        self._shown = {call.id for call in calls}.difference(self._told)
        pieces = [calls[at : at + AT_ONCE] for at in range(0, len(calls), AT_ONCE)] or [[]]
        for at, piece in enumerate(pieces):
            told = [[call_form(call), self._about(call)] for call in piece]
            self._bus.send(ALL_TOPIC, written([at == 0, at == len(pieces) - 1, told]))
