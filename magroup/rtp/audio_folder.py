"""A folder of sounds that people upload, beside those that ship: names, content checked, atomic replacement; blocks."""

import os
import re
import tempfile
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

from magroup.rtp.audio_content import Check
from magroup.rtp.audio_file import SoundError
from magroup.rtp.sound_folder import sound_key

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

    Names are compared without case and kept as stored. ``changed`` is awaited after files were put.
    """

    def __init__(
        self, own: Path, shipped: Path, suffix: str, check: Check, changed: Callable[[], Awaitable[None]]
    ) -> None:  # fmt: skip
        self._own = own
        self._shipped = shipped
        self._suffix = suffix
        self._check = check
        self._changed = changed

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

    def put(self, received: Sequence[tuple[str, ReceivedFile]]) -> None:
        """Let received files take their names, all or none; whoever has a file of that name open keeps the old one.

        Raises ValueError for a name or content that is wrong, OSError when it cannot be done.
        """
        own = self._in(self._own)
        goals: dict[str, tuple[ReceivedFile, Path]] = {}
        for sent, file in received:
            name = self._name(sent)
            if sound_key(name) in goals:
                raise ValueError(f"{name} is there twice")
            file.finish()
            try:
                self._check(file.path)
            except SoundError as wrong:
                raise ValueError(f"{name} {wrong}") from None
            goals[sound_key(name)] = (file, self._own / own.get(sound_key(name), name))
        for file, goal in goals.values():
            file.path.replace(goal)
        folder = os.open(self._own, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def changed(self) -> None:
        """The new files are to be used from now on."""
        await self._changed()

    def _name(self, sent: str) -> str:
        """The name that a file gets: without a path, with letters, digits, spaces and . _ - only."""
        last = re.split(r"[/\\]", sent)[-1]
        name = _NOT_KEPT.sub("", unicodedata.normalize("NFC", last)).strip()
        if not name.lower().endswith(self._suffix) or len(name) <= len(self._suffix) or not sound_key(name):
            raise ValueError(f"{last!r} is no name for a {self._suffix} file")
        if len(name) > LONGEST_NAME or len(os.fsencode(name)) > 200:
            raise ValueError(f"the name of a file is longer than {LONGEST_NAME} characters")
        return name

    def _found(self) -> dict[str, str]:
        return {**(self._in(self._shipped) if self._shipped.is_dir() else {}), **self._in(self._own)}

    def _in(self, folder: Path) -> dict[str, str]:
        """The names in a folder by key."""
        names = [name for name in sorted(os.listdir(folder), reverse=True) if name.lower().endswith(self._suffix)]
        return {sound_key(name): name for name in names if sound_key(name)}
