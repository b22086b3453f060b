"""The voicemail: calls at its pilot and at mailboxes' own numbers, each in the hands of a small machine."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.cti.events import (
    CallCleared,
    CallEvent,
    DigitsGenerated,
    Diverted,
    Established,
    Event,
    MessageEnded,
    MessageRecorded,
    Offered,
)
from magroup.cti.switch import Switch
from magroup.cti.turns import Turns
from magroup.cti.types import Cause
from magroup.model.calls import Reason, ReasonCode
from magroup.model.clock import Clock
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.messages import Message
from magroup.model.recording import Recorded, Recording, RecordingEnd
from magroup.voicemail.boxes import Box, Boxes
from magroup.voicemail.folder import greeting_of, note_of, path_of
from magroup.voicemail.leaving import Leaving
from magroup.voicemail.listening import Listening
from magroup.voicemail.mailboxes import Mailboxes
from magroup.voicemail.pins import WrongPins, fits
from magroup.voicemail.service import Service, VoicemailSettings

InThread = Callable[[Callable[[], bool]], Awaitable[bool]]
"""Does blocking work in a thread."""

Note = Callable[[str, Iterable[Reason]], None]
"""Goes on with the trail of a call in the journal."""


_FIRST: Final = (Offered, MessageRecorded)
"""What concerns the voicemail when none of its calls is up."""


@fixed
class _Draft:
    """What is being recorded: a message, or the greeting of ``box``."""

    box: str
    message: Message | None = None


class Voicemail:
    """Give it a switch, start it, and see that its ``points`` are registered as route points."""

    log = Logger()

    def __init__(
        self, switch: Switch, clock: Clock, mailboxes: Mailboxes, configuration: Configuration,
        settings: VoicemailSettings, in_thread: InThread, local: Callable[[float], datetime], note: Note,
    ) -> None:  # fmt: skip
        self.mailboxes = mailboxes
        self._switch = switch
        self._configuration = configuration
        self._settings = settings
        self._boxes = Boxes(configuration, settings.language)
        self._points = self._boxes.points(settings.pilot)
        self._in_thread = in_thread
        self._note = note
        self._is_draining = False
        self._calls: dict[str, Leaving | Listening] = {}
        self._drafts: dict[str, _Draft] = {}
        self._turn = Turns("voicemail")
        self._stop: Callable[[], None] = lambda: None
        self._service = Service(
            switch, clock, mailboxes, WrongPins(clock),
            settings=lambda: self._settings,
            boxes=lambda: self._boxes,
            local=local,
            has_room=self._has_room,
            record=self._record,
            record_greeting=self._record_greeting,
            check_pin=self._check_pin,
            opened=self._opened,
            turn=lambda call, do: self._turn(self._feed, call, do),
        )  # fmt: skip

    # Life

    def start(self) -> None:
        """Take the calls from now on."""
        self._stop = self._switch.monitor_start(self._heard).stop

    def drain(self) -> None:
        """Refuse new calls from now on."""
        self._is_draining = True

    def stop(self) -> None:
        """Listen no more. Stop the switch before: then everything that was recorded is complete."""
        self._stop()
        for call in self._calls.values():
            call.abandon()
        self._calls.clear()

    def configure(self, configuration: Configuration, settings: VoicemailSettings | None = None) -> None:
        """This is the configuration now, and these the settings; calls that are there go on."""
        self._configuration = configuration
        self._settings = settings or self._settings
        self._boxes = Boxes(configuration, self._settings.language, self._boxes)
        self._points = self._boxes.points(self._settings.pilot)
        self.mailboxes.configure(self._boxes)
        pilot = self._settings.pilot
        if pilot and not self._points:
            self.log.error("voicemail.pilot {pilot} is a line or a manager number: there is no voicemail", pilot=pilot)

    @property
    def points(self) -> tuple[str, ...]:
        """The numbers whose calls are taken here."""
        return self._points

    def __len__(self) -> int:
        """How many calls are here, and recordings that are not complete."""
        return len(self._calls) + len(self._drafts)

    def describe(self) -> dict[str, Any]:
        """What is held, for the debug page: nothing when there is no call."""
        return {
            "calls": {call.id: f"{type(call).__name__} {call.state}" for call in self._calls.values()},
            "recordings": list(self._drafts),
            "timers": sum(call.is_timed for call in self._calls.values()),
        }

    # Inputs

    def _heard(self, event: Event) -> None:
        # Most calls are none of the voicemail's, and take no turn.
        if self._calls or self._turn.is_taking or isinstance(event, _FIRST):
            self._turn(self._on_event, event)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, MessageRecorded):
            self._recorded(event)
        elif isinstance(event, Offered):
            self._offered(event)
        elif isinstance(event, CallEvent) and (call := self._calls.get(event.call_id)):
            match event:
                case MessageEnded():
                    self._feed(call, call.message_ended)
                case DigitsGenerated(digits=digits):
                    for digit in digits:
                        self._feed(call, partial(call.digit, digit))
                case CallCleared() | Established() | Diverted():
                    self._leave(call)
                case _:
                    pass

    def _offered(self, event: Offered) -> None:
        if before := self._calls.get(event.call_id):
            self._leave(before)
        box = self._boxes.get(event.device)
        is_pilot = self._boxes.is_same(event.device, self._settings.pilot)
        if event.device not in self._points:
            return
        if self._is_draining:
            self._switch.clear(event.call_id, Cause.SWITCHING_FUNCTION_TERMINATED)
            return
        call: Leaving | Listening
        if is_pilot and not event.diverted_from:
            call = Listening(self._service, event.call)
        else:
            box = self._boxes.of_diversion(event.diverted_from) if is_pilot else box
            if box is None:
                numbers = ", ".join(event.diverted_from)
                self.log.warn("none of {numbers} has a mailbox", call=event.call_id, numbers=numbers)
                self._switch.clear(event.call_id, Cause.DEST_NOT_OBTAINABLE)
                return
            call = Leaving(self._service, event.call, box, self._boxes.group_of(event.diverted_from))
        self._calls[event.call_id] = call
        self._feed(call, call.start)

    def _feed(self, call: Leaving | Listening, do: Callable[[], None]) -> None:
        """An input to one call. A call that cannot go on is ended, not left hanging."""
        try:
            do()
        except Exception:
            self.log.failure("The call {call} cannot go on", call=call.id)
            self._leave(call)
            self._switch.clear(call.id, Cause.RESOURCES_NOT_AVAILABLE)

    def _leave(self, call: Leaving | Listening) -> None:
        call.abandon()
        self._calls.pop(call.id, None)

    # What calls ask for

    def _has_room(self, box: str) -> bool:
        """Counting those who are leaving one, the one who asks among them."""
        leaving = sum(isinstance(call, Leaving) and call.box.number == box for call in self._calls.values())
        return len(self.mailboxes.messages(box)) + leaving <= self._settings.most

    def _record(self, call_id: str, message: Message) -> None:
        settings = self._settings
        path = path_of(self.mailboxes.folder, message)
        self._note(call_id, [Reason(ReasonCode.LEAVES_MESSAGE, message.box)])
        self._begin(call_id, _Draft(message.box, message), Recording(
            str(path), note_of(message), settings.longest, settings.silence, settings.shortest
        ))  # fmt: skip

    def _record_greeting(self, call_id: str, box: str) -> None:
        settings = self._settings
        path = greeting_of(self.mailboxes.folder, box)
        self._begin(call_id, _Draft(box), Recording(
            str(path), "", settings.longest_greeting, settings.silence, settings.shortest
        ))  # fmt: skip

    def _begin(self, call_id: str, draft: _Draft, recording: Recording) -> None:
        if recording.path in self._drafts:
            # Two record the greeting of one mailbox: the first one has it.
            failed = MessageRecorded("", 0.0, call_id, Recorded(recording.path, 0.0, RecordingEnd.FAILED))
            self._turn(self._told_recorded, failed)
            return
        self._drafts[recording.path] = draft
        self._switch.record_message(call_id, recording)

    def _recorded(self, event: MessageRecorded) -> None:
        """The file is complete, whether the caller is still there or not."""
        recorded = event.recorded
        draft = self._drafts.pop(recorded.path, None)
        if draft is None:
            return
        if recorded.seconds and draft.message is not None:
            self.mailboxes.add(replace(draft.message, seconds=round(recorded.seconds, 2)))
            self.log.info("a message of {seconds} s is in mailbox {box}", call=event.call_id, box=draft.box,
                          seconds=round(recorded.seconds, 1))  # fmt: skip
        elif recorded.seconds:
            self.mailboxes.greeted(draft.box)
        self._told_recorded(event)

    def _told_recorded(self, event: MessageRecorded) -> None:
        recorded = event.recorded
        if call := self._calls.get(event.call_id):
            self._feed(call, lambda: call.recorded(recorded))

    def _check_pin(self, call: Any, pin: str, hashes: tuple[str, ...], told: Callable[[bool], None]) -> None:
        async def check() -> bool:
            return bool(hashes) and await self._in_thread(lambda: fits(pin, hashes))

        def failed(failure: Any) -> bool:
            self.log.failure("A PIN cannot be checked", failure=failure)
            return False

        checking = Deferred.fromCoroutine(check()).addErrback(failed)
        checking.addCallback(lambda is_right: self._turn(told, is_right))

    def _opened(self, call_id: str, box: Box) -> None:
        self._note(call_id, [Reason(ReasonCode.LISTENS_TO_MESSAGES, box.number)])
