"""Listening to the messages of a mailbox: each is played, keys say what becomes of it."""

from enum import Enum

from magroup.cti.types import Cause
from magroup.model.clock import utc
from magroup.model.messages import Message
from magroup.model.recording import Recorded, RecordingEnd
from magroup.voicemail.boxes import Box
from magroup.voicemail.login import INPUT_SECONDS, MOST_SILENCES
from magroup.voicemail.prompts import BEEP, Prompt, Speaker
from magroup.voicemail.service import Service, Timer


class MenuState(Enum):
    """What goes on."""

    NEW = "new"
    PLAYING = "playing"
    """A message; it is old once it has been heard to its end."""
    CHOOSING = "choosing"
    BEFORE_GREETING = "before greeting"
    GREETING = "greeting"
    """The own greeting is recorded."""
    LEAVING = "leaving"
    OVER = "over"


class Menu:
    """The keys: 1 again, 2 next, 3 delete, 4 the one before, 9 own greeting, 0 the keys, * back, # end."""

    def __init__(self, service: Service, call_id: str, box: Box, timer: Timer) -> None:
        self.state = MenuState.NEW
        self._service = service
        self._call_id = call_id
        self._box = box.number
        self._timer = timer
        self._speaker = Speaker(box.language)
        self._ids: list[str] = []
        self._at = 0
        self._idle = 0

    def start(self) -> None:
        """How many messages there are, then the first: new ones before old ones, the oldest first."""
        messages = self._service.mailboxes.messages(self._box)
        self._ids = [message.id for message in sorted(messages, key=lambda message: message.heard)]
        self._at = 0
        counts = self._speaker.counts(self._service.mailboxes.counts(self._box))
        if messages:
            self._play_message(counts)
        else:
            self._choose([*counts, *self._speaker.say(Prompt.MENU)])

    def message_ended(self) -> None:
        """What was played is over."""
        if self.state is MenuState.PLAYING:
            if message := self._current():
                self._service.mailboxes.heard(self._box, message.id)
            self._choose(self._speaker.say(Prompt.MENU))
        elif self.state is MenuState.CHOOSING:
            self._timer.set(INPUT_SECONDS, self._waited)
        elif self.state is MenuState.BEFORE_GREETING:
            self.state = MenuState.GREETING
            self._service.record_greeting(self._call_id, self._box)
        elif self.state is MenuState.LEAVING:
            self._service.switch.clear(self._call_id, Cause.NORMAL_CLEARING)

    def digit(self, digit: str) -> None:
        """A key."""
        if self.state is MenuState.GREETING:
            if digit in "*#":
                self._service.switch.stop_message(self._call_id)
            return
        if self.state not in (MenuState.PLAYING, MenuState.CHOOSING, MenuState.BEFORE_GREETING):
            return
        self._timer.stop()
        act = {
            "1": self._play_message, "2": self._next, "3": self._delete, "4": self._before,
            "9": self._greeting, "0": self._keys, "*": self.start, "#": self._goodbye,
        }.get(digit)  # fmt: skip
        if act is None:
            self._again()
            return
        self._idle = 0
        act()

    def recorded(self, recorded: Recorded) -> None:
        """The greeting is recorded; who has said nothing wants none, but the standard one."""
        if self.state is not MenuState.GREETING:
            return
        if recorded.end is RecordingEnd.FAILED:
            said = Prompt.NO_RECORDING
        elif recorded.seconds:
            said = Prompt.GREETING_SAVED
        else:
            said = Prompt.DELETED
            self._service.mailboxes.no_greeting(self._box)
        self._choose(self._speaker.say(said, Prompt.MENU))

    def abandon(self) -> None:
        self.state = MenuState.OVER

    # Keys

    def _play_message(self, before: list[str] | None = None) -> None:
        message = self._current()
        if message is None:
            self._choose([*(before or ()), *self._speaker.say(Prompt.NO_MORE, Prompt.MENU)])
            return
        self.state = MenuState.PLAYING
        local = self._service.local
        envelope = self._speaker.envelope(message, local(message.left_at), local(utc(self._service.clock)))
        self._play([*(before or ()), *envelope, str(self._service.mailboxes.path(message))])

    def _next(self) -> None:
        if message := self._current():
            self._service.mailboxes.heard(self._box, message.id)
            self._at += 1
        self._play_message()

    def _before(self) -> None:
        self._at = max(0, self._at - 1)
        self._play_message()

    def _delete(self) -> None:
        message = self._current()
        if message is None:
            self._play_message()
            return
        self._service.mailboxes.delete(self._box, message.id)
        del self._ids[self._at]
        self._play_message(self._speaker.say(Prompt.DELETED))

    def _greeting(self) -> None:
        self.state = MenuState.BEFORE_GREETING
        self._play([*self._speaker.say(Prompt.RECORD_GREETING), BEEP])

    def _keys(self) -> None:
        self._choose(self._speaker.say(Prompt.MENU))

    def _goodbye(self) -> None:
        self.state = MenuState.LEAVING
        self._play(self._speaker.say(Prompt.GOODBYE))

    # No key, or one that means nothing

    def _waited(self) -> None:
        self._again()

    def _again(self) -> None:
        self._idle += 1
        if self._idle >= MOST_SILENCES:
            self._goodbye()
        else:
            self._keys()

    def _current(self) -> Message | None:
        """The message that keys are about; those that somebody else has deleted meanwhile are passed over."""
        while self._at < len(self._ids):
            message = self._service.mailboxes.get(self._box, self._ids[self._at])
            if message is not None:
                return message
            del self._ids[self._at]
        return None

    def _choose(self, sounds: list[str]) -> None:
        self.state = MenuState.CHOOSING
        self._play(sounds)

    def _play(self, sounds: list[str]) -> None:
        self._service.switch.play_message(self._call_id, sounds, repeat=False)
