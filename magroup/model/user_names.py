"""The user name that somebody gets when none is given: first and last name with a dot between them."""

import unicodedata
from collections.abc import Container

LONGEST = 60
"""Characters of a made one."""


def user_name(first_name: str, last_name: str, taken: Container[str]) -> str:
    """In small letters without accents, with a number when it is ``taken``; "" where there is no letter in either."""
    parts = [part for part in map(_letters, (first_name, last_name)) if part]
    base = ".".join(parts)[:LONGEST].strip(".")
    name, number = base, 1
    while name and name in taken:
        number += 1
        name = f"{base}{number}"
    return name


def _letters(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if c.isalnum() or c == "-")
