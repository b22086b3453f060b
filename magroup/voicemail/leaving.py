"""A caller leaves a message: greeting, tone, recording, a word of confirmation."""

import re
from enum import Enum

from magroup.cti.switch import Accept
from magroup.cti.types import Call, Cause
from magroup.model.clock import utc
from magroup.model.messages import Message
from magroup.model.recording import Recorded, RecordingEnd
from magroup.voicemail.boxes import Box
from magroup.voicemail.prompts import BEEP, Prompt, Speaker
from magroup.voicemail.service import Service


class LeavingState(Enum):
    """Where the caller is."""

    NEW = "new"
    GREETING = "greeting"
    RECORDING = "recording"
    LEAVING = "leaving"
    """Hears the last words."""
    OVER = "over"


_ENDS = "*#"
_UNFIT = re.compile("[^A-Za-z0-9-]")
"""What has no place in a file's name."""


class Leaving:
    """One call for ``box``; ``group_id`` is the group it was made to, 0 for none. Who hangs up leaves what was said."""

    is_timed = False

    def __init__(self, service: Service, call: Call, box: Box, group_id: int = 0) -> None:
        self._service = service
        self._call = call
        self.id = call.id
        self.box = box
        self.state = LeavingState.NEW
        self._group_id = group_id
        self._speaker = Speaker(box.language)

    def start(self) -> None:
        """The call is answered."""
        self._service.switch.accept_call(self.id, Accept.ANSWER)
        if not self._service.has_room(self.box.number):
            self._last_words(Prompt.FULL)
            return
        self.state = LeavingState.GREETING
        own = self._service.mailboxes.greeting(self.box.number)
        greeting = [str(own)] if own is not None else self._speaker.say(Prompt.GREETING)
        self._play([*greeting, BEEP])

    def message_ended(self) -> None:
        """What was played is over."""
        if self.state is LeavingState.GREETING:
            self._record()
        elif self.state is LeavingState.LEAVING:
            self._service.switch.clear(self.id, Cause.NORMAL_CLEARING)

    def digit(self, digit: str) -> None:
        """``*`` or ``#`` ends the greeting, then the message."""
        if digit not in _ENDS:
            return
        if self.state is LeavingState.GREETING:
            self._play([BEEP])
        elif self.state is LeavingState.RECORDING:
            self._service.switch.stop_message(self.id)

    def recorded(self, recorded: Recorded) -> None:
        """The recording is over, its file complete."""
        if self.state is not LeavingState.RECORDING:
            return
        if recorded.end is RecordingEnd.FAILED:
            self._last_words(Prompt.NO_RECORDING)
        elif recorded.seconds:
            self._last_words(Prompt.SAVED, Prompt.GOODBYE)
        else:
            self._last_words(Prompt.GOODBYE)

    def abandon(self) -> None:
        """The call has left or is over."""
        self.state = LeavingState.OVER

    def _record(self) -> None:
        self.state = LeavingState.RECORDING
        caller, now = self._call.calling, utc(self._service.clock)
        message = Message(
            id=f"{round(now * 1000)}-{_UNFIT.sub('', self.id)}",
            box=self.box.number,
            caller_number=caller.number,
            caller_name=caller.name,
            left_at=round(now, 3),
            group_id=self._group_id,
            call_id=self.id,
        )
        self._service.record(self.id, message)

    def _last_words(self, *prompts: Prompt) -> None:
        self.state = LeavingState.LEAVING
        self._play(self._speaker.say(*prompts))

    def _play(self, sounds: list[str]) -> None:
        self._service.switch.play_message(self.id, sounds, repeat=False)
