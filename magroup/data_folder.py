"""The data folder: made for its owner only, and held by one running magroup at a time."""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

LOCK_FILE = "magroup.lock"
ENDING = 10.0
"""Seconds for which a start waits for the workers of a process that was killed: they hold the folder until they end."""

_LOOK_EVERY = 0.1


class DataFolderError(Exception):
    """The folder cannot be used; ``str`` is one line that says why."""


class DataFolder:
    """A data folder that this process holds; another one gets DataFolderError until ``release`` or our end.

    The lock is the kernel's (flock), so that one left behind by a crash is none, and daemons keep it over a fork.
    """

    def __init__(self, path: Path, lock: int | None) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def take(cls, path: Path, ending: float = ENDING) -> Self:
        """Make the folder where it is missing (0700), and hold it; ``ending`` as ENDING."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
            lock = os.open(path / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            reason = "it is not a folder" if path.exists() and not path.is_dir() else error.strerror
            raise DataFolderError(f"data folder {path} cannot be used: {reason}") from None
        until = time.monotonic() + ending
        while not _locked(lock):
            holder = _holder(lock)
            if _is_dead(holder) and time.monotonic() < until:
                time.sleep(_LOOK_EVERY)
                continue
            os.close(lock)
            by = f"process {holder}" if holder.isdigit() else "another process"
            raise DataFolderError(f"data folder {path} is in use by {by}")
        folder = cls(path, lock)
        folder.write_process_id()
        return folder

    @classmethod
    def of_parent(cls, path: Path) -> Self:
        """One that the process holds which has started this one."""
        return cls(path, None)

    @property
    def descriptor(self) -> int:
        """That of the lock: processes that get it hold the folder too."""
        if self._lock is None:
            raise ValueError("the folder is not held here")
        return self._lock

    def write_process_id(self) -> None:
        """Tell whoever finds the folder in use who uses it; again after a fork."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Leave the folder to others. The lock file stays: to remove it would be a race."""
        if self._lock is not None:
            os.ftruncate(self._lock, 0)
            os.close(self._lock)
            self._lock = None


def process_of(path: Path) -> int:
    """The id of the process that holds the data folder ``path``; 0 where none does."""
    try:
        lock = os.open(path / LOCK_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return 0
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        holder = _holder(lock)
        return int(holder) if holder.isdigit() else 0
    finally:
        os.close(lock)
    return 0


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_dead(holder: str) -> bool:
    """Whether the process that has held the folder is gone, so that only those hold it which it has started."""
    if not holder.isdigit():
        return False
    try:
        os.kill(int(holder), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _holder(lock: int) -> str:
    return os.pread(lock, 20, 0).decode("ascii", "replace").strip()
