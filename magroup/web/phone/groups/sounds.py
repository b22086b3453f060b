"""Sounds to choose from: each has a short key in URLs, since names may be longer than those."""

import hashlib
from collections.abc import Iterable, Sequence

from magroup.model.languages import Said
from magroup.web.phone.edit_errors import NO_SOUND
from magroup.web.phone.lists import CURRENT, Query, paged
from magroup.web.phone.objects import Item
from magroup.web.phone.visit import Page, PhoneError, Visit

NONE = Said("<None>", "<Keine>", "<Aucun>")
NO_KEY = "-"
"""The key of no sound."""
_KEY = 12


async def waves(visit: Visit) -> list[str]:
    """The sounds for callers."""
    return await visit.parts.in_thread(visit.parts.waves.names)


def sound_key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:_KEY] if name else NO_KEY


def sound_of(visit: Visit, names: Iterable[str]) -> str:
    """The one of these names whose key is the parameter ``sound``. Raises PhoneError."""
    key = visit.text("sound", _KEY)
    for name in names:
        if sound_key(name) == key:
            return name
    raise PhoneError(NO_SOUND)


def choose_sound(
    visit: Visit, title: str, names: Sequence[str], current: str | None, to: str, where: str, query: Query
) -> Page:  # fmt: skip
    """Each leads to the page ``to`` with its key as ``sound``; ``current`` has a mark, None: nothing has."""

    def item(name: str) -> Item:
        mark = CURRENT if name == current else ""
        return Item(mark + (name or visit.say(NONE)), visit.url(to, **query, sound=sound_key(name)))

    return paged(visit, title, names, item, where, query)
