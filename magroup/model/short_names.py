"""The short name that a member gets when nobody has given one (spec 2)."""

import unicodedata
from collections.abc import Container

LONGEST = 8
"""Characters of a short name."""


def short_name(first_name: str, user_name: str, taken: Container[str]) -> str:
    """The first three letters of the first name without accents, else of the user name, with a number when taken.

    ``taken`` contains the casefolded short names of the group.
    """
    base = (_letters(first_name) or _letters(user_name))[:3] or "M"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base[: LONGEST - len(str(number))]}{number}"
    return name


def _letters(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if c.isalnum())
