"""The editions of ECMA-323, their namespaces, and how one peer wants to be spoken to."""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

SESSION_NAMESPACE = "http://www.ecma-international.org/standards/ecma-354/appl_session"
_BASE = "http://www.ecma-international.org/standards/ecma-323/csta/ed"
_OLD_BASE = "http://www.ecma.ch/standards/ecma-323/csta/ed"
_ENDING = re.compile(r"/csta/ed([2-6])(?:/|\Z)")


class Edition(IntEnum):
    """An edition of ECMA-323; they differ in a few elements, and in the namespace."""

    ED2 = 2
    ED3 = 3
    ED4 = 4
    ED5 = 5
    ED6 = 6

    @property
    def namespace(self) -> str:
        return f"{_OLD_BASE if self is Edition.ED2 else _BASE}{self.value}"


def edition_of(namespace: str) -> Edition | None:
    """By the namespace's ending: peers write other hosts before it, and their own additions after it."""
    found = _ENDING.search(namespace)
    return Edition(int(found[1])) if found else None


class LoginForm(StrEnum):
    """How credentials stand in a StartApplicationSession."""

    NONE = "none"
    AVAYA = "avaya"
    """SessionLoginInfo in Avaya's namespace."""
    ELTEX = "eltex"
    """SessionLoginInfo in Eltex' namespace."""
    OPENSCAPE = "openscape"
    """user and password without a namespace (OpenScape Business)."""


@dataclass(frozen=True)
class Profile:
    """One peer: the edition it is written to, its login form, and whether its private data is kept when read."""

    edition: Edition = Edition.ED4
    login: LoginForm = LoginForm.NONE
    keeps_extensions: bool = False
