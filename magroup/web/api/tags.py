"""ETags (RFC 9110 section 8.8.3): what is another one after each change of a thing."""

import hashlib
import re
from typing import Any

from magroup.web.api.problem import ApiError, FieldError

_ONE = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|\Z)')
_LONGEST = 8192


def tag_of(thing: Any) -> str:
    """Made from all that a thing of the model, or a tuple of such, consists of."""
    return hashlib.sha256(repr(thing).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def read_tags(header: str, name: str) -> tuple[str, ...]:
    """The tags in an If-Match or If-None-Match; weak ones match nothing in the former, and are left out there."""
    if header.strip() == "*":
        return ("*",)
    found, place = [], 0
    while place < len(header):
        one = _ONE.match(header, place)
        if one is None or len(header) > _LONGEST:
            raise ApiError(400, f"{name} is no list of entity tags.", (FieldError(name, "is no list of entity tags"),))
        place = one.end()
        if not one[1] or name != "If-Match":
            found.append(one[2])
    return tuple(found) or ("",)
