"""What callers of FakeSwitch dial and say at route points."""

from magroup.cti.events import DigitsGenerated, MessageRecorded
from magroup.cti.fake_phones import FakePhones
from magroup.cti.types import Cause
from magroup.model.recording import Recorded, Recording, RecordingEnd


class FakeVoice(FakePhones):
    """``seconds_said`` is how much everybody says who is recorded; less than wanted is not kept."""

    seconds_said = 0.0

    def dials(self, call_id: str, digits: str) -> None:
        """The caller presses keys."""
        for digit in digits:
            if call := self._table.calls.get(call_id):
                if self._point(call_id):
                    self._table.change(DigitsGenerated, call, call.calling.number, digits=digit)

    def recording(self, call_id: str) -> Recording | None:
        """What is being recorded of the call."""
        point = self._at_point.get(call_id)
        return point.recording if point else None

    def recording_ends(self, call_id: str, end: RecordingEnd = RecordingEnd.STOPPED) -> None:
        """The recording of a call is over for this reason."""
        point = self._at_point.get(call_id)
        if point is None or point.recording is None:
            return
        recording, point.recording = point.recording, None
        self._tell_recorded(point.device, call_id, recording, end)

    def _stop_recording(self, call_id: str) -> None:
        self.recording_ends(call_id)

    def _leave_point(self, call_id: str) -> None:
        self._stop_recording(call_id)
        super()._leave_point(call_id)

    def _end(self, call_id: str, by: str, cause: Cause, detail: str = "") -> None:
        point = self._at_point.get(call_id)
        super()._end(call_id, by, cause, detail)
        if point is not None and point.recording is not None:
            recording, point.recording = point.recording, None
            self._tell_recorded(point.device, call_id, recording, RecordingEnd.STOPPED)

    def _tell_recorded(self, device: str, call_id: str, recording: Recording, end: RecordingEnd) -> None:
        seconds = self.seconds_said if self.seconds_said >= recording.shortest else 0.0
        if end is RecordingEnd.FAILED:
            seconds = 0.0
        recorded = Recorded(recording.path, seconds, end)
        self._table.tell(MessageRecorded(device, self._table.seconds(), call_id, recorded))
