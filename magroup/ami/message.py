"""Messages of Asterisk's Manager Interface: names and values on lines, an empty line at the end; no I/O."""

from collections.abc import Iterable
from typing import Final

LONGEST_VALUE: Final = 1024


class Message:
    """What Asterisk said: a response or an event. Names are found in any case; of a repeated one, the last value."""

    __slots__ = ("_values", "fields")

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self.fields: Final = tuple(fields)
        self._values = {name.lower(): value for name, value in self.fields}

    def get(self, name: str, default: str = "") -> str:
        return self._values.get(name.lower(), default)

    @property
    def event(self) -> str:
        """The event's name, "" of a response."""
        return self.get("Event")

    @property
    def response(self) -> str:
        """``Success``, ``Error`` ..., "" of an event."""
        return self.get("Response")

    @property
    def is_success(self) -> bool:
        return self.response.lower() in ("success", "goodbye", "follows")

    @property
    def action_id(self) -> str:
        return self.get("ActionID")

    def __repr__(self) -> str:
        return f"<{self.event or self.response or 'nothing'} of {len(self.fields)} lines>"


def action(name: str, action_id: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """An action as it is sent. ValueError where a value would not stay on its line."""
    lines = [f"{key}: {_checked(value)}" for key, value in (("Action", name), ("ActionID", action_id), *fields)]
    return "\r\n".join([*lines, "", ""]).encode()


def _checked(value: str) -> str:
    if len(value) > LONGEST_VALUE or any(character in value for character in "\r\n\0"):
        raise ValueError("a value of an action has to stay on one line")
    return value
