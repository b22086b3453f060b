"""A folder of sounds that people upload, beside those that ship: names, content checked, atomic replacement; blocks."""

import os
import re
import tempfile
import unicodedata
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from magroup.model.sounds import SoundDetails, sound_key
from magroup.rtp.audio_content import Check, length
from magroup.rtp.audio_file import SoundError

LONGEST_NAME = 100
"""Characters of a file's name."""

_UPLOADING = ".upload-"
_NOT_KEPT = re.compile(r"[^\w .-]")


class ReceivedFile:
    """A file that is being written beside the others, where nobody sees it."""

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix=_UPLOADING, dir=folder)
        self.path = Path(name)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes, /) -> None:
        self._file.write(data)

    def finish(self) -> None:
        """All of it is on the disk then."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Delete it, unless it has got its name."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


class AudioFolder:
    """The files with one ``suffix`` in the folder ``own``, and those in ``shipped``, which they shadow.

    Names are compared without case and kept as stored. ``changed`` is awaited after files were
    taken or deleted.
    """

    def __init__(
        self, own: Path, shipped: Path, suffix: str, check: Check, changed: Callable[[], Awaitable[None]]
    ) -> None:  # fmt: skip
        self._own = own
        self._shipped = shipped
        self._suffix = suffix
        self._check = check
        self._changed = changed
        self._lengths: dict[Path, tuple[tuple[str | int, ...], float]] = {}

    def make(self) -> None:
        """The folder, and nothing in it that an upload has left when the process was killed."""
        self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._own.glob(f"{_UPLOADING}*"):
            left.unlink(missing_ok=True)

    def names(self) -> list[str]:
        """All of them, sorted without case. Raises OSError where the own folder is gone."""
        found = self._found()
        return [found[key] for key in sorted(found)]

    def stored(self, name: str) -> str:
        """The name as the file of that name has it, "" where there is none."""
        try:
            return self._found().get(sound_key(name), "")
        except OSError:
            return ""

    def receive(self) -> ReceivedFile:
        return ReceivedFile(self._own)

    def checked(self, received: Sequence[tuple[str, ReceivedFile]]) -> list[tuple[str, ReceivedFile]]:
        """The files, all on the disk, by the names that they get. Raises ValueError for a wrong name or content."""
        names: dict[str, str] = {}
        for sent, file in received:
            name = self.name(sent)
            if sound_key(name) in names:
                raise ValueError(f"{name} is there twice")
            names[sound_key(name)] = name
            file.finish()
            try:
                self._check(file.path)
            except SoundError as wrong:
                raise ValueError(f"{name} {wrong}") from None
        return list(zip(names.values(), (file for _, file in received), strict=True))

    def take(self, checked: Sequence[tuple[str, ReceivedFile]]) -> list[tuple[str, int, int]]:
        """Let files get their names, at once; whoever has a file of that name open keeps the old one.

        Returns the names as stored, with the old size in bytes, -1 where there was none, and the new one.
        """
        own = self._in(self._own)
        taken = []
        for name, file in checked:
            goal = self._own / own.get(sound_key(name), name)
            old = goal.stat().st_size if sound_key(name) in own else -1
            taken.append((goal.name, old, file.path.stat().st_size))
            file.path.replace(goal)
        self._settle()
        return taken

    def delete(self, name: str) -> int:
        """Delete the own file of that name; returns its size. Raises OSError, FileNotFoundError where there is none."""
        path = self._own / self._in(self._own).get(sound_key(name), "?")
        size = path.stat().st_size
        path.unlink()
        self._settle()
        return size

    def details(self) -> list[SoundDetails]:
        """Of all files, in the order of ``names``. Raises OSError where the own folder is gone."""
        own, shipped = self._in(self._own), self._shipped_files()
        found = {**shipped, **own}
        there = {*(self._own / name for name in own.values()), *(self._shipped / name for name in shipped.values())}
        self._lengths = {path: known for path, known in self._lengths.items() if path in there}
        return [detail for key in sorted(found) if (detail := self._details(key, own, shipped)) is not None]

    def details_of(self, name: str) -> SoundDetails | None:
        return self._details(sound_key(name), self._in(self._own), self._shipped_files())

    def open(self, name: str) -> IO[bytes]:
        """The file of that name, to be read. Raises OSError, FileNotFoundError where there is none."""
        key, own = sound_key(name), self._in(self._own)
        return (self._own / own[key] if key in own else self._shipped / self._shipped_files().get(key, "?")).open("rb")

    async def changed(self) -> None:
        """What was taken and deleted counts from now on."""
        await self._changed()

    def name(self, sent: str) -> str:
        """The name that a file gets: without a path, with letters, digits, spaces and . _ - only. Raises ValueError."""
        last = re.split(r"[/\\]", sent)[-1]
        name = _NOT_KEPT.sub("", unicodedata.normalize("NFC", last)).strip()
        if not name.lower().endswith(self._suffix) or len(name) <= len(self._suffix) or not sound_key(name):
            raise ValueError(f"{last!r} is no name for a {self._suffix} file")
        if len(name) > LONGEST_NAME or len(os.fsencode(name)) > 200:
            raise ValueError(f"the name of a file is longer than {LONGEST_NAME} characters")
        return name

    def _found(self) -> dict[str, str]:
        return {**self._shipped_files(), **self._in(self._own)}

    def _shipped_files(self) -> dict[str, str]:
        return self._in(self._shipped) if self._shipped.is_dir() else {}

    def _details(self, key: str, own: Mapping[str, str], shipped: Mapping[str, str]) -> SoundDetails | None:
        """None where there is none of that key, or no more."""
        if key not in own and key not in shipped:
            return None
        path = self._own / own[key] if key in own else self._shipped / shipped[key]
        try:
            status = path.stat()
        except OSError:
            return None
        version = (path.name, status.st_ino, status.st_size, status.st_mtime_ns)
        known, seconds = self._lengths.get(path, ((), 0.0))
        if known != version:
            seconds = length(path)
            self._lengths[path] = (version, seconds)
        return SoundDetails(path.name, status.st_size, seconds, key in own, key in shipped)

    def _settle(self) -> None:
        """The names are on the disk then."""
        folder = os.open(self._own, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _in(self, folder: Path) -> dict[str, str]:
        """The names in a folder by key."""
        names = [name for name in sorted(os.listdir(folder), reverse=True) if name.lower().endswith(self._suffix)]
        return {sound_key(name): name for name in names if sound_key(name)}
