"""What a call in the voicemail is given: the switch, the time, the mailboxes, and how its work is done."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from magroup.cti.switch import RoutePoints
from magroup.model.clock import Clock, DelayedCall
from magroup.model.fixed import fixed
from magroup.model.languages import Language
from magroup.model.messages import Message
from magroup.voicemail.boxes import Box, Boxes
from magroup.voicemail.mailboxes import Mailboxes
from magroup.voicemail.pins import WrongPins


@fixed
class VoicemailSettings:
    """``pilot`` is the number of the voicemail, "" for none; times are in seconds; ``language`` is nobody's own."""

    pilot: str = ""
    longest: float = 180.0
    silence: float = 10.0
    shortest: float = 1.0
    most: int = 100
    longest_greeting: float = 60.0
    language: Language = Language.ENGLISH


@fixed
class Service:
    """``turn(call, do)`` does something with a call after what is being done, ``opened(call_id, box)`` says that the
    caller listens to a mailbox.

    ``record(call_id, message)`` and ``record_greeting(call_id, box)`` record the caller; ``check_pin(pin, hashes,
    told)`` tells whether a PIN fits; ``local`` gives the local time of UTC seconds; ``has_room(box)`` says whether
    another message may be left.
    """

    switch: RoutePoints
    clock: Clock
    mailboxes: Mailboxes
    wrong_pins: WrongPins
    settings: Callable[[], VoicemailSettings]
    boxes: Callable[[], Boxes]
    local: Callable[[float], datetime]
    has_room: Callable[[str], bool]
    record: Callable[[str, Message], None]
    record_greeting: Callable[[str, str], None]
    check_pin: Callable[[Any, str, tuple[str, ...], Callable[[bool], None]], None]
    opened: Callable[[str, Box], None]
    turn: Callable[[Any, Callable[[], None]], None]


class Timer:
    """One timer of a call: setting it again takes the place of what was set."""

    def __init__(self, service: Service, call: Any) -> None:
        self._service = service
        self._call = call
        self._timer: DelayedCall | None = None

    def __bool__(self) -> bool:
        """Whether it runs."""
        return self._timer is not None

    def set(self, seconds: float, do: Callable[[], None]) -> None:
        self.stop()

        def due() -> None:
            self._timer = None
            do()

        self._timer = self._service.clock.callLater(seconds, self._service.turn, self._call, due)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
