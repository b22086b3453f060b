"""Somebody wants to listen: whose mailbox, and the PIN that opens it."""

from collections.abc import Callable
from enum import Enum

from magroup.cti.types import Cause, Party
from magroup.voicemail.boxes import Box
from magroup.voicemail.pins import TRIES
from magroup.voicemail.prompts import Prompt, Speaker
from magroup.voicemail.service import Service, Timer

INPUT_SECONDS = 6.0
"""How long the next key is waited for once everything has been said."""

MOST_DIGITS = 32
MOST_SILENCES = 3
MOST_EMPTY = 10
"""How often ``#`` may come where a PIN should: it is asked for again, and no try is lost."""


class LoginState(Enum):
    """What is asked for."""

    NEW = "new"
    BOX = "box"
    PIN = "pin"
    CHECKING = "checking"
    LEAVING = "leaving"
    """Hears the last words."""
    OVER = "over"


class Login:
    """From the own line the PIN is asked for, or nothing where there is none; from elsewhere the mailbox, then the PIN.

    ``opened(box)`` follows, or the call ends.
    """

    def __init__(self, service: Service, call_id: str, caller: Party, timer: Timer, opened: Callable[[Box], None]):
        self.state = LoginState.NEW
        self._service = service
        self._call_id = call_id
        self._caller = caller
        self._timer = timer
        self._opened = opened
        self._box: Box | None = None
        self._pins: tuple[str, ...] = ()
        self._door = ""
        self._entered = ""
        self._wrong = 0
        self._silences = 0
        self._empty = 0
        self._speaker = Speaker(service.settings().language)

    def start(self) -> None:
        """Ask, or open the box at once."""
        boxes, number = self._service.boxes(), self._caller.number
        own = None if self._caller.external else boxes.of_line(number)
        if own is None:
            self._ask_box()
            return
        self._speaker = Speaker(own.language)
        pin = boxes.pin_of_line(number)
        if not pin:
            self._done(own)
        else:
            self._ask_pin(own, (pin,), own_line=number)

    def message_ended(self) -> None:
        """What was played is over."""
        if self.state in (LoginState.BOX, LoginState.PIN):
            self._timer.set(INPUT_SECONDS, self._waited)
        elif self.state is LoginState.LEAVING:
            self._service.switch.clear(self._call_id, Cause.NORMAL_CLEARING)

    def digit(self, digit: str) -> None:
        """A key: digits are collected, ``#`` ends them, ``*`` begins anew, without any it goes back to the mailbox."""
        if self.state not in (LoginState.BOX, LoginState.PIN):
            return
        if not self._entered:
            self._service.switch.stop_message(self._call_id)
        if digit == "#":
            self._submit()
        elif digit == "*":
            if not self._entered:
                self._ask_box()
                return
            self._entered = ""
            self._timer.set(INPUT_SECONDS, self._waited)
        elif len(self._entered) < MOST_DIGITS:
            self._entered += digit
            self._timer.set(INPUT_SECONDS, self._waited)

    def abandon(self) -> None:
        self.state = LoginState.OVER

    def _waited(self) -> None:
        """No key came: what was entered counts, else it is asked for again."""
        if self._entered:
            self._submit()
            return
        self._silences += 1
        if self._silences >= MOST_SILENCES:
            self._last_words(Prompt.GOODBYE)
        elif self.state is LoginState.BOX:
            self._ask_box()
        else:
            self._ask_again()

    def _ask_box(self) -> None:
        self.state = LoginState.BOX
        self._ask(Prompt.ENTER_BOX)

    def _ask_pin(self, box: Box | None, pins: tuple[str, ...], own_line: str = "") -> None:
        """A box that does not exist is asked the PIN of, too.

        Wrong PINs from elsewhere do not lock the owner out, who calls from the own line.
        """
        self._box, self._pins = box, pins
        self._door = f"{box.number} {own_line}" if box is not None and pins else ""
        self._ask_again()

    def _ask_again(self, *before: Prompt) -> None:
        if self._service.wrong_pins.is_locked(self._door):
            self._last_words(Prompt.TRY_LATER, Prompt.GOODBYE)
            return
        self.state = LoginState.PIN
        self._ask(*before, Prompt.ENTER_PIN)

    def _ask(self, *prompts: Prompt) -> None:
        self._entered = ""
        self._timer.stop()
        self._play(*prompts)

    def _submit(self) -> None:
        self._timer.stop()
        entered, self._entered = self._entered, ""
        if self.state is LoginState.BOX:
            box = self._service.boxes().get(entered) if entered else None
            self._ask_pin(box, box.pins if box is not None else ())
            return
        if self._service.wrong_pins.is_locked(self._door):
            # By others, since this one was asked.
            self._last_words(Prompt.TRY_LATER, Prompt.GOODBYE)
            return
        if not entered:
            self._empty += 1
            if self._empty < MOST_EMPTY:
                self._ask_again(Prompt.WRONG)
            else:
                self._last_words(Prompt.WRONG, Prompt.GOODBYE)
            return
        self.state = LoginState.CHECKING
        self._service.check_pin(self, entered, self._pins, self._checked)

    def _checked(self, is_right: bool) -> None:
        if self.state is not LoginState.CHECKING:
            return
        box, wrong_pins = self._box, self._service.wrong_pins
        if is_right and box is not None:
            wrong_pins.right(self._door)
            self._done(box)
            return
        self._wrong += 1
        if self._door:
            wrong_pins.wrong(self._door)
        if self._wrong >= TRIES:
            self._last_words(Prompt.WRONG, Prompt.GOODBYE)
        else:
            self._ask_again(Prompt.WRONG)

    def _done(self, box: Box) -> None:
        self.state = LoginState.OVER
        self._opened(box)

    def _last_words(self, *prompts: Prompt) -> None:
        self._timer.stop()
        self.state = LoginState.LEAVING
        self._play(*prompts)

    def _play(self, *prompts: Prompt) -> None:
        self._service.switch.play_message(self._call_id, self._speaker.say(*prompts), repeat=False)
