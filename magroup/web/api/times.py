"""Points of time in queries and in texts (RFC 3339)."""

import re
from datetime import UTC, datetime
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from magroup.web.api.problem import ApiError, FieldError

LATEST = 32_503_680_000.0
"""The year 3000."""

_SECONDS = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)\Z", re.ASCII)

Moment = Annotated[
    str, Meta(max_length=50, description="UTC seconds since 1970, or a time such as 2026-03-01T08:00:00+01:00.")
]


def moment(name: str, text: str | UnsetType) -> float | None:
    """Seconds of a parameter, None where it was not sent. Raises ApiError."""
    if text is UNSET:
        return None
    if _SECONDS.match(text) and float(text) <= LATEST:
        return float(text)
    if _MOMENT.match(text):
        try:
            seconds = datetime.fromisoformat(text.upper()).timestamp()
        except (ValueError, OverflowError):
            seconds = -1.0
        if 0 <= seconds <= LATEST:
            return seconds
    detail = "is neither UTC seconds since 1970 nor a time such as 2026-03-01T08:00:00Z (in an address, + is %2B)"
    raise ApiError(400, f"{name} {detail}.", (FieldError(name, detail),))


def written(seconds: float) -> str:
    """A time for people and spreadsheets, "" for 0.0: did not happen."""
    if not seconds:
        return ""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
