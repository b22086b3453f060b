"""Sounds as people know them: files by name, compared without case."""

import unicodedata

from magroup.model.fixed import fixed


def sound_key(name: str) -> str:
    """What names are compared by; empty where ``name`` cannot be one of a sound, as with a path in it."""
    bad = not name or len(name) > 255 or name[0] == "." or any(mark in "/\\" or mark < " " for mark in name)
    return "" if bad else unicodedata.normalize("NFC", name).casefold()


@fixed
class SoundDetails:
    """A file: ``size`` in bytes; ``is_own``: uploaded here; ``ships``: there is one of that name that came along."""

    name: str
    size: int
    seconds: float
    is_own: bool
    ships: bool
