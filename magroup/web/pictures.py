"""Pictures of users and contacts: the files in DATA/pictures, which people put there or upload."""

import hashlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import IO, Any

from twisted.internet.defer import Deferred, DeferredLock
from twisted.logger import Logger

from magroup.model.checks import file_name
from magroup.model.configuration import Configuration
from magroup.model.differences import differences
from magroup.web.picture_content import LARGEST, kind_of
from magroup.web.sounds import InThread
from magroup.web.static_files import StaticFile

_UPLOADED = re.compile(r"(?:user|contact)-[0-9]+-[0-9a-f]{16}\.(?:jpg|png)")
_UPLOADING = ".upload-"


class Pictures:
    """The files are read and written by ``in_thread``. Raises OSError where the folder is gone."""

    log = Logger()

    def __init__(self, folder: Path, in_thread: InThread) -> None:
        self._folder = folder
        self._in_thread = in_thread
        self._turn = DeferredLock()

    async def make(self) -> None:
        """The folder, and nothing in it that an upload has left when the process was killed."""
        await self._in_thread(self._make)

    async def file(self, name: str) -> StaticFile | None:
        """The picture called ``name``; None for what is none, or is too large to be shown."""
        return await self._in_thread(lambda: self._read(name))

    async def take(self, whose: str, upload: IO[bytes]) -> str:
        """A picture made of what was uploaded for ``whose``, as user-7; its name. Raises ValueError."""
        # One at a time: it takes memory.
        await self._turn.acquire()
        try:
            return await self._in_thread(lambda: self._take(whose, upload))
        finally:
            self._turn.release()

    async def discard(self, names: Iterable[str]) -> None:
        """Delete these, as far as they were uploaded."""
        for name in names:
            if _UPLOADED.fullmatch(name):
                await self._in_thread(partial((self._folder / name).unlink, missing_ok=True))

    def configured(self, old: Configuration, new: Configuration) -> None:
        """What was uploaded for somebody who is gone, or has another now, is deleted."""

        def failed(failure: Any) -> None:
            failure.trap(OSError)
            self.log.error("pictures cannot be deleted: {reason}", reason=failure.value)

        if old.users is not new.users or old.contacts is not new.contacts:
            Deferred.fromCoroutine(self._discard_unused(old, new)).addErrback(failed)

    async def _discard_unused(self, old: Configuration, new: Configuration) -> None:
        await self.discard(await self._in_thread(lambda: _unused(old, new)))

    def _make(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._folder.glob(f"{_UPLOADING}*"):
            left.unlink(missing_ok=True)

    def _read(self, name: str) -> StaticFile | None:
        if not name or len(name) > 255 or file_name(name):
            return None
        try:
            # Without O_NONBLOCK a named pipe would stop the thread for ever.
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except (OSError, ValueError):
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
                return None
            content = os.read(descriptor, LARGEST)
        finally:
            os.close(descriptor)
        kind = kind_of(content)
        etag = b'"%s"' % hashlib.sha256(content).hexdigest()[:32].encode()
        return StaticFile(content, kind, etag) if kind is not None else None

    def _take(self, whose: str, upload: IO[bytes]) -> str:
        # In this thread, where no call waits for it: at the start nobody uploads a picture.
        from magroup.web.portrait import portrait

        content, suffix = portrait(upload)
        # Another name for each: whoever has kept the one before does not show it any longer.
        name = f"{whose}-{secrets.token_hex(8)}{suffix}"
        descriptor, path = tempfile.mkstemp(prefix=_UPLOADING, dir=self._folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            Path(path).replace(self._folder / name)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        return name


def _unused(old: Configuration, new: Configuration) -> set[str]:
    """Names of uploaded pictures that nobody has any longer."""
    before = {one.old.picture for one in differences(old, new) if one.kind in ("users", "contacts") and one.old}
    names = {name for name in before if _UPLOADED.fullmatch(name)}
    if names:
        names -= {user.picture for user in new.users} | {contact.picture for contact in new.contacts}
    return names
