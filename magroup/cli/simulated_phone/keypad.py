"""What can be typed into the fields of an Input, and how it is sent (Development Notes, "CiscoIPPhoneInput")."""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

from magroup.cli.simulated_phone.pages import Field, Page
from magroup.cli.simulated_phone.refusal import Refusal, Rule

LONGEST = 32

_ALLOWED = {
    "T": re.compile(r"[0-9#*]*\Z"),
    "N": re.compile(r"[0-9]*\Z"),
    "E": re.compile(r"[0-9.+\-*/=()#]*\Z"),
}


def can_type(text: str, kind: str) -> bool:
    """Whether the keys of the phone make this text in a field of a kind A, T, N, E, U or L."""
    if len(text) > LONGEST:
        return False
    if kind in _ALLOWED:
        return bool(_ALLOWED[kind].match(text))
    if any(unicodedata.category(letter)[0] == "C" for letter in text):
        return False
    return kind == "A" or text == (text.upper() if kind == "U" else text.lower())


def typed(field: Field, text: str) -> str:
    """The text as it is in the field. Raises Refusal."""
    if not can_type(text, field.kind):
        raise Refusal(Rule.TYPED, f"{text[:70]!r} cannot be typed into {field.name!r} ({field.flags})")
    return text


def query_of(page: Page, values: Mapping[str, str]) -> str:
    """What an Input sends, every field being there; ``values`` by QueryStringParam."""
    return "&".join(
        f"{field.parameter}={quote(values.get(field.parameter, field.default), safe='*')}" for field in page.fields
    )
