"""Own greetings that are sent as files: to the disk, checked, and in the place of the one before."""

import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import IO, Protocol, TypeVar

from twisted.internet.defer import DeferredLock

from magroup.voicemail.folder import UPLOADING, greeting_of
from magroup.voicemail.mailboxes import Mailboxes

T = TypeVar("T")
PIECE = 64 << 10


class InThread(Protocol):
    """Does blocking work in a thread."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class Greetings:
    """``write`` does the work of the mailboxes' files in the order it comes, ``in_thread`` what takes its time.

    ``check`` gives the seconds of a WAV file, blocks, and raises ValueError; ``longest`` gives those allowed.
    """

    def __init__(
        self, mailboxes: Mailboxes, in_thread: InThread, write: InThread, check: Callable[[Path], float],
        longest: Callable[[], float],
    ) -> None:  # fmt: skip
        self._mailboxes = mailboxes
        self._in_thread = in_thread
        self._write = write
        self._check = check
        self._longest = longest
        self._turn = DeferredLock()

    async def take(self, box: str, body: IO[bytes]) -> None:
        """What is in ``body`` is the greeting of the box now. Raises ValueError, OSError; nothing is changed."""
        folder = self._mailboxes.folder
        path = await self._in_thread(partial(_received, folder, body))
        try:
            seconds = await self._in_thread(partial(self._check, path))
            if seconds > self._longest():
                raise ValueError(f"lasts {seconds:g} s, at most {self._longest():g} s are allowed")
            await self._turn.acquire()
            try:
                await self._write(partial(_put, path, greeting_of(folder, box)))
                self._mailboxes.greeted(box)
            finally:
                self._turn.release()
        finally:
            await self._in_thread(partial(path.unlink, missing_ok=True))

    async def delete(self, box: str) -> bool:
        """The standard one again; whether there was another."""
        await self._turn.acquire()
        try:
            had_one = self._mailboxes.greeting(box) is not None
            self._mailboxes.no_greeting(box)
        finally:
            self._turn.release()
        return had_one


def _received(folder: Path, body: IO[bytes]) -> Path:
    """A file with what ``body`` holds, on the disk."""
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=UPLOADING, dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            body.seek(0)
            shutil.copyfileobj(body, file, PIECE)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _put(path: Path, goal: Path) -> None:
    goal.parent.mkdir(mode=0o700, exist_ok=True)
    path.replace(goal)
