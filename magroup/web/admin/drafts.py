"""What somebody has sent and looks at before it is done: few, for a while, in memory only."""

import secrets
from typing import Any

from magroup.model.fixed import fixed

MOST = 8
"""Drafts of all users together; with one more the oldest goes."""


@fixed
class Draft:
    """``user_key`` is the casefolded name of whose it is."""

    user_key: str
    content: Any


class Drafts:
    """Each user has one at most; it is known by a word that nobody can guess."""

    def __init__(self) -> None:
        self._by_word: dict[str, Draft] = {}

    def keep(self, user_key: str, content: Any) -> str:
        """In the place of the one before; its word."""
        for word in [word for word, draft in self._by_word.items() if draft.user_key == user_key]:
            del self._by_word[word]
        while len(self._by_word) >= MOST:
            del self._by_word[next(iter(self._by_word))]
        word = secrets.token_urlsafe(16)
        self._by_word[word] = Draft(user_key, content)
        return word

    def find(self, user_key: str, word: str) -> Any | None:
        """None where it is gone, or somebody else's."""
        draft = self._by_word.get(word)
        return draft.content if draft is not None and draft.user_key == user_key else None

    def end(self, word: str) -> None:
        self._by_word.pop(word, None)
