"""Sounds that people upload: to the disk piece by piece, seen when they are whole and right, and told to the audit."""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import IO, Any, Protocol, TypeVar

from magroup.groups.editing import Editing
from magroup.model.audit import Told
from magroup.model.configuration import Configuration
from magroup.model.sounds import SoundDetails
from magroup.web.identity import Identity

T = TypeVar("T")
WAVES, TONES = "waves", "tones"
"""The kinds: for callers, and for the gadget."""


class InThread(Protocol):
    """Does blocking work in a thread."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


class Received(Protocol):
    """A file that is being uploaded."""

    def write(self, data: bytes, /) -> object: ...

    def discard(self) -> None:
        """Delete it, unless it was taken."""
        ...


class AudioFiles(Protocol):
    """A folder of sounds of one kind, and those that ship. All but ``changed`` block; OSError when it is gone."""

    def names(self) -> list[str]:
        """The names, as stored, sorted without case."""
        ...

    def name(self, sent: str) -> str:
        """The name that a file gets. Raises ValueError."""
        ...

    def details(self) -> list[SoundDetails]:
        """Of all files, in that order."""
        ...

    def details_of(self, name: str) -> SoundDetails | None: ...

    def open(self, name: str) -> IO[bytes]: ...

    def receive(self) -> Any:
        """A new file (Received), which nobody sees until it is taken."""
        ...

    def checked(self, received: Sequence[tuple[str, Any]]) -> Sequence[tuple[str, Any]]:
        """The files by the names they get. Raises ValueError for a name or content that is wrong."""
        ...

    def take(self, checked: Sequence[tuple[str, Any]]) -> Sequence[tuple[str, int, int]]:
        """Let them get their names; returns those with the size before, -1 for none, and now."""
        ...

    def delete(self, name: str) -> int:
        """Delete an own file; returns its size."""
        ...

    async def changed(self) -> None:
        """Files were taken or deleted: that counts from now on."""
        ...


Receive = Callable[[list[tuple[str, Received]]], None]
"""In a thread: puts the files that were sent into the list, by the names that the client gives them."""


async def take_in(
    editing: Editing, in_thread: InThread, kind: str, files: AudioFiles, receive: Receive, by: Identity
) -> None:  # fmt: skip
    """Receive files and take them all, or none. Raises ValueError for wrong ones, OSError, NotSavedError."""
    received: list[tuple[str, Received]] = []
    try:
        await in_thread(lambda: receive(received))
        checked = await in_thread(lambda: files.checked(received))

        def take(configuration: Configuration) -> list[Told]:
            return [_told(kind, *taken) for taken in files.take(checked)]

        await editing.beside(take, by.user_name, by.address)
    finally:
        await in_thread(partial(_discard, received))
    await files.changed()


def told_deleted(kind: str, name: str, size: int) -> Told:
    return _told(kind, name, size, -1)


def _told(kind: str, name: str, old: int, new: int) -> Told:
    before, now = ("" if size < 0 else json.dumps({"size": size}) for size in (old, new))
    return Told("sound", f"{kind}/{name}", before, now)


def _discard(received: Sequence[tuple[str, Received]]) -> None:
    for _, file in received:
        file.discard()
