"""Values out of a form's fields, with a sentence for each that cannot be taken."""

import re

from magroup.groups.editing import EditError
from magroup.model.checks import LONGEST_TEXT, text
from magroup.web.form import Fields

MOST_IN_LIST = 100
LONGEST_LIST = 5000
_APART = re.compile(r"[,;\n]")
_INTEGER = re.compile(r"[0-9]{1,9}")


class Reader:
    """``wrong`` fills with what is wrong, by field; ``typed`` with what was sent, as it is shown again."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.wrong: dict[str, str] = {}
        self.typed: dict[str, str] = {}

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        """One line, without spaces around it."""
        sent = self._sent(name, longest)
        if wrong := text(sent[:LONGEST_TEXT]):
            self.wrong[name] = sentence(wrong)
        return sent

    def secret(self, name: str) -> str:
        """As it is, and not kept for showing."""
        typed = dict(self.typed)
        value = self._sent(name, LONGEST_TEXT, is_stripped=False)
        self.typed = typed
        return value

    def integer(self, name: str, low: int, high: int, otherwise: int = 0) -> int:
        sent = self.text(name)
        if not sent:
            return otherwise
        if not _INTEGER.fullmatch(sent) or not low <= int(sent) <= high:
            self.wrong[name] = f"A whole number from {low} to {high}."
            return otherwise
        return int(sent)

    def listed(self, name: str) -> tuple[str, ...]:
        """Texts with commas or line breaks between them."""
        parts = [part.strip() for part in _APART.split(self._sent(name, LONGEST_LIST).replace("\r", "\n"))]
        found = tuple(part for part in parts if part)
        if len(found) > MOST_IN_LIST:
            self.wrong[name] = f"No more than {MOST_IN_LIST}."
            return ()
        return found

    def is_checked(self, name: str) -> bool:
        checked = bool(self._fields.get(name.encode()))
        self.typed[name] = "on" if checked else ""
        return checked

    def chosen(self, name: str) -> list[str]:
        """All values of check boxes of one name."""
        return [value.decode("utf-8", "replace") for value in self._fields.get(name.encode(), [])]

    def refused(self, error: EditError, fields: dict[str, str] | None = None) -> None:
        """Keep why an edit was refused; ``fields`` are names of the form by those of the edit."""
        name = (fields or {}).get(error.field, error.field)
        self.wrong[name if name in self.typed or name in (fields or {}).values() else ""] = sentence(error.sentence)

    def _sent(self, name: str, longest: int, is_stripped: bool = True) -> str:
        values = self._fields.get(name.encode(), [])
        try:
            value = values[0].decode() if values else ""
        except UnicodeDecodeError:
            self.wrong[name] = "This is not UTF-8."
            value = values[0].decode("utf-8", "replace")
        if len(values) > 1:
            self.wrong[name] = "This was sent more than once."
        if len(value) > longest:
            self.wrong[name] = f"No longer than {longest} characters."
            value = value[:longest]
        if "\0" in value:
            self.wrong[name] = "This has characters that are not allowed."
            value = value.replace("\0", "")
        value = value.strip() if is_stripped else value
        self.typed[name] = value
        return value


def sentence(words: str) -> str:
    """Words of an edit as a sentence for people."""
    words = words[:1].upper() + words[1:].replace("_", " ")
    return words if words.endswith(".") else f"{words}."
