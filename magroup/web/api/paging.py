"""Long lists a page at a time, by cursors that hold whatever is added or deleted meanwhile."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from magroup.web.api.problem import ApiError, FieldError

T = TypeVar("T")
LARGEST_PAGE = 1000
LONGEST_CURSOR = 1000

Limit = Annotated[int, Meta(ge=1, le=LARGEST_PAGE, description="How many at most.")]
Cursor = Annotated[str, Meta(max_length=LONGEST_CURSOR, description="`next` of the page before; empty: the first.")]
Search = Annotated[str, Meta(max_length=255, description="Only those in which this text is, in any case of letters.")]


class Paged(Struct, kw_only=True, frozen=True):
    """The query of a list."""

    limit: Limit = 100
    cursor: Cursor = ""


class Searched(Paged, kw_only=True, frozen=True):
    """The query of a list that can be searched."""

    q: Search = ""


class Page(Struct, Generic[T], frozen=True):
    """Some of a list."""

    items: Sequence[T]
    next: Annotated[str, Meta(description="The cursor of the page after this one; empty: this is the last one.")] = ""


def cursor_of(*key: Any) -> str:
    """A cursor after the thing with this key."""
    return urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def read_cursor(cursor: str, kind: Any) -> Any:
    """The key that a cursor was made of, None for an empty one. ``kind`` is a tuple type. Raises ApiError."""
    if not cursor:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, msgspec.MsgspecError):
        sentence = "is no cursor of this list"
        raise ApiError(400, f"cursor {sentence}.", (FieldError("cursor", sentence),)) from None


class Ordered:
    """Lists in the order of their keys, made once for each list of the configuration."""

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[Any, list[Any], list[Any]]] = {}

    def page(
        self, name: str, things: Sequence[T], key: Callable[[T], Any], query: Paged, kind: Any,
        wanted: Callable[[T], bool] | None = None,
    ) -> tuple[list[T], str]:  # fmt: skip
        """The things of a page, and the cursor of the next one; ``kind`` is the type of the keys."""
        kept = self._kept.get(name)
        if kept is None or kept[0] is not things:
            in_order = sorted(things, key=key)
            kept = self._kept[name] = (things, [key(thing) for thing in in_order], in_order)
        _, keys, in_order = kept
        return page_of(keys, in_order, query, kind, wanted)


def page_of(
    keys: Sequence[Any], things: Sequence[T], query: Paged, kind: Any, wanted: Callable[[T], bool] | None = None
) -> tuple[list[T], str]:  # fmt: skip
    """As ``Ordered.page``, of things that are in order already."""
    after = read_cursor(query.cursor, tuple[kind])
    place = bisect_right(keys, after[0]) if after else 0
    found: list[T] = []
    for at in range(place, len(things)):
        if wanted is not None and not wanted(things[at]):
            continue
        if len(found) == query.limit:
            return found, cursor_of(keys[place])
        found.append(things[at])
        place = at
    return found, ""
