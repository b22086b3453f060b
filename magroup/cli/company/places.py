"""Where the values of a TOML text stand, for messages: tomllib tells it of errors of syntax only."""

import contextlib
import re
import tomllib
from collections.abc import Mapping

Place = tuple[str | int, ...]
"""The way to a value: ("groups", 0, "members", 2, "number")."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_PLAIN = re.compile(r"[^,\]}#\n]*")


def lines_of(text: str) -> Mapping[Place, int]:
    """The line, from 1, of each table, key and element in a text that tomllib has accepted."""
    scan = _Scan(text)
    with contextlib.suppress(RecursionError):
        scan.document()
    return scan.lines


def written(place: Place) -> str:
    """As people read it, elements counted from 1: ``groups[1].members[3].number``."""
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place]
    return "".join(parts).removeprefix(".")


class _Scan:
    """Goes through a text once."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {}
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._line = 1
        self._counted = 0
        self._last: dict[Place, int] = {}
        self._before = -1

    def document(self) -> None:
        table: Place = ()
        while self._goes_on():
            if self._takes("[["):
                table = self._element()
            elif self._takes("["):
                table = self._resolved(self._dotted())
                self._takes("]")
            else:
                self._pair(table)
                continue
            self._note(table)

    def _element(self) -> Place:
        *above, name = self._dotted()
        self._takes("]]")
        array = (*self._resolved(above), name)
        self._note(array)
        self._last[array] = self._last.get(array, -1) + 1
        return (*array, self._last[array])

    def _resolved(self, keys: list[str]) -> Place:
        """The table that a header means: of an array, its last element."""
        place: Place = ()
        for key in keys:
            place = (*place, key)
            if place in self._last:
                place = (*place, self._last[place])
        return place

    def _pair(self, table: Place) -> None:
        line = self._now()
        place = (*table, *self._dotted())
        self.lines.setdefault(place, line)
        self._takes("=")
        self._match(_SPACE)
        self._value(place)

    def _value(self, place: Place) -> None:
        if self._takes("["):
            self._inside("]", place, is_array=True)
        elif self._takes("{"):
            self._inside("}", place, is_array=False)
        elif not self._match(_STRING):
            self._match(_PLAIN)

    def _inside(self, end: str, place: Place, is_array: bool) -> None:
        count = 0
        while self._goes_on() and not self._takes(end):
            if self._takes(","):
                continue
            if is_array:
                self._note((*place, count))
                self._value((*place, count))
                count += 1
            else:
                self._pair(place)

    def _dotted(self) -> list[str]:
        keys = []
        while True:
            self._match(_SPACE)
            keys.append(_unquoted(self._match(_KEY)))
            self._match(_SPACE)
            if not self._takes("."):
                return keys

    def _note(self, place: Place) -> None:
        self.lines.setdefault(place, self._now())

    def _now(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _takes(self, what: str) -> bool:
        found = self._text.startswith(what, self._at)
        self._at += len(what) if found else 0
        return found

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _goes_on(self) -> bool:
        """Go to what comes next; False at the end, and where nothing can be made of the text."""
        self._match(_BLANK)
        stuck = self._at == self._before
        self._before = self._at
        return self._at < len(self._text) and not stuck


def _unquoted(key: str) -> str:
    if key[:1] not in ("'", '"'):
        return key
    try:
        return next(iter(tomllib.loads(f"{key} = 0")))
    except tomllib.TOMLDecodeError:
        return key
