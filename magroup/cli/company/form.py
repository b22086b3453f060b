"""Reading the tables of a TOML document with checks: all complaints are collected, each with its place."""

import difflib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from magroup.cli.company.places import Place
from magroup.model import checks
from magroup.model.checks import LARGEST_ID
from magroup.model.fixed import fixed

T = TypeVar("T")


@fixed
class Complaint:
    """What is wrong at a place of the document."""

    place: Place
    message: str


class Form:
    """One table: every value is asked for by its name, what was not asked for is complained about by ``close``.

    A value that is wrong is complained about and read as its default, so that reading goes on.
    """

    def __init__(self, values: Mapping[str, Any], place: Place, complaints: list[Complaint]) -> None:
        self.place = place
        self._values = values
        self._complaints = complaints
        self._known: set[str] = set()

    def complain(self, message: str, *name: str | int) -> None:
        """About the value of that name, or about the whole table."""
        self._complaints.append(Complaint((*self.place, *name), message))

    def has(self, name: str) -> bool:
        return name in self._values

    def text(
        self, name: str, check: Callable[[str], str] | None = None, required: bool = False, default: str = ""
    ) -> str:
        """A text of one line; ``check`` returns what is wrong with one that is not empty."""
        value = self._take(name)
        if value is None or (value == "" and required):
            if required:
                self.complain("is missing", name)
            return default
        wrong = _wrong_text(value) or (check(value) if check and value else "")
        if wrong:
            self.complain(wrong, name)
            return default
        return str(value)

    def texts(self, name: str, check: Callable[[str], str]) -> tuple[str, ...]:
        """A list of different texts."""
        found: list[str] = []
        for place, value in self.listed_texts(name):
            wrong = check(value) or ("is in the list twice" if value in found else "")
            if wrong:
                self.complain(wrong, name, place)
            else:
                found.append(value)
        return tuple(found)

    def listed_texts(self, name: str) -> list[tuple[int, str]]:
        """The texts of a list, each with its place in it."""
        found = []
        for place, value in enumerate(self._list(name)):
            if wrong := _wrong_text(value):
                self.complain(wrong, name, place)
            else:
                found.append((place, value))
        return found

    def only_once(self, name: str, value: str, seen: set[str]) -> None:
        """Complain about a value that is ``seen`` already, in small letters or capitals; it is seen from now on."""
        if value and value.casefold() in seen:
            self.complain(f"{value} is used twice", name)
        seen.add(value.casefold())

    def integer(self, name: str, default: int = 0, low: int = 0, high: int = LARGEST_ID) -> int:
        value = self._take(name)
        if value is None:
            return default
        if type(value) is int and low <= value <= high:
            return value
        self.complain(f"must be a whole number from {low} to {high}", name)
        return default

    def text_or_id(self, name: str) -> str | int:
        """A name, or an id; 0 when it is left out."""
        value = self._take(name)
        if type(value) is int and 0 < value <= LARGEST_ID:
            return value
        return 0 if value is None else self.text(name) or 0

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self._take(name)
        if value is None:
            return default
        if type(value) in (int, float) and low <= value <= high:
            return float(value)
        self.complain(f"must be a number from {low:g} to {high:g}", name)
        return default

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._take(name)
        if value is None or type(value) is bool:
            return default if value is None else value
        self.complain("must be true or false", name)
        return default

    def choice(self, name: str, words: Mapping[str, T], default: T) -> T:
        """One of the words, and what it stands for."""
        value = self._take(name)
        if value is None:
            return default
        if isinstance(value, str) and value in words:
            return words[value]
        self.complain(f"must be one of {', '.join(words)}{_suggestion(value, words)}", name)
        return default

    def choices(self, name: str, words: Mapping[str, T]) -> frozenset[T]:
        """Any of the words, and what they stand for."""
        found = set()
        for place, value in enumerate(self._list(name)):
            if isinstance(value, str) and value in words:
                found.add(words[value])
            else:
                self.complain(f"must be one of {', '.join(words)}{_suggestion(value, words)}", name, place)
        return frozenset(found)

    def tables(self, name: str, short: str = "") -> list["Form"]:
        """A list of tables; a text in it stands for a table with that text as its ``short``."""
        found = []
        for place, value in enumerate(self._list(name)):
            if short and isinstance(value, str):
                value = {short: value}
            if isinstance(value, dict):
                found.append(Form(value, (*self.place, name, place), self._complaints))
            else:
                self.complain("must be a table", name, place)
        return found

    def close(self) -> None:
        """Complain about the names that nobody has asked for."""
        for name in self._values:
            if name not in self._known:
                self.complain(f"is not known here{_suggestion(name, self._known)}", name)

    def _take(self, name: str) -> Any:
        self._known.add(name)
        return self._values.get(name)

    def _list(self, name: str) -> list[Any]:
        value = self._take(name)
        if isinstance(value, list):
            return value
        if value is not None:
            self.complain("must be a list", name)
        return []


def _wrong_text(value: object) -> str:
    if not isinstance(value, str):
        return "must be a text, in quotes"
    return checks.text(value)


def _suggestion(value: object, words: Any) -> str:
    close = difflib.get_close_matches(value, sorted(words), 1, 0.6) if isinstance(value, str) else []
    return f"; do you mean {close[0]}?" if close else ""
