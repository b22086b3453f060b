"""The sounds on disk, kept in memory: files are read in threads, asking for a sound never waits."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from twisted.internet.defer import DeferredLock
from twisted.logger import Logger

from magroup.model.sounds import sound_key
from magroup.rtp.audio_file import LIMITS, SoundError, SoundLimits, read_sound
from magroup.rtp.sound import Sound
from magroup.rtp.sound_folder import SoundFile, find_sound, list_sounds

log = Logger()

MOST_COMPLAINTS = 1000

T = TypeVar("T")


class InThread(Protocol):
    """Does blocking work in a thread: ``partial(deferToThreadPool, reactor, pool)``."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class SoundLibrary:
    """The sounds of some folders. Names are those of the files, compared without case; a later folder's sound
    shadows the one of that name in an earlier folder. Whoever plays a sound keeps it, whatever happens to the file."""

    def __init__(self, folders: Sequence[Path], in_thread: InThread, limits: SoundLimits = LIMITS) -> None:
        self._folders = tuple(folders)
        self._in_thread = in_thread
        self._limits = limits
        self._sounds: dict[str, Sound] = {}
        self._versions: dict[str, SoundFile] = {}
        self._errors: dict[str, str] = {}
        self._complained: set[str] = set()
        self._reading = DeferredLock()

    def names(self) -> list[str]:
        """The names, as stored, of all sounds that can be played, sorted without case."""
        return [sound.name for _, sound in sorted(self._sounds.items())]

    def get(self, name: str) -> Sound | None:
        """The sound, from memory; None, and a line in the log the first time, where there is none."""
        sound = self._sounds.get(sound_key(name))
        if sound is None and name not in self._complained and len(self._complained) < MOST_COMPLAINTS:
            self._complained.add(name)
            log.warn("There is no sound {name!r} that can be played", name=name)
        return sound

    async def refresh(self) -> None:
        """Reads what is new or changed since the last time, forgets what is gone; at the start: reads everything.

        A file that cannot be read is logged once; if an older version of it was read, that one stays.
        """
        listed = await self._in_thread(lambda: list_sounds(self._folders))
        for key in sorted(listed.keys() | self._versions.keys()):
            if listed.get(key) != self._versions.get(key):
                await self._update(key)

    async def load(self, name: str) -> Sound:
        """The sound as it is on disk now, read if need be. Raises SoundError where that is not possible."""
        key = sound_key(name)
        if key:
            await self._update(key)
            if key in self._errors:
                raise SoundError(self._errors[key])
            if key in self._sounds:
                return self._sounds[key]
        raise SoundError(f"{name!r}: there is no such sound")

    async def _update(self, key: str) -> None:
        await self._reading.acquire()
        try:
            known = self._versions.get(key)
            file, read = await self._in_thread(lambda: self._look(key, known))
        finally:
            self._reading.release()
        if file is None:
            for remembered in (self._sounds, self._versions, self._errors):
                remembered.pop(key, None)
            return
        self._versions[key] = file
        if isinstance(read, Sound):
            self._sounds[key] = read
            self._errors.pop(key, None)
            self._complained = {name for name in self._complained if sound_key(name) != key}
        elif read is not None:
            self._errors[key] = str(read)
            log.warn("{error}", error=read)

    def _look(self, key: str, known: SoundFile | None) -> tuple[SoundFile | None, Sound | SoundError | None]:
        """In a thread: the file there is now and, where it is another one than ``known``, what is in it."""
        file = find_sound(self._folders, key)
        if file is None or file == known:
            return file, None
        try:
            return file, read_sound(file.path, self._limits)
        except SoundError as error:
            return file, error
