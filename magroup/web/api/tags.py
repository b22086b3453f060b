"""ETags (RFC 9110 section 8.8.3): what is another one after each change of a thing."""

import hashlib
import re
from typing import Any

from magroup.web.api.problem import invalid

_ONE = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|\Z)')
_LONGEST = 8192


def tag_of(thing: Any) -> str:
    """Made from all that a thing of the model, or a tuple of such, consists of."""
    return hashlib.sha256(repr(thing).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def read_tags(header: str, name: str) -> tuple[str, ...]:
    """The tags in an If-Match or If-None-Match; "" for a weak one in the former, which matches nothing."""
    if header.strip() == "*":
        return ("*",)
    found: list[str] = []
    place = 0
    while place < len(header) or not found:
        one = _ONE.match(header, place) if len(header) <= _LONGEST else None
        if one is None:
            raise invalid(name, "is no list of entity tags", 400)
        place = one.end()
        found.append("" if one[1] and name == "If-Match" else one[2])
    return tuple(found)
