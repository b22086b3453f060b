"""Finds sound files by name in folders, of which later ones shadow earlier ones; blocks."""

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

SUFFIXES = frozenset(
    (".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64")
)


class SoundFile(NamedTuple):
    """A file; ``version`` differs from the one before when the file was changed or another one shadows it."""

    path: Path
    version: tuple[int, ...]

    @property
    def name(self) -> str:
        """As it is stored."""
        return self.path.name


def sound_key(name: str) -> str:
    """What names are compared by; empty where ``name`` cannot be one of a sound, as with a path in it."""
    bad = not name or len(name) > 255 or name[0] == "." or any(mark in "/\\" or mark < " " for mark in name)
    return "" if bad else unicodedata.normalize("NFC", name).casefold()


def list_sounds(folders: Sequence[Path]) -> dict[str, SoundFile]:
    """All sounds by key; folders that are missing are empty."""
    found: dict[str, SoundFile] = {}
    for folder in folders:
        found.update(_list_folder(folder))
    return found


def find_sound(folders: Sequence[Path], key: str) -> SoundFile | None:
    """The sound with that key; None where there is none."""
    return list_sounds(folders).get(key)


def _list_folder(folder: Path) -> dict[str, SoundFile]:
    found: dict[str, SoundFile] = {}
    try:
        home = os.path.realpath(folder)
        names = sorted(os.listdir(folder), reverse=True)
    except OSError:
        return found
    for name in names:
        key = sound_key(name)
        path = folder / name
        if not key or path.suffix.lower() not in SUFFIXES:
            continue
        if os.path.dirname(os.path.realpath(path)) != home:
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        found[key] = SoundFile(path, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
    return found
