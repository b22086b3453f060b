"""What is different between two configurations, thing by thing."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed


def _id(thing: Any) -> int:
    found: int = thing.id
    return found


KEYS: Mapping[str, Callable[[Any], Hashable]] = {
    "users": _id,
    "lines": lambda line: line.number,
    "phones": lambda phone: phone.device_name,
    "contacts": _id,
    "trunks": _id,
    "groups": _id,
    "members": _id,
    "announcements": _id,
    "vips": _id,
}
"""By what each kind of thing, a field of a configuration, is told from others of its kind."""


@fixed
class Difference:
    """A thing that is new (``old`` None), gone (``new`` None) or another now; ``kind`` is one of KEYS."""

    kind: str
    key: Hashable
    old: Any
    new: Any


def differences(old: Configuration, new: Configuration) -> Iterator[Difference]:
    """All of them, kind by kind; things that are the very same objects cost no comparison."""
    for kind, key_of in KEYS.items():
        before, now = getattr(old, kind), getattr(new, kind)
        if before is now:
            continue
        gone = {key_of(thing): thing for thing in before}
        for thing in now:
            key = key_of(thing)
            was = gone.pop(key, None)
            if was is not thing and was != thing:
                yield Difference(kind, key, was, thing)
        for key, thing in gone.items():
            yield Difference(kind, key, thing, None)
