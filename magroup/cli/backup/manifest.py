"""What is in a backup, so that it can be told whether it is all there."""

import re
from pathlib import PurePosixPath
from typing import Final
from zipfile import ZipFile

import msgspec

NAME: Final = "manifest.json"
FORMAT: Final = 1
LARGEST: Final = 64 << 20
LONGEST_PATH: Final = 1024

JOURNAL: Final = "journal"
KEPT: Final = ("mailboxes", "pictures", "sounds", "tones")
"""The folders of a data folder that are in a backup, the journals first; what is in no other place."""

_JOURNAL_OF_WORKER = re.compile(rf"{JOURNAL}-[1-9][0-9]?\Z")
_TABLE = re.compile(r"[a-z][a-z_]{0,62}\Z")


class BackupError(Exception):
    """A backup cannot be made or used; ``str`` is one line that says why."""


class Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the data folder: bytes and SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table: its columns in the order of the values, how many rows, and ``Sum.text`` of them."""

    columns: list[str]
    rows: int
    sum: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``made_at`` in UTC seconds, ``magroup`` and ``schema`` the versions of the program and of its tables.

    ``tables`` are in an order in which each comes after those that it refers to.
    """

    format: int
    magroup: str
    schema: str
    made_at: float
    tables: dict[str, Rows]
    files: dict[str, Stored]


def entry_of(table: str) -> str:
    """The name of a table's rows in the archive."""
    return f"tables/{table}.jsonl"


def read_manifest(archive: ZipFile) -> Manifest:
    """What an archive says that it holds, with names that are safe. Raises BackupError."""
    try:
        if archive.getinfo(NAME).file_size > LARGEST:
            raise BackupError("its list of contents is too long")
        found = msgspec.json.decode(archive.read(NAME), type=Manifest)
    except (KeyError, msgspec.DecodeError, RecursionError):
        raise BackupError("it is no backup of magroup") from None
    if found.format != FORMAT:
        raise BackupError(f"it has format {found.format}, made by a newer magroup")
    wrong = [name for name in found.tables if not _TABLE.match(name)]
    wrong += [name for name in found.files if not is_safe(name)]
    if wrong:
        raise BackupError(f"it has a name that cannot be: {wrong[0]!r:.80}")
    wanted = {NAME, *map(entry_of, found.tables), *found.files}
    there = archive.namelist()
    if len(there) != len(wanted) or set(there) != wanted:
        raise BackupError("it does not hold what it says that it holds")
    return found


def is_journal(folder: str) -> bool:
    """Whether it is that of the first process, or of another one."""
    return folder == JOURNAL or _JOURNAL_OF_WORKER.match(folder) is not None


def is_safe(name: str) -> bool:
    """Whether a file of this name lies below one of the kept folders, and nowhere else."""
    path = PurePosixPath(name)
    parts = name.split("/")
    return (
        len(parts) > 1
        and (parts[0] in KEPT or is_journal(parts[0]))
        and not {"", ".", ".."} & set(parts)
        and name.isprintable()
        and "\\" not in name
        and not path.is_absolute()
        and len(name.encode("utf-8", "replace")) <= LONGEST_PATH
    )
