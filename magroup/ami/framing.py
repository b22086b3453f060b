"""Bytes of the Manager Interface cut into its greeting and messages, within limits; no I/O."""

from typing import Final

from magroup.ami.message import Message

LONGEST_LINE: Final = 16 * 1024
MOST_LINES: Final = 2000
GREETING: Final = "Asterisk Call Manager"


class FramingError(ValueError):
    """The peer does not speak AMI, or says more than is taken; ``str`` is the reason."""


class Reader:
    """Give it what comes; ``greeting`` is Asterisk's first line, "" before. After a FramingError it is of no use."""

    def __init__(self) -> None:
        self.greeting = ""
        self._rest = b""
        self._fields: list[tuple[str, str]] = []

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are complete now. Raises FramingError."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            raise FramingError(f"a line is longer than {LONGEST_LINE} bytes")
        found = []
        for line in lines:
            if (message := self._line(line)) is not None:
                found.append(message)
        return found

    def _line(self, line: bytes) -> Message | None:
        if len(line) > LONGEST_LINE:
            raise FramingError(f"a line is longer than {LONGEST_LINE} bytes")
        text = line.removesuffix(b"\r").decode("utf-8", "replace")
        if not self.greeting:
            if not text.startswith(GREETING):
                raise FramingError("this is no Asterisk Call Manager")
            self.greeting = text
            return None
        if not text:
            fields, self._fields = self._fields, []
            return Message(fields) if fields else None
        if len(self._fields) >= MOST_LINES:
            raise FramingError(f"a message has more than {MOST_LINES} lines")
        name, colon, value = text.partition(":")
        # What has no colon is the output of a command, in old versions of Asterisk: nobody asks for any.
        self._fields.append((name.strip(), value.strip()) if colon else ("", text))
        return None
