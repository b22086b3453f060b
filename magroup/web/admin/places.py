"""Where a page of calls begins, as addresses say it."""

from math import isfinite

from magroup.model.records import Place


def place_of(text: str) -> Place | None:
    """None for a text that is none: the first page."""
    began, _, id = text.partition(" ")
    try:
        place = (float(began), id)
    except ValueError:
        return None
    return place if isfinite(place[0]) else None


def written(place: Place | None) -> str:
    return f"{place[0]!r} {place[1]}" if place is not None else ""
