"""Answers kept for as long as what they are made from is the same."""

from collections.abc import Hashable
from dataclasses import dataclass, field

MOST_KEPT = 32 << 20
LARGEST_KEPT = 64 << 10
"""Bytes of all that is kept of a function, and of an answer with its parameters that is worth it."""

_OVERHEAD = 500

Sent = tuple[tuple[str, str], ...]


@dataclass
class _Shelf:
    """The answers of a function in one state, and how many bytes they take."""

    state: Hashable
    answers: dict[Sent, bytes] = field(default_factory=dict)
    size: int = 0


class KeptAnswers:
    """By function and parameters; a ``state`` other than the last one makes all older answers worthless."""

    def __init__(self) -> None:
        self._shelves: dict[Hashable, _Shelf] = {}

    def get(self, function: Hashable, parameters: Sent, state: Hashable) -> bytes | None:
        shelf = self._shelves.get(function)
        return shelf.answers.get(parameters) if shelf is not None and shelf.state == state else None

    def keep(self, function: Hashable, parameters: Sent, state: Hashable, body: bytes) -> None:
        size = len(body) + sum(len(name) + len(value) + _OVERHEAD for name, value in parameters)
        if size > LARGEST_KEPT:
            return
        shelf = self._shelves.get(function)
        if shelf is None or shelf.state != state or shelf.size > MOST_KEPT:
            shelf = self._shelves[function] = _Shelf(state)
        shelf.answers[parameters] = body
        shelf.size += size
