"""Long lists a page at a time, searched on this side: ten thousand stay fast."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from magroup.web.sounds import InThread

T = TypeVar("T")
PAGE = 50
FEW = 200
"""Things of a list that is searched at once; longer ones in a thread, so that no call waits for them."""

MOST_WORDS = 10


@dataclass(frozen=True)
class Found(Generic[T]):
    """A page of what was found; ``page`` counts from 1, ``total`` is the number of things on all pages."""

    things: Sequence[T]
    page: int
    pages: int
    total: int

    @property
    def first(self) -> int:
        return (self.page - 1) * PAGE + 1 if self.things else 0

    @property
    def last(self) -> int:
        return self.first + len(self.things) - 1 if self.things else 0


class Listings:
    """Lists in their order with the text in which is searched, made once for each list of the configuration."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Any, list[tuple[str, Any]]]] = {}

    async def find(
        self, in_thread: InThread, name: str, things: Sequence[T], order: Callable[[T], Any],
        text: Callable[[T], str], wanted: str, page: int,
    ) -> Found[T]:  # fmt: skip
        """Those in whose text all words of ``wanted`` are."""
        work = partial(self._find, name, things, order, text, wanted, page)
        return work() if len(things) <= FEW else await in_thread(work)

    def _find(
        self, name: str, things: Sequence[T], order: Callable[[T], Any], text: Callable[[T], str], wanted: str,
        page: int,
    ) -> Found[T]:  # fmt: skip
        kept = self._kept.get(name)
        if kept is None or kept[0] is not things:
            kept = self._kept[name] = (things, [(text(thing), thing) for thing in sorted(things, key=order)])
        words = wanted.casefold().split()[:MOST_WORDS]
        found = [thing for text, thing in kept[1] if all(word in text for word in words)] if words else None
        total = len(kept[1]) if found is None else len(found)
        pages = max(1, -(-total // PAGE))
        page = min(max(1, page), pages)
        part = slice((page - 1) * PAGE, page * PAGE)
        shown = found[part] if found is not None else [thing for _, thing in kept[1][part]]
        return Found(shown, page, pages, total)
