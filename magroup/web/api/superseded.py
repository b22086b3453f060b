"""What things were like before, so that whoever has read an old version is told what was changed since."""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from magroup.model.configuration import Configuration
from magroup.model.differences import differences

MOST_KEPT = 2000


class Superseded:
    """Give it each change of the configuration. ``tag_of`` makes the tag of a thing, by its kind.

    Only the newest are kept; whoever comes with a still older version is told that it is too old.
    """

    def __init__(self, tag_of: Callable[[Configuration, str, Any], str]) -> None:
        self._tag_of = tag_of
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def take(self, old: Configuration, new: Configuration) -> None:
        """``new`` is in the place of ``old`` now."""
        for count, one in enumerate(differences(old, new)):
            if count >= MOST_KEPT // 4:
                break
            if one.old is not None:
                self._kept[self._tag_of(old, one.kind, one.old)] = one.old
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def changed(self, tags: Iterable[str], now: Any) -> list[str]:
        """The fields of ``now`` that were others when the thing had the first of ``tags`` that is known."""
        for tag in tags:
            before = self._kept.get(tag)
            if before is not None and type(before) is type(now) and is_dataclass(now):
                return [f.name for f in fields(now) if getattr(before, f.name) != getattr(now, f.name)]
        return []
