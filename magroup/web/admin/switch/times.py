"""Instants as the clocks of the site show them, and how long ago something was; a zone None is this machine's."""

from datetime import datetime
from zoneinfo import ZoneInfo

FIELD = "%Y-%m-%dT%H:%M"
EARLIEST_YEAR, LATEST_YEAR = 1990, 2190
_STEPS = ((86400 * 2, 86400, "days"), (3600 * 2, 3600, "h"), (60 * 2, 60, "min"))


class InstantError(ValueError):
    """What is wrong, in a sentence."""


def instant(text: str, zone: ZoneInfo | None) -> tuple[float, bool]:
    """What a field for a date and a time says, in UTC seconds, and whether the clocks show it twice: it is the first
    of the two then. Raises InstantError.
    """
    try:
        moment = datetime.strptime(text[:16], FIELD)
    except ValueError:
        raise InstantError("A date and a time, such as 2026-08-20T09:30.") from None
    if len(text) > 19 or not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise InstantError(f"A date and a time between {EARLIEST_YEAR} and {LATEST_YEAR}.")
    first, second = (moment.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    if datetime.fromtimestamp(first, zone).replace(tzinfo=None, fold=0) != moment:
        raise InstantError("The clocks are put forward then: this time does not exist.")
    return first, first != second


def field(at: float, zone: ZoneInfo | None) -> str:
    """For a field."""
    return datetime.fromtimestamp(at, zone).strftime(FIELD)


def clock_time(at: float, zone: ZoneInfo | None) -> str:
    return datetime.fromtimestamp(at, zone).strftime("%H:%M:%S")


def date_time(at: float, zone: ZoneInfo | None) -> str:
    """As the manual writes times."""
    return datetime.fromtimestamp(at, zone).strftime("%d.%m.%Y %H:%M")


def span(seconds: float) -> str:
    """A length of time, short and rounded down: 45 s, 12 min, 5 h, 3 days."""
    seconds = max(0.0, seconds)
    for least, unit, name in _STEPS:
        if seconds >= least:
            return f"{int(seconds // unit)} {name}"
    return f"{int(seconds)} s"
