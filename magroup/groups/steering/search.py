"""Users and contacts by name or number, for those who look for somebody to call."""

from collections.abc import Iterator
from itertools import chain

from magroup.groups.picture.calls import picture_url
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.numbers import bare
from magroup.model.plain_letters import plain

MOST_FOUND = 20
SHORTEST_NUMBER = 2
AT_ONCE = 1000
"""Entries that are looked at between two pauses."""


@fixed
class Found:
    """Somebody who can be called."""

    name: str
    number: str
    picture: str


def search(configuration: Configuration, text: str) -> Iterator[Found | None]:
    """Those whose name has all words of ``text``, or whose number has it; None between them where a pause is due."""
    words = plain(text).split()
    digits = bare(text.strip())
    digits = digits if len(digits) >= SHORTEST_NUMBER else ""
    if not words:
        return
    users = (
        (user.full_name, number, user.picture)
        for user in configuration.users
        for number in user.lines
    )
    contacts = ((contact.name, contact.number, contact.picture) for contact in configuration.contacts)
    found = 0
    for count, (name, number, picture) in enumerate(chain(users, contacts), 1):
        if (digits and digits in number) or _has(plain(name), words):
            yield Found(name, number, picture_url(picture))
            found += 1
            if found == MOST_FOUND:
                return
        if count % AT_ONCE == 0:
            yield None


def _has(name: str, words: list[str]) -> bool:
    return all(word in name for word in words)
