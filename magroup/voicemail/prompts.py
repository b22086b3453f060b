"""The pieces of speech that callers of the voicemail hear, each in every language, and what is said of them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from magroup.model.languages import Language
from magroup.model.messages import Message, MessagesWaiting

FOLDER = "prompts/"
BEEP = "VoicemailBeep.wav"
DIGITS = "0123456789"


class Prompt(StrEnum):
    """One piece of speech; the sound's name is ``name_of`` it."""

    GREETING = "greeting"
    FULL = "full"
    NO_RECORDING = "no_recording"
    SAVED = "saved"
    ENTER_BOX = "enter_box"
    ENTER_PIN = "enter_pin"
    WRONG = "wrong"
    TRY_LATER = "try_later"
    YOU_HAVE = "you_have"
    NEW = "new"
    AND = "and"
    OLD = "old"
    NONE = "none"
    FROM = "from"
    UNKNOWN = "unknown"
    TODAY = "today"
    YESTERDAY = "yesterday"
    BEFORE = "before"
    DAYS = "days"
    AT = "at"
    PLUS = "plus"
    MENU = "menu"
    NO_MORE = "no_more"
    DELETED = "deleted"
    RECORD_GREETING = "record_greeting"
    GREETING_SAVED = "greeting_saved"
    GOODBYE = "goodbye"


PIECES = (*(prompt.value for prompt in Prompt), *DIGITS)
"""All there are in each language."""


def name_of(piece: str, language: Language) -> str:
    """The name of the sound as the switch plays it."""
    return f"{FOLDER}{language.value}-{piece}.wav"


class Speaker:
    """Puts pieces together in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def say(self, *pieces: Prompt | str) -> list[str]:
        """The sounds of these pieces; a text is spoken by its digits, of other characters only the plus."""
        names: list[str] = []
        for piece in pieces:
            if isinstance(piece, Prompt):
                names.append(name_of(piece.value, self._language))
                continue
            for mark in piece:
                if mark in DIGITS:
                    names.append(name_of(mark, self._language))
                elif mark == "+":
                    names.append(name_of(Prompt.PLUS.value, self._language))
        return names

    def counts(self, waiting: MessagesWaiting) -> list[str]:
        """How many messages there are."""
        if not waiting.new and not waiting.old:
            return self.say(Prompt.NONE)
        pieces: list[Prompt | str] = [Prompt.YOU_HAVE]
        if waiting.new:
            pieces += [str(waiting.new), Prompt.NEW]
        if waiting.new and waiting.old:
            pieces.append(Prompt.AND)
        if waiting.old:
            pieces += [str(waiting.old), Prompt.OLD]
        return self.say(*pieces)

    def envelope(self, message: Message, left: datetime, now: datetime) -> list[str]:
        """From whom a message is and when it was left, in local time."""
        caller = message.caller_number if set(message.caller_number) & set(DIGITS) else Prompt.UNKNOWN
        return self.say(Prompt.FROM, caller, *_day((now.date() - left.date()).days), Prompt.AT, f"{left:%H%M}")


def _day(days: int) -> Sequence[Prompt | str]:
    if days <= 0:
        return (Prompt.TODAY,)
    return (Prompt.YESTERDAY,) if days == 1 else (Prompt.BEFORE, str(days), Prompt.DAYS)
