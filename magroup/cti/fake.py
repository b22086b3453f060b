"""FakeSwitch: a switch in memory for tests, by the rules of the port; its phones and callers do what the test says."""

from collections.abc import Iterable, Sequence
from typing import Any

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import LinkChanged, MessageEnded
from magroup.cti.fake_control import FakeControl
from magroup.cti.fake_phones import Phone
from magroup.cti.switch import Accept, Listener, Monitor, Ring
from magroup.cti.types import Call, Cause
from magroup.model.clock import Clock
from magroup.model.recording import Recording, RecordingEnd

__all__ = ["Effect", "FakeSwitch", "Phone"]

Effect = tuple[Any, ...]
_STEPS = [Accept.RINGING, Accept.EARLY_MEDIA, Accept.ANSWER]


class FakeSwitch(FakeControl):
    """Implements ``Switch``; see there for what each service does.

    ``devices`` are the lines' numbers; all other numbers are outside where there is a ``trunk``, else nowhere.
    ``effects`` are the application's words to route points, in order; ``rings`` whom it wanted rung as who.
    ``missing_sounds`` cannot be played.
    """

    def __init__(self, clock: Clock, devices: Iterable[str] = (), trunk: bool = False, node: str = "fake") -> None:
        super().__init__(clock, devices, trunk, node)
        self.is_linked = True
        self.missing_sounds: set[str] = set()
        self.effects: list[Effect] = []
        self.rings: list[Ring] = []

    def set_linked(self, is_linked: bool, reason: str = "") -> None:
        """The link to the switch is up again, or gone."""
        self.is_linked = is_linked
        self._table.tell(LinkChanged("", self._table.seconds(), is_linked, reason))

    def monitor_start(self, listener: Listener, device: str = "") -> Monitor:
        return self._table.monitor(listener, device)

    def snapshot_device(self, device: str) -> Sequence[Call]:
        if device not in self._devices:
            raise ServiceError(Failure.INVALID_DEVICE, f"{device} is not known")
        return tuple(call for call in self.calls() if call.connection(device))

    def route_register(self, devices: Iterable[str]) -> None:
        self._points = frozenset(devices)
        self.effects.append(("route", tuple(sorted(self._points))))

    def accept_call(self, call_id: str, how: Accept) -> None:
        if not (point := self._point(call_id)):
            return
        self.effects.append(("accept", how))
        if point.accepted is None or _STEPS.index(how) > _STEPS.index(point.accepted):
            point.accepted = how

    def play_message(self, call_id: str, sounds: Sequence[str], repeat: bool) -> None:
        if not (point := self._point(call_id)):
            return
        self.effects.append(("repeat" if repeat else "play", *sounds))
        if point.accepted in (None, Accept.RINGING):
            point.accepted = Accept.EARLY_MEDIA
        point.plays = tuple(sound for sound in sounds if sound not in self.missing_sounds)
        point.repeat = repeat
        if not point.plays and not repeat:
            self._table.change(MessageEnded, self._table.calls[call_id], point.device)

    def stop_message(self, call_id: str) -> None:
        if point := self._point(call_id):
            self.effects.append(("stop",))
            point.plays = ()
            self._stop_recording(call_id)

    def record_message(self, call_id: str, recording: Recording) -> None:
        if not (point := self._point(call_id)):
            self._tell_recorded("", call_id, recording, RecordingEnd.FAILED)
            return
        self.effects.append(("record", recording.path))
        point.accepted = Accept.ANSWER
        self._stop_recording(call_id)
        point.recording = recording

    def ring(self, call_id: str, rings: Sequence[Ring]) -> None:
        if not self._point(call_id):
            return
        self.effects.append(("ring", *(ring.device for ring in rings)))
        self.rings += rings
        for ring in rings:
            self.cancel_completes(call_id, ring.device)
            if self._point(call_id):
                self._try(call_id, ring.device)

    def cancel_ring(self, call_id: str, devices: Iterable[str], cause: Cause) -> None:
        if not self._point(call_id):
            return
        devices = tuple(devices)
        self.effects.append(("cancel", *devices, cause))
        for device in devices:
            self._tried.discard((call_id, device))
            if self._rings(call_id, device):
                self._cancelled[call_id, device] = cause
                if not self.slow_cancel:
                    self.cancel_completes(call_id, device)

    def deflect(self, call_id: str, ring: Ring) -> None:
        if not (point := self._point(call_id)):
            return
        self.effects.append(("deflect", ring.device))
        self.rings.append(ring)
        self._divert(call_id, point.device, ring.device, Cause.REDIRECTED, ring.diverted_from)

    def clear(self, call_id: str, cause: Cause) -> None:
        if not (point := self._point(call_id)):
            return
        self.effects.append(("clear", cause))
        self._stop_ringing(call_id, "", Cause.CALL_CANCELLED)
        self._stop_recording(call_id)
        if point.accepted is Accept.ANSWER and cause is not Cause.NORMAL_CLEARING:
            point.tone = cause
        else:
            self._end(call_id, "", cause)
