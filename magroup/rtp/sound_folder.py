"""Finds sound files by name in folders, of which later ones shadow earlier ones; blocks."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from magroup.model.sounds import sound_key

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


def list_sounds(folders: Sequence[Path]) -> dict[str, SoundFile]:
    """All sounds by key; folders that are missing are empty."""
    found: dict[str, SoundFile] = {}
    for folder in folders:
        found.update(_look_into(folder))
    return found


def find_sound(folders: Sequence[Path], key: str) -> SoundFile | None:
    """The sound with that key; None where there is none."""
    for folder in reversed(folders):
        found = _look_into(folder, key).get(key)
        if found is not None:
            return found
    return None


def _look_into(folder: Path, wanted: str = "") -> dict[str, SoundFile]:
    """The sounds in a folder by key, or the ``wanted`` one only. Of names that differ in case only the first counts."""
    found: dict[str, SoundFile] = {}
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return found
    home = os.path.realpath(folder)
    for name in names:
        key = sound_key(name)
        if not key or key in found or (wanted and key != wanted):
            continue
        path = folder / name
        if path.suffix.lower() not in SUFFIXES or os.path.dirname(os.path.realpath(path)) != home:
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        found[key] = SoundFile(path, (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns))
    return found
