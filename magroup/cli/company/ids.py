"""The ids of what a company file describes: kept when given, else those the same thing had before, else new."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from magroup.cli.company.form import Form
from magroup.model.checks import LARGEST_ID

K = TypeVar("K", bound=Hashable)


def assign(forms: Sequence[tuple[Form, K]], known: Mapping[K, int], last: int = 0) -> list[int]:
    """An id for each form, from its ``id``; ``known`` has the ids that things had before, by what they are.

    New ids are the smallest that are free above ``last``, the last one that was ever given. An id used twice is
    complained about.
    """
    given = [form.integer("id", low=1, high=LARGEST_ID) for form, _ in forms]
    taken: dict[int, Form] = {}
    for (form, _), id in zip(forms, given, strict=True):
        if id in taken:
            form.complain("is used twice", "id")
        if id:
            taken[id] = form
    kept = _kept(forms, given, known, set(taken))
    used = set(taken) | set(kept.values())
    free = iter(number for number in range(last + 1, LARGEST_ID) if number not in used)
    return [id or kept.get(place, 0) or next(free) for place, id in enumerate(given)]


def _kept(
    forms: Sequence[tuple[Form, K]], given: Sequence[int], known: Mapping[K, int], taken: set[int]
) -> dict[int, int]:
    """By the place of a form without an id: the id that the same thing had."""
    found: dict[int, int] = {}
    for place, (_, key) in enumerate(forms):
        before = known.get(key, 0)
        if not given[place] and before and before not in taken:
            found[place] = before
            taken.add(before)
    return found


def numbered(keys: Iterable[K]) -> list[tuple[K, int]]:
    """Each key with how often it came before."""
    seen: dict[K, int] = {}
    found = []
    for key in keys:
        seen[key] = seen.get(key, -1) + 1
        found.append((key, seen[key]))
    return found
